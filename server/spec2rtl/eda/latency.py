"""Latency in clock cycles, as a recording shows it: pure."""

from msgspec import Struct

from spec2rtl.evidence.wave import Trace
from spec2rtl.rtl import Design
from spec2rtl.spec import timing
from spec2rtl.spec.model import Spec
from spec2rtl.syntax.modules import find_module
from spec2rtl.syntax.processes import edges, reset_test
from spec2rtl.syntax.scope import scope_of


class Timing(Struct, frozen=True):
    """The clock of a module, and its reset where it has one whose level is known."""

    clock: str
    rising: bool
    reset: str | None = None
    active: str = "high"


def timing_of(design: Design, spec: Spec) -> Timing | None:
    """What clocks and resets the top module, by the spec, else by its names."""
    found = (find_module(source.text, design.top or "") for source in design.sources)
    text, module = next(
        ((s.text, m) for s, m in zip(design.sources, found, strict=True) if m), (None, None)
    )
    if text is None or module is None:
        return None
    ports = {port.name for port in module.interface.ports}
    unsaid = timing.Said(())
    clocks = (*spec.clocks, *timing.clocks(module.interface.ports, unsaid))
    clock = next((clock for clock in clocks if clock.name in ports), None)
    if clock is None:
        return None
    scope = scope_of(text, module)
    waits = (edges(scope, process).get(clock.name) for process in scope.drivers.processes)
    edge = next((edge for edge in waits if edge), None)
    rising = edge == "posedge" if edge else clock.edge == "rising"
    for reset in (*spec.resets, *timing.resets(module.interface.ports, unsaid)[0]):
        tests = (reset_test(scope, process, reset.name) for process in scope.drivers.processes)
        active = next((test.active for test in tests if test), reset.active)
        if reset.name in ports and active:
            return Timing(clock.name, rising, reset.name, active)
    return Timing(clock.name, rising)


def latencies(
    start: Trace, done: Trace, clock: Trace, *, rising: bool = True, reset: Trace | None, level: str
) -> list[int]:
    """The cycles from each rise of `start` to the next of `done`, as the clock's edges see them.

    A start while one is under way is part of it; one that a reset cuts short doesn't count.
    """
    found: list[int] = []
    since: int | None = None
    started = finished = False
    for cycle, edge in enumerate(_edges(clock, "1" if rising else "0")):
        starts, finishes = _high(start.before(edge)), _high(done.before(edge))
        if reset and _high(reset.before(edge)) == (level == "high"):
            since = None
        else:
            if starts and not started and since is None:
                since = cycle
            if finishes and not finished and since is not None:
                found.append(cycle - since)
                since = None
        started, finished = starts, finishes
    return found


def _edges(clock: Trace, to: str) -> list[int]:
    pairs = zip(clock.values, clock.values[1:], clock.times[1:], strict=False)
    return [time for before, after, time in pairs if before in "01" and after == to != before]


def _high(bits: str) -> bool:
    """Is a value known and not zero?"""
    return set(bits) <= {"0", "1"} and "1" in bits
