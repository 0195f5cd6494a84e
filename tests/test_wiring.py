"""Which backend is chosen, what is said of it, and what may not leave the machine."""

import pytest

from spec2rtl.config.settings import Settings
from spec2rtl.errors import ConfigError
from spec2rtl.events import Limits
from spec2rtl.loop.job import Job
from spec2rtl.loop.policy import choose
from spec2rtl.rtl import SourceFile
from spec2rtl.session import Order
from spec2rtl.wiring import Run, choose_backend

KEY = {"ANTHROPIC_API_KEY": "secret-key"}
LOCAL = "openai:m@http://127.0.0.1:8000/v1"
FAR = "openai:m@https://example.com/v1"
SENT = "specification, RTL and tests are sent to it"


@pytest.mark.parametrize(
    ("role", "text", "settings", "environ", "chosen", "said"),
    [
        ("generator", None, Settings(), KEY, "anthropic", f"ANTHROPIC_API_KEY is set); {SENT}"),
        ("generator", None, Settings(endpoint=LOCAL), KEY, "anthropic", SENT),
        ("generator", None, Settings(endpoint=LOCAL), {}, LOCAL, "the configured endpoint"),
        ("generator", None, Settings(endpoint=FAR), {}, FAR, SENT),
        ("generator", None, Settings(), {}, "embedded", "no key and no endpoint is set"),
        ("generator", None, Settings(remote=False), KEY, "embedded", "no key and no endpoint"),
        ("generator", None, Settings(remote=False, endpoint=FAR), {}, "embedded", "embedded"),
        ("generator", LOCAL, Settings(), KEY, LOCAL, None),
        ("generator", FAR, Settings(), {}, FAR, SENT),
        ("reflector", None, Settings(), KEY, "anthropic", SENT),
        ("reflector", None, Settings(endpoint=LOCAL), {}, LOCAL, "the configured endpoint"),
        ("reflector", None, Settings(), {}, "rules", None),
        ("reflector", "rules", Settings(), KEY, "rules", None),
    ],
)
def test_the_choice_and_what_is_said_of_it(
    role: str,
    text: str | None,
    settings: Settings,
    environ: dict[str, str],
    chosen: str,
    said: str | None,
) -> None:
    found, line = choose_backend(text, role, settings, environ)
    assert str(found).startswith(chosen)
    assert line is None if said is None else said in (line or "")
    assert "secret-key" not in (line or "")


@pytest.mark.parametrize("text", [FAR, "anthropic"])
def test_what_is_remote_can_be_forbidden(text: str) -> None:
    with pytest.raises(ConfigError, match="remote = false"):
        choose_backend(text, "generator", Settings(remote=False), {})


async def test_a_run_that_goes_on_asks_again_whether_text_may_leave() -> None:
    job = Job("generate", "m", SourceFile("/m.v", ""))
    order = Order(job, FAR, "rules", Limits())
    assert Run(order, Settings()).notices == [f"generator: {FAR}; {SENT}"]
    with pytest.raises(ConfigError, match="remote = false"):
        async with Run(order, Settings(remote=False)):
            pass


def test_claude_behind_a_proxy_on_this_machine_is_remote() -> None:
    environ = KEY | {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}
    for text in (None, "anthropic"):
        _, line = choose_backend(text, "generator", Settings(), environ)
        assert SENT in (line or "")
    found, _ = choose_backend(None, "generator", Settings(remote=False), environ)
    assert str(found) == "embedded"
    with pytest.raises(ConfigError, match="remote = false"):
        choose_backend("anthropic", "generator", Settings(remote=False), environ)


@pytest.mark.parametrize(
    ("strong", "asked", "drawn"), [(True, None, 1), (False, None, 4), (True, 3, 3), (False, 2, 2)]
)
def test_candidates_an_iteration(strong: bool, asked: int | None, drawn: int) -> None:
    assert choose(strong=strong, candidates=asked).candidates == drawn
