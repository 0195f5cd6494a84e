"""Every kind of fault in one small file each: its exact range, its code, and nothing else."""

import re
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

# The range that must be named stands between « and »; where several are, they are of that code, or
# each of its own: `a,b`.
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
    "latch,nonblocking-in-combinational one place": """
module m(input en, input d, output reg q);
  always @* if (en) ««q»» <= d;
endmodule
""",
    "always-kind,latch nonblocking always_comb": """
module m(input en, input d, output logic q);
  always_comb if (en) ««q»» <= d;
endmodule
""",
    "latch several": """
module m(input e, input d, output logic p, output logic q);
  always_comb if (e) begin «p» = d; «q» = ~d; end
endmodule
""",
    "truncation,literal-truncated": """
module m(input [7:0] a, output [3:0] y);
  assign y = «a & «8'd300»»;
endmodule
""",
    "truncation parameters": """
module s #(parameter W = 4) (input [15:0] a, output [W-1:0] y);
  assign y = «a»;
endmodule
module m(input [15:0] a, output [3:0] x, output [7:0] y);
  s #(.W(4)) u(.a(a), .y(x));
  s #(.W(8)) v(.a(a), .y(y));
endmodule
""",
    "syntax-error no module": """
m(«input» a, output y);
  assign y = a;
endmodule
""",
    "directive": """
module m(input a, output y);
«`ifdef» X
  assign y = a;
endmodule
""",
    "missing-end else": """
module m(input clk, input r, input d, output reg q);
  always @(posedge clk) begin
    if (r) begin
      q <= 0;
    «else»
      q <= d;
  end
endmodule
""",
    "syntax-error no begin": """
module m(input clk, input a, output reg x, output reg y);
  always @(posedge clk)
    x <= a;
    «y» <= ~a;
endmodule
""",
    "syntax-error condition": """
module m(input [1:0] s, output reg y);
  always @* if («s = 2'b01») y = 1; else y = 0;
endmodule
""",
    "unterminated-string": """
module m(input a, output y);
  localparam N = «"abc;»
  assign y = a;
endmodule
""",
    "port-not-found": """
module s(input a, output y);
  assign y = a;
endmodule
module m(input a, output y);
  s u(.y(y),
    .«b»(a));
endmodule
""",
    "unknown-function": """
module m #(parameter D = 16) (input [«clog2»(D)-1:0] a, output y);
  assign y = ^a;
endmodule
""",
    "array-index": """
module m(input clk, input [3:0] a, input d, output reg q);
  reg mem [0:15];
  always @(posedge clk) begin mem[a] <= d; q <= «mem»; end
endmodule
""",
    "concatenation": """
module m(input [3:0] a, output [7:0] y);
  assign y = {a, «0»};
endmodule
""",
    "enum-value-overflow": """
module m(input a, output y);
  typedef enum logic [1:0] {A, B, C, D, «E»} letter;
  letter x;
  always_comb x = a ? A : B;
  assign y = x == A;
endmodule
""",
    "undeclared-identifier member": """
module m(input a, output y);
  struct packed { logic v; logic w; } s;
  assign s = {a, a};
  assign y = s.«x»;
endmodule
""",
    "index-out-of-range loop": """
module m(input [3:0] a, output [3:0] y);
  genvar i;
  generate for (i = 0; i <= 4; i = i + 1) begin : g
    assign «y»[i] = ~«a»[i];
  end endgenerate
endmodule
""",
    "index-out-of-range second": """
module m(input clk, input d, output reg [3:0] q);
  always @(posedge clk) begin q[3:0] <= 0; «q»[4] <= d; end
endmodule
""",
    "parameter-not-found width": """
module s #(parameter W = 4) (input [W-1:0] a, output [W-1:0] y);
  assign y = a;
endmodule
module m(input [7:0] a, output [7:0] y);
  s #(.«V»(8)) u(
    .a(a), .y(y));
endmodule
""",
    "reset-polarity edge": """
module m(input clk, input rst_n, input d, output reg q);
  always @(posedge clk or negedge rst_n)
    if («rst_n») q <= 0; else q <= d;
endmodule
""",
    "index-out-of-range": """
module m(input [3:0] a, output y);
  assign y = «a»[7];
endmodule
""",
    "not-constant": """
module m(input [7:0] a, input [2:0] n, output [7:0] y);
  assign y = a[«n»+7:n];
endmodule
""",
    "port-unconnected": """
module s(input a, input b, output y);
  assign y = a & b;
endmodule
module m(input a, output y);
  «s» u(.a(a), .y(y));
endmodule
""",
    "parameter-not-found": """
module s(input a, output y);
  assign y = a;
endmodule
module m(input a, output y);
  s #(.«N»(3)) u(.a(a), .y(y));
endmodule
""",
    "always-kind whole statement": """
module m(input a, output logic y);
  always_comb begin
    «y» <= a;
  end
endmodule
""",
    "port-count": """
module s(input a, output y);
  assign y = a;
endmodule
module m(input a, output y);
  s u(a, y, «a»);
endmodule
""",
    "syntax-error header": """
module m(input clk«» input a, output reg y);
  always @(posedge clk) y <= a;
endmodule
""",
    "undefined-macro": """
module m(input a, output y);
  assign y = a & «`MASK»;
endmodule
""",
    "syntax-error word": """
module m(input a, input b, output reg y);
  always @* begin
    if (a) y = 1;
    elsif (b)«» y = 0;
    else y = 1;
  end
endmodule
""",
    "syntax-error keyword": """
module m(input a, output y);
  wire «reg»;
  assign y = a;
endmodule
""",
    "syntax-error literal": """
module m(input [3:0] a, output [3:0] y);
  assign y = a + 4«b0011»;
endmodule
""",
    "syntax-error generate": """
module m(input [3:0] a, output [3:0] y);
  genvar i;
  generate for (i = 0; i < 4; i = i + 1) begin : g
    assign y[i] = a[i];
  end
«endmodule»
""",
    "syntax-error function": """
module m(input a, output y);
  function f(input x);
    f = ~x;
  assign y = f(a);«»
endmodule
""",
    "syntax-error port left": """
module s(input a, output y);
  assign y = a;
endmodule
module m(input a, output y);
  s u(.a(a), .y(y),«)»;
endmodule
""",
    "syntax-error comma": """
module m(input a, output y«,»);
  assign y = a;
endmodule
""",
    "range-reversed": """
module m(input [7:0] d, output [3:0] y);
  assign y = «d»[0:3];
endmodule
""",
    "latch several always": """
module m(input e, input d, output reg p, output reg q);
  always @* if (e) begin «p» = d; «q» = ~d; end
endmodule
""",
    "latch several ifs": """
module m(input e, input f, input d, output reg p, output reg q);
  always @* begin if (e) «p» = d; if (f) «q» = d; end
endmodule
""",
    "latch several arms": """
module m(input [1:0] s, input d, output reg p, output reg q);
  always @* case (s)
    2'd0: begin «p» = d; «q» = 0; end
    2'd1: begin p = 0; q = d; end
  endcase
endmodule
""",
    "latch part": """
module m(input en, input [1:0] d, output reg [3:0] q);
  always @* begin
    q[1:0] = d;
    if (en) «q»[3:2] = d;
  end
endmodule
""",
    "multiple-drivers instances": """
module s(input a, output y);
  assign y = ~a;
endmodule
module m(input a, input b, output y);
  s u(.a(a), .y(y));
  s v(.a(b), .y(«y»));
endmodule
""",
    "multiple-drivers positions": """
module s(input a, output y);
  assign y = ~a;
endmodule
module m(input a, input b, output y);
  s u(a, y), v(b, «y»);
endmodule
""",
    "multiple-drivers bits": """
module s(input a, output [1:0] y);
  assign y = {a, ~a};
endmodule
module m(input a, input b, output [3:0] y);
  s u(.a(a), .y(y[1:0]));
  s v(.a(b), .y(«y»[2:1]));
  assign y[3] = b;
endmodule
""",
    "multiple-drivers declaration": """
module m(input a, input b, output y);
  wire t = a;
  assign «t» = b;
  assign y = t;
endmodule
""",
    "multiple-drivers rounds": """
module m(input [3:0] a, output y);
  genvar i;
  generate for (i = 0; i < 4; i = i + 1) begin : g
    assign «y» = a[i];
  end endgenerate
endmodule
""",
    "combinational-loop instance": """
module s(input a, output y);
  assign «y» = ~a;
endmodule
module m(input e, output y);
  wire t;
  s u(.a(t), .y(y));
  assign t = y & e;
endmodule
""",
    "undriven part": """
module m(input [2:0] a, output [3:0] «y»);
  assign y[2:0] = a;
endmodule
""",
    "not-synthesizable event variable": """
module m(input a, output y);
  «event e»;
  assign y = a;
endmodule
""",
    "not-synthesizable loop": """
module m(input [3:0] a, output reg [3:0] y);
  always @* begin
    y = 0;
    «while» (y < a) y = y + 1;
  end
endmodule
""",
    "not-synthesizable second wait": """
module m(input clk, input a, output reg y);
  always @(posedge clk) begin
    y <= a;
    «@»(posedge clk);
    y <= ~a;
  end
endmodule
""",
    "not-synthesizable level": """
module m(input clk, input a, output reg y);
  always @(posedge clk or «a») y <= a;
endmodule
""",
    "data-not-found": """
module m(input clk, input [1:0] a, output reg [7:0] y);
  reg [7:0] mem [0:3];
  initial $readmemh(«"gone.hex"», mem);
  always @(posedge clk) y <= mem[a];
endmodule
""",
    "not-synthesizable,reaches-out,system-task helper": """
module m(input a, output y);
  assign y = a;
  helper h();
endmodule
module helper;
  initial begin «#»1 force «m.y» = 1; «$finish»; end
endmodule
""",
    "reaches-out indexed": """
module m(input a, output y);
  assign y = a & «tb.g[0].good.q»;
endmodule
module tb;
  genvar i;
  for (i = 0; i < 1; i = i + 1) begin : g
    good good();
  end
endmodule
module good;
  reg q;
  initial q = 1;
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
    "no-top-module": """
