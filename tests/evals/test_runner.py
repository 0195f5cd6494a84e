"""A candidate that was shown to the benchmark's tests is scored by what they said then."""

from pathlib import Path

import pytest

from spec2rtl.evals.oracle import Evidence, Problem
from spec2rtl.evals.problem import Candidate, Task
from spec2rtl.evals.record import Plan, Record
from spec2rtl.evals.runner import Designed, evaluate
from spec2rtl.evals.store import Store
from spec2rtl.rtl import CompileReport, Reason, SimulationReport, Testbench, TestResult

TASK = Task("half", "Write it.", ("half.sv",), "systemverilog", module="half")
WRONG, RIGHT = {"half.sv": "wrong"}, {"half.sv": "right"}


class CountingOracle:
    """Knows the right text, remembers what it was asked, fails the rest for one reason."""

    testbench = Testbench("test_half", "test_half.py", "", top="half")

    def __init__(self, reason: Reason) -> None:
        self.reason: Reason = reason
        self.asked: list[Candidate] = []

    async def examine(self, candidate: Candidate) -> Evidence:
        self.asked.append(candidate)
        passed = candidate == RIGHT
        found = (
            SimulationReport("passed", "ok") if passed else SimulationReport("failed", self.reason)
        )
        return Evidence(CompileReport(True, "ok"), found)

    async def record(self, candidate: Candidate, failed: TestResult) -> None:
        """Nothing is recorded here."""


class Shown:
    """Designs as the loop does under feedback: it tries each text on the benchmark's tests."""

    parallel = 1

    def __init__(self, *texts: Candidate) -> None:
        self.texts = texts

    async def design(self, problem: Problem, sample: int) -> Designed:
        assert problem.oracle
        for text in self.texts:
            await problem.oracle.examine(text)
        return Designed(self.texts[-1])


@pytest.mark.parametrize(
    ("texts", "reason", "asked", "verdict"),
    [
        ([WRONG, RIGHT], "test_failed", [WRONG, RIGHT], "passed"),
        ([RIGHT, WRONG], "test_failed", [RIGHT, WRONG], "failed"),
        # The next time, the machine may be less busy.
        ([WRONG], "timeout", [WRONG, WRONG], "failed"),
    ],
)
async def test_what_was_judged_is_not_run_again(
    tmp_path: Path, texts: list[Candidate], reason: Reason, asked: list[Candidate], verdict: str
) -> None:
    oracle, records = CountingOracle(reason), list[Record]()
    plan = Plan("cvdp", "d.jsonl", "0", "11.0", "2.1.0")
    store = Store(tmp_path / "out", plan, resume=False)
    await evaluate(
        [Problem(TASK, oracle)], Shown(*texts), store, samples=1, jobs=1, show=records.append
    )
    assert (oracle.asked, [r.verdict for r in records]) == (asked, [verdict])


async def test_each_sample_is_judged_by_itself(tmp_path: Path) -> None:
    oracle, records = CountingOracle("test_failed"), list[Record]()
    store = Store(tmp_path / "out", Plan("cvdp", "d.jsonl", "0", "11.0", "2.1.0"), resume=False)
    await evaluate(
        [Problem(TASK, oracle)], Shown(RIGHT), store, samples=2, jobs=2, show=records.append
    )
    assert oracle.asked == [RIGHT, RIGHT]
