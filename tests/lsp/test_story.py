import pytest

from spec2rtl import events as e
from spec2rtl.chat import Usage
from spec2rtl.lsp.story import Story
from spec2rtl.rtl import Budget, Diagnostic, TestResult

PASSED, FAILED = TestResult("one", "passed"), TestResult("two", "failed")
WRONG = Diagnostic("m.v", 1, 1, 1, 2, "error", "E", "wrong", "iverilog")


def called(role: e.Role) -> e.Event:
    return e.ModelCalled(role=role, candidate=0, prompt=())


def arriving(done: int, total: int) -> e.Event:
    return e.Downloading(what="downloading m", done=done, total=total)


def replied(cost: float | None) -> e.Event:
    usage = Usage(prompt_tokens=1000, completion_tokens=200, cost_usd=cost)
    return e.ModelReplied(role="generator", candidate=0, reply="", usage=usage, seconds=1.0)


def compiled(*found: Diagnostic) -> e.Event:
    reason = "compile_error" if found else "ok"
    return e.Compiled(candidate="", ok=not found, reason=reason, diagnostics=found, seconds=1.0)


def simulated(*tests: TestResult, sandbox: str = "landlock") -> e.Event:
    good = FAILED not in tests
    return e.Simulated(
        candidate="",
        status="passed" if good else "failed",
        reason="ok" if good else "test_failed",
        diagnostics=(),
        tests=tests,
        seconds=1.0,
        sandbox=sandbox,
    )


CANDIDATE = e.Candidate(id="", candidate=0, rtl="", parent=None, how="")
SIMULATING = e.SimulationStarted(candidate="")
NEXT = e.IterationFinished(iteration=e.Iteration(0, "simulate", None, ok=False))


@pytest.mark.parametrize(
    ("events", "line"),
    [
        (
            [arriving(400_000_000, 1_200_000_000)],
            "downloading m 33 % of 1,200 MB · iteration 1",
        ),
        ([arriving(1, 0)], "downloading m · iteration 1"),
        ([called("generator"), arriving(3, 3)], "writing · iteration 1"),
        ([called("reflector"), arriving(3, 3)], "reflecting · iteration 1"),
        ([called("generator")], "writing · iteration 1"),
        ([called("reflector")], "reflecting · iteration 1"),
        (
            [replied(0.25), replied(None), CANDIDATE],
            "compiling · iteration 1 · 2,400 tokens · $0.250",
        ),
        ([compiled(WRONG)], "1 error · iteration 1"),
        ([compiled(WRONG, WRONG)], "2 errors · iteration 1"),
        ([compiled()], "compiles · iteration 1"),
        (
            [
                SIMULATING,
                e.TestFinished(candidate="", test=PASSED),
                e.TestFinished(candidate="", test=FAILED),
            ],
            "simulating · iteration 1 · 1/2 tests",
        ),
        ([simulated(PASSED, sandbox="rlimits")], "passed · iteration 1 · 1/1 tests · no sandbox"),
        ([simulated(PASSED, FAILED)], "failed · iteration 1 · 1/2 tests"),
        (
            [simulated(PASSED, FAILED), NEXT, called("generator")],
            "writing · iteration 2 · 1/2 tests",
        ),
        ([simulated(PASSED), SIMULATING], "simulating · iteration 1"),
        (
            [e.Measured(candidate="", budgets=(Budget("cells <= 9", 12, met=False),))],
            "budget not met: cells <= 9: 12 · iteration 1",
        ),
        (
            [
                e.Rejected(
                    candidate=0, why="it has\nno module of the name that is asked for, said " * 9
                )
            ],
            "no usable code: it has no module of the name that is asked… · iteration 1",
        ),
        (
            [e.RunFinished(result=e.Result.refused("edit", "no"))],
            "error",
        ),
    ],
)
def test_a_run_in_a_line(events: list[e.Event], line: str) -> None:
    story = Story()
    assert [story.line(event) for event in events][-1] == line


def test_what_is_nothing_new_is_not_told() -> None:
    story = Story()
    for event in (e.Text(candidate=0, delta="m"), NEXT, e.Warned(message="w")):
        assert story.line(event) is None
