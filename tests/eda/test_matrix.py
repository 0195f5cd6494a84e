"""Every kind of fault in one small file each: its exact range, its code, and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from spec2rtl import checks
from spec2rtl.eda.sources import load_design
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.rtl import Design, Diagnostic, SourceFile

BEFORE = {
    "plain": "",
    "tabs": "\t\t/* x */\t",
    "emoji": "/* 😀😀 */ ",
    "cjk": "/* 計數器 모듈 */ ",
}

# The range that must be named stands between « and ».
FAULTS = {
    "latch": """
module m(input en, input d, output reg q);
  always @* if (en) «q» = d;
endmodule
""",
    "latch always_comb": """
module m(input en, input d, output logic q);
  always_comb if (en) «q» = d;
endmodule
""",
    "latch always_comb bits": """
module m(input [1:0] s, input [7:0] d, output logic [7:0] q);
  always_comb case (s) 2'd0: «q» = d; 2'd1: q = 8'd44; endcase
endmodule
""",
    "latch generate": """
module m(input en, input [1:0] d, output [1:0] q);
  genvar i;
  generate for (i = 0; i < 2; i = i + 1) begin : g
    reg r;
    always @* if (en) «r» = d[i];
    assign q[i] = r;
  end endgenerate
endmodule
""",
    "latch case": """
module m(input [1:0] s, input d, output reg q);
  always @* case (s) 2'd0: «q» = d; 2'd1: q = ~d; endcase
endmodule
""",
    "multiple-drivers": """
module m(input clk, input a, input b, output reg q);
  always @(posedge clk) q <= a;
  always @(posedge clk) if (b) «q» <= b;
endmodule
""",
    "multiple-drivers assign": """
module m(input a, input b, output y);
  assign y = a;
  assign «y» = b;
endmodule
""",
    "truncation": """
module m(input [7:0] a, output [3:0] y);
  assign y = «a»;
endmodule
""",
    "combinational-loop": """
module m(input a, output x, output y);
  assign «x» = y & a;
  assign y = x | a;
endmodule
""",
    "undriven": """
module m(input a, output y, output «z»);
  assign y = a;
endmodule
""",
    "undriven net": """
module m(input a, output y);
  wire «w»;
  assign y = a & w;
endmodule
""",
    "unused": """
module m(input a, input «b», output y);
  assign y = a;
endmodule
""",
    "unused variable": """
module m(input a, output y);
  reg «r»;
  assign y = a;
endmodule
""",
    "incomplete-sensitivity": """
module m(input a, input b, output reg y);
  always @(a) y = a & «b»;
endmodule
""",
    "blocking-in-clocked": """
module m(input clk, input a, output reg y);
  always @(posedge clk) «y» = a;
endmodule
""",
    "blocking-in-clocked enumeration": """
module m(input clk, input a, output y);
  typedef enum logic [0:0] {IDLE, BUSY} state_t;
  state_t other, state;
  always @(posedge clk) «state» = other;
  always @(posedge clk) if (a) other <= BUSY; else other <= IDLE;
  assign y = state == BUSY;
endmodule
""",
    "nonblocking-in-combinational": """
module m(input a, output reg y);
  always @* «y» <= ~a;
endmodule
""",
    "width-mismatch": """
module s(input [3:0] a, output y);
  assign y = ^a;
endmodule
module m(input [7:0] a, output y);
  s u(.«a»(a), .y(y));
endmodule
""",
    "unknown-module": """
module m(input a, output y);
  «gone» u(.a(a), .y(y));
endmodule
""",
    "missing-endmodule": """
module m(input a, output y);
  assign y = a;«»
""",
    "not-synthesizable": """
module m(input clk, input a, output reg y);
  always @(posedge clk) begin
    «wait» (a);
    y <= a;
  end
endmodule
""",
    "not-synthesizable edges": """
module m(input clk, input a, output reg y);
  always @(posedge clk or «negedge» clk) y <= a;
endmodule
""",
    "system-task": """
