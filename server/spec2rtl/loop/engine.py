"""The agentic loop: generate, compile, simulate, reflect, repair, until the evidence is good.

One engine for three tasks, which differ in the first candidate and the prompt only. `run` yields
events and ends with `RunFinished`; it knows no adapter and does no I/O of its own.

An iteration draws one or more attempts, judges each by compiler and tests, and keeps the best by
`verdict.judge`. A bad iteration is shown (fresh evidence only) to the reflector, and its diagnosis
to the generator; a text seen before makes the next prompt start afresh. The run ends when an
attempt is good, or when a budget is spent: failed compiles, failed simulations, seconds, tokens
or cost. It always returns the best candidate seen, never just the last.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace as replaced

import msgspec

from spec2rtl.chat import Prompt
from spec2rtl.errors import Spec2rtlError
from spec2rtl.events import (
    OWN_FILE,
    SMALL_CHANGE,
    Behaviour,
    Candidate,
    Event,
    Iteration,
    IterationFinished,
    Limits,
    ModelReplied,
    Policy,
    Rejected,
    Result,
    RunFinished,
    RunStarted,
    Status,
    Warned,
)
from spec2rtl.loop import prompts
from spec2rtl.loop.attempt import Attempt, Plan, ask, examine
from spec2rtl.loop.behaviour import compare
from spec2rtl.loop.books import Books
from spec2rtl.loop.consult import consult
from spec2rtl.loop.doubts import doubts
from spec2rtl.loop.job import Job
from spec2rtl.loop.merge import Stop, merge
from spec2rtl.loop.plans import Planner
from spec2rtl.loop.ports import Crew
from spec2rtl.loop.prompts import Past
from spec2rtl.loop.variants import variants
from spec2rtl.loop.witness import Witness
from spec2rtl.repair.edits import EditFailure, apply_edits
from spec2rtl.repair.reflection import Reflection, Unreadable
from spec2rtl.repair.replies import Code, Unusable
from spec2rtl.rtl import digest
from spec2rtl.verdict import reservation

MECHANICAL_STEPS = 5
"""Certain repairs tried on one reply, one after the other."""
VARYING_SECONDS = 30.0
"""Small changes are tried for so long in an iteration."""


async def run(
    job: Job,
    crew: Crew,
    *,
    run_id: str,
    policy: Policy,
    limits: Limits,
    seed: int = 0,
    stop: Stop | None = None,
    resumes: str | None = None,
    warnings: Sequence[str] = (),
) -> AsyncGenerator[Event, None]:
    """Run a job; `stop` ends it early with what it has, `warnings` are said at its start.

    Every failure outside the design (`Spec2rtlError`) becomes a result with status `error`.
    """
    loop = _Loop(
        job, crew, run_id=run_id, policy=policy, limits=limits, seed=seed, stop=stop or Stop()
    )
    started = RunStarted(
        task=job.task,
        module=job.module,
        inputs=job.inputs,
        generator=crew.generator.name,
        reflector=crew.diagnoses,
        policy=policy,
        limits=limits,
        seed=seed,
        budgets=tuple(budget.require for budget in job.unmeasured),
        resumes=resumes,
    )
    seq = 0
    async with aclosing(loop.events(started, warnings)) as events:
        async for event in events:
            yield msgspec.structs.replace(event, run_id=run_id, seq=seq, time=crew.clock.time())
            seq += 1


class _Loop:
    """The state of one run."""

    def __init__(
        self,
        job: Job,
        crew: Crew,
        *,
        run_id: str,
        policy: Policy,
        limits: Limits,
        seed: int,
        stop: Stop,
    ) -> None:
        self.job, self.crew, self.run_id = job, crew, run_id
        self.policy, self.limits, self.seed, self.stop = policy, limits, seed, stop
        self.iterations: list[Iteration] = []
        self.past: list[Past] = []
        self.known: dict[str, Attempt] = {}
        self.best: Attempt | None = None
        self.reflection: Reflection | None = None
        self.unread: str | None = None
        self.books = Books()
        self.witness = Witness(job, crew.recorder)
        self.attempts = 0
        self.open: list[Attempt] = []
        self.began = 0.0
        self.planner = Planner(job, policy, continues=crew.generator.continues)

    async def events(
        self, started: RunStarted, warnings: Sequence[str]
    ) -> AsyncGenerator[Event, None]:
        began = self.crew.clock.monotonic()
        timer = None
        if self.limits.seconds is not None:
            timer = asyncio.get_running_loop().call_later(
                self.limits.seconds, self.stop.set, "seconds"
            )
        yield started
        for warning in warnings:
            yield self.books.warned(warning)
        error: str | None = None
        try:
            async with aclosing(self._iterate()) as events:
                async for event in events:
                    self.books.enter(event)
                    yield event
                    if why := self.books.unpriced(event, self.limits):
                        yield self.books.warned(why)
        except Spec2rtlError as failure:
            error = str(failure)
        finally:
            if timer:
                timer.cancel()
        for event in self._broken_off():
            yield event
        behaviour = None if error else await self._behaviour()
        for doubt in () if self.stop.reason else await doubts(self.job, self.best, self.crew.gauge):
            yield self.books.warned(doubt)
        for event in self._finish(error, behaviour, self.crew.clock.monotonic() - began):
            yield event

    async def _iterate(self) -> AsyncGenerator[Event, None]:
        own = Plan(OWN_FILE, rtl=self.job.target.text)
        plans = [own] if self.job.task == "repair" else self.planner.opening()
        compiles = simulations = 0
        while True:
            self.began = self.crew.clock.monotonic()
            self.reflection = self.unread = None
            drawn = [(plan, Attempt(self.attempts + n)) for n, plan in enumerate(plans)]
            self.open = [attempt for _, attempt in drawn]
            self.attempts += len(drawn)
            async for event in self._draw(drawn):
                yield event
            ended = [attempt for _, attempt in drawn if attempt.ended]
            if not ended or (self.stop.reason and not self._good):
                return
            best = max(ended, key=lambda attempt: attempt.verdict)
            async for event in self._vary(best):
                yield event
            compiles += best.stage != "simulate"
            simulations += best.stage == "simulate"
            spent = (
                compiles >= self.limits.compile_iterations
                or simulations >= self.limits.simulation_iterations
                or (best.budgets and self.job.immeasurable)
                or self._overspent
            )
            if not best.verdict.good:
                async for event in self._look_into(best):
                    yield event
                async for event in self._reflect(best, asks=not spent):
                    yield event
            yield self._iterated(best)
            if best.verdict.good or spent or self.stop.reason or self._overspent:
                return
            plans = self._next_plans(best)
            self.past.append(Past(prompts.summary(self.job, best), self._diagnosis))

    def _iterated(self, best: Attempt) -> IterationFinished:
        seconds = self.crew.clock.monotonic() - self.began
        said = filter(None, (best.shortfall, self._diagnosis or best.why_unusable))
        diagnosis = " ".join(said) or None
        self.iterations.append(best.iteration(len(self.iterations), diagnosis, seconds))
        self.open = []
        return IterationFinished(iteration=self.iterations[-1])

    def _broken_off(self) -> Iterator[IterationFinished]:
        """Tell of the iteration that the run's end cut short, if the tools have spoken in it."""
        tried = [attempt for attempt in self.open if attempt.compiled]
        if tried:
            self.unread = self.unread or "The run ended here."
            yield self._iterated(max(tried, key=lambda attempt: attempt.verdict))

    @property
    def _overspent(self) -> str | None:
        """The budget that replies have spent: no model is asked any more, but what came is tried."""
        return self.books.over(self.limits)

    # What to try

    def _next_plans(self, best: Attempt) -> list[Plan]:
        if not self.policy.critique and self.job.task == "generate":
            return self.planner.opening()
        repaired = self._edited(best, self.reflection)
        if repaired is not None:
            return [Plan(f"edits by {self.crew.diagnoses}", rtl=repaired, parent=best.name)]
        if self.policy.critique and best.repeated:
            return self.planner.afresh(best, self.reflection)
        source = best if self.policy.critique else (self.best or best)
        past = self.past if self.policy.critique else ()
        return self.planner.repairs(source, self.reflection, past)

    def _edited(self, attempt: Attempt, reflection: Reflection | None) -> str | None:
        """The text that a reflection's edits lead to, if they apply, fit and lead to a new one."""
        if not (reflection and reflection.edits and attempt.rtl is not None):
            return None
        text = apply_edits(attempt.rtl, reflection.edits)
        return text if not isinstance(text, EditFailure) and self._new(text) else None

    def _new(self, text: str) -> bool:
        """Is it worth a try: not seen before, and fitting?"""
        return not (digest(text) in self.known or self.job.misfit(text))

    # Trying it

    async def _draw(self, drawn: Sequence[tuple[Plan, Attempt]]) -> AsyncGenerator[Event, None]:
        """Try the plans of an iteration, each in its attempt; a good one ends it."""
        streams = [
            self._attempt(plan, record, first=n == 0) for n, (plan, record) in enumerate(drawn)
        ]
        parallel = self.crew.generator.parallel
        async with aclosing(merge(streams, parallel=parallel, stop=self.stop)) as events:
            async for event in events:
                yield event
                if self._good:
                    break

    async def _attempt(
        self, plan: Plan, record: Attempt, *, first: bool
    ) -> AsyncGenerator[Event, None]:
        rtl, how = plan.rtl, plan.how
        if plan.prompt is not None:
            if self._overspent:
                return
            prompt = self._tuned(plan.prompt, record.number, first=first)
            read: Code | Unusable | None = None
            async for event in self._ask(prompt, record.number):
                yield event
                if isinstance(event, ModelReplied):
                    read = self._read(event, plan.base)
            if read is None:
                raise AssertionError("a model that was asked replies or raises")
            if isinstance(read, Unusable):
                record.why_unusable = read.why
                yield Rejected(candidate=record.number, why=read.why)
                return
            rtl = read.rtl
            how = "; ".join((plan.how, *read.notes))
        if rtl is None:
            raise AssertionError("a plan holds a text or a prompt")
        async for event in self._evaluate(rtl, record, how, plan.parent):
            yield event
        if self.policy.mechanical and plan.prompt is not None:
            async for event in self._mechanical(record):
                yield event

    def _read(self, replied: ModelReplied, base: str) -> Code | Unusable:
        """The text that a reply leads to, if it leads to one that may be tried."""
        read = self.job.read(replied, base)
        if isinstance(read, Code) and (misfit := self.job.misfit(read.rtl)):
            return Unusable(f"The reply {misfit}.")
        return read

    async def _mechanical(self, record: Attempt) -> AsyncGenerator[Event, None]:
        """Try certain repairs on a sample, one upon the other; the best stays its record.

        One that makes nothing better may have uncovered the next fault: a syntax error hides what
        elaboration would say.
        """
        last = record
        for _ in range(MECHANICAL_STEPS):
            if record.verdict.good or last.rtl is None:
                return
            reflection = last.ruled(self.job)
            text = self._edited(last, reflection)
            if reflection is None or text is None:
                return
            trial = Attempt(record.number)
            how = f"by rule: {reflection.root_cause}"
            async for event in self._evaluate(text, trial, how, last.name):
                if record.verdict < trial.verdict or record.rtl == trial.rtl:
                    record.take(trial)  # now: a good one ends the iteration with this event
                yield event
            if trial.repeated:
                return
            last = trial

    async def _vary(self, best: Attempt) -> AsyncGenerator[Event, None]:
        """Try small changes of an iteration's best, and build upon each that makes it better."""
        enough = Stop()
        timer = asyncio.get_running_loop().call_later(VARYING_SECONDS, enough.set, "seconds")
        climb = merge([self._climb(best)], parallel=1, stop=enough)
        async with aclosing(merge([climb], parallel=1, stop=self.stop)) as events:
            async for event in events:
                yield event
        timer.cancel()

    async def _climb(self, best: Attempt) -> AsyncGenerator[Event, None]:
        left, rtl = self.policy.variants, None
        while best.rtl != rtl and best.simulated and not best.verdict.good:
            rtl = best.rtl or ""
            changes = variants(self.job, rtl, best.simulated.tests)
            while change := await asyncio.to_thread(next, changes, None):  # a long text takes long
                what, text = change
                if not self._new(text):
                    continue
                if not left:
                    return
                left -= 1
                trial = Attempt(best.number)
                how = f"{SMALL_CHANGE}{what}"
                async for event in self._evaluate(text, trial, how, best.name):
                    yield event
                if best.verdict < trial.verdict:
                    best.take(trial)
                    break

    async def _evaluate(
        self, rtl: str, record: Attempt, how: str, parent: str | None
    ) -> AsyncGenerator[Event, None]:
        """Compile and simulate one text; what was seen before is not run again."""
        name = digest(rtl)
        record.rtl = rtl
        yield Candidate(id=name, candidate=record.number, rtl=rtl, parent=parent, how=how)
        if earlier := self.known.get(name):
            record.take(earlier)
            record.repeated = True
            yield Warned(message=f"candidate {record.number} repeats an earlier one")
            return
        crew = self.crew
        judging = examine(self.job, crew.toolchain, record, rtl, gauge=crew.gauge)
        async with aclosing(judging) as events:
            async for event in events:
                self._keep(record)  # a run that ends while the tests go on has this one to return
                yield event
        self.known[name] = record

    def _keep(self, record: Attempt) -> None:
        """Hold on to the best text seen, with all that is known of it."""
        best = self.best
        if best is None or best.rtl == record.rtl or best.verdict < record.verdict:
            self.best = replaced(record)

    def _ask(self, prompt: Prompt, number: int) -> AsyncGenerator[Event, None]:
        crew = self.crew
        return ask(crew.generator, prompt, role="generator", number=number, clock=crew.clock)

    def _tuned(self, prompt: Prompt, number: int, *, first: bool) -> Prompt:
        temperature = self.policy.temperatures[0 if first else 1]
        return msgspec.structs.replace(prompt, temperature=temperature, seed=self.seed + number)

    # What went wrong

    async def _reflect(self, best: Attempt, *, asks: bool) -> AsyncGenerator[Event, None]:
        """Diagnose a bad attempt: by the reflector if it is asked at all, else by the rules."""
        reflector = self.crew.reflector
        if not (asks and reflector and self.policy.critique):
            self.reflection = best.ruled(self.job)
            if self.reflection:
                yield best.reflected(self.reflection, by="rules")
            return
        consulting = consult(
            reflector,
            self.job,
            best,
            self.past,
            witness=self.witness,
            clock=self.crew.clock,
        )
        async with aclosing(merge([consulting], parallel=1, stop=self.stop)) as said:
            async for one in said:
                if isinstance(one, Reflection):
                    self.reflection = one
                    yield best.reflected(one, by=reflector.name)
                    if isinstance(bad := apply_edits(best.rtl or "", one.edits or ()), EditFailure):
                        what = f"edit {bad.index + 1} of the diagnosis can't be made"
                        yield Warned(message=f"{what}: {bad.why}")
                elif isinstance(one, Unreadable):
                    self.unread = f"The reflection can't be read: {one.why}"
                    yield Warned(message=f"the reflection can't be read: {one.why}")
                else:
                    yield one

    async def _look_into(self, best: Attempt) -> AsyncGenerator[Event, None]:
        """Record and explain why the first test of an attempt fails, where one does."""
        looking = merge([self.witness.look_into(best)], parallel=1, stop=self.stop)
        async with aclosing(looking) as events:
            async for event in events:
                yield event
        self._keep(best)

    @property
    def _diagnosis(self) -> str | None:
        if self.reflection is None:
            return self.unread
        return " ".join(filter(None, (self.reflection.root_cause, self.reflection.instruction)))

    # The record

    @property
    def _good(self) -> bool:
        return self.best is not None and self.best.verdict.good

    async def _behaviour(self) -> Behaviour | None:
        gauge, best = self.crew.gauge, self.best
        if best is None or not best.verdict.good or gauge is None:
            return None
        return await compare(self.job, best, gauge, self.crew.toolchain, self.stop)

    def _finish(
        self, error: str | None, behaviour: Behaviour | None, seconds: float
    ) -> Iterator[Event]:
        """Deliver a good result, and say how the run ended."""
        status, message = self._status(error)
        rtl = (self.best and self.best.rtl) or self.job.target.text
        out: str | None = None
        changed = self.crew.outlet.changed()  # before our own result changes what it is put into
        if status in {"verified", "compiled"}:
            try:
                out, warning = self.crew.outlet.deliver(rtl)
            except Spec2rtlError as refused:
                status, message = "error", str(refused)
            else:
                if warning:
                    yield self.books.warned(warning)
        result = Result(
            run_id=self.run_id,
            task=self.job.task,
            status=status,
            module=self.job.module,
            rtl=rtl,
            out=out,
            diff=self.job.diff(rtl),
            generator=self.crew.generator.name,
            reflector=self.crew.diagnoses,
            iterations=tuple(self.iterations),
            budgets=(self.best.budgets if self.best else ()) or self.job.unmeasured,
            inputs_changed=changed,
            usage=self.books.usage,
            seconds=self.books.seconds(seconds),
            message=message,
            warnings=tuple(self.books.warnings),
            behaviour=behaviour,
        )
        yield RunFinished(result=result)

    def _status(self, error: str | None) -> tuple[Status, str | None]:
        if error is not None:
            return "error", error
        if self.best and self.best.verdict.outcome != "failed":
            return self.best.verdict.outcome, reservation(self.job.testbench)
        if self.stop.reason == "cancelled":
            return "cancelled", "cancelled"
        if self.best and self.best.shortfall:
            return "failed", self.best.shortfall
        spent = self.stop.reason or self._overspent or "failed iterations"
        return "failed", f"the budget of {spent} is spent"
