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
    ModelCalled,
    ModelReplied,
    Simulated,
    SimulationStarted,
    Stage,
    TestFinished,
    Text,
    Warned,
)
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import ChatModel, Clock, Toolchain
from spec2rtl.loop.prompts import Evidence
from spec2rtl.loop.runaway import repeats_itself
from spec2rtl.rtl import CompileReport, SimulationReport, digest
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
    repeated: bool = False

    @property
    def evidence(self) -> Evidence:
        """What a prompt may show of it."""
        return Evidence(self.rtl, self.why_unusable, self.compiled, self.simulated)

    @property
    def stage(self) -> Stage:
        """How far it came."""
        if self.rtl is None:
            return "generate"
        return "simulate" if self.simulated else "compile"


_LOOKED_AT = 1000
"""Pieces of a reply in which a repetition is looked for."""


async def ask(
    model: ChatModel,
    prompt: Prompt,
    replies: list[Reply],
    *,
    role: Role,
    number: int,
    clock: Clock,
) -> AsyncGenerator[Event, None]:
    """Ask a model; the reply, once whole, is put into `replies`. Raises `BackendError`.

    The reply of a small model that only repeats itself is ended, as its token limit would.
    """
    began = clock.monotonic()
    pieces: list[str] = []
    yield ModelCalled(role=role, candidate=number, prompt=prompt.messages, prefix=prompt.prefix)
    async with aclosing(model.stream(prompt)) as chunks:
        async for chunk in chunks:
            match chunk:
                case Delta(text) if role == "generator":
                    yield Text(candidate=number, delta=text)
                    pieces.append(text)
                    if not model.strong and repeats_itself("".join(pieces[-_LOOKED_AT:])):
                        yield Warned(message=f"candidate {number} repeats itself and is stopped")
                        usage = Usage(completion_tokens=len(pieces))
                        replies.append(Reply("".join(pieces), usage, truncated=True))
                        break
                case Restart(why):
                    pieces.clear()
                    yield Warned(message=f"{why}; the reply begins afresh")
                    if role == "generator":
                        yield Text(candidate=number, delta="", restart=True)
                case Progress(what, done, total):
                    yield Downloading(what=what, done=done, total=total)
                case Reply():
                    replies.append(chunk)
                case _:
                    pass
    if not replies:
        raise BackendError(f"{model.name} ended its reply without finishing it")
    reply = replies[0]
    yield ModelReplied(
        role=role,
        candidate=number,
        reply=reply.text,
        usage=reply.usage,
        seconds=clock.monotonic() - began,
        truncated=reply.truncated,
    )


async def examine(
    job: Job, toolchain: Toolchain, record: Attempt, rtl: str
) -> AsyncGenerator[Event, None]:
    """Compile a text and run the tests on it; `record` says before each event what is known.

    Raises `ToolError`.
    """
    name, design, bench = digest(rtl), job.design(rtl), job.testbench
    origin = bench.origin if bench else None
    compiled = await toolchain.compile(design)
    record.compiled, record.verdict = compiled, judge(compiled, None, origin=origin)
    yield Compiled(
        candidate=name,
        ok=compiled.ok,
        reason=compiled.reason,
        diagnostics=compiled.diagnostics,
        seconds=compiled.seconds,
        cached=compiled.cached,
    )
    if not (compiled.ok and bench):
        return
    yield SimulationStarted(candidate=name)
    simulated = await toolchain.simulate(design, bench)
    if simulated.reason == "killed":
        raise ToolError("the simulator was killed by another program; run it again")
    record.simulated = simulated
    for test in simulated.tests:
        yield TestFinished(candidate=name, test=test)
    record.verdict = judge(compiled, simulated, origin=origin)
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