module m(input a, output y);
  «m» u(.a(a), .y(y));
endmodule
""",
    "missing-endmodule": """
module m(input a, output y);
  assign y = a;«»
""",
    "missing-endmodule between": """
module s(input a, output y);
  assign y = a;«»
module m(input a, output y);
  s u(.a(a), .y(y));
endmodule
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


# What is no fault; `info` is all that may be said of it.
CLEAN = {
    "always_latch": """
module m(input clk, input en, input d, output logic p, output logic q);
  always_latch if (en) p = d;
  always_latch if (!clk) q <= en;
endmodule
""",
    "supply": """
module m(input a, output y);
  supply1 vdd;
  supply0 gnd;
  assign y = a & vdd | gnd;
endmodule
""",
    "unused": """
module m(input a, input b, input c, output logic y);
  assign y = a;
  wire _unused = &{1'b0, b, c};
endmodule
""",
    "unique": """
module m(input [1:0] s, input a, output logic y);
  always_comb unique case (s) 2'd0: y = a; 2'd1: y = ~a; default: y = 0; endcase
endmodule
""",
    "selects": """
module m(input [1:0] sel, input a, output logic y);
  always_comb case (1'b1) sel[0]: y = a; sel[1]: y = ~a; default: y = 0; endcase
endmodule
""",
    "assertion": """
module m(input clk, input a, output logic y);
  always_ff @(posedge clk) begin
    y <= a;
    assert (a == a) else $error("no");
  end
endmodule
""",
    "SYNTHESIS": """
module m(input clk, input a, output reg y);
  always @(posedge clk) begin
    y <= a;
`ifndef SYNTHESIS
    $finish;
`endif
  end
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


def place(text: str) -> tuple[str, list[str]]:
    """The text without its marks, and the ranges between them in the order of their beginnings."""
    plain, open_marks, found = "", list[int](), list[str]()
    for part in re.split("([«»])", text):
        if part == "«":
            open_marks.append(len(found))
            found.append(_at(plain))
        elif part == "»":
            found[open_marks.pop()] += f"-{_at(plain)}"
        else:
            plain += part
    return plain, found


def _at(before: str) -> str:
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def shown(found: Diagnostic) -> str:
    return f"{found.line}:{found.column}-{found.end_line}:{found.end_column} {found.code}"


def behind(before: str, fault: str) -> tuple[str, list[str]]:
    """Faults with odd text before each of their lines, and the ranges that they must get."""
    lines = fault.strip("\n").split("\n")
    # iverilog takes no directive that shares its line.
    marked = "".join(f"{BEFORE[before]}{chr(10) * ('`' in line)}{line}\n" for line in lines)
    return place(marked.replace("\n", "\r\n" if before == "tabs" else "\n"))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", FAULTS)
async def test_each_fault(tools: IcarusToolchain, name: str, before: str) -> None:
    text, ranges = behind(before, FAULTS[name])
    codes = name.partition(" ")[0].split(",")
    expected = [f"{one} {code}" for one, code in zip(ranges, codes * len(ranges), strict=False)]
    suffix = "sv" if "always_" in text or "typedef" in text else "v"
    design = Design((SourceFile(f"/w/m.{suffix}", text),))
    checked = await checks.check(tools, design)
    assert [shown(d) for d in checked.diagnostics] == expected, checked.diagnostics


@pytest.mark.asyncio(loop_scope="module")
async def test_a_comment_that_nothing_closes(tools: IcarusToolchain) -> None:
    text, (expected,) = place("module m(input a);\n  /* 計 */ «/*» the output\nendmodule\n")
    found = (await checks.check(tools, Design((SourceFile("/w/m.v", text),)))).diagnostics
    assert [shown(d) for d in found] == [f"{expected} syntax-error"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", CLEAN)
async def test_no_fault(tools: IcarusToolchain, name: str) -> None:
    checked = await checks.check(tools, Design((SourceFile("/w/m.sv", CLEAN[name]),)))
    assert checked.ok
    assert [shown(d) for d in checked.diagnostics if d.severity != "info"] == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("code", AGAINST_SPEC)
async def test_each_fault_by_the_spec(
    tools: IcarusToolchain, code: str, before: str, tmp_path: Path
) -> None:
    text, (expected,) = behind(before, AGAINST_SPEC[code])
    rtl = tmp_path / "m.v"
    rtl.write_text(text, encoding="utf-8", newline="")
    (tmp_path / "m.spec.md").write_text(SPEC)
    (found,) = (await checks.check(tools, load_design([rtl]))).diagnostics
    assert shown(found) == f"{expected} {code}"
    assert [(note.line, note.column) for note in found.related] == [(4, 1)]


PROSE = (
    "# m\n\nA register. `data` is an 8-bit input, `clk` a clock. The output `q` is 8 bits wide and "
    "takes `data` at each rising edge. There is no reset.\n\n"
    "- `input clk`: clock\n- `input [7:0] data`: what is taken\n- `output [7:0] q`: the register\n"
)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_difference_is_the_only_word_on_a_port(
    tools: IcarusToolchain, tmp_path: Path
) -> None:
    rtl = tmp_path / "m.v"
    rtl.write_text(
        "module m(input clk, input [7:0] data, input extra, output reg [7:0] q);\n"
        "  wire w;\n  always @(posedge clk) q <= data;\nendmodule\n"
    )
    (tmp_path / "m.spec.md").write_text(PROSE)
    found = (await checks.check(tools, load_design([rtl]))).diagnostics
    assert [shown(d) for d in found] == [
        "1:45-1:50 port-not-in-spec",
        "2:8-2:9 unused",
    ]
