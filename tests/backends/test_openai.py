"""The OpenAI adapter against a server that really speaks the protocol."""

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from spec2rtl.backends.openai import OpenAIModel
from spec2rtl.chat import Chunk, Delta, Message, Prompt, Reply, Restart, Usage
from spec2rtl.errors import BackendError

KEY = "sk-secret-0123456789"
PROMPT = Prompt((Message("system", "You write Verilog."), Message("user", "A counter.")))
DONE = b"data: [DONE]\n\n"
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


def event(content: str | None = None, finish: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**chunk, 'choices': [choice], **more})}\n\n".encode()


def usage(prompt: int, cached: int, completion: int) -> bytes:
    figures = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    return event(choices=[], usage=figures)


WHOLE = (event("mod"), event("ule"), event(finish="stop"), usage(40, 30, 2), DONE)


@pytest.fixture
async def ask(server: Any, waits: Any):
    """Ask a model at the server; gives all chunks."""
    models: list[OpenAIModel] = []

    async def ask(prompt: Prompt = PROMPT, *, model: OpenAIModel | None = None, **options: Any):
        if model is None:
            options = {"api_key": KEY, "retrier": waits.retrier, **options}
            model = OpenAIModel("m-7b", base_url=f"{server.url}/v1", **options)
        models.append(model)
        async with aclosing(model.stream(prompt)) as chunks:
            return [chunk async for chunk in chunks]

    yield ask
    for model in models:
        await model.aclose()


def text_of(chunks: list[Chunk]) -> str:
    """What is on a screen that clears at each restart."""
    text = ""
    for chunk in chunks:
        match chunk:
            case Delta():
                text += chunk.text
            case Restart():
                text = ""
            case _:
                pass
    return text


async def test_streams_a_reply(server: Any, ask: Any):
    server.answer(*WHOLE)
    assert await ask(Prompt(PROMPT.messages, temperature=0.5, seed=7, max_tokens=99)) == [
        Delta("mod"),
        Delta("ule"),
        Reply("module", Usage(40, 30, 2)),
    ]
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "model": "m-7b",
        "messages": [
            {"role": "system", "content": "You write Verilog."},
            {"role": "user", "content": "A counter."},
        ],
        "max_tokens": 99,
        "temperature": 0.5,
        "seed": 7,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_a_reply_at_the_token_limit_is_truncated(server: Any, ask: Any):
    server.answer(event("mod"), event(finish="length"), DONE)
    assert (await ask())[-1] == Reply("mod", truncated=True)


async def test_thoughts_are_no_part_of_the_reply(server: Any, ask: Any):
    thought = {"index": 0, "delta": {"reasoning_content": "hm"}, "finish_reason": None}
    server.answer(event(choices=[thought]), event("x"), event(finish="stop"), DONE)
    assert await ask() == [Delta("x"), Reply("x")]


async def test_half_a_character_waits_for_the_other_half(server: Any, ask: Any):
    server.answer(event("a\ud83d"), event("\ude00b\udc00"), event("c\ud83d"),
                  event(finish="stop"), DONE)  # fmt: skip
    *deltas, reply = await ask()
    assert deltas == [Delta("a"), Delta("😀b\ufffd"), Delta("c"), Delta("\ufffd")]
    assert reply == Reply("a😀b\ufffdc\ufffd")


async def test_half_a_character_in_an_error(server: Any, ask: Any):
    server.refuse(400, {"error": {"message": "no\ud83d"}})
    with pytest.raises(BackendError, match=r"no\ufffd$"):
        await ask()


@pytest.mark.parametrize(
    ("continuation", "extra"),
    [
        ("implied", {}),
        ("flagged", {"add_generation_prompt": False, "continue_final_message": True}),
    ],
)
async def test_continues_a_prefix(server: Any, ask: Any, continuation: str, extra: dict[str, Any]):
    server.answer(event(" m;"), event(finish="stop"), DONE)
    prompt = Prompt(PROMPT.messages, prefix="module")
    chunks = await ask(prompt, continuation=continuation)
    assert chunks == [Delta("module"), Delta(" m;"), Reply("module m;")]
    body = server.requests[0].body
    assert body["messages"][-1] == {"role": "assistant", "content": "module"}
    assert extra.items() <= body.items()


async def test_a_prefix_is_left_alone_by_a_server_that_cannot(server: Any, ask: Any):
    server.answer(*WHOLE)
    chunks = await ask(Prompt(PROMPT.messages, prefix="never"))
    assert chunks[-1].text == "module"
    assert len(server.requests[0].body["messages"]) == 2


