"""One run from frozen order to last event, written to the journal as it happens."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

import msgspec
from msgspec import Struct

from spec2rtl.events import Errand, Event, Limits
from spec2rtl.journal.store import Journal
from spec2rtl.loop.engine import run
from spec2rtl.loop.job import Job
from spec2rtl.loop.merge import Stop
from spec2rtl.loop.policy import choose
from spec2rtl.loop.ports import Crew
from spec2rtl.loop.recorded import RecordedModel
from spec2rtl.spec.comments import SpecComment


class Order(Struct, frozen=True):
    """Everything that decides a run, as the journal keeps it for `runs resume`.

    `candidates` None: as suits the generator. `out` is where the result goes, None where it is
    only shown; `comment` the spec comment that it goes below.
    """

    job: Job
    generator: str
    reflector: str
    limits: Limits
    candidates: int | None = None
    seed: int = 0
    out: str | None = None
    comment: SpecComment | None = None
    force: bool = False


_orders = msgspec.json.Decoder(Order)
"""Made at once: a type that several threads are the first to read ends msgspec in a crash."""


def read_order(document: bytes) -> Order:
    """An order as the journal keeps it."""
    return _orders.decode(document)


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()


def begin(journal: Journal, run_id: str, order: Order, task: Errand) -> None:
    """Write down what a run is about to do."""
    job = order.job
    title = next((i.path for i in job.inputs), job.target.path)
    journal.begin(run_id, task, title, SystemClock().time(), msgspec.json.encode(order))


async def execute(
    order: Order,
    crew: Crew,
    journal: Journal,
    *,
    run_id: str,
    stop: Stop,
    resumes: str | None = None,
    before: Sequence[Event] = (),
    warnings: Sequence[str] = (),
) -> AsyncGenerator[Event, None]:
    """Run an order; each event is in the journal before it is yielded.

    `before` are the events of the run that this one resumes: replies it had are not asked for
    again.
    """
    if before:
        crew = replace(
            crew,
            generator=RecordedModel(crew.generator, before, "generator"),
            reflector=crew.reflector and RecordedModel(crew.reflector, before, "reflector"),
        )
    events = run(
        order.job,
        crew,
        run_id=run_id,
        policy=choose(strong=crew.generator.strong, candidates=order.candidates),
        limits=order.limits,
        seed=order.seed,
        stop=stop,
        resumes=resumes,
        warnings=warnings,
    )
    async with aclosing(events):
        async for event in events:
            journal.append(event)
            yield event
