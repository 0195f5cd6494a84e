"""What the journal tells of runs, as `runs list --json` and `runs show --json` give it."""

from collections.abc import Iterable

from msgspec import Struct

from spec2rtl.events import (
    Candidate,
    Compiled,
    Event,
    Iteration,
    IterationFinished,
    Result,
    RunFinished,
    Simulated,
    TestExplained,
    TestsFinished,
)
from spec2rtl.journal.runs import RunSummary
from spec2rtl.rtl import Explained
from spec2rtl.verdict import Verdict


class RunList(Struct, frozen=True):
    """The object of `runs list --json`."""

    runs: tuple[RunSummary, ...]


class RunShown(Struct, frozen=True):
    """The object of `runs show --json`; `result` is None for a run that has no end.

    `rtl` is the best candidate, also of a run without an end; empty where there was none.
    `explained` are the failing tests that were looked into, one a candidate. `tests` is the end of
    a run that writes tests.
    """

    run: RunSummary
    iterations: tuple[Iteration, ...]
    result: Result | None
    rtl: str = ""
    explained: tuple[Explained, ...] = ()
    tests: TestsFinished | None = None


def shown(run: RunSummary, events: Iterable[Event]) -> RunShown:
    """Fold a run's events into what is shown of it."""
    events = tuple(events)
    result = next((event.result for event in events if isinstance(event, RunFinished)), None)
    return RunShown(
        run,
        tuple(event.iteration for event in events if isinstance(event, IterationFinished)),
        result,
        result.rtl if result else _best(events),
        tuple(event.explained for event in events if isinstance(event, TestExplained)),
        next((event for event in events if isinstance(event, TestsFinished)), None),
    )


def _best(events: Iterable[Event]) -> str:
    """The candidate that came furthest; of those that came equally far, the first."""
    texts: dict[str, str] = {}
    reached: dict[str, Verdict] = {}
    for event in events:
        match event:
            case Candidate():
                texts[event.id] = event.rtl
            case Compiled():
                errors = sum(d.severity == "error" for d in event.diagnostics)
                reached[event.candidate] = Verdict("failed", compiles=event.ok, errors=errors)
            case Simulated():
                passed = sum(t.status == "passed" for t in event.tests)
                reached[event.candidate] = Verdict("failed", passed, len(event.tests), True)
            case _:
                pass
    if reached:
        return texts[max(reached, key=lambda name: reached[name])]
    return next(iter(texts.values()), "")
