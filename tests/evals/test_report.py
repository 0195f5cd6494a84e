"""The figures of an evaluation."""

from math import isclose

import pytest

from spec2rtl.chat import Usage
from spec2rtl.evals.record import Generation, Plan, Record, Verdict
from spec2rtl.evals.report import build, markdown, pass_at, wilson
from spec2rtl.events import RoleUsage

PLAN = Plan("cvdp", "d.jsonl", "0", "11.0", "2.1.0", generator="scripted:s", reflector="rules")


def record(name: str, verdict: Verdict, sample: int = 0, *, first: int | None = 2) -> Record:
    used = RoleUsage(Usage(100, 10, 20), Usage())
    generation = Generation("r", "verified", 2, first, used, 1.5)
    difficulty = "hard" if name == "c" else "easy"
    return Record(name, sample, difficulty, verdict, "why", 2.0, True, generation)


@pytest.mark.parametrize(
    ("k", "samples", "passes", "expected"),
    [
        (1, 1, 0, 0.0),
        (1, 1, 1, 1.0),
        (1, 4, 1, 0.25),
        (2, 4, 1, 0.5),
        (4, 4, 1, 1.0),
        (2, 5, 2, 0.7),
        (1, 10, 10, 1.0),
    ],
)
def test_pass_at_k_is_unbiased(k: int, samples: int, passes: int, expected: float) -> None:
    assert isclose(pass_at(k, samples, passes), expected)


@pytest.mark.parametrize(
    ("rate", "count", "low", "high"),
    [(0.0, 0, 0.0, 1.0), (0.5, 10, 0.2366, 0.7634), (1.0, 10, 0.7225, 1.0), (0.0, 27, 0.0, 0.1246)],
)
def test_wilson(rate: float, count: int, low: float, high: float) -> None:
    found = wilson(rate, count)
    assert found == pytest.approx((low, high), abs=5e-5)


def test_what_could_not_be_judged_is_beside_the_rate() -> None:
    report = build(
        PLAN, [record("a", "passed"), record("b", "failed"), record("c", "errored")], seconds=6
    )
    summary = report.summary
    counts = (summary.total, summary.passed, summary.failed, summary.errored)
    assert counts == (3, 1, 1, 1)
    assert summary.pass_rate == 0.5
    assert report.by_difficulty["hard"].pass_rate is None
    assert report.by_difficulty["easy"].total == 2
    assert [p.verdict for p in report.problems] == ["passed", "failed", "errored"]


def test_where_nothing_could_be_judged_there_is_no_rate() -> None:
    page = markdown(build(PLAN, [Record("a", 0, "", "errored", "why", 2.0)], seconds=6))
    assert "| all | 1 | 0 | 0 | 1 | – | 0.0% to 100.0% |\n" in page
    assert "\n6 s in all.\n" in page


def test_several_samples() -> None:
    verdicts: list[Verdict] = ["failed", "passed", "failed", "failed"]
    records = [record("a", v, n) for n, v in enumerate(verdicts)]
    records += [record("b", "failed", n) for n in range(4)]
    records[-1] = record("b", "errored", 3)
    plan = Plan("cvdp", "d", "0", "11.0", "2.1.0", generator="g", samples=4)
    report = build(plan, records, seconds=1)
    # `b` has three samples that could be judged: it says nothing of pass@4.
    assert report.pass_at == pytest.approx({"1": 0.125, "2": 0.25, "4": 1.0})
    assert [(p.samples, p.passes) for p in report.problems] == [(4, 1), (3, 0)]
    found = report.by_difficulty["easy"].pass_at["2"]
    assert (found.rate, found.interval, found.problems) == (0.25, wilson(0.25, 2), 2)
    assert report.summary.pass_at["4"].problems == 1
    page = markdown(report)
    assert "| | problems | passed in a sample | failed" in page
    assert "easy: pass@1 12.5% (" in page


def test_effort_is_summed_and_the_first_pass_counted() -> None:
    report = build(PLAN, [record("a", "passed", first=3), record("b", "failed")], seconds=6)
    effort = report.effort
    assert effort is not None
    assert (effort.generator.prompt_tokens, effort.generator.completion_tokens) == (200, 40)
    assert effort.iterations_to_first_pass == 3
    assert effort.seconds == 3.0


@pytest.mark.parametrize("feedback", ["none", "harness"])
def test_every_report_names_the_feedback(feedback: str) -> None:
    plan = Plan("cvdp", "d", "0", "11.0", "2.1.0", generator="g", feedback=feedback)  # pyright: ignore[reportArgumentType]
    report = build(plan, [record("a", "passed")], seconds=1)
    assert report.feedback == feedback
    assert f"feedback `{feedback}`" in markdown(report)


def test_published_candidates_have_no_loop() -> None:
    plan = Plan("cvdp", "d", "0", "11.0", "2.1.0", candidates="dir")
    report = build(plan, [Record("a", 0, "", "passed", "ok", 1.0, True)], seconds=1)
    assert (report.loop, report.feedback, report.effort) == (None, None, None)
    assert "| a | passed | 1/1 |" in markdown(report)
