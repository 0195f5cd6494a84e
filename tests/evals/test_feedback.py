"""What the loop is told by a harness of a candidate that this machine can't judge."""

from collections.abc import Sequence
from pathlib import Path

from spec2rtl.evals.feedback import harness_of
from spec2rtl.evals.generation import Studio
from spec2rtl.evals.oracle import Evidence, Problem, score
from spec2rtl.evals.problem import Candidate, Task
from spec2rtl.events import Limits, Status
from spec2rtl.journal.store import Journal
from spec2rtl.loop.policy import choose
from spec2rtl.loop.ports import Crew
from spec2rtl.rtl import CompileReport, SimulationReport, Testbench, TestResult
from tests.evals.small import PROMPT, RIGHT, WRONG, fenced
from tests.loop.crew import CommentToolchain, HeldClock, ListModel, ListOutlet

DOUBTED = RIGHT.replace("a + b", "b + a")
TASK = Task("half", PROMPT, ("half.sv",), "systemverilog", module="half")


class DoubtfulOracle:
    """Can't tell whether one text is right, and knows of the others."""

    testbench = Testbench("test_half", "test_half.py", "", top="half")

    async def examine(self, candidate: Candidate) -> Evidence:
        (rtl,) = candidate.values()
        if rtl.strip() == DOUBTED.strip():
            return Evidence(CompileReport(True, "ok"), doubt="needs Icarus ≥ 12")
        passed = rtl.strip() == RIGHT.strip()
        simulated = SimulationReport(
            "passed" if passed else "failed", "ok" if passed else "test_failed"
        )
        return Evidence(CompileReport(True, "ok"), simulated)

    async def record(self, candidate: Candidate, failed: TestResult) -> None:
        """Nothing is recorded here."""


async def solved(folder: Path, replies: Sequence[str]) -> tuple[Status, str, str]:
    """How a run ended, and the verdict on what it came to."""
    problem, tools = Problem(TASK, DoubtfulOracle()), CommentToolchain()
    crew = Crew(ListModel([*map(fenced, replies)]), None, tools, ListOutlet(), HeldClock())
    policy = choose(strong=True, candidates=None)
    with Journal.open(folder / "journal.db") as journal:
        studio = Studio(crew, journal, policy, Limits(1, len(replies)), 0)
        result = await studio.generate(TASK, 0, "run", harness_of(problem, tools, explained=False))
    judged = await score(problem, {"half.sv": result.rtl})
    return result.status, judged.verdict, judged.reason


async def test_another_candidate_may_do(tmp_path: Path) -> None:
    assert await solved(tmp_path, [DOUBTED, WRONG, RIGHT]) == ("verified", "passed", "ok")


async def test_what_nobody_can_judge_is_no_failed_design(tmp_path: Path) -> None:
    found = await solved(tmp_path, [DOUBTED])
    assert found == ("failed", "errored", "needs Icarus ≥ 12")
