"""A candidate that was shown to the benchmark's tests is scored by what they said then."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec import structs

from spec2rtl.errors import BackendError
from spec2rtl.evals.oracle import Evidence, Problem
from spec2rtl.evals.problem import Candidate, Task
from spec2rtl.evals.record import Plan, Record
from spec2rtl.evals.runner import Designed, Engine, evaluate
from spec2rtl.evals.store import Store
from spec2rtl.events import Result
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


class Away:
    """A studio whose model's host doesn't answer."""

    def __init__(self) -> None:
        self.asked = 0
        self.crew = SimpleNamespace(generator=SimpleNamespace(parallel=1))

    async def generate(self, task: Task, sample: int, run_id: str, feedback: None) -> Result:
        for _ in range(3):  # as a network takes its time
            await asyncio.sleep(0)
        self.asked += 1
        why = "openai:m@http://gone/v1: can't be reached (refused); start it"
        return Result.refused("generate", why)


async def test_a_backend_that_is_away_ends_the_evaluation(tmp_path: Path) -> None:
    studio: Any = Away()
    tools: Any = None
    plan = Plan("cvdp", "d.jsonl", "0", "11.0", "2.1.0")
    store = Store(tmp_path / "out", plan, resume=False)
    engine = Engine(studio, tools, plan, store, lambda *_: Path())
    problems = [Problem(structs.replace(TASK, id=n), CountingOracle("ok")) for n in "abc"]
    with pytest.raises(BackendError) as raised:
        await evaluate(problems, engine, store, samples=1, jobs=1, show=lambda _: None)
    assert str(raised.value) == (
        "openai:m@http://gone/v1: can't be reached (refused); start it; what was judged so far is "
        f"kept, and --resume goes on from there: --out {tmp_path / 'out'}"
    )
    assert studio.asked == 1
    assert store.done == {}


def test_what_needs_another_simulator_is_not_tried_again(tmp_path: Path) -> None:
    plan = Plan("cvdp", "d.jsonl", "0", "11.0", "2.1.0")
    store = Store(tmp_path / "out", plan, resume=False)
    for name, why in (("a", "needs Icarus ≥ 12: line 3: sorry"), ("b", "killed")):
        store.add(Record(name, 0, "easy", "errored", why, 1.0))
    assert set(Store(tmp_path / "out", plan, resume=True).done) == {("a", 0)}
