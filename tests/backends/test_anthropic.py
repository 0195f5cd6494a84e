"""The Claude adapter against a server that really speaks the Messages protocol."""

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from spec2rtl.backends.anthropic import AnthropicModel
from spec2rtl.backends.claude_request import ASK, THINKING_TOKENS, thinks
from spec2rtl.chat import Delta, Message, Prompt, Restart, Usage
from spec2rtl.errors import BackendError, ConfigError

KEY = "sk-ant-secret-0123456789"
SYSTEM = Message("system", "You write Verilog.")
PROMPT = Prompt((SYSTEM, Message("user", "A counter.")))
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer"}},
    "required": ["a"],
    "additionalProperties": False,
}
CACHED = {"type": "ephemeral"}


def event(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def start(**usage: int) -> bytes:
    figures = {"input_tokens": 10, "output_tokens": 1, **usage}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "c", "content": []}
    return event("message_start", message={**message, "usage": figures})


def block(*deltas: dict[str, str], **kind: Any) -> bytes:
    begin = event("content_block_start", index=0, content_block=kind)
    middle = [event("content_block_delta", index=0, delta=delta) for delta in deltas]
    return b"".join([begin, *middle, event("content_block_stop", index=0)])


def text(*pieces: str) -> bytes:
    return block(*({"type": "text_delta", "text": p} for p in pieces), type="text", text="")


def call(*pieces: str) -> bytes:
    deltas = ({"type": "input_json_delta", "partial_json": p} for p in pieces)
    return block(*deltas, type="tool_use", id="toolu_1", name="answer", input={})


def end(reason: str = "end_turn", output: int = 5) -> bytes:
    delta = {"stop_reason": reason, "stop_sequence": None}
    stop = event("message_delta", delta=delta, usage={"output_tokens": output})
    return stop + event("message_stop")


def error(kind: str, message: str = "oh") -> bytes:
    return event("error", error={"type": kind, "message": message})


THOUGHT = block({"type": "thinking_delta", "thinking": "hm"}, type="thinking", thinking="")
WHOLE = (start(), event("ping"), THOUGHT, text("mod", "ule"), end())


@pytest.fixture
async def ask(server: Any, waits: Any):
    """Ask a model at the server; gives all chunks."""
    models: list[AnthropicModel] = []

    async def ask(prompt: Prompt = PROMPT, *, model: AnthropicModel | None = None, **options: Any):
        options = {"api_key": KEY, "base_url": server.url, "retrier": waits.retrier, **options}
        model = model or AnthropicModel(**options)
        models.append(model)
        async with aclosing(model.stream(prompt)) as chunks:
            return [chunk async for chunk in chunks]

    yield ask
    for model in models:
        await model.aclose()


async def test_streams_a_reply(server: Any, ask: Any):
    server.answer(*WHOLE)
    prompt = Prompt(PROMPT.messages, temperature=0.5, seed=7, max_tokens=99, prefix="no")
    *deltas, reply = await ask(prompt)
    assert deltas == [Delta("mod"), Delta("ule")]
    assert (reply.text, reply.truncated) == ("module", False)
    (request,) = server.requests
    assert request.path == "/v1/messages"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "model": "claude-sonnet-5-5",
        "max_tokens": 99 + THINKING_TOKENS,
        "system": [{"type": "text", "text": SYSTEM.content}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "A counter."}]}],
        "stream": True,
    }


@pytest.mark.parametrize(
    ("model", "usage", "wanted"),
    [
        # 10 × $2 + 1000 × $2.50 + 500 × $0.10 + 5 × $10, for a million each
        (
            "claude-sonnet-5-5",
            {"cache_creation_input_tokens": 1000, "cache_read_input_tokens": 500},
            Usage(1510, 500, 5, 0.00262),
        ),
        ("claude-haiku-4-5-20251001", {}, Usage(10, 0, 5, 0.000035)),
        ("claude-haiku-5-5", {"input_tokens": 100_000}, Usage(100_000, 0, 5, 0.0100025)),
        ("claude-haiku-5-5", {"input_tokens": 100_001}, Usage(100_001, 0, 5, 0.050013)),
        ("claude-unheard-of", {}, Usage(10, 0, 5, None)),
    ],
)
async def test_usage_and_cost(
    server: Any, ask: Any, model: str, usage: dict[str, int], wanted: Usage
):
    server.answer(start(**usage), text("x"), end())
    got = (await ask(model=AnthropicModel(model, api_key=KEY, base_url=server.url)))[-1].usage
    assert got.cost_usd == pytest.approx(wanted.cost_usd)
    assert (got.prompt_tokens, got.cached_tokens, got.completion_tokens) == (
        wanted.prompt_tokens,
        wanted.cached_tokens,
        wanted.completion_tokens,
    )


