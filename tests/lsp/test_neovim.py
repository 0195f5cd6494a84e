import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lsp.conftest import GOOD, SLOW_TESTS, fenced

JOURNEY = Path(__file__).with_name("journey.lua")


@pytest.mark.skipif(shutil.which("nvim") is None, reason="nvim is not installed")
async def test_the_journey_in_neovim(
    folder: Path, tmp_path: Path, environ: dict[str, str], script: Callable[..., str]
) -> None:
    endless = tmp_path / "test_endless.py"
    endless.write_text(SLOW_TESTS)
    given = {
        "ENDLESS": str(endless),
        "FOLDER": str(folder),
        "PYTHON": sys.executable,
        "GENERATOR": script(fenced(GOOD)),
        "REPORT": str(tmp_path / "report.json"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    process = await asyncio.create_subprocess_exec(
        *("nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-S", str(JOURNEY)),
        env={**os.environ, **environ, **given},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(120):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    report = json.loads((tmp_path / "report.json").read_text())
    assert "sent to anthropic" in report.pop("asked"), said.decode()
    assert "you did not agree" in report.pop("refused")
    hover = report.pop("hover")
    assert "output reg [3:0] count  // 4 bits" in hover
    assert "- the present count" in hover
    assert report == {
        "status": "verified",
        "out": str(folder / "counter.v"),
        "generated": GOOD,
        "error": "not-an-lvalue",
        "actions": 1,
        "mended": True,
        "lenses": 2,
        "simulated": ["passed", 6],
        "cancelled": True,
    }, said.decode()
