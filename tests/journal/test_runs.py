from datetime import UTC, datetime, timedelta, timezone
from random import Random

from msgspec import structs

from spec2rtl.events import Event, Iteration, IterationFinished, Warned
from spec2rtl.journal.runs import RunSummary, new_run_id, summarise
from spec2rtl.rtl import TestResult, TestStatus

BEGUN = RunSummary("r", "generate", "a.spec.md", "interrupted", 10.0, 2.5)


def iteration(*statuses: TestStatus) -> Event:
    tests = tuple(TestResult(f"t{n}", status) for n, status in enumerate(statuses))
    return IterationFinished(iteration=Iteration(0, "simulate", "c", False, tests=tests))


def test_names_sort_by_start_in_utc_and_differ() -> None:
    start = datetime(2026, 11, 24, 16, 15, 33, tzinfo=UTC)
    abroad = (start + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-8)))
    random = Random(1)
    names = [new_run_id(start, random), new_run_id(start, random), new_run_id(abroad, random)]
    assert len({*names}) == 3
    assert [name[:15] for name in names] == ["20261124-161533"] * 2 + ["20261124-161534"]
    assert all(len(name) == 20 and name == name.lower() for name in names)


def test_a_run_without_milestones_is_what_it_began_as() -> None:
    assert summarise(BEGUN, [Warned(message="x")]) == structs.replace(BEGUN, resumable=True)


def test_the_best_iteration_counts() -> None:
    def check(expected: tuple[int, int, int], *events: Event) -> None:
        run = summarise(BEGUN, events)
        assert (run.iterations, run.tests_passed, run.tests_total) == expected

    check((1, 0, 0), iteration())
    check((1, 0, 1), iteration("failed"))
    check((2, 2, 3), iteration("passed", "passed", "errored"), iteration("passed"))
    check((3, 2, 2), iteration("failed", "failed"), iteration(), iteration("passed", "passed"))
