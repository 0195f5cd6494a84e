"""`check` and `simulate`: the tools alone, without a model; and what they answer."""

from msgspec import Struct

from spec2rtl.eda.toolchain import IcarusToolchain
from spec2rtl.rtl import (
    Design,
    Diagnostic,
    Reason,
    SimulationStatus,
    Testbench,
    TestResult,
)

UNTRUSTED = (
    "the simulation ended without a result for every test: "
    "does a test, or $finish in the design, end it early?"
)


class Checked(Struct, frozen=True):
    """The object of `check --json`; `message` says why it could not be done."""

    ok: bool
    diagnostics: tuple[Diagnostic, ...]
    simulator: str
    message: str | None = None


class SimulationResult(Struct, frozen=True):
    """The object of `simulate --json`; `message` says why it could not be done."""

    status: SimulationStatus
    reason: Reason
    diagnostics: tuple[Diagnostic, ...] = ()
    tests: tuple[TestResult, ...] = ()
    seconds: float = 0.0
    sandbox: str = ""  # `rlimits`: confined by limits alone; empty where nothing was run
    message: str | None = None


async def check(tools: IcarusToolchain, design: Design) -> Checked:
    """Compile a design; raises `ToolError`."""
    report = await tools.compile(design)
    return Checked(report.ok, report.diagnostics, f"iverilog {tools.tools.iverilog_version}")


async def simulate(
    tools: IcarusToolchain, design: Design, testbench: Testbench
) -> SimulationResult:
    """Compile a design and run its tests; raises `ToolError`."""
    compiled = await tools.compile(design)
    if not compiled.ok:
        errored = compiled.reason in {"tool_broken", "killed"}
        return SimulationResult(
            "errored" if errored else "failed",
            compiled.reason,
            compiled.diagnostics,
            seconds=compiled.seconds,
            sandbox=tools.sandbox,
        )
    report = await tools.simulate(design, testbench)
    return SimulationResult(
        report.status,
        report.reason,
        (*compiled.diagnostics, *report.diagnostics),
        report.tests,
        report.seconds,
        report.sandbox,
        UNTRUSTED if report.reason == "untrusted" else None,
    )
