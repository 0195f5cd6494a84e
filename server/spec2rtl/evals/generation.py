"""A candidate from the product's own engine; what it knows is a `Task`, and `Feedback` if given."""

from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from msgspec import structs

from spec2rtl.evals.problem import Candidate, Task
from spec2rtl.evals.record import Loop, PolicyName
from spec2rtl.events import Limits, Policy, Result, RunFinished
from spec2rtl.journal.store import Journal
from spec2rtl.loop.engine import run
from spec2rtl.loop.job import Job
from spec2rtl.loop.merge import Stop
from spec2rtl.loop.policy import choose
from spec2rtl.loop.ports import Crew, Recorder, Toolchain
from spec2rtl.rtl import Design, SourceFile, Testbench
from spec2rtl.spec.interface import known_interface
from spec2rtl.spec.parse import parse
from spec2rtl.syntax.keywords import is_identifier

SEEDS_APART = 1_000
"""Between the samples of a problem: an attempt's own seed counts up from its run's."""


@dataclass(frozen=True)
class Feedback:
    """Tests that the loop may run and show, and the tools that run them.

    `recorder` records those that fail, so that the run can explain them.
    """

    testbench: Testbench
    toolchain: Toolchain
    recorder: Recorder | None = None


@dataclass(frozen=True)
class Studio:
    """All that turns tasks into candidates."""

    crew: Crew
    journal: Journal
    policy: Policy
    limits: Limits
    seed: int

    async def generate(
        self, task: Task, sample: int, run_id: str, feedback: Feedback | None
    ) -> Result:
        """Run the loop on a task, journaled."""
        job = job_for(task, feedback.testbench if feedback else None)
        crew = self.crew
        if feedback:
            crew = replace(crew, toolchain=feedback.toolchain, recorder=feedback.recorder)
        self.journal.begin(run_id, "generate", task.id, crew.clock.time(), b"{}")
        events = run(
            job,
            crew,
            run_id=run_id,
            policy=self.policy,
            limits=self.limits,
            seed=self.seed + SEEDS_APART * sample,
            stop=Stop(),
        )
        async with aclosing(events):
            async for event in events:
                self.journal.append(event)
                if isinstance(event, RunFinished):
                    return event.result
        raise AssertionError("a run ends with run_finished")


def spend(
    loop: Loop,
    limits: Limits,
    *,
    strong: bool,
    draws: int | None,
    policy_name: PolicyName | None = None,
) -> tuple[Policy, Limits]:
    """How a run spends its iterations; `single` is one reply as the model gave it.

    `policy_name` overrides whether failures are shown to the models or each iteration draws anew.
    """
    policy = choose(strong=strong, candidates=draws)
    if loop == "agentic":
        if policy_name:
            shown = policy_name == "reflection"
            policy = structs.replace(policy, name=policy_name, critique=shown)
        return policy, limits
    one = Limits(1, 1, limits.seconds, limits.tokens, limits.cost_usd)
    first = policy.temperatures[0]
    return Policy("reflection", 1, 0.0, (first, first), critique=False, mechanical=False), one


def job_for(task: Task, testbench: Testbench | None) -> Job:
    """Freeze a task as the engine's job; the module's name is never taken from hidden tests."""
    spec = parse(task.prompt)
    stem = PurePosixPath(task.writes[0]).stem
    shown = testbench.top if testbench else None
    module = task.module or shown or spec.module or (stem if is_identifier(stem) else f"m_{stem}")
    return Job(
        task="generate",
        module=module,
        target=SourceFile(f"/{task.id}/{task.writes[0]}", ""),
        language=task.language,
        context=Design(task.context),
        testbench=testbench,
        spec=spec,
        interface=known_interface(spec, module),
    )


def as_candidate(task: Task, rtl: str) -> Candidate:
    """All modules go into the first file; further ones that are asked for hold a comment only."""
    first, *others = task.writes
    return {first: rtl} | {name: f"// see {PurePosixPath(first).name}\n" for name in others}
