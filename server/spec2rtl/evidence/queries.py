"""Questions to a recording, and their answers."""

import re
from collections.abc import Iterator, Sequence

from spec2rtl.evidence.condition import holds
from spec2rtl.evidence.explain import Explanation
from spec2rtl.evidence.show import local
from spec2rtl.evidence.wave import Recording, Trace
from spec2rtl.repair.reflection import Query
from spec2rtl.syntax.expression import PLAIN, Bits

_PATH = re.compile(r"\b[A-Za-z_]\w*(?:\[\d+\])?(?:\.[A-Za-z_]\w*(?:\[\d+\])?)*")
"""A name, perhaps below the top module, such as `bank[0].unit.count`, perhaps with an index."""
MOST = 8
"""Questions that are answered at a time."""


def answers(recording: Recording, explanation: Explanation, queries: Sequence[Query]) -> str:
    """Answer each question in a line of its own."""
    said = (_answer(recording, explanation, query) for query in queries[:MOST])
    return "\n".join(f"- {line}" for line in said)


def _answer(recording: Recording, explanation: Explanation, query: Query) -> str:
    if query.kind == "stuck":
        stuck = [f"{local(name)}={value}" for name, value in explanation.still]
        return "never changed: " + (", ".join(stuck) or "nothing in the cone of the failure")
    if not query.condition:
        return f"{query.kind}: a condition is wanted"
    asked = _Asked(recording, explanation, query.condition)
    told = [(time, asked.holds(time)) for time in _moments(recording, explanation, query)]
    if asked.missing:
        return f"{query.condition}: nothing is recorded of {', '.join(sorted(asked.missing))}"
    if told and all(value is None for _, value in told):
        return f"{query.condition}: can't be told: unknown values, or an operator not read here"
    if query.kind == "count":
        count = sum(value is True for _, value in told)
        return f"{query.condition}: holds at {count} of {len(told)} clock edges"
    first = next((time for time, value in told if value), None)
    if first is None:
        return f"{query.condition}: never holds at a clock edge"
    return f"{query.condition}: first holds at {recording.nanoseconds(first):g} ns"


def _moments(recording: Recording, explanation: Explanation, query: Query) -> Iterator[int]:
    """The clock's active edges within the times asked about, and the failure; else all changes."""
    edges = explanation.edges or tuple(sorted({t for r in recording.wave.traces for t in r.times}))
    start = 0.0 if query.from_ns is None else query.from_ns
    end = float("inf") if query.to_ns is None else query.to_ns
    for edge in edges:
        within = recording.began <= edge <= recording.failed
        if within and start <= recording.nanoseconds(edge) <= end:
            yield edge


class _Asked:
    """A condition put to a recording; what it is for the same values is worked out once."""

    def __init__(self, recording: Recording, explanation: Explanation, condition: str) -> None:
        self.missing: set[str] = set()
        self._recording, self._explanation = recording, explanation
        self._condition = _PATH.sub(self._escaped, condition)
        self._traces: dict[str, Trace] = {}
        self._known: dict[tuple[str, ...], bool | None] = {}

    def _escaped(self, match: re.Match[str]) -> str:
        """Make one name of a path or of a memory's word; other indexes are of bits."""
        name = match[0]
        bare = name.removesuffix("]").rpartition("[")[0] if name.endswith("]") else name
        top = self._explanation.top
        if f"{top}.{name.removeprefix(f'{top}.')}" in self._recording.names:
            bare = name
        return f"\\{bare} {name[len(bare) :]}" if "." in bare or "[" in bare else name

    def holds(self, time: int) -> bool | None:
        """Does it hold at an edge, by what the flip-flops took?"""
        seen = self._seen(time)
        if seen not in self._known:
            told = holds(self._condition, lambda name: self._value(name, time))
            self._known[self._seen(time)] = told
            return told
        return self._known[seen]

    def _seen(self, time: int) -> tuple[str, ...]:
        return tuple(self._at(trace, time) for trace in self._traces.values())

    def _at(self, trace: Trace, time: int) -> str:
        return trace.before(time) if self._explanation.edges else trace.at(time)

    def _value(self, name: str, time: int) -> Bits | None:
        name = name.removeprefix("\\").removeprefix(f"{self._explanation.top}.")
        full = f"{self._explanation.top}.{name}"
        trace = self._recording.names.get(full)
        if trace is None:
            if name not in self._explanation.constants:
                self.missing.add(name)
            return self._explanation.constants.get(name)
        self._traces[name] = trace
        return Bits(self._at(trace, time), self._explanation.forms.get(full, PLAIN))
