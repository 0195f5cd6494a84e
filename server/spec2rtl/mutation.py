"""`tests PATH --against FILE…`: how many mutants of a design its tests notice."""

import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Literal

from msgspec import Struct, structs

from spec2rtl.config.settings import Settings
from spec2rtl.eda.toolchain import IcarusToolchain
from spec2rtl.errors import InputError
from spec2rtl.rtl import Design, Origin, SimulationReport, Testbench
from spec2rtl.testgen.mutants import mutants
from spec2rtl.testgen.score import Judged, drawn, judged
from spec2rtl.wiring import toolchain

MUTANTS = 40
"""Drawn of a design where nothing else is said."""
BRISK = 2.5
"""Seconds in which the tests of most designs are done."""
PATIENCE = 4
"""How many times as long a mutant may take, which may hang."""


class MutationReport(Struct, frozen=True):
    """The object of `tests PATH --against FILE… --json`.

    `status` is `failed` where the tests fail on the design itself, so that nothing was changed.
    `kill_rate` is killed / (killed + survived), None where there is neither: mutants proved to
    behave like the original don't count. `message` says why nothing was judged.
    """

    status: Literal["killed", "survived", "failed"]
    kill_rate: float | None
    killed: int
    survived: int
    equivalent: int
    errored: int
    mutants: tuple[Judged, ...]
    tests: Origin
    seed: int
    simulator: str
    seconds: float
    message: str | None = None


async def survey(
    settings: Settings,
    design: Design,
    testbench: Testbench,
    files: Sequence[str],
    *,
    limit: int = MUTANTS,
    hear: Callable[[int, Judged], None] | None = None,
) -> MutationReport:
    """Judge up to `limit` mutants of some files; `hear` gets each, and how many there are.

    Raises `InputError` where there is nothing to change, `ToolError` for a broken tool.
    """
    began = time.monotonic()
    async with patient(settings, design, testbench) as (tools, report):
        if report.status != "passed":
            spent = time.monotonic() - began
            return _report(settings, tools, testbench, (), seconds=spent, message=failing(report))
        pool = mutants(design, files, settings.seed)
        found = await drawn(pool, tools, limit=limit)
        if not found:
            raise InputError(f"{files[0]}: holds nothing that a mutant could change")
        results: list[Judged] = []
        stream = judged(found, design, testbench, tools, tools)
        async with aclosing(stream) as judgements:
            async for one in judgements:
                results.append(one)
                if hear:
                    hear(len(found), one)
        spent = time.monotonic() - began
        return _report(settings, tools, testbench, tuple(results), seconds=spent)


@asynccontextmanager
async def patient(
    settings: Settings, design: Design, testbench: Testbench
) -> AsyncGenerator[tuple[IcarusToolchain, SimulationReport], None]:
    """The tools with a time limit that suits a design's mutants, and what its tests say of it."""
    limit = settings.simulation_seconds
    brisk = structs.replace(settings, simulation_seconds=min(BRISK, limit))
    tools = toolchain(brisk)
    try:
        report = await tools.simulate(design, testbench)
    finally:
        await tools.aclose()
    slow = report.reason in {"timeout", "killed"}  # it may have got no processor
    given = limit if slow else min(PATIENCE * BRISK, limit)
    tools = toolchain(structs.replace(settings, simulation_seconds=given))
    try:
        yield tools, await tools.simulate(design, testbench) if slow else report
    finally:
        await tools.aclose()


def failing(report: SimulationReport) -> str:
    """Say in one line how tests fail on a design that they should pass on."""
    failed = [t for t in report.tests if t.failed]
    if failed:
        first = failed[0].message.strip().splitlines()
        why = f"{failed[0].name}: {first[0] if first else failed[0].status}"
        return f"the design fails {len(failed)} of its {len(report.tests)} tests: {why}"
    first = next((d for d in report.diagnostics if d.severity == "error"), None)
    if first and report.reason == "compile_error":
        return f"the design does not compile: {first.file}:{first.line}: {first.message}"
    return f"the design does not pass its tests: {first.message if first else report.reason}"


def _report(
    settings: Settings,
    tools: IcarusToolchain,
    testbench: Testbench,
    results: tuple[Judged, ...],
    *,
    seconds: float,
    message: str | None = None,
) -> MutationReport:
    counts = Counter(result.verdict for result in results)
    tested = counts["killed"] + counts["survived"]
    return MutationReport(
        status="failed" if message else "survived" if counts["survived"] else "killed",
        kill_rate=counts["killed"] / tested if tested else None,
        killed=counts["killed"],
        survived=counts["survived"],
        equivalent=counts["equivalent"],
        errored=counts["errored"],
        mutants=results,
        tests=testbench.origin,
        seed=settings.seed,
        simulator=f"iverilog {tools.tools.iverilog_version}",
        seconds=seconds,
        message=message,
    )
