"""Two windows on one folder: two servers, one journal, one set of files."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from lsprotocol import types

from tests.lsp.client import Client, capabilities, start
from tests.lsp.conftest import EXAMPLES, GOOD, fenced

OTHER = GOOD.replace("count + 4'd1", "4'd1 + count")
WAITING = """

import pathlib
import cocotb
from cocotb.triggers import Timer

@cocotb.test()
async def waits(dut):
    while not pathlib.Path({go!r}).exists():
        await Timer(1, "us")
"""


async def test_two_windows_on_one_folder(
    client: Client, folder: Path, environ: dict[str, str], script: Callable[..., str]
) -> None:
    """The one that is done first writes; the other keeps what it has and says so."""
    go, target = folder.parent / "go", folder / "counter.v"
    tests = folder / "test_counter.py"
    plain = (EXAMPLES / "counter" / "test_counter.py").read_text()
    tests.write_text(plain + WAITING.format(go=str(go)))
    client.settings = {"sandbox": "off"}  # the tests wait for a file outside of theirs
    await client.begin(folder, caps=capabilities(workspace__applyEdit=False))
    slow = asyncio.ensure_future(
        client.command(
            "generate",
            uri=client.open(folder / "counter.spec.md"),
            generator=script(fenced(GOOD), name="slow.json"),
        )
    )
    await client.until(types.PROGRESS, lambda p: "simulating" in str(p.value))
    second = await start(environ)
    try:
        await second.begin(folder, caps=capabilities(workspace__applyEdit=False))
        tests.write_text(plain)
        first = await second.command(
            "generate",
            uri=second.open(folder / "counter.spec.md"),
            generator=script(fenced(OTHER), name="fast.json"),
        )
        assert (first["status"], first["out"]) == ("verified", str(target))
        go.touch()
        last = await slow
        assert (last["status"], last["out"]) == ("verified", None)
        assert target.read_text() == OTHER
        await client.until(
            types.WINDOW_SHOW_MESSAGE, lambda p: "counter.v changed during the run" in p.message
        )
        for window in (client, second):
            runs = (await window.command("runs"))["runs"]
            assert {run["run_id"] for run in runs} == {first["run_id"], last["run_id"]}
            assert {run["status"] for run in runs} == {"verified"}
    finally:
        assert await second.end() == 0