async def test_the_stable_prefix_is_cached(server: Any, ask: Any):
    server.answer(*WHOLE)
    spec, reply, ask_again = (
        Message("user", "spec"),
        Message("assistant", "old"),
        Message("user", "?"),
    )
    await ask(Prompt((SYSTEM, spec, reply, ask_again), stable=2))
    await ask(Prompt((SYSTEM, spec, reply, ask_again), stable=1))
    await ask(Prompt((SYSTEM, spec, reply, ask_again)))
    marks: list[list[bool]] = []
    for request in server.requests:
        blocks = request.body["system"] + [m["content"][0] for m in request.body["messages"]]
        marks.append([block.get("cache_control") == CACHED for block in blocks])
    assert marks == [
        [True, True, False, False],
        [True, False, False, False],
        [False, False, False, False],
    ]


@pytest.mark.parametrize(
    "pieces", [("a\ud83d", "\ude00b"), ("a", "\ud83d\ude00", "b\udc00"), ("a", "b\ud83d")]
)
async def test_half_a_character_waits_for_the_other_half(
    server: Any, ask: Any, pieces: tuple[str, ...]
):
    server.answer(start(), text(*pieces), end())
    *deltas, reply = await ask()
    assert reply.text in {"a😀b", "a😀b\ufffd", "ab\ufffd"}
    assert "".join(delta.text for delta in deltas) == reply.text


async def test_half_a_character_beside_a_call(server: Any, ask: Any):
    server.answer(start(), text("no\ud83d"), end())
    assert (await ask(Prompt(PROMPT.messages, schema=SCHEMA)))[-1].text == "no\ufffd"


async def test_a_structured_reply_is_a_tool_call(server: Any, ask: Any):
    server.answer(start(), THOUGHT, text("I think: "), call('{"a":', " 1}"), end("tool_use"))
    *deltas, reply = await ask(Prompt(PROMPT.messages, schema=SCHEMA, stable=1))
    assert deltas == [Delta('{"a":'), Delta(" 1}")]
    assert json.loads(reply.text) == {"a": 1}
    body = server.requests[0].body
    (tool,) = body["tools"]
    assert (tool["name"], tool["input_schema"], tool["strict"]) == ("answer", SCHEMA, True)
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    assert body["system"][-1] == {"type": "text", "text": ASK, "cache_control": CACHED}


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ((text('{"a": ', "2}"), end()), '{"a": 2}'),
        ((call(), end("tool_use")), "{}"),
    ],
)
async def test_a_structured_reply_in_another_form(
    server: Any, ask: Any, parts: tuple[bytes, ...], wanted: str
):
    server.answer(start(), *parts)
    *deltas, reply = await ask(Prompt(PROMPT.messages, schema=SCHEMA))
    assert deltas == [Delta(wanted)]
    assert reply.text == wanted


async def test_a_server_without_strict_schemas_is_remembered(server: Any, ask: Any):
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": "strict: extra"}}
    server.refuse(400, body)
    server.answer(start(), call('{"a": 1}'), end("tool_use"))
    model = AnthropicModel(api_key=KEY, base_url=server.url)
    for _ in range(2):
        assert (await ask(Prompt(PROMPT.messages, schema=SCHEMA), model=model))[-1].text
    sent = ["strict" in request.body["tools"][0] for request in server.requests]
    assert sent == [True, False, False]


@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded"])
async def test_a_reply_at_the_token_limit_is_truncated(server: Any, ask: Any, reason: str):
    server.answer(start(), text("mod"), end(reason))
    assert (await ask())[-1].truncated


async def test_a_refusal_is_an_error(server: Any, ask: Any):
    server.answer(start(), text("No"), end("refusal"))
    with pytest.raises(BackendError, match="declines"):
        await ask()


@pytest.mark.parametrize(
    ("status", "headers", "waited"),
    [
        (429, {"retry_after": "7"}, [7.0]),
        (529, {}, [1.0]),
        (500, {}, [1.0]),
        (408, {}, [1.0]),
    ],
)
async def test_asks_again(
    server: Any, ask: Any, waits: Any, status: int, headers: dict[str, str], waited: list[float]
):
    server.refuse(status, {"error": {"type": "x", "message": "busy"}}, **headers)
    server.answer(*WHOLE)
    first, *_, reply = await ask()
    assert isinstance(first, Restart)
    assert f"answers {status}: busy" in first.why
    assert reply.text == "module"
    assert waits.slept == waited


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ((text("wro"), "drop"), "dropped"),
        ((text("wro"),), "no end"),
        ((text("wro"), error("overloaded_error", "too busy")), "answers 529: too busy"),
        ((text("wro"), b"event: message_delta\ndata: {oh\n\n"), "can't be read"),
        ((text("wro"), event("content_block_delta", index=0)), "can't be read"),
    ],
    ids=["dropped", "no end", "overloaded", "not JSON", "not an event"],
)
async def test_begins_a_broken_reply_afresh(
    server: Any, ask: Any, broken: tuple[bytes | str, ...], why: str
):
    server.answer(start(), *broken)
    server.answer(*WHOLE)
    first, second, *deltas, reply = await ask()
    assert first == Delta("wro")
    assert isinstance(second, Restart)
    assert why in second.why
    assert "".join(delta.text for delta in deltas) == reply.text == "module"
    assert reply.usage.prompt_tokens == 20  # the broken attempt is billed too
    assert reply.usage.cost_usd == pytest.approx((2 * 10 * 2 + 6 * 10) / 1e6)


