"""A reflection that asks a model, as a run of the journal: what was sent and said is never lost."""

import asyncio
import random
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import msgspec
from msgspec import structs

from spec2rtl.errors import Spec2rtlError
from spec2rtl.events import (
    Candidate,
    Compiled,
    Event,
    Iteration,
    IterationFinished,
    Result,
    RunFinished,
    RunStarted,
    Simulated,
    Status,
)
from spec2rtl.journal.runs import new_run_id
from spec2rtl.journal.store import Journal
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.books import Books
from spec2rtl.loop.policy import choose
from spec2rtl.rtl import digest
from spec2rtl.session import Order


class Record:
    """`with Record(journal, order) as record:`; it ends with the best of what was `judged`."""

    def __init__(self, journal: Journal, order: Order) -> None:
        self._journal, self._order = journal, order
        self._run_id = new_run_id(datetime.now(UTC), random.SystemRandom())
        self._books, self._seq, self._began = Books(), 0, time.monotonic()
        self._iterations: list[Iteration] = []
        self._best: Attempt | None = None

    def __enter__(self) -> Self:
        """Enter the run; raises `InputError` where the journal can't be written."""
        order, job = self._order, self._order.job
        title = next((i.path for i in job.inputs), job.target.path)
        document = msgspec.json.encode(order)
        self._journal.begin(self._run_id, "repair", title, time.time(), document)
        self.note(
            RunStarted(
                task="repair",
                module=job.module,
                inputs=job.inputs,
                generator=order.generator,
                reflector=order.reflector,
                policy=choose(strong=True, candidates=order.candidates),
                limits=order.limits,
                seed=order.seed,
            )
        )
        return self

    def note(self, event: Event) -> None:
        """Write an event."""
        self._books.enter(event)
        stamped = structs.replace(event, run_id=self._run_id, seq=self._seq, time=time.time())
        self._journal.append(stamped)
        self._seq += 1

    def judged(self, attempt: Attempt, how: str, diagnosis: str | None = None) -> None:
        """Write what the tools said of a text."""
        assert attempt.rtl is not None
        assert attempt.compiled is not None
        compiled, simulated, name = attempt.compiled, attempt.simulated, digest(attempt.rtl)
        parent = self._iterations[0].candidate if self._iterations else None
        self.note(
            Candidate(id=name, candidate=attempt.number, rtl=attempt.rtl, parent=parent, how=how)
        )
        self.note(
            Compiled(
                candidate=name,
                ok=compiled.ok,
                reason=compiled.reason,
                diagnostics=compiled.diagnostics,
                seconds=compiled.seconds,
                cached=compiled.cached,
            )
        )
        if simulated:
            self.note(
                Simulated(
                    candidate=name,
                    status=simulated.status,
                    reason=simulated.reason,
                    diagnostics=simulated.diagnostics,
                    tests=simulated.tests,
                    seconds=simulated.seconds,
                    sandbox=simulated.sandbox,
                    cached=simulated.cached,
                )
            )
        iteration = Iteration(
            index=len(self._iterations),
            stage=attempt.stage,
            candidate=name,
            ok=attempt.verdict.good,
            diagnostics=(*compiled.diagnostics, *(simulated.diagnostics if simulated else ())),
            tests=simulated.tests if simulated else (),
            diagnosis=diagnosis,
        )
        self._iterations.append(iteration)
        self.note(IterationFinished(iteration=iteration))
        if self._best is None or self._best.verdict < attempt.verdict:
            self._best = attempt

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write the end, whatever it is."""
        status, message = self._status(error)
        job, best = self._order.job, self._best
        rtl = best.rtl if best and best.rtl is not None else job.target.text
        total = time.monotonic() - self._began
        result = Result(
            run_id=self._run_id,
            task="repair",
            status=status,
            module=job.module,
            rtl=rtl,
            out=None,
            diff=job.diff(rtl),
            generator=self._order.generator,
            reflector=self._order.reflector,
            iterations=tuple(self._iterations),
            usage=self._books.usage,
            seconds=structs.replace(self._books.seconds, total=total),
            message=message,
            warnings=tuple(self._books.warnings),
        )
        self.note(RunFinished(result=result))

    def _status(self, error: BaseException | None) -> tuple[Status, str | None]:
        if isinstance(error, asyncio.CancelledError):
            return "cancelled", "cancelled"
        if error is not None:
            told = isinstance(error, Spec2rtlError)
            return "error", str(error) if told else f"internal error: {error}"
        if self._best and self._best.verdict.outcome != "failed":
            return self._best.verdict.outcome, None
        return "failed", "the reflector was asked once"
