"""One candidate on its way: where it comes from, and what the tools said of it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from spec2rtl.chat import Delta, Progress, Prompt, Reply, Restart, Role, Usage
from spec2rtl.errors import BackendError, ToolError
from spec2rtl.events import (
    Compiled,
    Downloading,
    Event,
    Iteration,
    Measured,
    ModelCalled,
    ModelReplied,
    Reflected,
    Simulated,
    SimulationStarted,
    Stage,
    TestFinished,
    Text,
    Warned,
)
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import ChatModel, Clock, Gauge, Toolchain
from spec2rtl.loop.runaway import repeats_itself
from spec2rtl.repair.reflection import Reflection
from spec2rtl.repair.rules import diagnose
from spec2rtl.rtl import Budget, CompileReport, Explained, SimulationReport, digest
from spec2rtl.verdict import Verdict, judge


@dataclass(frozen=True)
class Plan:
    """Where the next attempt comes from: a text that is there already, or a prompt.

    `base` is the text that a reply's modules or edits are put into.
    """

    how: str
    rtl: str | None = None
    prompt: Prompt | None = None
    base: str = ""
    parent: str | None = None


@dataclass
class Attempt:
    """One candidate and its evidence so far; `number` counts the attempts of the run."""

    number: int
    verdict: Verdict = field(default_factory=lambda: Verdict("failed"))
    rtl: str | None = None
    why_unusable: str | None = None
    compiled: CompileReport | None = None
    simulated: SimulationReport | None = None
    budgets: tuple[Budget, ...] = ()
    explained: Explained | None = None
    repeated: bool = False

    @property
    def name(self) -> str | None:
        """The SHA-256 of its text, where there is one."""
        return None if self.rtl is None else digest(self.rtl)

    @property
    def ended(self) -> bool:
        """Did it come to a text, or to a reply that holds none?"""
        return self.rtl is not None or self.why_unusable is not None

    @property
    def stage(self) -> Stage:
        """How far it came."""
        if self.rtl is None:
            return "generate"
        return "simulate" if self.simulated or self.budgets else "compile"

    @property
    def shortfall(self) -> str | None:
        """The budgets that were measured and are not met, each with its figure."""
        unmet = [budget.says for budget in self.budgets if not budget.met]
        return f"budget not met: {', '.join(unmet)}" if unmet else None

    def take(self, other: "Attempt") -> None:
        """Take over another's text, and what the tools said of it."""
        self.rtl, self.verdict = other.rtl, other.verdict
        self.compiled, self.simulated = other.compiled, other.simulated
        self.budgets, self.explained = other.budgets, other.explained

    def iteration(self, index: int, diagnosis: str | None, seconds: float = 0.0) -> Iteration:
        """The turn of the loop that it was the best of."""
        compiled = self.compiled.diagnostics if self.compiled else ()
        simulated = self.simulated.diagnostics if self.simulated else ()
        return Iteration(
            index=index,
            stage=self.stage,
            candidate=self.name,
            ok=self.verdict.good,
            diagnostics=(*compiled, *simulated),
            tests=self.simulated.tests if self.simulated else (),
            diagnosis=diagnosis,
            seconds=seconds,
        )

    def ruled(self, job: Job) -> Reflection | None:
        """What the rules make of its failure; they know of its own text only."""
        found = self.compiled.diagnostics if self.compiled else ()
        return diagnose(
            self.rtl or "",
            [one for one in found if one.file == job.target.path],
            self.simulated.tests if self.simulated else (),
            module=job.module,
            language=job.language,
            spec=job.spec,
        )

    def reflected(self, reflection: Reflection, by: str) -> Reflected:
        """The event that tells what was made of its failure."""
        return Reflected(
            candidate=self.name,
            by=by,
            root_cause=reflection.root_cause,
            lines=reflection.lines,
            instruction=reflection.instruction,
            edits=len(reflection.edits or ()),
        )


_LOOKED_AT = 1000
"""Pieces of a reply in which a repetition is looked for."""


