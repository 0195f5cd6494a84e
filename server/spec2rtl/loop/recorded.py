"""A model that first gives the replies it gave before: how a killed run goes on."""

from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from spec2rtl.chat import Chunk, Delta, Message, Prompt, Reply, Role
from spec2rtl.events import Event, ModelCalled, ModelReplied
from spec2rtl.loop.ports import ChatModel

Asked = tuple[tuple[Message, ...], str]


class RecordedModel:
    """Wraps a model; a prompt that was answered before gets that reply, each reply once."""

    def __init__(self, model: ChatModel, events: Iterable[Event], role: Role) -> None:
        self._model = model
        self._replies: defaultdict[Asked, deque[Reply]] = defaultdict(deque)
        asked: dict[int, Asked] = {}
        for event in events:
            if isinstance(event, ModelCalled) and event.role == role:
                asked[event.candidate] = (event.prompt, event.prefix)
            if isinstance(event, ModelReplied) and event.role == role:
                reply = Reply(event.reply, event.usage, event.truncated)
                self._replies[asked[event.candidate]].append(reply)

    @property
    def name(self) -> str:
        """The wrapped model's backend string."""
        return self._model.name

    @property
    def strong(self) -> bool:
        """As the wrapped model."""
        return self._model.strong

    @property
    def continues(self) -> bool:
        """As the wrapped model."""
        return self._model.continues

    @property
    def parallel(self) -> int:
        """As the wrapped model."""
        return self._model.parallel

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        """Yield the recorded reply at once, else the model's own."""
        replies = self._replies[prompt.messages, prompt.prefix]
        if replies:
            reply = replies.popleft()
            yield Delta(reply.text)
            yield reply
            return
        async with aclosing(self._model.stream(prompt)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        """Close the wrapped model."""
        await self._model.aclose()


def replies_of(events: Iterable[Event], role: Role) -> int:
    """How many whole replies a role gave."""
    return sum(isinstance(e, ModelReplied) and e.role == role for e in events)
