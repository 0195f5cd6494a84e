"""Where an unknown value comes from, and where two recordings part."""

from collections.abc import Iterable

from msgspec import Struct

from spec2rtl.evidence.cone import Cone, Hierarchy, Node
from spec2rtl.evidence.cycles import Clock
from spec2rtl.evidence.wave import Recording, Trace, unknown

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


def first_unknown(recording: Recording, hierarchy: Hierarchy, cone: Cone) -> Unknown | None:
    """Follow the unknown values that are there at a failure to the one that was there first."""
    since = {
        node: start
        for node in cone.nodes
        if (trace := recording.names.get(node.full))
        and (start := _unknown_since(trace, recording.failed)) is not None
    }
    if not since:
        return None
    earliest = min(since.values())
    oldest = [node for node, start in since.items() if start == earliest]
    roots = [node for node in oldest if not _takes(hierarchy, node, oldest)] or oldest
    root = max(roots, key=lambda node: (_clocked(hierarchy, node), cone.distances[node]))
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
    return any(other != node and other in read for other in others)


def first_divergence(
    before: Recording,
    now: Recording,
    hierarchy: Hierarchy,
    cone: Cone,
    clock: Clock | None,
) -> Divergence | None:
    """Find the first moment at which two recordings of a test differ, and in what."""
    places = {node.full: node for node in cone.nodes}
    parted: dict[str, int] = {}
    for name, trace in now.names.items():
        other = before.names.get(name)
        if other is None:
            continue
        time = _parting(other, before, trace, now)
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
    was, is_now = before.names[signals[0]], now.names[signals[0]]
    return Divergence(
        signals[:SHOWN],
        now.nanoseconds(first + now.began),
        clock.cycle(first + now.began) if clock else None,
        was.at(first + before.began),
        is_now.at(first + now.began),
    )


def _parting(one: Trace, first: Recording, other: Trace, second: Recording) -> int | None:
    """The first time, counted from the test's beginning, at which two traces differ."""
    until = min(first.failed - first.began, second.failed - second.began)
    stamps = {t - first.began for t in one.times} | {t - second.began for t in other.times}
    for time in sorted({max(stamp, 0) for stamp in stamps}):
        if time > until:
            return None
        if not _equal(one.at(time + first.began), other.at(time + second.began)):
            return time
    return None


def _equal(one: str, other: str) -> bool:
    """Are two values the same number, should one of them have been declared wider?"""
    return one == other or one.lstrip("0") == other.lstrip("0")
