"""A resumed run gets the replies it had, and asks only for those it lacks."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from spec2rtl.chat import Chunk, Delta, Message, Prompt, Reply, Role, Usage
from spec2rtl.events import Event, ModelCalled, ModelReplied
from spec2rtl.loop.recorded import RecordedModel, replies_of
from tests.loop.crew import ListModel


def prompt(text: str, prefix: str = "") -> Prompt:
    return Prompt((Message("user", text),), prefix=prefix)


def asked(
    text: str, reply: str | None, *, number: int = 0, role: Role = "generator", prefix: str = ""
) -> list[Event]:
    called = ModelCalled(role=role, candidate=number, prompt=prompt(text).messages, prefix=prefix)
    if reply is None:
        return [called]
    usage = Usage(7, 0, 3)
    return [
        called,
        ModelReplied(role=role, candidate=number, reply=reply, usage=usage, seconds=1.0),
    ]


async def answer(model: RecordedModel, question: Prompt) -> str:
    chunks = [chunk async for chunk in model.stream(question)]
    reply = chunks[-1]
    assert isinstance(reply, Reply)
    assert "".join(c.text for c in chunks if isinstance(c, Delta)) == reply.text
    return reply.text


async def test_a_known_prompt_gets_each_recorded_reply_once() -> None:
    events = [*asked("q", "one", number=0), *asked("q", "two", number=1)]
    inner = ListModel(["fresh"])
    model = RecordedModel(inner, events, "generator")
    assert [await answer(model, prompt("q")) for _ in range(3)] == ["one", "two", "fresh"]
    assert len(inner.prompts) == 1


async def test_another_prompt_prefix_or_role_asks_the_model() -> None:
    events = [
        *asked("q", "with a beginning", prefix="module m("),
        *asked("q", "a reflection", number=1, role="reflector"),
        *asked("cut off", None, number=2),
    ]
    model = RecordedModel(ListModel(["a", "b", "c"]), events, "generator")
    assert await answer(model, prompt("q")) == "a"
    assert await answer(model, prompt("other")) == "b"
    assert await answer(model, prompt("cut off")) == "c"
    assert await answer(model, prompt("q", "module m(")) == "with a beginning"


async def test_closing_it_stops_the_request_at_once() -> None:
    closed: list[bool] = []

    class Endless(ListModel):
        async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
            try:
                while True:
                    yield Delta("…")
            finally:
                closed.append(True)

    async with aclosing(RecordedModel(Endless([]), (), "generator").stream(prompt("q"))) as chunks:
        assert await anext(chunks) == Delta("…")
    assert closed == [True]


async def test_it_is_what_it_wraps() -> None:
    inner = ListModel([], "inner")
    model = RecordedModel(inner, (), "generator")
    same = (inner.name, inner.strong, inner.continues, inner.parallel)
    assert (model.name, model.strong, model.continues, model.parallel) == same


def test_whole_replies_are_counted() -> None:
    events = [*asked("q", "one"), *asked("q", None), *asked("r", "x", role="reflector")]
    assert (replies_of(events, "generator"), replies_of(events, "reflector")) == (1, 1)
