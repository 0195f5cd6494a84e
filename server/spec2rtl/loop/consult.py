"""Asks a reflector for a diagnosis, and answers first what it asks of the recording."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from spec2rtl.events import Event, ModelReplied
from spec2rtl.loop import prompts
from spec2rtl.loop.attempt import Attempt, ask
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import ChatModel, Clock
from spec2rtl.loop.prompts import Asked, Past
from spec2rtl.loop.witness import Witness
from spec2rtl.repair.reflection import Reflection, Unreadable, read_reflection


async def consult(
    reflector: ChatModel,
    job: Job,
    record: Attempt,
    past: Sequence[Past],
    *,
    witness: Witness,
    clock: Clock,
) -> AsyncGenerator[Event | Reflection | Unreadable, None]:
    """Yield the events of asking; the last item is the diagnosis. Raises `BackendError`."""
    asked: list[Asked] = []
    while True:
        prompt = prompts.reflect(job, record, past, asked)
        asking = ask(reflector, prompt, role="reflector", number=record.number, clock=clock)
        reply = ""
        async with aclosing(asking) as events:
            async for event in events:
                yield event
                if isinstance(event, ModelReplied):
                    reply = event.reply
        read = read_reflection(reply, may_ask=prompts.may_ask(record, asked))
        answers = await witness.answer(read)
        if answers is None:
            asks_only = isinstance(read, Reflection) and not read.root_cause.strip()
            yield Unreadable("the reply only asks") if asks_only else read
            return
        asked.append(Asked(reply, answers))
