"""Backend strings."""

from pathlib import Path

import pytest

from spec2rtl.backends.name import (
    DEFAULT_CLAUDE,
    Anthropic,
    Backend,
    Embedded,
    OpenAI,
    Peft,
    Rules,
    Scripted,
    is_loopback,
    parameters_billion,
    parse_backend,
)
from spec2rtl.errors import ConfigError

LOCAL = "http://localhost:8000/v1"


@pytest.mark.parametrize(
    ("text", "backend", "remote"),
    [
        ("embedded", Embedded(), False),
        ("embedded:qwen-0.5b", Embedded("qwen-0.5b"), False),
        ("anthropic", Anthropic(DEFAULT_CLAUDE), True),
        (" anthropic:claude-opus-5-5 ", Anthropic("claude-opus-5-5"), True),
        (f"openai:qwen:7b@{LOCAL}", OpenAI("qwen:7b", LOCAL), False),
        ("openai:o@rg/m@https://a.b/v1/", OpenAI("o@rg/m", "https://a.b/v1"), True),
        ("peft:Qwen/Q-1.5B", Peft("Qwen/Q-1.5B"), False),
        ("peft:Qwen/Q+/adapter", Peft("Qwen/Q", "/adapter"), False),
        ("scripted:a b:c.json", Scripted(str(Path("a b:c.json").absolute())), False),
        ("scripted:/a/b.json", Scripted("/a/b.json"), False),
        ("rules", Rules(), False),
    ],
)
def test_is_read(text: str, backend: Backend, remote: bool):
    assert parse_backend(text) == backend
    assert backend.remote is remote
    assert parse_backend(str(backend)) == backend


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("antropic:x", r"unknown backend `antropic:x`; did you mean `anthropic` or `anthropic:MOD"),
        ("OpenAI:x@http://h", "did you mean `openai:MODEL@BASE_URL`"),
        ("scripted", "did you mean `scripted:FILE`"),
        ("rules:strict", "did you mean `rules`"),
        ("", "known forms: `embedded`, "),
        ("gpt-6", "known forms: "),
        ("peft:base+", "it lacks a name; write peft:BASE\\+ADAPTER"),
        ("embedded:", "nothing follows the colon; did you mean `embedded`"),
        ("openai:m", "names no server; write `openai:MODEL@http://HOST:PORT/v1`"),
        ("openai:m@localhost:80/v1", "names no server; write `openai:m@http://localhost:80/v1`"),
        ("openai:@http://h/v1", "names no server"),
        ("openai:m@http:///v1", "`http:///v1` is not a URL"),
        ("openai:m@http://h:port/v1", "is not a URL"),
        ("openai:m@httpx://h/v1", "is not a URL"),
    ],
)
def test_a_bad_one_is_one_line(text: str, line: str):
    with pytest.raises(ConfigError, match=line) as error:
        parse_backend(text)
    assert "\n" not in str(error.value)


def test_a_key_in_the_url_is_refused_and_not_repeated():
    with pytest.raises(ConfigError, match="OPENAI_API_KEY") as error:
        parse_backend("openai:m@https://user:hunter2@host/v1")
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("url", [None, "", "https://proxy.example", "http://127.0.0.1:4000"])
def test_an_overridden_anthropic_endpoint(url: str | None):
    backend = parse_backend("anthropic", anthropic_base_url=url)
    assert backend == Anthropic(DEFAULT_CLAUDE, url or None)
    assert backend.remote


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("api.localhost", True),
        ("127.1.2.3", True),
        ("[::1]", True),
        ("[::ffff:127.0.0.1]", True),
        ("0.0.0.0", True),
        ("192.168.0.2", False),
        ("localhost.evil.com", False),
        ("127.0.0.1.evil.com", False),
        ("example.com", False),
        ("[fe80::1]", False),
    ],
)
def test_loopback(host: str, wanted: bool):
    assert is_loopback(f"http://{host}:8000/v1") is wanted


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("qwen2.5-coder:1.5b", 1.5),
        ("Qwen/Qwen2.5-Coder-32B-Instruct-AWQ", 32),
        ("llama-3.2-3b", 3),
        ("SmolLM2-135M", 0.135),
        ("mixtral-8x7b", 56),
        ("Qwen3-30B-A3B", 30),
        ("gpt-6.1-terra", None),
        ("claude-sonnet-5-5", None),
        ("q4b1", None),
    ],
)
def test_size(name: str, size: float | None):
    assert parameters_billion(name) == size
