"""Questions to a recording, and their answers."""

from collections.abc import Iterator, Sequence

from spec2rtl.evidence.condition import holds
from spec2rtl.evidence.explain import Explanation
from spec2rtl.evidence.show import local
from spec2rtl.evidence.wave import Recording
from spec2rtl.repair.reflection import Query

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
    missing: set[str] = set()
    told = [
        (time, _holds(recording, explanation, query.condition, time, missing))
        for time in _moments(recording, explanation, query)
    ]
    if missing:
        return f"{query.condition}: nothing is recorded of {', '.join(sorted(missing))}"
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


def _holds(
    recording: Recording, explanation: Explanation, condition: str, time: int, missing: set[str]
) -> bool | None:
    """Does a condition hold at an edge, by what the flip-flops took?"""

    def value(name: str) -> str | None:
        trace = recording.names.get(f"{explanation.top}.{name}")
        if trace is not None:
            return trace.before(time) if explanation.edges else trace.at(time)
        if name not in explanation.constants:
            missing.add(name)
        return explanation.constants.get(name)

    return holds(condition, value)
