"""Does a new version of a module do what the old one did?"""

import asyncio

from msgspec import structs

from spec2rtl.errors import Spec2rtlError
from spec2rtl.events import Behaviour
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.job import Job
from spec2rtl.loop.merge import Stop, StopReason
from spec2rtl.loop.ports import Gauge, Toolchain
from spec2rtl.rtl import Design, Different, Equal, Steps, Unknown
from spec2rtl.syntax.modules import find_module

SECONDS = 10.0
"""What the comparison may delay a result by."""
_PROVING_SECONDS = 8.0
_SHOWN_STEPS = 4


async def compare(
    job: Job, attempt: Attempt, gauge: Gauge, toolchain: Toolchain, stop: Stop
) -> Behaviour | None:
    """Compare a result with what was there when the run began, until it is told to stop.

    None where there is nothing to compare: no old version, other ports, or the same text.
    """
    old = job.previous
    if old is None or attempt.rtl is None:
        return None
    if old == job.design(attempt.rtl) or not _same_ports(old, attempt.rtl, job.module):
        return None
    if stop.reason:
        return _stopped(stop.reason)
    asked = asyncio.create_task(_compared(job, old, attempt, gauge, toolchain))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((asked, stopped), return_when=asyncio.FIRST_COMPLETED)
        return asked.result() if asked.done() else _stopped(stop.reason or "cancelled")
    except Spec2rtlError as error:
        return _unknown(str(error))
    finally:
        for task in (asked, stopped):
            task.cancel()
        await asyncio.gather(asked, stopped, return_exceptions=True)


async def _compared(
    job: Job, old: Design, attempt: Attempt, gauge: Gauge, toolchain: Toolchain
) -> Behaviour:
    module, new = job.module, job.design(attempt.rtl or "")
    was, now = old, new
    if module != job.top:
        was, now = (structs.replace(d, top=module, parameters=()) for d in (old, new))
    try:
        async with asyncio.timeout(SECONDS):
            found = await gauge.equivalent(was, now, module, _PROVING_SECONDS)
            match found:
                case Equal():
                    given = f"; {found.given}" if found.given else ""
                    return Behaviour("unchanged", f"behaviour unchanged (proved{given})")
                case Different():
                    return _changed(found)
                case Unknown():
                    return await _by_tests(job, old, attempt, toolchain, found.reason)
    except TimeoutError:
        return _unknown(f"not decided in {SECONDS:g} s")


def _same_ports(old: Design, new: str, module: str) -> bool:
    found = [find_module(text, module) for text in (old.sources[-1].text, new)]
    ports = [{(p.name, p.direction) for p in m.interface.ports} for m in found if m]
    return len(ports) == 2 and ports[0] == ports[1]


def _changed(found: Different) -> Behaviour:
    says = (
        f"behaviour changed: first differs at cycle {found.cycle}: `{found.output}` is "
        f"{found.now}, was {found.was}; inputs: {inputs_of(found)}"
    )
    return Behaviour("changed", says, found.cycle, found.steps)


def inputs_of(found: Different) -> str:
    """The last inputs that lead to a difference, in one line."""
    shown = " → ".join(_spoken(step) for step in found.steps[-_SHOWN_STEPS:])
    return f"… → {shown}" if len(found.steps) > _SHOWN_STEPS else shown


def _spoken(step: Steps) -> str:
    values = ", ".join(f"{name}={value}" for name, value in step.inputs.items())
    return f"{values} ({step.cycles} cycles)" if step.cycles > 1 else values


async def _by_tests(
    job: Job, old: Design, attempt: Attempt, toolchain: Toolchain, reason: str
) -> Behaviour:
    """What the tests say where nothing could be proved."""
    bench, simulated = job.testbench, attempt.simulated
    if bench is None or simulated is None:
        return _unknown(reason)
    if not (await toolchain.compile(old)).ok:
        return _unknown("the old version does not compile")
    before = {test.name: test.status for test in (await toolchain.simulate(old, bench)).tests}
    other = next((t for t in simulated.tests if before.get(t.name, t.status) != t.status), None)
    if other is None:
        return _unknown(f"{reason}; the tests say the same of both versions")
    was = before[other.name]
    return Behaviour("changed", f"behaviour changed: test {other.name} {was}, now {other.status}")


def _stopped(reason: StopReason) -> Behaviour:
    return _unknown(reason if reason == "cancelled" else f"the budget of {reason} is spent")


def _unknown(reason: str) -> Behaviour:
    return Behaviour("unknown", f"whether behaviour changed is unknown ({reason})")
