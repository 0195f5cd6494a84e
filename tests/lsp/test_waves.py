"""The recording of a failing test, as an editor asks for it."""

import asyncio
from pathlib import Path

from spec2rtl.eda.waves import read_wave
from spec2rtl.process.sandbox import Rlimits
from tests.lsp.client import Client, uri
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
