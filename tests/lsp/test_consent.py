"""What is asked before tests run on a machine where no sandbox works."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from lsprotocol import types

from tests import rlimits_only
from tests.lsp.client import Client, capabilities, start
from tests.lsp.conftest import GOOD, fenced

ASK = types.WINDOW_SHOW_MESSAGE_REQUEST


@pytest.fixture
async def client(environ: dict[str, str]) -> AsyncIterator[Client]:
    client = await start(environ, sys.executable, "-I", rlimits_only.__file__)
    yield client
    assert await client.end() == 0
    assert client.errors == []


def asked(client: Client) -> list[str]:
    return [params.message for method, params in client.told if method == ASK]


async def test_a_refusal_runs_nothing(
    client: Client, folder: Path, script: Callable[..., str]
) -> None:
    client.answers = "Don't run"
    await client.begin(folder, events=True)
    (folder / "counter.v").write_text(GOOD)
    spec = client.open(folder / "counter.spec.md")
    result = await client.command("generate", uri=spec, generator=script(fenced(GOOD)))
    assert result["status"] == "error"
    assert result["message"].startswith("nothing was run: no sandbox works here")
    simulated = await client.command("simulate", uri=spec)
    assert simulated["status"] == "errored"
    assert simulated["message"] == result["message"]
    assert len(asked(client)) == 2
    assert "no sandbox works on this machine" in asked(client)[0]
    assert client.events == []
    assert (await client.command("check", uri=spec))["ok"]  # of one's own text, as while typing


async def test_an_agreement_holds_for_the_workspace(
    client: Client, folder: Path, script: Callable[..., str]
) -> None:
    client.answers = "Run"
    await client.begin(folder, events=True)
    (folder / "counter.v").write_text(GOOD)
    spec = client.open(folder / "counter.spec.md")
    both = await asyncio.gather(*(client.command("simulate", uri=spec) for _ in range(2)))
    assert [(one["status"], one["sandbox"]) for one in both] == [("passed", "rlimits")] * 2
    result = await client.command("generate", uri=spec, generator=script(fenced(GOOD)))
    assert result["status"] == "verified"
    assert any(line.startswith("no sandbox") for line in result["warnings"])
    assert len(asked(client)) == 1


@pytest.mark.parametrize(
    ("asks", "settings"),
    [
        (True, {"sandbox": "off"}),
        (False, {}),  # a client that can't be asked is told
    ],
)
async def test_who_has_decided_is_not_asked(
    client: Client, folder: Path, asks: bool, settings: dict[str, str]
) -> None:
    client.settings = settings
    caps = capabilities() if asks else capabilities(window__showMessage=None)
    await client.begin(folder, caps=caps)
    (folder / "counter.v").write_text(GOOD)
    spec = client.open(folder / "counter.spec.md")
    assert (await client.command("simulate", uri=spec))["status"] == "passed"
    assert asked(client) == []
    told = [p.message for m, p in client.told if m == types.WINDOW_SHOW_MESSAGE]
    assert len(told) == (0 if asks else 1)


async def test_what_is_agreed_to_is_remembered(
    client: Client, folder: Path, environ: dict[str, str]
) -> None:
    """For its workspace, by the server: another editor that opens it doesn't ask again."""
    client.answers = "Run"
    (folder / "counter.v").write_text(GOOD)
    await client.begin(folder)
    spec = client.open(folder / "counter.spec.md")
    assert (await client.command("simulate", uri=spec))["status"] == "passed"
    assert len(asked(client)) == 1
    for where, times in ((folder, 0), (folder.parent, 1)):
        other = await start(environ, sys.executable, "-I", rlimits_only.__file__)
        other.answers = "Don't run"
        try:
            await other.begin(where)
            answer = await other.command("simulate", uri=spec)
            assert (answer["status"], len(asked(other))) == (("passed", "errored")[times], times)
        finally:
            assert await other.end() == 0
