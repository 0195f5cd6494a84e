"""What a run says of its failing tests, to its models and in its record; with real tools."""

import json
from pathlib import Path

import pytest

from spec2rtl.chat import Prompt
from spec2rtl.eda.testbench import load_testbench
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.events import Event, Limits, RunFinished, TestExplained, Warned
from spec2rtl.loop.engine import run
from spec2rtl.loop.job import Job
from spec2rtl.loop.policy import choose
from spec2rtl.loop.ports import Crew
from spec2rtl.rtl import SourceFile
from tests.loop.crew import HeldClock, ListModel, ListOutlet

PULSE = Path(__file__).parents[1] / "data" / "planted" / "pulse"
EDIT = {"search": "left <= LENGTH;", "replace": "left <= LENGTH - 1;"}
WORSE = {"search": "left <= LENGTH;", "replace": "left <= LENGTH + 1;"}
ASKED = {"kind": "first", "condition": "active && left == 5", "from_ns": None, "to_ns": None}


def reflection(edit: dict[str, str] | None = None, queries: list[object] | None = None) -> str:
    said = {"root_cause": "off by one", "lines": [18], "instruction": None}
    edits = [edit] if edit else None
    asking = {"root_cause": "", "queries": queries} if queries else {}
    return json.dumps({**said, "edits": edits, **asking})


@pytest.fixture(scope="module")
def toolchain() -> IcarusToolchain:
    return IcarusToolchain(find_tools())


async def repaired(
    toolchain: IcarusToolchain, *reflections: str, strong: bool = True
) -> tuple[list[Event], list[Prompt], RunFinished]:
    """Repair the planted pulse with these reflections; the reflector's prompts and the events."""
    path = PULSE / "pulse.v"
    bench = load_testbench(PULSE / "test_pulse.py")
    job = Job("repair", "pulse", SourceFile(str(path), path.read_text()), testbench=bench)
    reflector = ListModel(list(reflections), "reflector")
    crew = Crew(ListModel([]), reflector, toolchain, ListOutlet(), HeldClock(), recorder=toolchain)
    policy = choose(strong=strong, candidates=None)
    events = [e async for e in run(job, crew, run_id="r", policy=policy, limits=Limits())]
    assert isinstance(events[-1], RunFinished)
    return events, reflector.prompts, events[-1]


def words(prompt: Prompt) -> str:
    return "\n".join(message.content for message in prompt.messages)


async def test_the_reflector_is_shown_the_recording(toolchain: IcarusToolchain) -> None:
    events, prompts, end = await repaired(toolchain, reflection(EDIT))
    assert end.result.status == "verified"
    assert "active: expected 0, actual 1" in words(prompts[0])
    assert "18 >             left <= LENGTH;" in words(prompts[0])
    [told] = [e.explained for e in events if isinstance(e, TestExplained)]
    assert told.text in words(prompts[0])
    [link] = end.result.iterations[0].diagnostics[-1].related
    assert link.file == str(PULSE / "pulse.v")
    assert prompts[0].schema
    assert "queries" in prompts[0].schema["properties"]


async def test_the_next_failure_is_compared_with_it(toolchain: IcarusToolchain) -> None:
    _, prompts, end = await repaired(toolchain, reflection(WORSE), reflection())
    assert end.result.status != "verified"
    assert "differs from the candidate before first in left (cycle 3, 20 ns)" in words(prompts[1])


async def test_the_reflector_may_ask_first(toolchain: IcarusToolchain) -> None:
    asks = reflection(queries=[ASKED])
    events, prompts, end = await repaired(toolchain, asks, reflection(EDIT))
    assert end.result.status == "verified"
    assert len(end.result.iterations) == 2, "a question is no iteration"
    assert [m.role for m in prompts[1].messages[-2:]] == ["assistant", "user"]
    assert "active && left == 5: first holds at 30 ns" in prompts[1].messages[-1].content
    assert not [e for e in events if isinstance(e, Warned)]


async def test_one_who_only_asks_has_not_answered(toolchain: IcarusToolchain) -> None:
    asks = reflection(queries=[ASKED])
    events, prompts, end = await repaired(toolchain, asks, asks, asks)
    assert prompts[2].schema
    assert "queries" not in prompts[2].schema["properties"]
    assert "only asks" in (end.result.iterations[0].diagnosis or "")
    assert any("only asks" in e.message for e in events if isinstance(e, Warned))
