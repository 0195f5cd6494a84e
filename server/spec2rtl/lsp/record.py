"""A reflection that asks a model, as a run of the journal: what was sent and said is never lost."""

import asyncio
import random
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import msgspec
from msgspec import Struct, structs

from spec2rtl.errors import Spec2rtlError
from spec2rtl.events import (
    Candidate,
    Event,
    Iteration,
    IterationFinished,
    Result,
    RunFinished,
    RunStarted,
    Status,
)
from spec2rtl.journal.runs import new_run_id
from spec2rtl.journal.store import Journal
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.books import Books
from spec2rtl.loop.policy import choose
from spec2rtl.rtl import digest
from spec2rtl.session import Order
from spec2rtl.verdict import reservation


class Trial(Struct, frozen=True):
    """A text, what the tools say of it, and the events that tell so."""

    rtl: str
    attempt: Attempt
    events: tuple[Event, ...]


class Record:
    """`with Record(journal, order) as record:`; it ends with the best of what was `judged`."""

    def __init__(self, journal: Journal, order: Order) -> None:
        self._journal, self._order = journal, order
        self._run_id = new_run_id(datetime.now(UTC), random.SystemRandom())
        self._books, self._seq, self._began = Books(), 0, time.monotonic()
        self._iterations: list[Iteration] = []
        self._best: Trial | None = None

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

    def judged(self, trial: Trial, how: str, diagnosis: str | None = None) -> None:
        """Write what the tools said of a text."""
        attempt, name = trial.attempt, digest(trial.rtl)
        parent = self._iterations[0].candidate if self._iterations else None
        candidate = Candidate(
            id=name, candidate=attempt.number, rtl=trial.rtl, parent=parent, how=how
        )
        for event in (candidate, *trial.events):
            self.note(event)
        iteration = attempt.iteration(len(self._iterations), diagnosis)
        self._iterations.append(iteration)
        self.note(IterationFinished(iteration=iteration))
        if self._best is None or self._best.attempt.verdict < attempt.verdict:
            self._best = trial

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write the end, whatever it is."""
        status, message = self._status(error)
        job, best = self._order.job, self._best
        rtl = best.rtl if best else job.target.text
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
            seconds=self._books.seconds(total),
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
        if self._best and self._best.attempt.verdict.outcome != "failed":
            return self._best.attempt.verdict.outcome, reservation(self._order.job.testbench)
        return "failed", "the reflector was asked once"