async def test_gives_up_in_the_end(server: Any, ask: Any, waits: Any):
    server.refuse(529, {"error": {"type": "overloaded_error", "message": "Overloaded"}})
    with pytest.raises(BackendError, match=r"answers 529: Overloaded \(gave up after 4 attempts"):
        await ask()
    assert waits.slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("status", "kind", "message", "line"),
    [
        (401, "authentication_error", f"bad {KEY}", r"key is refused \(401\); set ANTHROPIC_API_K"),
        (400, "invalid_request_error", f"no\n{KEY}!", r"answers 400: no \[key\]!"),
        (404, "not_found_error", "model: c", "has no model `claude-sonnet-5-5`.*current Claude So"),
        (404, None, "nothing", "no v1/messages here"),
        (404, None, "claude-sonnet-5-5 is not deployed", "has no model `claude-sonnet-5-5`"),
        (413, "request_too_large", "too long", "answers 413: too long"),
    ],
)
async def test_says_what_is_wrong(
    server: Any, ask: Any, status: int, kind: str, message: str, line: str
):
    server.refuse(status, {"type": "error", "error": {"type": kind, "message": message}})
    with pytest.raises(BackendError, match=line) as raised:
        await ask()
    assert str(raised.value).startswith(f"anthropic:claude-sonnet-5-5 at {server.url}: ")
    assert "\n" not in str(raised.value)
    assert KEY not in str(raised.value)
    assert len(server.requests) == 1


async def test_a_server_may_forbid_to_ask_again(server: Any, ask: Any):
    body = {"error": {"type": "rate_limit_error", "message": "spend limit"}}
    server.refuse(429, body, x_should_retry="false")
    with pytest.raises(BackendError, match="answers 429: spend limit"):
        await ask()
    assert len(server.requests) == 1


async def test_an_error_event_that_will_not_pass(server: Any, ask: Any):
    server.answer(start(), error("invalid_request_error", "too long"))
    with pytest.raises(BackendError, match="too long"):
        await ask()
    assert len(server.requests) == 1


async def test_a_web_page_is_no_model(server: Any, ask: Any):
    server.answer(b"<html>Welcome", kind="text/html; charset=utf-8")
    with pytest.raises(BackendError, match="answers text/html instead of a stream"):
        await ask()


async def test_a_server_that_is_not_there(ask: Any):
    with pytest.raises(
        BackendError, match=r"at http://127.0.0.1:9: can't be reached .*server running\?"
    ):
        await ask(base_url="http://127.0.0.1:9")


async def test_a_network_that_is_not_there(ask: Any, waits: Any):
    with pytest.raises(BackendError, match=r"is the network up.* \(gave up after 3 attempts\)"):
        await ask(base_url="http://nowhere.invalid")
    assert waits.slept == [1.0, 2.0]


async def test_closing_the_iterator_closes_the_connection(server: Any):
    server.answer(start(), text("mod"), "hang")
    model = AnthropicModel(api_key=KEY, base_url=server.url)
    async with aclosing(model.stream(PROMPT)) as chunks:
        assert await anext(chunks) == Delta("mod")
    await asyncio.wait_for(server.closed.wait(), 5)
    await model.aclose()


async def test_cancelling_closes_the_connection(server: Any):
    server.answer(start(), text("mod"), "hang")
    model = AnthropicModel(api_key=KEY, base_url=server.url)

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


async def test_nobody_is_followed_to_another_server(server: Any, ask: Any):
    server.answer(status=308, location="/login")
    with pytest.raises(BackendError, match=r"points to /login \(308\); name the URL"):
        await ask()
    assert len(server.requests) == 1


async def test_the_environment_does_not_redirect(server: Any, ask: Any, monkeypatch: Any):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "another")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.answer(*WHOLE)
    assert (await ask())[-1].text == "module"
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key(key: str | None):
    with pytest.raises(ConfigError, match="set ANTHROPIC_API_KEY"):
        AnthropicModel(api_key=key)


async def test_the_key_is_nowhere(
    server: Any,
    ask: Any,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    caplog.set_level("DEBUG")
    server.refuse(529, {"error": {"type": "overloaded_error", "message": f"{KEY} waits"}})
    server.answer(*WHOLE)
    model = AnthropicModel(api_key=KEY, base_url=server.url)
    chunks = await ask(model=model)
    out, err = capfd.readouterr()
    for seen in (repr(model), repr(vars(model)), repr(chunks), caplog.text, out, err):
        assert KEY not in seen


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("claude-sonnet-5-5", True),
        ("claude-opus-5", True),
        ("claude-mythos-preview", True),
        ("something-new", True),
        ("claude-opus-4-8", False),
        ("claude-haiku-4-5-20251001", False),
        ("claude-3-7-sonnet", False),
    ],
)
def test_which_models_think(model: str, wanted: bool):
    assert thinks(model) is wanted
