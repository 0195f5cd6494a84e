"""What the journal tells of runs, as `runs list --json` and `runs show --json` give it."""

from collections.abc import Iterable

from msgspec import Struct

from spec2rtl.events import Event, Iteration, IterationFinished, Result, RunFinished
from spec2rtl.journal.runs import RunSummary


class RunList(Struct, frozen=True):
    """The object of `runs list --json`."""

    runs: tuple[RunSummary, ...]


class RunShown(Struct, frozen=True):
    """The object of `runs show --json`; `result` is None for a run that has no end."""

    run: RunSummary
    iterations: tuple[Iteration, ...]
    result: Result | None


def shown(run: RunSummary, events: Iterable[Event]) -> RunShown:
    """Fold a run's events into what is shown of it."""
    events = tuple(events)
    return RunShown(
        run,
        tuple(event.iteration for event in events if isinstance(event, IterationFinished)),
        next((event.result for event in events if isinstance(event, RunFinished)), None),
    )