module m(input clk, input a, output reg y);
  always @(posedge clk) begin
    y <= a;
    if (a) «$finish»;
  end
endmodule
""",
    "system-task file": """
module m(input a, output y);
  integer f;
  initial f = «$fopen»("result");
  assign y = a & f[0];
endmodule
""",
    "reaches-out": """
module m(input a, output y);
  assign y = a & «tb.expected»;
endmodule
module tb;
  reg a, expected;
  wire y;
  m u(.a(a), .y(y));
  initial begin a = 0; expected = 1; #1 $display("%b", y); end
endmodule
""",
    "undeclared-identifier": """
module m(input a, output y);
  assign y = a & «nowhere»;
endmodule
""",
    "not-an-lvalue": """
module m(input a, output y);
  always @* «y» = a;
endmodule
""",
    "duplicate-declaration": """
module m(input a, output y);
  wire w;
  wire «w»;
  assign w = a;
  assign y = w;
endmodule
""",
    "syntax-error": """
module m(input a, output y);
  assign y = a«»
endmodule
""",
    "include-not-found": """
«`include "gone.vh"»
module m(input a, output y);
  assign y = a;
endmodule
""",
}


SPEC = """# m

- `input clk`: clock
- `input rst`: synchronous reset, active high
- `input a`: what `y` takes at each rising edge
- `output y`: 0 after a reset
"""
AGAINST_SPEC = {
    "reset-polarity": """
module m(input clk, input rst, input a, output reg y);
  always @(posedge clk) if (!«rst») y <= 1'b0; else y <= a;
endmodule
""",
    "reset-synchrony": """
module m(input clk, input rst, input a, output reg y);
  always @(posedge clk or posedge «rst») if (rst) y <= 1'b0; else y <= a;
endmodule
""",
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def tools() -> AsyncIterator[IcarusToolchain]:
    toolchain = IcarusToolchain(find_tools(), sandbox=best_sandbox())
    yield toolchain
    await toolchain.aclose()


def place(text: str) -> tuple[str, str]:
    """The text without its marks, and the range between them."""
    before, inner, after = text.replace("«", "\0").replace("»", "\0").split("\0")
    start, end = _at(before), _at(before + inner)
    return before + inner + after, f"{start}-{end}"


def _at(before: str) -> str:
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def shown(found: Diagnostic) -> str:
    return f"{found.line}:{found.column}-{found.end_line}:{found.end_column} {found.code}"


def behind(before: str, fault: str) -> tuple[str, str]:
    """A fault with odd text before each of its lines, and the range that it must get."""
    lines = fault.strip("\n").split("\n")
    # iverilog takes no directive that shares its line.
    marked = "".join(f"{BEFORE[before]}{chr(10) * ('`' in line)}{line}\n" for line in lines)
    return place(marked.replace("\n", "\r\n" if before == "tabs" else "\n"))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", FAULTS)
async def test_each_fault(tools: IcarusToolchain, name: str, before: str) -> None:
    code = name.partition(" ")[0]
    text, expected = behind(before, FAULTS[name])
    suffix = "sv" if "always_comb" in name or "typedef" in text else "v"
    design = Design((SourceFile(f"/w/m.{suffix}", text),))
    checked = await checks.check(tools, design)
    assert [shown(d) for d in checked.diagnostics] == [f"{expected} {code}"], checked.diagnostics


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("code", AGAINST_SPEC)
async def test_each_fault_by_the_spec(
    tools: IcarusToolchain, code: str, before: str, tmp_path: Path
) -> None:
    text, expected = behind(before, AGAINST_SPEC[code])
    rtl = tmp_path / "m.v"
    rtl.write_text(text, encoding="utf-8", newline="")
    (tmp_path / "m.spec.md").write_text(SPEC)
    (found,) = (await checks.check(tools, load_design([rtl]))).diagnostics
    assert shown(found) == f"{expected} {code}"
    assert [(note.line, note.column) for note in found.related] == [(4, 1)]
