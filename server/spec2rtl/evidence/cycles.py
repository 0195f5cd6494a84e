"""Values by clock cycle: what the flip-flops took at each edge, and what the test saw at its end."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from spec2rtl.evidence.cone import Cone, Hierarchy
from spec2rtl.evidence.wave import WANTED, Recording, Trace, spell
from spec2rtl.syntax.expression import PLAIN, Form

SHOWN = 8
"""Columns of a table at most: the last ones before the failure."""


class Clock(Struct, frozen=True):
    """The clock of most flip-flops in a cone: its full name, and when its active edges were."""

    name: str
    edges: tuple[int, ...]

    def cycle(self, time: int) -> int:
        """How many edges the test had seen by a time; the first makes cycle 1."""
        return sum(edge <= time for edge in self.edges)


class Column(Struct, frozen=True):
    """A moment: the edge that begins a cycle, or the failure (`cycle` None)."""

    cycle: int | None
    time_ns: float


class Row(Struct, frozen=True):
    """A signal's values, one a column; `name` is its full name."""

    name: str
    width: int
    values: tuple[str, ...]


class Table(Struct, frozen=True):
    """Signals over the cycles around a failure."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def find_clock(recording: Recording, hierarchy: Hierarchy, cone: Cone) -> Clock | None:
    """Find the clock that most assignments in a cone wait for."""
    counted: Counter[tuple[str, str]] = Counter()
    for node in cone.nodes:
        for driver in hierarchy.drivers(node):
            name, edge = driver.clock or ("", "")
            clock = hierarchy.beside(node, name).full
            if driver.clock and clock in recording.names:
                counted[clock, edge] += 1
    if not counted:
        return None
    (name, edge), _ = counted.most_common(1)[0]
    return Clock(name, tuple(_edges(recording.names[name], edge, recording)))


def _edges(trace: Trace, edge: str, recording: Recording) -> Iterable[int]:
    level = "0" if edge == "negedge" else "1"
    before = "x"
    for time, value in zip(trace.times, trace.values, strict=True):
        if value == level and before != level and recording.began <= time <= recording.failed:
            yield time
        before = value


class Moments(Struct, frozen=True):
    """When a failure is looked at: the edges before it, and whether it was seen before its own.

    A test that waits for the edge itself reads what was there before.
    """

    edges: tuple[int, ...]
    failed: int
    before: bool

    def final(self, trace: Trace) -> str:
        """What the test saw."""
        return trace.before(self.failed) if self.before else trace.at(self.failed)


def moments(recording: Recording, clock: Clock | None, seen: tuple[Trace, str] | None) -> Moments:
    """Place a failure among the edges; `seen` is a signal with the value that the test names."""
    failed = recording.failed
    if clock is None:
        return Moments((), failed, before=False)
    on_edge = failed in clock.edges
    if on_edge and seen is not None:
        trace, value = seen
        on_edge = _same(trace.before(failed), value) or not _same(trace.at(failed), value)
    edges = tuple(edge for edge in clock.edges if edge < failed or not on_edge)
    return Moments(edges, failed, before=on_edge)


def _same(bits: str, told: str) -> bool:
    """Is a value the one that a message tells, as bits or as a number, with a sign or without?"""
    if bits == told.lower():
        return True
    try:
        seen, number = int(bits, 2), int(told, 0)
    except ValueError:
        return False
    return number in (seen, seen - (1 << len(bits)))


def table(
    recording: Recording, when: Moments, names: Sequence[str], forms: Mapping[str, Form]
) -> Table:
    """Lay signals out by cycle."""
    traces = [recording.names[name] for name in names]
    if when.edges:
        times = when.edges[-(SHOWN - 1) :]
        first = len(when.edges) - len(times) + 1
        columns = [Column(first + i, recording.nanoseconds(t)) for i, t in enumerate(times)]
        values = [[trace.before(t) for t in times] for trace in traces]
    else:
        changes = {t for trace in traces for t in trace.times}
        within = [t for t in sorted(changes) if recording.began <= t < when.failed]
        times = tuple(within[-(SHOWN - 1) :])
        columns = [Column(None, recording.nanoseconds(t)) for t in times]
        values = [[trace.at(t) for t in times] for trace in traces]
    columns.append(Column(None, recording.nanoseconds(when.failed)))
    rows: list[Row] = []
    for trace, early in zip(traces, values, strict=True):
        signed = forms.get(trace.name.removesuffix(WANTED), PLAIN).signed
        spelt = (spell(value, signed=signed) for value in (*early, when.final(trace)))
        rows.append(Row(trace.name, trace.width, tuple(spelt)))
    return Table(tuple(columns), tuple(rows))
