"""`break` said with a flag: the same values, in Verilog that simulates and synthesizes."""

import subprocess
from pathlib import Path

from spec2rtl.repair.edits import apply_edits
from spec2rtl.repair.rules import diagnose
from tests.repair.conftest import Compiler

LOWEST = """module m(input [7:0] d, output reg [3:0] n);
  always @* begin
    n = 8;
    for (integer i = 0; i < 8; i = i + 1) begin : search
      if (d[i]) begin
        n = i;
        break;
      end
    end
  end
endmodule
"""
BENCH = """module t; reg [7:0] d; wire [3:0] n; m u(d, n);
  integer k; initial for (k = 0; k < 256; k = k + 1) begin d = k; #1 $write("%0d ", n); end
endmodule
"""


def mended(text: str, errors_of: Compiler) -> str | None:
    errors = errors_of(text)
    assert any("break" in error.message for error in errors)
    found = diagnose(text, errors, (), module="m", language="verilog", spec=None)
    assert found is not None
    assert "`break`" in found.root_cause
    made = apply_edits(text, found.edits) if found.edits else None
    assert made is None or isinstance(made, str)
    return made


def test_a_search_ends_at_its_first_hit(errors_of: Compiler, tmp_path: Path) -> None:
    text = mended(LOWEST, errors_of)
    assert text is not None
    assert errors_of(text) == ()
    (tmp_path / "t.v").write_text(text + BENCH)
    subprocess.run(["iverilog", "-g2012", "-o", "t", "t.v"], cwd=tmp_path, check=True)
    said = subprocess.run(
        ["vvp", "-n", "t"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    lowest = [str((k & -k).bit_length() - 1 if k else 8) for k in range(256)]
    assert said.stdout.split() == lowest


def test_what_follows_a_break_makes_it_uncertain(errors_of: Compiler) -> None:
    assert (
        mended(LOWEST.replace("break;\n      end\n", "break;\n      end\n n = 7;\n"), errors_of)
        is None
    )
