import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lsp.conftest import GOOD, SLOW_TESTS, fenced

WRITTEN = """// Ours, by hand.
module counter(input clk, input rst, input en, output reg [3:0] count);
  // It must start somewhere.
  always @(posedge clk)
    if (en) count <= count + 4'd1;
endmodule
"""
REPAIRED = WRITTEN.replace("if (en)", "if (rst) count <= 0;\n    else if (en)")
EDITED = REPAIRED.replace("4'd1", "4'd2")
TOP = """module top(input clk, input rst, input en, output [3:0] count);
  counter u(.clk(clk), .rst(rst), .en(en), .count(count));
endmodule
"""
TESTS = """import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

@cocotb.test()
async def resets(dut):
    cocotb.start_soon(Clock(dut.clk, 10, "ns").start())
    dut.rst.value, dut.en.value = 1, 1
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)
    assert dut.count.value == 0
"""
JOURNEY = Path(__file__).with_name("journey.lua")


@pytest.mark.skipif(shutil.which("nvim") is None, reason="nvim is not installed")
async def test_the_journey_in_neovim(
    folder: Path, tmp_path: Path, environ: dict[str, str], script: Callable[..., str]
) -> None:
    endless = tmp_path / "test_endless.py"
    endless.write_text(SLOW_TESTS)
    own = folder / "own"
    own.mkdir()
    (own / "counter.v").write_text(WRITTEN)
    (own / "test_counter.py").write_text(TESTS)
    (own / "top.v").write_text(TOP)
    given = {
        "ENDLESS": str(endless),
        "FOLDER": str(folder),
        "PYTHON": sys.executable,
        "GENERATOR": script(fenced(GOOD)),
        "REPAIRER": script(fenced(REPAIRED), name="repair.json"),
        "EDITOR_MODEL": script(fenced(EDITED), name="edit.json"),
        "WRITTEN": WRITTEN,
        "REPAIRED": REPAIRED,
        "EDITED": EDITED,
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
    instance = report.pop("instance")
    assert "module counter" in instance
    assert "input en" in instance
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
        "repair": [
            "verified",
            True,
            "Accept: repair of counter (compiles; 1 of 1 tests pass; behaviour changed)",
        ],
        "edit": [
            "verified",
            True,
            "Accept: edit of counter (compiles; 1 of 1 tests pass; behaviour changed)",
        ],
        "definition": "module counter(input clk, input rst, input en, output reg [3:0] count);",
    }, said.decode()
