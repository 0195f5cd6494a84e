"""SystemVerilog in a file that is to be Verilog-2001."""

import subprocess
from pathlib import Path

import pytest

from spec2rtl.eda.lint import placed
from spec2rtl.repair.edits import apply_edits
from spec2rtl.repair.reflection import Reflection
from spec2rtl.repair.rules import diagnose
from spec2rtl.rtl import SourceFile
from spec2rtl.syntax.dialect import foreign_words

SYSTEMVERILOG = """module m(input logic clk, rst, d, output logic [3:0] y, output logic z, k);
  logic t, one = 1;
  logic [3:0] memory [0:3];
  always_comb begin
    t = ~d;
    z = t & one;
  end
  assign k = t;
  always_ff @(posedge clk or posedge rst)
    if (rst) y <= '0;
    else y <= memory[0];
  always_ff @(posedge clk) memory[0] <= y + 1;
endmodule
"""
VERILOG = """module m(input wire clk, rst, d, output reg [3:0] y, output reg z, output wire k);
  reg t, one = 1;
  reg [3:0] memory [0:3];
  always @(*) begin
    t = ~d;
    z = t & one;
  end
  assign k = t;
  always @(posedge clk or posedge rst)
    if (rst) y <= 0;
    else y <= memory[0];
  always @(posedge clk) memory[0] <= y + 1;
endmodule
"""


def in_verilog(text: str) -> Reflection | None:
    fault = foreign_words(text)
    found = [placed(fault, SourceFile("m.v", text))] if fault else []
    return diagnose(text, found, [], module="m", language="verilog", spec=None)


def test_systemverilog_in_a_verilog_file_is_said_in_verilog(tmp_path: Path) -> None:
    found = in_verilog(SYSTEMVERILOG)
    assert found is not None
    assert "`logic`, `always_comb`, `always_ff`, `'0`" in found.root_cause
    assert found.edits
    assert apply_edits(SYSTEMVERILOG, found.edits) == VERILOG
    source = tmp_path / "m.v"
    source.write_text(VERILOG)
    subprocess.run(["iverilog", "-g2001", "-o", tmp_path / "out", source], check=True)
    assert in_verilog(VERILOG) is None


@pytest.mark.parametrize(
    "text",
    [
        "module m(output logic y); always_comb y = 1; endmodule\n",  # `always @(*)` never begins
        "module m(input a, output y); typedef logic t; assign y = a; endmodule\n",
        "module m(output [3:0] y); assign y = '1; endmodule\n",
    ],
)
def test_systemverilog_that_has_no_word_for_word_in_verilog(text: str) -> None:
    found = in_verilog(text)
    assert found is not None
    assert found.edits is None
    assert "name the file .sv" in (found.instruction or "")
