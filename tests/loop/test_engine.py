"""The loop against a crew that needs no machine: what it asks, keeps, counts and returns."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from spec2rtl import events as e
from spec2rtl.chat import Chunk, Delta, Prompt
from spec2rtl.events import Event, Limits, Result
from spec2rtl.loop import policy
from spec2rtl.loop.engine import run
from spec2rtl.loop.job import Job
from spec2rtl.loop.merge import Stop
from spec2rtl.loop.ports import Crew
from spec2rtl.rtl import Design, Reason, SimulationReport, SourceFile, Testbench, digest
from spec2rtl.spec.model import Spec
from tests.loop.crew import CommentToolchain, HeldClock, ListModel, ListOutlet

BENCH = Testbench(module="test_m", path="/w/test_m.py", text="# SECRET_OF_THE_BENCH", top="m")


def module(comment: str = "", body: str = "assign y = a;") -> str:
    return f"module m(input a, output y);\n  // {comment}\n  {body}\nendmodule\n"


def fenced(comment: str = "", body: str = "assign y = a;") -> str:
    return f"```verilog\n{module(comment, body)}```"


GOOD = fenced("fine")


def reflection(instruction: str = "do better", edits: list[dict[str, str]] | None = None) -> str:
    return json.dumps(
        {"root_cause": "a cause", "lines": [2], "edits": edits, "instruction": instruction}
    )


def job(task: e.Task = "generate", text: str = "", *, tests: bool = True) -> Job:
    return Job(
        task=task,
        module="m",
        target=SourceFile("/w/m.v", text),
        testbench=BENCH if tests else None,
        spec=Spec("The output follows the input."),
        instruction="Invert it" if task == "edit" else None,
    )


class Played:
    """A finished run and its crew."""

    def __init__(self, crew: Crew, events: list[Event]) -> None:
        self.crew, self.events = crew, events
        last = events[-1]
        assert isinstance(last, e.RunFinished)
        self.result: Result = last.result

    @property
    def generator(self) -> ListModel:
        assert isinstance(self.crew.generator, ListModel)
        return self.crew.generator

    @property
    def ends(self) -> list[tuple[str, bool]]:
        return [(i.stage, i.ok) for i in self.result.iterations]

    def words(self, prompt: int) -> str:
        return "\n".join(m.content for m in self.generator.prompts[prompt].messages)


async def play(
    work: Job,
    replies: list[str],
    reflections: list[str] | None = None,
    *,
    limits: Limits | None = None,
    stop: Stop | None = None,
    candidates: int | None = None,
    strong: bool = True,
    outlet: ListOutlet | None = None,
    parallel: int = 1,
) -> Played:
    generator = ListModel(replies)
    generator.parallel = parallel
    reflector = None if reflections is None else ListModel(reflections, "reflector")
    crew = Crew(generator, reflector, CommentToolchain(), outlet or ListOutlet(), HeldClock())
    stream = run(
        work,
        crew,
        run_id="r",
        policy=policy.choose(strong=strong, candidates=candidates),
        limits=limits or Limits(),
        stop=stop,
    )
    return Played(crew, [event async for event in stream])


async def test_first_reply_is_right() -> None:
    played = await play(job(), [GOOD])
    assert played.result.status == "verified"
    assert played.result.rtl == module("fine")
    assert played.result.out == "/out/m.v"
    assert played.ends == [("simulate", True)]
    assert played.result.diff is None
    assert [event.seq for event in played.events] == list(range(len(played.events)))


async def test_without_tests_it_is_compiled() -> None:
    played = await play(job(tests=False), [GOOD])
    assert played.result.status == "compiled"
    assert played.ends == [("compile", True)]


async def test_wrong_compile_then_wrong_function_then_right() -> None:
    replies = [fenced("errors: 2"), fenced("tests: 1/3"), GOOD]
    played = await play(job(), replies, [reflection("first"), reflection("second")])
    assert played.result.status == "verified"
    assert played.ends == [("compile", False), ("simulate", False), ("simulate", True)]
    assert [i.diagnosis for i in played.result.iterations] == [
        "a cause first",
        "a cause second",
        None,
    ]


async def test_prompts_hold_fresh_evidence_and_the_history() -> None:
    replies = [fenced("tests: 0/1"), fenced("tests: 1/2"), GOOD]
    played = await play(job(), replies, [reflection("first"), reflection("second")])
    assert "fresh 0" in played.words(1)
    assert "first" in played.words(1)
    last = played.words(2)
    assert "fresh 1" in last
    assert "second" in last
    assert "Earlier attempts" in last
    assert "SECRET_OF_THE_BENCH" not in last
    reflector = played.crew.reflector
    assert isinstance(reflector, ListModel)
    assert "SECRET_OF_THE_BENCH" in reflector.prompts[0].messages[1].content


@pytest.mark.parametrize(
    ("comment", "limits", "iterations"),
    [
        ("errors: 1 no {}", Limits(), 3),
        ("tests: 0/1 no {}", Limits(), 4),
        ("errors: 1 no {}", Limits(compile_iterations=1), 1),
        ("tests: 0/1 no {}", Limits(simulation_iterations=2), 2),
    ],
)
async def test_budgets_count_failures(comment: str, limits: Limits, iterations: int) -> None:
    replies = [fenced(comment.format(n)) for n in range(9)]
    played = await play(job(), replies, [reflection()] * 9, limits=limits)
    assert played.result.status == "failed"
    assert len(played.result.iterations) == iterations
    assert len(played.generator.prompts) == iterations


async def test_best_candidate_is_returned_not_the_last() -> None:
    replies = [fenced("tests: 2/3"), fenced("tests: 1/3"), fenced("errors: 1"), fenced("errors: 2")]
    limits = Limits(simulation_iterations=9, compile_iterations=2)
    played = await play(job(), replies, [reflection()] * 9, limits=limits)
    assert played.result.status == "failed"
    assert played.result.rtl == module("tests: 2/3")


async def test_edits_of_the_reflector_are_applied_without_asking_the_generator() -> None:
    edits = [{"search": "tests: 0/1", "replace": "fine"}]
    played = await play(job(), [fenced("tests: 0/1")], [reflection(edits=edits)])
    assert played.result.status == "verified"
    assert len(played.generator.prompts) == 1
    assert played.result.rtl == module("fine")


async def test_edits_that_do_not_fit_fall_back_to_the_generator() -> None:
    edits = [{"search": "nowhere", "replace": "x"}]
    played = await play(job(), [fenced("tests: 0/1"), GOOD], [reflection(edits=edits)])
    assert played.result.status == "verified"
    assert len(played.generator.prompts) == 2


@pytest.mark.parametrize(("reason", "status"), [("untrusted", "failed"), ("killed", "error")])
async def test_a_simulation_that_says_nothing_is_never_a_good_design(
    reason: Reason, status: str
) -> None:
    class Silent(CommentToolchain):
        async def simulate(self, design: Design, testbench: Testbench) -> SimulationReport:
            return SimulationReport("errored", reason)

    crew = Crew(ListModel([GOOD]), None, Silent(), ListOutlet(), HeldClock())
    chosen, limits = policy.choose(strong=True, candidates=None), Limits(simulation_iterations=1)
    stream = run(job(), crew, run_id="r", policy=chosen, limits=limits)
    played = Played(crew, [event async for event in stream])
    assert played.result.status == status
    assert played.result.out is None


async def test_edits_that_match_nothing_are_said() -> None:
    told = reflection("again", [{"search": "no such text", "replace": "x"}])
    played = await play(job(), [fenced("tests: 0/1"), GOOD], [told])
    assert played.result.status == "verified"
    warned = "edit 1 of the diagnosis can't be made: its search text is not in the file"
    assert [w.startswith(warned) for w in played.result.warnings] == [True]


async def test_edits_that_take_a_port_away_are_not_applied() -> None:
    edits = [{"search": "input a, ", "replace": ""}, {"search": "tests: 0/1", "replace": "fine"}]
    played = await play(job("repair", module("tests: 0/1")), [GOOD], [reflection(edits=edits)])
    assert played.result.rtl == module("fine")
    assert len(played.generator.prompts) == 1


async def test_unreadable_reflection_is_said_and_the_run_goes_on() -> None:
    played = await play(job(), [fenced("tests: 0/1"), GOOD], ["not JSON"])
    assert played.result.status == "verified"
    assert any("reflection can't be read" in warning for warning in played.result.warnings)
    assert "can't be read" in (played.result.iterations[0].diagnosis or "")


async def test_a_text_seen_before_leads_to_a_fresh_start() -> None:
    again = fenced("tests: 0/1")
    played = await play(job(), [again, again, GOOD], [reflection("x"), reflection("y")])
    assert played.result.status == "verified"
    assert isinstance(played.crew.toolchain, CommentToolchain)
    assert len(played.crew.toolchain.simulated) == 2
    assert "Start afresh" in played.words(2)
    assert "tests: 0/1" not in played.words(2)
    assert any("repeats" in warning for warning in played.result.warnings)


@pytest.mark.parametrize("reply", ["I can't do that.", "```verilog\nmodule m(input a);\n"])
async def test_reply_without_usable_code_is_a_failed_iteration(reply: str) -> None:
    played = await play(job(), [reply, GOOD], [reflection()])
    assert played.ends == [("generate", False), ("simulate", True)]
    assert played.result.iterations[0].candidate is None


async def test_repair_of_passing_rtl_asks_no_model() -> None:
    played = await play(job("repair", module("fine")), [])
    assert played.result.status == "verified"
    assert played.result.diff == ""
    assert played.generator.prompts == []


async def test_repair_starts_from_the_designers_file_and_shows_a_diff() -> None:
    before = "// mine\n" + module("tests: 0/2")
    played = await play(job("repair", before), [GOOD], [reflection()])
    assert played.ends == [("simulate", False), ("simulate", True)]
    assert played.result.rtl == "// mine\n" + module("fine")
    assert played.result.diff is not None
    assert "-  // tests: 0/2" in played.result.diff
    assert "+  // fine" in played.result.diff


async def test_repair_never_returns_worse_than_the_designers_file() -> None:
    before = module("tests: 2/3")
    replies = [fenced(f"tests: 1/3 no {n}") for n in range(3)]
    played = await play(job("repair", before), replies, [reflection()] * 9)
    assert played.result.status == "failed"
    assert played.result.rtl == before
    assert played.result.diff == ""


async def test_edit_that_changes_nothing_is_a_failed_iteration() -> None:
    before = module("fine")
    changed = fenced("fine", "assign y = ~a;")
    played = await play(job("edit", before), [fenced("fine"), changed], [reflection()])
    assert played.ends == [("generate", False), ("simulate", True)]
    assert "Invert it" in played.words(0)
    same = await play(job("edit", before), [fenced("fine")] * 3, [reflection()] * 3)
    assert same.result.status == "failed"
    assert same.result.rtl == before


async def test_edit_that_leads_back_to_the_file_is_a_failed_iteration() -> None:
    before = module("fine")
    replies = [fenced("errors: 1"), fenced("fine"), fenced("fine"), fenced("fine")]
    played = await play(job("edit", before), replies, [reflection()] * 3)
    assert played.result.status == "failed"
    assert [i.diagnosis for i in played.result.iterations][1] == "a cause do better"
    assert played.ends == [("compile", False), ("generate", False), ("generate", False)]


async def test_backend_that_runs_dry_is_an_error() -> None:
    played = await play(job(), [fenced("errors: 1")], [reflection()])
    assert played.result.status == "error"
    assert played.result.message == "list ran dry"
    assert played.result.rtl == module("errors: 1")


@pytest.mark.parametrize(
    ("limits", "what"), [(Limits(tokens=10), "tokens"), (Limits(cost_usd=0.005), "cost")]
)
async def test_token_and_cost_budgets_end_the_run(limits: Limits, what: str) -> None:
    played = await play(job(), [fenced("tests: 0/1"), GOOD], [reflection()], limits=limits)
    assert played.result.status == "failed"
    assert what in (played.result.message or "")
    assert len(played.generator.prompts) == 1
    assert played.ends == [("simulate", False)]
    assert played.result.rtl == module("tests: 0/1")
    assert (await play(job(), [GOOD], limits=limits)).result.status == "verified"


@pytest.mark.parametrize("when", [e.Simulated, e.SimulationStarted])
async def test_cancel_ends_the_run_with_the_best_candidate(when: type[Event]) -> None:
    stop = Stop()
    crew = Crew(
        ListModel([fenced("tests: 1/2"), GOOD]),
        ListModel([reflection()]),
        CommentToolchain(),
        ListOutlet(),
        HeldClock(),
    )
    seen: list[Event] = []
    chosen = policy.choose(strong=True, candidates=None)
    async for event in run(job(), crew, run_id="r", policy=chosen, limits=Limits(), stop=stop):
        seen.append(event)
        if isinstance(event, when):
            stop.set("cancelled")
    last = seen[-1]
    assert isinstance(last, e.RunFinished)
    assert last.result.status == "cancelled"
    assert last.result.rtl == module("tests: 1/2")
    assert [i.candidate for i in last.result.iterations] == [digest(last.result.rtl)]
    assert last.result.iterations == tuple(
        event.iteration for event in seen if isinstance(event, e.IterationFinished)
    )


async def test_seconds_end_a_model_that_hangs() -> None:
    class Hanging(ListModel):
        async def stream(self, prompt):  # type: ignore[no-untyped-def]
            self.prompts.append(prompt)
            await asyncio.Event().wait()
            yield None

    crew = Crew(Hanging([]), None, CommentToolchain(), ListOutlet(), HeldClock())
    stream = run(
        job(),
        crew,
        run_id="r",
        policy=policy.choose(strong=True, candidates=None),
        limits=Limits(seconds=0.01),
    )
    last = [event async for event in stream][-1]
    assert isinstance(last, e.RunFinished)
    assert last.result.status == "failed"
    assert last.result.message == "the budget of seconds is spent"


async def test_a_small_model_that_only_repeats_itself_is_stopped() -> None:
    class Endless(ListModel):
        strong = False

        async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
            self.prompts.append(prompt)
            yield Delta("```verilog\nmodule m(input a);\n")
            while True:
                yield Delta("  wire again;\n")

    crew = Crew(Endless([]), None, CommentToolchain(), ListOutlet(), HeldClock())
    chosen = policy.choose(strong=False, candidates=2)
    limits = Limits(compile_iterations=1)
    stream = run(job(), crew, run_id="r", policy=chosen, limits=limits)
    events = [event async for event in stream]
    rejected = [event.why for event in events if isinstance(event, e.Rejected)]
    assert len(rejected) == 2
    assert "cut" in rejected[0]
    warned = [event.message for event in events if isinstance(event, e.Warned)]
    assert warned[0] == "candidate 0 repeats itself and is stopped"


async def test_modules_of_other_files_are_left_out_of_a_reply() -> None:
    helper = "module h(input a);\nendmodule\n"
    work = replace(
        job("repair", module("tests: 0/1")), context=Design((SourceFile("/w/h.v", helper),))
    )
    both = fenced("fine").replace("```verilog\n", f"```verilog\n{helper}\n")
    played = await play(work, [both], [reflection()])
    assert played.result.status == "verified"
    assert played.result.rtl == module("fine")


async def test_a_diff_has_the_lines_that_patch_counts() -> None:
    before = module("tests: 0/1\f\u2028 page")
    played = await play(job("repair", before), [GOOD], [reflection()])
    assert (played.result.diff or "").count("\n") == 8
    assert "No newline" not in (played.result.diff or "")


async def test_candidates_of_one_iteration_are_ranked_by_evidence() -> None:
    replies = [fenced("errors: 1"), fenced("tests: 1/3"), fenced("tests: 2/3"), GOOD]
    limits = Limits(simulation_iterations=1)
    played = await play(job(), replies[:3], candidates=3, limits=limits, parallel=3)
    assert played.ends == [("simulate", False)]
    assert played.result.iterations[0].candidate == digest(module("tests: 2/3"))


async def test_a_good_candidate_ends_its_iteration() -> None:
    played = await play(job(), [GOOD, fenced("never asked")], candidates=4)
    assert played.result.status == "verified"
    assert len(played.generator.prompts) == 1


async def test_small_generator_samples_with_other_seeds_and_no_critique() -> None:
    replies = [fenced(f"tests: 0/1 no {n}") for n in range(7)] + [GOOD]
    played = await play(job(), replies, strong=False)
    assert played.result.status == "verified"
    assert len(played.result.iterations) == 2
    prompts = played.generator.prompts
    assert [p.seed for p in prompts] == list(range(8))
    assert len({p.messages for p in prompts}) == 1
    assert prompts[0].temperature == 0.2
    assert prompts[1].temperature == 0.8


async def test_warnings_are_said_at_the_start_and_carried_by_the_result() -> None:
    crew = Crew(ListModel([GOOD]), None, CommentToolchain(), ListOutlet(), HeldClock())
    chosen = policy.choose(strong=True, candidates=None)
    stream = run(job(), crew, run_id="r", policy=chosen, limits=Limits(), warnings=["mind"])
    played = Played(crew, [event async for event in stream])
    assert isinstance(played.events[1], e.Warned)
    assert played.result.warnings == ("mind",)


async def test_inputs_that_changed_are_named() -> None:
    played = await play(job(), [GOOD], outlet=ListOutlet(["/w/m.spec.md"]))
    assert played.result.inputs_changed == ("/w/m.spec.md",)


async def test_every_event_survives_its_json() -> None:
    played = await play(job(), [fenced("errors: 1"), GOOD], [reflection()])
    assert [e.decode(e.encode(event)) for event in played.events] == played.events
