"""Where an unknown value comes from, and where two recordings part."""

from collections.abc import Iterable

from msgspec import Struct

from spec2rtl.evidence.cone import Cone, Hierarchy, Node
from spec2rtl.evidence.cycles import Clock
from spec2rtl.evidence.wave import Recording, Trace, unknown
from spec2rtl.syntax.expression import PLAIN

SHOWN = 3


class Unknown(Struct, frozen=True):
    """The signal of a cone in which an unknown value first arose, and since when it is there.

    `driven` False: nothing in the design gives it a value.
    """

    signal: str
    since_ns: float
    value: str
    driven: bool


class Divergence(Struct, frozen=True):
    """Where a recording first differs from an earlier one: those that are no consequence first."""

    signals: tuple[str, ...]
    time_ns: float
    cycle: int | None
    was: str
    now: str


def first_unknown(
    recording: Recording, hierarchy: Hierarchy, cone: Cone, words: Iterable[Node] = ()
) -> Unknown | None:
    """Follow the unknown values that are there at a failure to the one that was there first.

    `words` are those of memories that are on the way.
    """
    since = {
        node: start
        for node in (*cone.nodes, *words)
        if (trace := recording.names.get(node.full))
        and (start := _unknown_since(trace, recording.failed)) is not None
    }
    if not since:
        return None
    earliest = min(since.values())
    oldest = [node for node, start in since.items() if start == earliest]
    roots = [node for node in oldest if not _takes(hierarchy, node, oldest)] or oldest
    root = max(roots, key=lambda node: (_clocked(hierarchy, node), cone.distances[node.whole]))
    given = [d for d in hierarchy.drivers(root) if not d.declares]
    module = hierarchy.known[root.module].scope.module
    is_input = any(p.name == root.name and p.direction == "input" for p in module.interface.ports)
    return Unknown(
        root.full,
        max(recording.nanoseconds(earliest), 0.0),
        recording.names[root.full].at(recording.failed),
        bool(given) or is_input or bool(hierarchy.known[root.module].instances),
    )


def _unknown_since(trace: Trace, time: int) -> int | None:
    """When the unknown value began that is there at a time."""
    start: int | None = None
    for stamp, value in zip(trace.times, trace.values, strict=True):
        if stamp > time:
            break
        if not unknown(value):
            start = None
        elif start is None:
            start = stamp
    return 0 if not trace.times or trace.times[0] > time else start


def _clocked(hierarchy: Hierarchy, node: Node) -> bool:
    return any(driver.clock for driver in hierarchy.drivers(node))


def _takes(hierarchy: Hierarchy, node: Node, others: Iterable[Node]) -> bool:
    """Does a value follow at once from one of the others?"""
    read = {
        name
        for step in hierarchy.steps(node)
        if step.driver is None or step.driver.clock is None
        for name in step.reads
    }
    return any(other != node and other.whole in read for other in others)


def first_divergence(
    before: Recording,
    now: Recording,
    hierarchy: Hierarchy,
    cone: Cone,
    clock: Clock | None,
) -> Divergence | None:
    """Find the first moment at which two recordings of a test differ, and in what."""
    places = {node.full: node for node in cone.nodes}
    tick = min(before.wave.tick_ns, now.wave.tick_ns)
    earlier, later = _Run.of(before, tick), _Run.of(now, tick)
    forms = hierarchy.forms(now.names)
    parted: dict[str, int] = {}
    for name, trace in now.names.items():
        other = before.names.get(name)
        if other is None:
            continue
        signed = forms.get(name, PLAIN).signed
        time = _parting(other, earlier, trace, later, signed=signed)
        if time is not None:
            parted[name] = time
    if not parted:
        return None
    first = min(parted.values())
    names = [name for name, time in parted.items() if time == first]
    nodes = [places[name] for name in names if name in places]
    roots = [node for node in nodes if not _takes(hierarchy, node, nodes)] or nodes
    roots.sort(key=lambda node: (not _clocked(hierarchy, node), cone.distances[node]))
    signals = tuple(node.full for node in roots) or tuple(sorted(names))
    return Divergence(
        signals[:SHOWN],
        round(first * tick, 6),
        clock.cycle(later.time(first)) if clock else None,
        before.names[signals[0]].at(earlier.time(first)),
        now.names[signals[0]].at(later.time(first)),
    )


class _Run(Struct, frozen=True):
    """A test on a clock that begins with it and has the finer tick of two recordings."""

    recording: Recording
    scale: int

    @staticmethod
    def of(recording: Recording, tick_ns: float) -> "_Run":
        """`tick_ns` divides the recording's own."""
        return _Run(recording, round(recording.wave.tick_ns / tick_ns))

    @property
    def end(self) -> int:
        """When it failed."""
        return (self.recording.failed - self.recording.began) * self.scale

    def time(self, stamp: int) -> int:
        """The time of the recording."""
        return stamp // self.scale + self.recording.began

    def stamps(self, trace: Trace) -> set[int]:
        """When a signal changed."""
        return {max((t - self.recording.began) * self.scale, 0) for t in trace.times}


def _parting(one: Trace, first: _Run, other: Trace, second: _Run, *, signed: bool) -> int | None:
    """The first time at which two traces differ."""
    for stamp in sorted(first.stamps(one) | second.stamps(other)):
        if stamp > min(first.end, second.end):
            return None
        if not _equal(one.at(first.time(stamp)), other.at(second.time(stamp)), signed=signed):
            return stamp
    return None


def _equal(one: str, other: str, *, signed: bool) -> bool:
    """Are two values the same number, should one of them have been declared wider?"""
    width = max(len(one), len(other))
    return _filled(one, width, signed=signed) == _filled(other, width, signed=signed)


def _filled(bits: str, width: int, *, signed: bool) -> str:
    goes_on = bits and (signed or bits[0] in "xz")
    return bits.rjust(width, bits[0] if goes_on else "0")
