"""`check` and `simulate`: the tools alone, without a model; and what they answer."""

import asyncio
from pathlib import Path

from msgspec import Struct, structs

from spec2rtl.eda.conformance import against_spec, unclear
from spec2rtl.eda.merge import Said, merged
from spec2rtl.eda.sources import Overlay, absolute, on_disk, read_text
from spec2rtl.eda.toolchain import IcarusToolchain
from spec2rtl.eda.views import write_views
from spec2rtl.errors import InputError, Spec2rtlError
from spec2rtl.evidence.explain import Explanation, explain, first_failed
from spec2rtl.evidence.report import explained, linked
from spec2rtl.evidence.wave import Recording
from spec2rtl.jobs import RTL_SUFFIXES, SUFFIX, SpecSource, read_spec, spec_beside
from spec2rtl.rtl import (
    CompileReport,
    Design,
    Diagnostic,
    Explained,
    Reason,
    SimulationReport,
    SimulationStatus,
    SourceFile,
    Testbench,
    TestResult,
)
from spec2rtl.spec.lint import lint
from spec2rtl.spec.model import Spec
from spec2rtl.syntax.modules import modules
from spec2rtl.verdict import reservation

UNTRUSTED = (
    "the simulation ended without a result for every test: "
    "does a test, or $finish in the design, end it early?"
)
KILLED = "the simulator was killed by another program, or for want of memory; run it again"


class Checked(Struct, frozen=True):
    """The object of `check --json`; `message` says why it could not be done."""

    ok: bool
    diagnostics: tuple[Diagnostic, ...]
    simulator: str
    message: str | None = None


class SimulationResult(Struct, frozen=True):
    """The object of `simulate --json`; `message` says why it could not be done.

    Where wrong input or a wrong setting kept it from being tried, `reason` is `tool_broken`.
    `explained` is the first test that failed, looked into.
    """

    status: SimulationStatus
    reason: Reason
    diagnostics: tuple[Diagnostic, ...] = ()
    tests: tuple[TestResult, ...] = ()
    seconds: float = 0.0
    sandbox: str = ""  # `rlimits`: confined by limits alone; empty where nothing was run
    message: str | None = None
    explained: Explained | None = None


def not_simulated(error: Spec2rtlError) -> SimulationResult:
    """What `simulate` answers where nothing was run."""
    return SimulationResult("errored", "tool_broken", message=str(error))


async def check(tools: IcarusToolchain, design: Design, *, overlay: Overlay = on_disk) -> Checked:
    """Compile a design, look through it, hold it against its specs; raises `ToolError`."""
    compiled = await tools.compile(design)
    report = of_the_text(compiled, design)
    version = tools.tools.iverilog_version
    differing = [d for source in design.sources for d in check_rtl(Path(source.path), overlay)]
    said = Said(
        # What was too much for one compiler is too much for the other.
        await tools.read(design) if report.reason in ("ok", "compile_error") else None,
        report.diagnostics,
        (*differing, *(await tools.lint(design) if compiled.ok else ())),
        report.ok,
        version,
    )
    return Checked(report.ok, merged(said), f"iverilog {version}")


def of_the_text(report: CompileReport, design: Design) -> CompileReport:
    """Less what is no fault of a file of macros, or of a package: that it holds no module."""
    kept = tuple(d for d in report.diagnostics if d.code != "no-top-module")
    if kept == report.diagnostics or any(modules(source.text) for source in design.sources):
        return report
    ok = not any(d.severity == "error" for d in kept)
    return structs.replace(report, ok=ok, diagnostics=kept)


def check_spec(path: Path, overlay: Overlay = on_disk) -> tuple[Diagnostic, ...]:
    """What is unclear in a spec, and where the RTL beside it differs; raises `InputError`."""
    source = read_spec(str(path), overlay=overlay)
    file = SourceFile(str(source.path), source.text)
    issues = tuple(unclear(issue, file) for issue in lint(source.spec))
    suffixes = [SUFFIX[source.language]] if source.language else SUFFIX.values()
    beside = [source.path.with_name(source.stem + suffix) for suffix in suffixes]
    rtl = next((path for path in beside if path.exists()), None)
    return issues + (_compared(source, rtl, overlay) if rtl else ())


def check_rtl(path: Path, overlay: Overlay = on_disk) -> tuple[Diagnostic, ...]:
    """Where RTL differs from the spec beside it; nothing where none can be read."""
    beside = spec_beside(path)
    if path.suffix not in RTL_SUFFIXES or not beside:
        return ()
    try:
        return _compared(read_spec(str(beside), overlay=overlay), path, overlay, on_rtl=True)
    except InputError:
        return ()  # said where the spec is checked


def _compared(
    source: SpecSource, rtl: Path, overlay: Overlay, *, on_rtl: bool = False
) -> tuple[Diagnostic, ...]:
    """The differences of a spec and its RTL, as one of the two shows them."""
    code = SourceFile(str(absolute(rtl)), read_text(rtl, overlay))
    spec = SourceFile(str(source.path), source.text)
    shown = code.path if on_rtl else spec.path
    found = against_spec(code, spec, source.spec, source.stem)
    return tuple(diagnostic for diagnostic in found if diagnostic.file == shown)


async def simulate(
    tools: IcarusToolchain, design: Design, testbench: Testbench, *, keep: Path | None = None
) -> SimulationResult:
    """Compile a design, run its tests and look into the first that fails; raises `ToolError`.

    `keep` is a folder for the recording of that test.
    """
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
    found, why = report.diagnostics, None
    if failed := first_failed(report.tests):
        why = await look_into(tools, design, testbench, report.tests, failed, keep=keep)
    if why:
        found = linked(found, why)
    return SimulationResult(
        report.status,
        report.reason,
        (*compiled.diagnostics, *found),
        report.tests,
        report.seconds,
        report.sandbox,
        _note(report, testbench),
        explained(why) if why else None,
    )


async def look_into(
    tools: IcarusToolchain,
    design: Design,
    testbench: Testbench,
    ran: tuple[TestResult, ...],
    failed: TestResult,
    *,
    keep: Path | None = None,
) -> Explanation | None:
    """Record a failing test and explain it; `keep` is a folder for what viewers open.

    None where it can't be recorded, or doesn't fail again.
    """
    recording = await tools.record(design, testbench, ran, failed, keep=keep)
    if recording is None:
        return None
    return await asyncio.to_thread(_explained, recording, failed, design, testbench)


def _explained(
    recording: Recording, failed: TestResult, design: Design, testbench: Testbench
) -> Explanation | None:
    why = explain(recording, failed, design, testbench, spec=_spec_beside(design))
    if why and recording.file:
        write_views(why, Path(recording.file))
    return why


def _spec_beside(design: Design) -> Spec | None:
    """The spec of the module under test, where it lies beside one of the files."""
    for source in design.sources:
        if beside := spec_beside(Path(source.path)):
            try:
                return read_spec(str(beside)).spec
            except InputError:
                return None  # said where the spec is checked
    return None


def _note(report: SimulationReport, testbench: Testbench) -> str | None:
    """What its status alone does not say of a simulation."""
    if report.reason == "untrusted":
        return UNTRUSTED
    if report.reason == "killed":
        return KILLED
    return reservation(testbench) if report.status == "passed" else None
