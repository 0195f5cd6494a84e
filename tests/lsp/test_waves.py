"""The recording of a failing test, as an editor asks for it."""

import asyncio
import os
import time
from pathlib import Path

from lsprotocol import types

from spec2rtl.eda.waves import read_wave
from spec2rtl.process.sandbox import Rlimits
from tests.lsp.client import TIMEOUT, Client, uri
from tests.lsp.conftest import GOOD

BAD = GOOD.replace("else if (en)", "else")


async def test_the_waves_of_a_failing_test(client: Client, folder: Path, tmp_path: Path) -> None:
    await client.begin(folder)
    rtl, tests = folder / "counter.v", folder / "test_counter.py"
    rtl.write_text(BAD)
    failed = await client.command("simulate", uri=uri(rtl))
    test = next(t["name"] for t in failed["tests"] if t["status"] == "failed")
    passing = next(t["name"] for t in failed["tests"] if t["status"] == "passed")
    shown = await client.command("waves", uri=uri(tests), test=test)
    assert shown["message"] is None
    recording = Path(shown["path"])
    assert recording.is_relative_to(tmp_path / "cache")
    wave = await read_wave(await asyncio.to_thread(recording.read_bytes), Rlimits())
    assert wave
    assert set(shown["signals"]) <= {trace.name for trace in wave.traces}
    assert {"counter.clk", "counter.count", "counter.en"} <= set(shown["signals"])
    assert 0 < shown["time_ns"] <= wave.end * wave.tick_ns
    assert "count <= count + 4'd1" in shown["text"]
    assert "inputs that have no say in it: en" in shown["text"]
    assert shown["svg"].startswith("<svg ")
    assert shown["save"] == str(recording.with_suffix(".gtkw"))

    async def refused(name: str) -> str:
        return (await client.command("waves", uri=uri(tests), test=name))["message"]

    assert "there is no failure to show" in await refused(passing)
    assert "no test `nothing` was run" in await refused("nothing")
    rtl.unlink()
    assert "there is no RTL for it yet" in await refused(test)


def unread(recording: Path) -> Path:
    """A picture beside a recording that can't be written until somebody reads it."""
    recording.unlink()
    picture = recording.with_suffix(".svg")
    picture.unlink()
    os.mkfifo(picture)
    return picture


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)


async def test_others_are_answered_while_a_failure_is_explained(
    client: Client, folder: Path
) -> None:
    """The explanation ends with a picture: where nobody reads that, it waits."""
    await client.begin(folder)
    rtl, tests = folder / "counter.v", folder / "test_counter.py"
    rtl.write_text(BAD)
    client.open(rtl)
    failed = await client.command("simulate", uri=uri(rtl))
    test = next(t["name"] for t in failed["tests"] if t["status"] == "failed")
    recording = Path((await client.command("waves", uri=uri(tests), test=test))["path"])
    picture = unread(recording)
    explaining = asyncio.create_task(client.command("waves", uri=uri(tests), test=test))
    await asyncio.to_thread(wait_for, recording)  # it is explained next
    clock = types.Position(0, BAD.index("clk"))
    here = types.HoverParams(types.TextDocumentIdentifier(uri(rtl)), clock)
    try:
        async with asyncio.timeout(TIMEOUT):
            answers = [await client.text_document_hover_async(here) for _ in range(3)]
        assert all(answers)
        assert not explaining.done()
    finally:
        drawn = await asyncio.to_thread(picture.read_text)
    shown = await explaining
    assert (shown["message"], shown["svg"]) == (None, drawn)