async def ask(
    model: ChatModel,
    prompt: Prompt,
    *,
    role: Role,
    number: int,
    clock: Clock,
) -> AsyncGenerator[Event, None]:
    """Ask a model; the last event is the whole reply, `ModelReplied`. Raises `BackendError`.

    The reply of a small model that only repeats itself is ended, as its token limit would.
    """
    began = clock.monotonic()
    pieces: list[str] = []
    reply: Reply | None = None
    yield ModelCalled(role=role, candidate=number, prompt=prompt.messages, prefix=prompt.prefix)
    async with aclosing(model.stream(prompt)) as chunks:
        async for chunk in chunks:
            match chunk:
                case Delta(text) if role != "reflector":
                    yield Text(candidate=number, delta=text)
                    pieces.append(text)
                    if not model.strong and repeats_itself("".join(pieces[-_LOOKED_AT:])):
                        yield Warned(message=f"candidate {number} repeats itself and is stopped")
                        usage = Usage(completion_tokens=len(pieces))
                        reply = Reply("".join(pieces), usage, truncated=True)
                        break
                case Restart(why):
                    pieces.clear()
                    yield Warned(message=f"{why}; the reply begins afresh")
                    if role != "reflector":
                        yield Text(candidate=number, delta="", restart=True)
                case Progress(what, done, total):
                    yield Downloading(what=what, done=done, total=total)
                case Reply():
                    reply = chunk
                case _:
                    pass
    if reply is None:
        raise BackendError(f"{model.name} ended its reply without finishing it")
    yield ModelReplied(
        role=role,
        candidate=number,
        reply=reply.text,
        usage=reply.usage,
        seconds=clock.monotonic() - began,
        truncated=reply.truncated,
    )


async def examine(
    job: Job, toolchain: Toolchain, record: Attempt, rtl: str, *, gauge: Gauge | None = None
) -> AsyncGenerator[Event, None]:
    """Compile a text, run the tests on it and measure its budgets; `record` says before each event what is known.

    Raises `ToolError`.
    """
    name, design, bench = digest(rtl), job.design(rtl), job.testbench
    origin = bench.origin if bench else None
    compiled = await toolchain.compile(design)
    record.compiled = compiled
    record.verdict = judge(compiled, None, origin=origin, budgets=job.unmeasured)
    yield Compiled(
        candidate=name,
        ok=compiled.ok,
        reason=compiled.reason,
        diagnostics=compiled.diagnostics,
        seconds=compiled.seconds,
        cached=compiled.cached,
    )
    if compiled.ok:
        async for event in _simulate(job, toolchain, record, rtl):
            yield event
    tested = record.simulated.status == "passed" if record.simulated else bench is None
    if compiled.ok and tested and gauge and job.spec and job.requires:
        record.budgets = await gauge.measure(design, bench, job.spec, job.previous)
        record.verdict = judge(compiled, record.simulated, origin=origin, budgets=record.budgets)
        yield Measured(candidate=name, budgets=record.budgets)


async def _simulate(
    job: Job, toolchain: Toolchain, record: Attempt, rtl: str
) -> AsyncGenerator[Event, None]:
    name, bench, compiled = digest(rtl), job.testbench, record.compiled
    if bench is None or compiled is None:
        return
    yield SimulationStarted(candidate=name)
    simulated = await toolchain.simulate(job.design(rtl), bench)
    if simulated.reason == "killed":
        raise ToolError("the simulator was killed, or got no processor; run it again")
    record.simulated = simulated
    for test in simulated.tests:
        yield TestFinished(candidate=name, test=test)
    record.verdict = judge(compiled, simulated, origin=bench.origin, budgets=job.unmeasured)
    yield Simulated(
        candidate=name,
        status=simulated.status,
        reason=simulated.reason,
        diagnostics=simulated.diagnostics,
        tests=simulated.tests,
        seconds=simulated.seconds,
        sandbox=simulated.sandbox,
        cached=simulated.cached,
    )
