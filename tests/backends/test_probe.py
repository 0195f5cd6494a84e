"""Whether a backend answers is asked as the product would ask it."""

from typing import Any

import pytest

from spec2rtl.backends.name import Anthropic, OpenAI
from spec2rtl.backends.probe import probe

ENVIRON = {"ANTHROPIC_API_KEY": "k1", "OPENAI_API_KEY": "k2"}


async def test_a_server_of_this_machine_is_asked_past_every_proxy(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.refuse(200, {"data": []})
    assert await probe(OpenAI("m", f"{server.url}/v1"), ENVIRON) is None
    assert await probe(Anthropic(base_url=f"{server.url}/"), ENVIRON) is None
    openai, anthropic = server.requests
    assert (openai.path, openai.headers["authorization"]) == ("/v1/models", "Bearer k2")
    assert (anthropic.path, anthropic.headers["x-api-key"]) == ("/v1/models", "k1")


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "a proxy or certificate of the environment"),
        ("HTTPS_PROXY", "http://127.0.0.1:9", "can't be reached: ConnectError"),
    ],
)
async def test_a_proxy_that_does_not_work_is_said(
    variable: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert why in (await probe(OpenAI("m", "https://far.example/v1"), ENVIRON) or "")


@pytest.mark.parametrize(
    ("status", "kind", "why"),
    [
        (401, "application/json", "refuses the key (HTTP 401)"),
        (200, "text/html", "is no model server (HTTP 200)"),
    ],
)
async def test_what_is_no_model_server_is_said(
    status: int, kind: str, why: str, server: Any
) -> None:
    server.answer(b"[]", status=status, kind=kind)
    assert why in (await probe(OpenAI("m", f"{server.url}/v1"), ENVIRON) or "")