@pytest.mark.parametrize(
    ("first", "waited"),
    [
        ((429, {"retry_after": "9"}), [9.0]),
        ((429, {"retry_after_ms": "1500"}), [1.5]),
        ((500, {}), [1.0]),
        ((503, {"retry_after": "not a time"}), [1.0]),
    ],
)
async def test_asks_again(server: Any, ask: Any, waits: Any, first: Any, waited: list[float]):
    status, headers = first
    server.refuse(status, {"error": {"message": "busy"}}, **headers)
    server.answer(*WHOLE)
    chunks = await ask()
    assert isinstance(chunks[0], Restart)
    assert f"{status}: " in chunks[0].why
    assert chunks[-1].text == text_of(chunks) == "module"
    assert waits.slept == waited


@pytest.mark.parametrize(
    "broken",
    [
        (event("wro"), "drop"),
        (event("wro"), DONE),
        (event("wro"), b"data: {not json\n\n", DONE),
        (event("wro"), b'data: {"error": {"message": "out of memory", "code": 500}}\n\n', DONE),
    ],
    ids=["dropped", "no end", "malformed event", "error event"],
)
async def test_begins_a_broken_reply_afresh(server: Any, ask: Any, broken: tuple[bytes | str]):
    server.answer(*broken)
    server.answer(*WHOLE)
    chunks = await ask()
    assert chunks[0] == Delta("wro")
    assert isinstance(chunks[1], Restart)
    assert chunks[-1].text == text_of(chunks) == "module"


async def test_gives_up_in_the_end(server: Any, ask: Any, waits: Any):
    server.refuse(500, {"error": {"message": "broken"}})
    with pytest.raises(BackendError, match="gave up after 4 attempts"):
        await ask()
    assert waits.slept == [1.0, 2.0, 4.0]


async def test_does_not_wait_longer_than_it_may(server: Any, ask: Any, waits: Any):
    server.refuse(429, {"error": {"message": "later"}}, retry_after="3600")
    with pytest.raises(BackendError, match="asks to wait 3600 s"):
        await ask()
    assert waits.slept == []


async def test_closing_the_iterator_closes_the_connection(server: Any):
    server.answer(event("mod"), "hang")
    model = OpenAIModel("m", base_url=server.url)
    async with aclosing(model.stream(PROMPT)) as chunks:
        assert await anext(chunks) == Delta("mod")
    await asyncio.wait_for(server.closed.wait(), 5)
    await model.aclose()


