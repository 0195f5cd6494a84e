"""How many mutants of a design its tests notice, and where those that they don't notice differ."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from itertools import islice
from typing import Literal

from msgspec import Struct, structs

from spec2rtl.errors import InputError
from spec2rtl.loop.ports import Gauge, Toolchain
from spec2rtl.rtl import Design, Different, Equal, Reason, SimulationStatus, Testbench, Unknown
from spec2rtl.testgen.cores import on_all_cores
from spec2rtl.testgen.mutants import Mutant

_PROVING_SECONDS = 10.0
"""For the question whether a survivor behaves like the original."""

Verdict = Literal["killed", "survived", "equivalent", "errored"]
_VERDICTS: dict[SimulationStatus, Verdict] = {
    "passed": "survived",
    "failed": "killed",
    "errored": "errored",
}


class Judged(Struct, frozen=True):
    """A mutant and what the tests made of it.

    `killed`: a test failed (`by` names the first), or the simulation did as `reason` says;
    `survived`: all pass, and `difference` is where it differs from the original, None where none
    was found; `equivalent`: all pass, and it was proved that none can fail; `errored`: the
    simulation was no verdict. `note` is what the proof takes for granted, or why there is none.
    """

    kind: str
    what: str
    file: str
    line: int
    before: str
    after: str
    verdict: Verdict
    reason: Reason
    by: str | None = None
    difference: Different | None = None
    note: str | None = None
    seconds: float = 0.0


async def drawn(
    mutants: Iterator[Mutant], toolchain: Toolchain, *, limit: int, jobs: int | None = None
) -> list[Mutant]:
    """The first `limit` mutants that compile; raises `ToolError`."""
    found: list[Mutant] = []

    async def compiles(mutant: Mutant) -> Mutant | None:
        return mutant if (await toolchain.compile(mutant.design)).ok else None

    while batch := list(islice(mutants, limit - len(found))):
        async with aclosing(on_all_cores(batch, compiles, jobs)) as compiled:
            found += [mutant async for mutant in compiled if mutant]
    return found


async def judged(
    mutants: Iterable[Mutant],
    original: Design,
    testbench: Testbench,
    toolchain: Toolchain,
    gauge: Gauge,
    *,
    jobs: int | None = None,
) -> AsyncGenerator[Judged, None]:
    """Run the tests on every mutant, and look how the survivors differ; raises `ToolError`."""

    async def judge(mutant: Mutant) -> Judged:
        one = await _tested(mutant, testbench, toolchain)
        if one.verdict != "survived":
            return one
        if original.top is None:
            return structs.replace(one, note="no single top module; name it with --top")
        found = await gauge.equivalent(original, mutant.design, original.top, _PROVING_SECONDS)
        match found:
            case Equal(given):
                return structs.replace(one, verdict="equivalent", note=given)
            case Different():
                return structs.replace(one, difference=found)
            case Unknown(reason):
                return structs.replace(one, note=reason)

    async with aclosing(on_all_cores(mutants, judge, jobs)) as results:
        async for one in results:
            yield one


async def _tested(mutant: Mutant, testbench: Testbench, toolchain: Toolchain) -> Judged:
    try:
        report = await toolchain.simulate(mutant.design, testbench)
        status, reason, seconds = report.status, report.reason, report.seconds
        by = next((t.name for t in report.tests if t.failed), None)
    except InputError:  # the tests ran on the original: this mutant keeps them from it
        status, reason, seconds, by = "errored", "untrusted", 0.0, None
    return Judged(
        kind=mutant.kind,
        what=mutant.what,
        file=mutant.file,
        line=mutant.line,
        before=mutant.before,
        after=mutant.after,
        verdict=_VERDICTS[status],
        reason=reason,
        by=by,
        seconds=seconds,
    )
