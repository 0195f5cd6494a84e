"""Numbers with a sign, on real tools: which line ran, what a question is answered."""

from pathlib import Path

from spec2rtl.eda.testbench import load_testbench
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.evidence.explain import explain
from spec2rtl.evidence.picture import gtkw
from spec2rtl.evidence.queries import answers
from spec2rtl.repair.reflection import Query
from spec2rtl.rtl import Design, SourceFile

RTL = """\
module band(input clk, input signed [0:3] step, output reg low);
  typedef logic signed [5:0] level_t;
  level_t level = 0;
  localparam signed [5:0] FLOOR = -6'sd4;
  always @(posedge clk) begin
    level <= level + step;
    if (level < FLOOR)
      low <= 0;
    else
      low <= 0;
  end
endmodule
"""
TEST = """\
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

@cocotb.test()
async def falls(dut):
    dut.step.value = -2
    cocotb.start_soon(Clock(dut.clk, 10, "ns").start())
    for _ in range(5):
        await FallingEdge(dut.clk)
    assert dut.low.value == 1
"""


async def test_signed_names_are_compared_with_their_signs(tmp_path: Path) -> None:
    (tmp_path / "test_band.py").write_text(TEST)
    bench = load_testbench(tmp_path / "test_band.py")
    design = Design((SourceFile(str(tmp_path / "band.sv"), RTL),), top="band")
    tools = IcarusToolchain(find_tools())
    report = await tools.simulate(design, bench)
    recording = await tools.record(design, bench, report.tests, report.tests[0])
    assert recording
    why = explain(recording, report.tests[0], design, bench)
    assert why
    assert why.driving
    assert why.driving.line == 8
    asked = [
        Query("count", "level < 0"),
        Query("first", "level == FLOOR - 2"),
        Query("first", "step > 0"),
    ]
    assert answers(recording, why, asked).splitlines() == [
        "- level < 0: holds at 4 of 5 clock edges",
        "- level == FLOOR - 2: first holds at 30 ns",
        "- step > 0: never holds at a clock edge",
    ]
    rows = {row.name: row.values for row in why.table.rows}
    assert rows["band.level"] == ("xxxxxx", "-2", "-4", "-6", "-8", "-10")
    assert "band.step[0:3]\n" in gtkw(why, "band.fst"), "as the recording numbers the bits"