async def test_cancelling_closes_the_connection(server: Any):
    server.answer(event("mod"), "hang")
    model = OpenAIModel("m", base_url=server.url)

    async def read() -> None:
        async with aclosing(model.stream(PROMPT)) as chunks:
            async for _ in chunks:
                pass

    task = asyncio.create_task(read())
    await asyncio.wait_for(server.hanging.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(server.closed.wait(), 5)
    await model.aclose()


@pytest.mark.parametrize(
    ("refusal", "prompt", "field", "then"),
    [
        ("extra field: stream_options", PROMPT, "stream_options", None),
        ("seed: not supported", Prompt(PROMPT.messages, seed=1), "seed", None),
        (
            "'temperature' may not be set",
            Prompt(PROMPT.messages, temperature=0.1),
            "temperature",
            None,
        ),
        ("use 'max_completion_tokens' instead of 'max_tokens'", PROMPT, "max_tokens", None),
        ("json_schema?", Prompt(PROMPT.messages, schema=SCHEMA), "response_format", "json_object"),
        ("bad request", Prompt(PROMPT.messages, schema=SCHEMA), "response_format", "json_object"),
        ("bad request", PROMPT, "stream_options", None),
    ],
)
async def test_leaves_out_what_is_refused_and_remembers(
    server: Any, ask: Any, refusal: str, prompt: Prompt, field: str, then: str | None
):
    server.refuse(400, {"error": {"message": refusal}})
    server.answer(*WHOLE)
    model = OpenAIModel("m", base_url=server.url)
    for _ in range(2):
        assert (await ask(prompt, model=model))[-1].text == "module"
    sent = [(request.body.get(field) or {}) for request in server.requests]
    assert sent[0]
    assert len(sent) == 3
    assert sent[1:] == ([{"type": then}] * 2 if then else [{}, {}])


async def test_a_schema_becomes_a_response_format(server: Any, ask: Any):
    server.answer(event('{"a": 1}'), event(finish="stop"), DONE)
    assert (await ask(Prompt(PROMPT.messages, schema=SCHEMA)))[-1] == Reply('{"a": 1}')
    wanted = server.requests[0].body["response_format"]["json_schema"]
    assert wanted == {"name": "answer", "schema": SCHEMA, "strict": True}


async def test_without_schemas_the_prompt_says_the_schema(server: Any, ask: Any):
    server.refuse(422, {"error": {"message": "response_format"}})
    server.refuse(422, {"error": {"message": "response_format"}})
    server.answer(*WHOLE)
    await ask(Prompt(PROMPT.messages, schema=SCHEMA))
    plain = server.requests[2].body
    assert "response_format" not in plain
    assert json.dumps(SCHEMA) in plain["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("status", "body", "line"),
    [
        (401, {"error": {"message": f"bad key {KEY}"}}, "the key is refused (401); set OPENAI_API"),
        (
            400,
            {"error": {"message": "context length is 4096"}},
            "answers 400: context length is 4096",
        ),
        (403, {"error": {"message": f"no,\n{KEY}!"}}, r"answers 403: no, \[key\]!"),
    ],
)
async def test_says_what_is_wrong(server: Any, ask: Any, status: int, body: Any, line: str):
    server.refuse(status, body)
    with pytest.raises(BackendError, match=line.replace("(401)", r"\(401\)")) as error:
        await ask()
    assert "\n" not in str(error.value)
    assert "openai:m-7b@" in str(error.value)
    assert len(server.requests) == 1


async def test_names_the_models_there_are(server: Any, ask: Any):
    server.refuse(404, {"error": {"message": "no such model"}})
    models = [{"id": f"m{n}", "object": "model", "created": 1, "owned_by": "x"} for n in range(7)]
    server.refuse(200, {"object": "list", "data": models})
    with pytest.raises(
        BackendError, match=r"has no model `m-7b`.*it offers `m0`, .*`m4` and 2 more"
    ):
        await ask()
    assert server.requests[1].path == "/v1/models"


async def test_a_wrong_path_is_no_wrong_model(server: Any, ask: Any):
    server.answer(b"<html>Not here", status=404, kind="text/html")
    with pytest.raises(BackendError, match="most URLs end in /v1"):
        await ask()


async def test_a_wrong_path_beside_a_list_that_names_the_model(server: Any, ask: Any):
    server.answer(b"404 page not found", status=404, kind="text/plain")
    listed = {"id": "m-7b", "object": "model", "created": 1, "owned_by": "x"}
    server.refuse(200, {"object": "list", "data": [listed]})
    with pytest.raises(BackendError, match=r"no chat/completions here .*lists `m-7b`; most URLs"):
        await ask()


async def test_a_wrong_model_where_none_are_listed(server: Any, ask: Any):
    server.refuse(404, {"error": {"message": "The model `m-7b` does not exist"}})
    server.refuse(404, {"detail": "Not Found"})
    with pytest.raises(BackendError, match=r"answers 404: .*The model `m-7b` does not exist"):
        await ask()


async def test_nobody_is_followed_to_another_server(server: Any, ask: Any):
    server.answer(status=307, location="http://elsewhere.example/v1")
    with pytest.raises(BackendError, match=r"points to http://elsewhere\.example/v1 \(307\)"):
        await ask()
    assert len(server.requests) == 1


async def test_a_web_page_is_no_model(server: Any, ask: Any):
    server.answer(b"<html>Welcome", kind="text/html; charset=utf-8")
    with pytest.raises(BackendError, match="answers text/html instead of a stream"):
        await ask()


async def test_a_server_that_is_not_there(waits: Any):
    model = OpenAIModel("m", base_url="http://127.0.0.1:9/v1", retrier=waits.retrier)
    with pytest.raises(
        BackendError, match=r"m@http://127.0.0.1:9/v1: can't be reached .*server running\?"
    ):
        await anext(model.stream(PROMPT))
    await model.aclose()


async def test_no_key_is_needed(server: Any, ask: Any):
    server.answer(*WHOLE)
    assert (await ask(api_key=None))[-1].text == "module"


async def test_a_proxy_does_not_get_what_stays_here(
    server: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.answer(*WHOLE)
    assert (await ask())[-1].text == "module"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9"),
        ("ALL_PROXY", "nonsense://127.0.0.1:9"),
        ("SSL_CERT_FILE", "/nowhere/certificates.pem"),
    ],
)
async def test_an_environment_that_can_not_be_had(
    variable: str, value: str, ask: Any, waits: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(variable, value)
    model = OpenAIModel("m", base_url="https://far.example/v1", retrier=waits.retrier)
    with pytest.raises(BackendError, match=r"@https://far\.example/v1: a proxy or certificate of"):
        await ask(model=model)
    assert not waits.slept


@pytest.mark.parametrize(
    ("model", "options", "strong"),
    [
        ("qwen2.5-coder:1.5b", {}, False),
        ("llama-3B", {}, False),
        ("qwen2.5-coder:7b", {}, True),
        ("gpt-6", {}, True),
        ("qwen2.5-coder:1.5b", {"strong": True}, True),
    ],
)
def test_strength(model: str, options: dict[str, Any], strong: bool):
    assert OpenAIModel(model, base_url="http://localhost/v1", **options).strong is strong


def test_the_key_is_not_in_the_repr():
    model = OpenAIModel("m", base_url="http://localhost/v1", api_key=KEY)
    assert KEY not in repr(model)
    assert KEY not in repr(vars(model))
