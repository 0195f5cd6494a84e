"""A run's name and its line in `runs list`: pure."""

from collections.abc import Iterable
from datetime import UTC, datetime
from random import Random
from typing import Literal

from msgspec import Struct, structs

from spec2rtl.events import (
    Errand,
    Event,
    IterationFinished,
    RunFinished,
    RunStarted,
    Status,
    TestsFinished,
    TestsStatus,
)

_UNFINISHED = frozenset(("cancelled", "interrupted", "error"))
RunStatus = Status | TestsStatus | Literal["running", "interrupted"]

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no i, l, o, 0, 1: they are misread


class RunSummary(Struct, frozen=True):
    """A run in one line.

    `started` is seconds since the epoch; `iterations` counts those that are over;
    `tests_passed` of `tests_total` is the best that one of them reached. A run without an end is
    `running` while its process lives, else `interrupted`. `resumable`: it can be gone on with.
    """

    run_id: str
    task: Errand
    title: str
    status: RunStatus
    started: float
    seconds: float = 0.0
    module: str = ""
    generator: str = ""
    reflector: str = ""
    seed: int | None = None
    iterations: int = 0
    tests_passed: int = 0
    tests_total: int = 0
    resumes: str | None = None
    resumable: bool = False


def new_run_id(now: datetime, random: Random) -> str:
    """Name a run after its start in UTC, so that names sort, and four letters to tell and type."""
    letters = "".join(random.choices(_ALPHABET, k=4))
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{letters}"


def summarise(run: RunSummary, milestones: Iterable[Event]) -> RunSummary:
    """Fold a run's start, iterations and end into its summary; other events change nothing."""
    for event in milestones:
        if isinstance(event, RunStarted):
            run = structs.replace(
                run,
                module=event.module,
                generator=event.generator,
                reflector=event.reflector,
                seed=event.seed,
                resumes=event.resumes,
            )
        elif isinstance(event, IterationFinished):
            run = _count(run, event)
        elif isinstance(event, RunFinished):
            result = event.result
            run = structs.replace(run, status=result.status, seconds=result.seconds.total)
        elif isinstance(event, TestsFinished):
            run = structs.replace(run, status=event.status, seconds=event.seconds)
    return structs.replace(run, resumable=run.task != "tests" and run.status in _UNFINISHED)


def _count(run: RunSummary, event: IterationFinished) -> RunSummary:
    run = structs.replace(run, iterations=run.iterations + 1)
    tests = event.iteration.tests
    passed = sum(test.status == "passed" for test in tests)
    if not tests or (run.tests_total and passed <= run.tests_passed):
        return run
    return structs.replace(run, tests_passed=passed, tests_total=len(tests))
