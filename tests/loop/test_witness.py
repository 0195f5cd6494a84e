"""What is found out about the failing attempts of a run, with real tools."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from spec2rtl.eda.testbench import load_testbench
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.errors import ToolError
from spec2rtl.events import Event, TestExplained, Warned
from spec2rtl.evidence.wave import Recording, Trace, Wave
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import Recorder
from spec2rtl.loop.witness import Witness
from spec2rtl.repair.reflection import Query, Reflection
from spec2rtl.rtl import Design, SourceFile, Testbench, TestResult

PULSE = Path(__file__).parents[1] / "data" / "planted" / "pulse"
OFF_BY_ONE = (PULSE / "pulse.v").read_text()
OFF_BY_TWO = OFF_BY_ONE.replace("left <= LENGTH;", "left <= LENGTH + 1;")


class Broken:
    """A recorder whose tool is broken."""

    async def record(
        self,
        design: Design,
        testbench: Testbench,
        ran: tuple[TestResult, ...],
        failed: TestResult,
    ) -> Recording | None:
        raise ToolError("vvp is broken")


class Long:
    """A recorder of what goes on for 50,000 cycles; `turns` are those of the event loop since."""

    turns = 0

    async def record(
        self,
        design: Design,
        testbench: Testbench,
        ran: tuple[TestResult, ...],
        failed: TestResult,
    ) -> Recording | None:
        times = tuple(range(0, 1_000_000, 10))
        clock = Trace("pulse.clk", 1, times, ("0", "1") * (len(times) // 2))
        left = Trace("pulse.left", 16, times, tuple(f"{t // 20:016b}" for t in times))
        self.turns = 0
        return Recording.of(failed.name, Wave(1.0, 0, 1_000_000, (clock, left)), 0.0, 999_999.0)

    async def turn(self) -> None:
        """Count."""
        while True:
            self.turns += 1
            await asyncio.sleep(0)


@pytest.fixture(scope="module")
def toolchain() -> IcarusToolchain:
    return IcarusToolchain(find_tools())


def job() -> Job:
    bench = load_testbench(PULSE / "test_pulse.py")
    return Job("repair", "pulse", SourceFile(str(PULSE / "pulse.v"), OFF_BY_ONE), testbench=bench)


async def failing(toolchain: IcarusToolchain, rtl: str) -> Attempt:
    bench = job().testbench
    assert bench
    return Attempt(0, rtl=rtl, simulated=await toolchain.simulate(job().design(rtl), bench))


async def seen(
    recorder: Recorder | None, attempts: Sequence[Attempt]
) -> tuple[Witness, list[Event]]:
    witness = Witness(job(), recorder)
    return witness, [e for attempt in attempts async for e in witness.look_into(attempt)]


async def test_a_candidate_is_compared_with_the_one_before(toolchain: IcarusToolchain) -> None:
    attempts = [await failing(toolchain, rtl) for rtl in (OFF_BY_ONE, OFF_BY_TWO)]
    witness, events = await seen(toolchain, attempts)
    first, second = (e.explained.text for e in events if isinstance(e, TestExplained))
    assert "active: expected 0, actual 1" in first
    assert "18 >             left <= LENGTH;" in first
    assert "differs" not in first
    difference = (
        "differs from the candidate before first in left (cycle 3, 20 ns): was 0x05, now 0x06"
    )
    assert difference in second
    assert attempts[1].explained
    assert attempts[1].explained.text == second
    assert attempts[1].simulated
    [link] = attempts[1].simulated.diagnostics[0].related
    assert link.message == "what drives it: active <= 1'b1;"
    assert [e async for e in witness.look_into(attempts[1])] == [], "once is enough"
    assert await witness.answer(Reflection("", queries=(Query("stuck"),))), (
        "what was seen is still known"
    )


QUERIES = {
    Query("first", "active && left == 6"): "first holds at 30 ns",
    Query("first", "left == 9"): "never holds at a clock edge",
    Query("count", "active", 20, 60): "holds at 4 of 5 clock edges",
    Query("count", "active && nowhere == 3"): "nothing is recorded of nowhere",
    Query("first", "left == LENGTH + 1 && !start"): "first holds at 30 ns",
    Query("count"): "a condition is wanted",
    Query("stuck"): "never changed: ",
}


@pytest.mark.parametrize("query", QUERIES, ids=str)
async def test_questions_are_answered(toolchain: IcarusToolchain, query: Query) -> None:
    witness, _ = await seen(toolchain, [await failing(toolchain, OFF_BY_TWO)])
    assert QUERIES[query] in (await witness.answer(Reflection("", queries=(query,))) or "")
    assert (
        await witness.answer(Reflection("known", queries=(query,), instruction="mend it")) is None
    )


async def test_what_cannot_be_recorded_ends_nothing(toolchain: IcarusToolchain) -> None:
    attempt = await failing(toolchain, OFF_BY_ONE)
    _, events = await seen(Broken(), [attempt])
    assert events == [Warned(message="the failing test could not be recorded: vvp is broken")]
    witness, events = await seen(None, [attempt])
    assert events == []
    assert await witness.answer(Reflection("", queries=(Query("stuck"),))) is None


async def test_others_are_served_while_a_long_recording_is_looked_into(
    toolchain: IcarusToolchain,
) -> None:
    attempt, recorder = await failing(toolchain, OFF_BY_ONE), Long()
    turning = asyncio.create_task(recorder.turn())
    witness, events = await seen(recorder, [attempt])
    assert isinstance(events[0], TestExplained)
    assert recorder.turns > 10
    recorder.turns = 0
    query = Query("count", "left >= 1 && left < 9")
    assert "holds at 8 of 50000" in (await witness.answer(Reflection("", queries=(query,))) or "")
    assert recorder.turns > 10
    turning.cancel()
