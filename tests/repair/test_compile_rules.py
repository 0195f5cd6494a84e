"""Each certain repair compiles with the real iverilog; what is uncertain gets an instruction."""

from collections.abc import Callable

import pytest

from spec2rtl.repair.edits import apply_edits
from spec2rtl.repair.rules import diagnose
from spec2rtl.rtl import Diagnostic, Language
from spec2rtl.syntax.modules import modules

Compiler = Callable[[str], tuple[Diagnostic, ...]]


def check(text: str, cause: str, expected: str, compiler: Compiler, language: Language) -> None:
    """One diagnosis mends the text: it compiles and reads as expected."""
    errors = compiler(text)
    assert errors
    top = modules(text)[-1].name if modules(text) else "m"
    found = diagnose(text, errors, (), module=top, language=language, spec=None)
    assert found is not None
    assert cause in found.root_cause
    assert found.edits
    assert found.lines
    assert apply_edits(text, found.edits) == expected
    assert not compiler(expected)


MENDED = [
    # not an l-value
    (
        "module m(input c, output q);\nalways @(posedge c) q <= 1;\nendmodule\n",
        "`q` is assigned in an always block but not declared as reg",
        "module m(input c, output reg q);\nalways @(posedge c) q <= 1;\nendmodule\n",
    ),
    (
        "module m(input c, output wire [1:0] q, r, output s);\nassign r = 0;\n"
        "always @(posedge c) begin q[0] <= 1; {q[1], s} <= 2; end\nendmodule\n",
        "`q` is assigned",
        "module m(input c, output reg [1:0] q, output wire [1:0] r, output reg s);\nassign r = 0;\n"
        "always @(posedge c) begin q[0] <= 1; {q[1], s} <= 2; end\nendmodule\n",
    ),
    (
        "module m(c, q, r);\ninput c;\noutput [1:0] q, r;\nassign r = 0;\n"
        "always @(posedge c) q <= 1;\nendmodule\n",
        "`q` is assigned",
        "module m(c, q, r);\ninput c;\noutput [1:0] q, r; reg [1:0] q;\nassign r = 0;\n"
        "always @(posedge c) q <= 1;\nendmodule\n",
    ),
    (
        "module m(c, q);\ninput c;\noutput signed [1:0] q;\nwire signed [1:0] q;\n"
        "always @(posedge c) q <= 1;\nendmodule\n",
        "`q` is assigned",
        "module m(c, q);\ninput c;\noutput signed [1:0] q;\nreg signed [1:0] q;\n"
        "always @(posedge c) q <= 1;\nendmodule\n",
    ),
    (
        "module m(input c, output q);\nwire [3:0] t, u;\nassign u = 1, q = t[0];\n"
        "always @(posedge c) t <= u;\nendmodule\n",
        "`t` is assigned",
        "module m(input c, output q);\nwire [3:0] u; reg [3:0] t;\nassign u = 1, q = t[0];\n"
        "always @(posedge c) t <= u;\nendmodule\n",
    ),
    # other declarations
    (
        "module m(input c, output q);\ngenerate for (i = 0; i < 1; i = i + 1) begin : g\n"
        "assign q = c;\nend endgenerate\nendmodule\n",
        "loop's variable `i` is not declared",
        "module m(input c, output q);\n    genvar i;\n"
        "generate for (i = 0; i < 1; i = i + 1) begin : g\n"
        "assign q = c;\nend endgenerate\nendmodule\n",
    ),
    (
        "module m(input reg [1:0] a, b, output q);\nassign q = a == b;\nendmodule\n",
        "The input `a` is declared as reg",
        "module m(input wire [1:0] a, b, output q);\nassign q = a == b;\nendmodule\n",
    ),
    # functions of the system, and a memory that is a wire
    (
        "module m(input c, input [1:0] a, output reg y);\nwire [1:0] t [0:3];\n"
        "always @(posedge c) begin t[a] <= a; y <= t[a][0]; end\nendmodule\n",
        "`t` is assigned in an always block",
        "module m(input c, input [1:0] a, output reg y);\nreg [1:0] t [0:3];\n"
        "always @(posedge c) begin t[a] <= a; y <= t[a][0]; end\nendmodule\n",
    ),
    (
        "module m(input c, output [clog2(8)-1:0] q);\nwire [clog2(4):0] t = c;\n"
        "assign q = t;\nendmodule\n",
        "`clog2` is a function of the system",
        "module m(input c, output [$clog2(8)-1:0] q);\nwire [$clog2(4):0] t = c;\n"
        "assign q = t;\nendmodule\n",
    ),
    (
        "module m(input [3:0] a, output [7:0] q);\nassign q = signed(a);\nendmodule\n",
        "`signed` is a function of the system",
        "module m(input [3:0] a, output [7:0] q);\nassign q = $signed(a);\nendmodule\n",
    ),
    # a port again in the body
    (
        "module m(input c, output logic q, r);\nreg [3:0] t, r, q;\n"
        "always @(posedge c) begin q <= t; r <= 1; t <= 2; end\nendmodule\n",
        "`r` is declared twice",
        "module m(input c, output logic q, r);\nreg [3:0] t;\n"
        "always @(posedge c) begin q <= t; r <= 1; t <= 2; end\nendmodule\n",
    ),
    # a number in another base than it says
    (
        "module m(input c, output reg [2:0] q = 3'b3);\nalways @(posedge c) q <= 3'b4 + 2'b10;\n"
        "endmodule\n",
        "`3'b3` has digits that are not binary",
        "module m(input c, output reg [2:0] q = 3'd3);\nalways @(posedge c) q <= 3'd4 + 2'b10;\n"
        "endmodule\n",
    ),
    # a block for a body
    (
        "module m(input c, output q) begin\nassign q = c;\nend\nendmodule\n",
        "`begin` doesn't follow its header",
        "module m(input c, output q); \nassign q = c;\n\nendmodule\n",
    ),
    (
        "module m(input c, output reg q);\n begin\nalways @(posedge c) begin q <= 1; end\n"
        "endmodule\n",
        "`begin` doesn't follow its header",
        "module m(input c, output reg q);\n \nalways @(posedge c) begin q <= 1; end\nendmodule\n",
    ),
    # undeclared
    (
        "module m(input c, output reg [3:0] q);\nalways @(posedge c)\n"
        "  for (i = 0; i < 4; i = i + 1) q[i] <= 1;\nendmodule\n",
        "`i` is used but not declared",
        "module m(input c, output reg [3:0] q);\n    integer i;\nalways @(posedge c)\n"
        "  for (i = 0; i < 4; i = i + 1) q[i] <= 1;\nendmodule\n",
    ),
    (
        "module m(input c, output reg [3:0] count);\nalways @(posedge c) count <= Count + 1;\n"
        "endmodule\n",
        "`count` is meant",
        "module m(input c, output reg [3:0] count);\nalways @(posedge c) count <= count + 1;\n"
        "endmodule\n",
    ),
    (
        "module m(input clk, input enable, output reg q);\nalways @(posedge clk) q <= enabel & ~q;\n"
        "endmodule\n",
        "`enable` is meant",
        "module m(input clk, input enable, output reg q);\nalways @(posedge clk) q <= enable & ~q;\n"
        "endmodule\n",
    ),
    (
        "module m(input c, input [2:0] d, output reg [2:0] q);\n"
        "always @(posedge c) begin s1 <= d; q <= s1; end\nendmodule\n",
        "`s1` is used but not declared",
        "module m(input c, input [2:0] d, output reg [2:0] q);\n    reg [2:0] s1;\n"
        "always @(posedge c) begin s1 <= d; q <= s1; end\nendmodule\n",
    ),
    # declared twice
    (
        "module m(input c, output reg q);\nreg q;\nalways @(posedge c) q <= 1;\nendmodule\n",
        "`q` is declared twice",
        "module m(input c, output reg q);\nalways @(posedge c) q <= 1;\nendmodule\n",
    ),
    # instances
    (
        "module s(input a, output b);\nassign b = a;\nendmodule\n"
        "module m(input a, output q);\ns u(.A(a), .b(q));\nendmodule\n",
        "connects the port `A`",
        "module s(input a, output b);\nassign b = a;\nendmodule\n"
        "module m(input a, output q);\ns u(.a(a), .b(q));\nendmodule\n",
    ),
    (
        "module half_adder(input a, output b);\nassign b = a;\nendmodule\n"
        "module m(input a, output q);\nHalfAdder u(.a(a), .b(q));\nendmodule\n",
        "`half_adder` is meant",
        "module half_adder(input a, output b);\nassign b = a;\nendmodule\n"
        "module m(input a, output q);\nhalf_adder u(.a(a), .b(q));\nendmodule\n",
    ),
    # form
    (
        "module m(input a, output q);\nassign q = a;\n",
        "has no `endmodule`",
        "module m(input a, output q);\nassign q = a;\nendmodule\n",
    ),
    (
        "module m(input a, output reg q);\nalways @* begin\n  case (a)\n    0: q = 1;\n"
        "    default: q = 0;\n",
        "has no `endmodule`",
        "module m(input a, output reg q);\nalways @* begin\n  case (a)\n    0: q = 1;\n"
        "    default: q = 0;\nendcase\nend\nendmodule\n",
    ),
    (
        "module m(input a, output reg q, output r);\nalways @* begin\n  if (a) begin\n"
        "    q = 1;\n  end\nassign r = q;\nendmodule\n",
        "The `begin` of line 2 is not closed",
        "module m(input a, output reg q, output r);\nalways @* begin\n  if (a) begin\n"
        "    q = 1;\n  end\n    end\nassign r = q;\nendmodule\n",
    ),
    (
        "module m(input a, output reg q, r);\nalways @(*) begin\n  q = a;\nalways @(*) r = a;\n"
        "endmodule\n",
        "The `begin` of line 2 is not closed",
        "module m(input a, output reg q, r);\nalways @(*) begin\n  q = a;\n    end\n"
        "always @(*) r = a;\nendmodule\n",
    ),
    (
        "module m(input a, output reg q);\nalways @(*) begin\n  q = a;\nend\nend\nendmodule\n",
        "The `end` of line 5 closes nothing",
        "module m(input a, output reg q);\nalways @(*) begin\n  q = a;\nend\n\nendmodule\n",
    ),
    (
        "module m(input a, output reg q, output r)\nwire t = a\nassign r = t // last\n"
        "always @(*) begin\n  if (a) q = 1\n  else q = 0\nend\nendmodule\n",
        "A `;` is missing",
        "module m(input a, output reg q, output r);\nwire t = a;\nassign r = t; // last\n"
        "always @(*) begin\n  if (a) q = 1;\n  else q = 0;\nend\nendmodule\n",
    ),
    (
        "module m(input a, output reg q, r);\nalways @(*) begin\n  q = a\n  r = ~a;\nend\nendmodule\n",
        "A `;` is missing at the end of line 3",
        "module m(input a, output reg q, r);\nalways @(*) begin\n  q = a;\n  r = ~a;\nend\n"
        "endmodule\n",
    ),
    (
        "module m(input a, output reg q);\nalways @(*) begin q = a; end;\nendmodule\n",
        "A `;` follows the `end`",
        "module m(input a, output reg q);\nalways @(*) begin q = a; end\nendmodule\n",
    ),
    (
        "module m(input a, output reg q);\nalways @(*) if (a) q = 1; elsif (!a) q = 0;\nendmodule\n",
        "it is `else if`",
        "module m(input a, output reg q);\nalways @(*) if (a) q = 1; else if (!a) q = 0;\nendmodule\n",
    ),
    (
        "module m(input a, b, output q);\nassign q = a and not b;\nendmodule\n",
        "no operator of Verilog",
        "module m(input a, b, output q);\nassign q = a & ~ b;\nendmodule\n",
    ),
    (
        "```verilog\nmodule m(input a, output q);\nassign q = a;\nendmodule\n```\nThis copies a.\n",
        "code fence",
        "module m(input a, output q);\nassign q = a;\nendmodule\n\n",
    ),
    # what is open, or closed once too often
    (
        "module m(input a, output reg q);\nalways @* begin\n  case (a)\n    1: q = 0;\n"
        "    default: q = 1;\nend\nendmodule\n",
        "The `case` of line 3 is not closed",
        "module m(input a, output reg q);\nalways @* begin\n  case (a)\n    1: q = 0;\n"
        "    default: q = 1;\nendcase\n    end\nendmodule\n",
    ),
    (
        "module m(input a, output reg q);\nalways @* begin\n  case (a)\n    1: q = 0; end\n"
        "    default: q = 1;\n  endcase\nend\nendmodule\n",
        "The `end` of line 4 closes nothing",
        "module m(input a, output reg q);\nalways @* begin\n  case (a)\n    1: q = 0; \n"
        "    default: q = 1;\n  endcase\nend\nendmodule\n",
    ),
    (
        "module m(input c, a, output reg q, r);\nalways @(posedge c)\n  q <= a;\n  r <= q;\nend\n"
        "endmodule\n",
        "The `begin` lacks",
        "module m(input c, a, output reg q, r);\nalways @(posedge c)\n  begin q <= a;\n  r <= q;\n"
        "end\nendmodule\n",
    ),
    (
        "module m #(parameter P = 0)(input c, a, output reg q);\ngenerate\n"
        "if (P) always @* q = a;\nelse if (!P) begin\n  (* keep *)\n  always @(posedge c) q <= a\n"
        "end\nendgenerate\nendmodule\n",
        "A `;` is missing at the end of line 6",
        "module m #(parameter P = 0)(input c, a, output reg q);\ngenerate\n"
        "if (P) always @* q = a;\nelse if (!P) begin\n  (* keep *)\n  always @(posedge c) q <= a;\n"
        "end\nendgenerate\nendmodule\n",
    ),
    # headers
    (
        "module m(\n  input a,\n  output [P:0] q\n;\nparameter P = 1;\nwire t = (a);\n"
        "assign q = t;\nendmodule\n",
        "The port list is not closed",
        "module m(\n  input a,\n  output [P:0] q\n);\nparameter P = 1;\nwire t = (a);\n"
        "assign q = t;\nendmodule\n",
    ),
    (
        "module m(\n  input a,\n  output q\n;\nassign q = a;\nendmodule\n",
        "The port list is not closed",
        "module m(\n  input a,\n  output q\n);\nassign q = a;\nendmodule\n",
    ),
    (
        "module m(input a (2 bits), input b (1 bit), output q (8-bit));\nassign q = a + b;\n"
        "endmodule\n",
        "The port `a` has a remark",
        "module m(input [1:0] a, input b, output [7:0] q);\nassign q = a + b;\nendmodule\n",
    ),
    (
        "module m(\n  input a,\n  output q,\n);\nassign q = a;\nendmodule\n",
        "ends in a separator",
        "module m(\n  input a,\n  output q\n);\nassign q = a;\nendmodule\n",
    ),
    (
        "module m(input a; output q);\nassign q = a;\nendmodule\n",
        "separated by `;`",
        "module m(input a, output q);\nassign q = a;\nendmodule\n",
    ),
    (
        "module m(\n  input a\n  input b,\n  output q\n);\nassign q = a & b;\nendmodule\n",
        "A comma is missing",
        "module m(\n  input a,\n  input b,\n  output q\n);\nassign q = a & b;\nendmodule\n",
    ),
]


@pytest.mark.parametrize(("text", "cause", "expected"), MENDED)
def test_mended(text: str, cause: str, expected: str, errors_of: Compiler) -> None:
    check(text, cause, expected, errors_of, "verilog")


@pytest.mark.parametrize(
    ("text", "cause", "expected"),
    [
        (
            "module m(input c, output [1:0] q);\nalways_ff @(posedge c) q <= 1;\nendmodule\n",
            "not declared as logic",
            "module m(input c, output logic [1:0] q);\nalways_ff @(posedge c) q <= 1;\nendmodule\n",
        ),
        (
            "module m(input [3:0] a, output logic signed [3:0] q);\n"
            "assign q = signed'(a);\nendmodule\n",
            "the cast `signed'(…)`",
            "module m(input [3:0] a, output logic signed [3:0] q);\n"
            "assign q = $signed(a);\nendmodule\n",
        ),
        (
            "module m(input a, output logic q);\nalways_comb begin\n  automatic logic t;\n"
            "  t = a;\n  q = t;\nend\nendmodule\n",
            "`automatic` variables",
            "module m(input a, output logic q);\nalways_comb begin\n  logic t;\n"
            "  t = a;\n  q = t;\nend\nendmodule\n",
        ),
        (
            "module m(input a, output q);\nfunction automatic f;\n  input logic [1:0] x;\n"
            "  f = x[0];\nendfunction\nassign q = f(a);\nendmodule\n",
            "no type in a function's `input`",
            "module m(input a, output q);\nfunction automatic f;\n  input [1:0] x;\n"
            "  f = x[0];\nendfunction\nassign q = f(a);\nendmodule\n",
        ),
    ],
)
def test_mended_in_system_verilog(
    text: str, cause: str, expected: str, errors_of: Compiler
) -> None:
    check(text, cause, expected, errors_of, "systemverilog")


@pytest.mark.parametrize(
    ("text", "cause", "instruction"),
    [
        (
            "module m(input a, output q);\nassign q = a;\nalways @* q = a;\nendmodule\n",
            "both by an assign and in an always block",
            "in one place only",
        ),
        (
            "module m(input a, output reg q);\nassign q = a;\nalways @* q = a;\nendmodule\n",
            "both by an assign and in an always block",
            "in one place only",
        ),
        ("module m(input a);\nalways @* a = 1;\nendmodule\n", "`a` is an input", "own signal"),
        (
            "module m(input a);\nparameter P = 1;\nalways @(a) P = 1;\nendmodule\n",
            "`P` is a parameter",
            "a variable instead",
        ),
        (
            "module m(input c, output reg q);\nalways @(posedge c) case (q) IDLE: q <= 1; endcase\n"
            "endmodule\n",
            "`IDLE` is used but not declared",
            "Declare `IDLE`",
        ),
        (
            "module m(input c, data1, data2, output reg q);\nalways @(posedge c) q <= data3;\n"
            "endmodule\n",
            "`data3` is used but not declared",
            "Declare `data3`",
        ),
        (
            "module m(input a, output q);\nlookup u(a, q);\nendmodule\n",
            "`lookup` is instantiated but nowhere defined",
            "Write `lookup` too",
        ),
        (
            "module s(input a, output b);\nassign b = a;\nendmodule\n"
            "module m(input a, output q);\ns u(.data(a), .b(q));\nendmodule\n",
            "connects the port `data`",
            "`a`, `b`",
        ),
        (
            "module m(input a, output q);\nwire [1:0] t = a; wire [3:0] t = a;\nassign q = t;\n"
            "endmodule\n",
            "`t` is declared twice",
            "only once",
        ),
        (
            "module m(input a, output q, output q);\nassign q = a;\nendmodule\n",
            "`q` is declared twice",
            "only once",
        ),
        (
            "module m(input c, output reg [1:0] total);\nalways @(posedge c) ttl <= total;\n"
            "endmodule\n",
            "`ttl` is used but not declared",
            "Declare `ttl`",
        ),
        (
            "module m(input a, output reg q);\nalways @* begin\n  case (a)\n    1: begin q = 0;\n"
            "    default: q = 1;\n  endcase\nend\nendmodule\n",
            "The `begin` of line 4 is not closed",
            "before the `endcase` of line 6",
        ),
        (
            "module m(input c, r, a, output reg q, s);\nalways @(posedge c) begin\n  if (r)\n"
            "    q <= 0;\n    s <= 0;\n  end else begin\n    q <= a;\n  end\nend\nendmodule\n",
            "The `end` of line 9 closes nothing",
            "before line 6",
        ),
        (
            "module m(input a, output reg q);\nalways @* begin\n  if (a) begin q = 0;\n"
            "  else q = 1;\nend\nendmodule\n",
            "The `begin` of line 2 is not closed",
            "before line 4",
        ),
        (
            "module m(input c, r, a, output reg q, s);\nalways @(posedge c) begin\n  if (r) begin\n"
            "    q <= 0;\n  end else\n    q <= a;\n    s <= a;\n  end\nend\nendmodule\n",
            "The `end` of line 9 closes nothing",
            "before line 9",
        ),
        (
            "module m(input c, r, a, output reg q, s);\nalways @(posedge c) begin\n  if (r) begin\n"
            "    q <= 0;\n  s <= a;\nend\nendmodule\n",
            "The `begin` of line 2 is not closed",
            "before line 7",
        ),
        (
            "module m(input a, output reg q) );\nalways @* q = a;\nendmodule\n",
            "stopped at line 1",
            "yntax",
        ),
        (
            "module m(input c, r, input [3:0] n, output reg q, output s);\nassign s = n[ [2];\n"
            "always @(posedge c or negedge r)\n  q <= r;\nendmodule\n",
            "stopped at line 2",
            "yntax",
        ),
        (
            "module m(input input a, output q);\nassign q = a;\nendmodule\n",
            "stopped at line 1",
            "yntax",
        ),
        (
            "module s(input a, output b);\nassign b = a;\nendmodule\n"
            "module 2m(input a, output q);\nassign q = a;\nendmodule\n",
            "stopped at line 4",
            "yntax",
        ),
        (
            "module m(input a, output q, r);\nassign q = a;\nendmodule\nassign r = a;\nendmodule\n",
            "stopped at line 4",
            "yntax",
        ),
        (
            "module m(input a, output q);\nassign q = a +* 1;\nendmodule\n",
            "stopped at line 2",
            "yntax",
        ),
    ],
)
def test_not_certain(text: str, cause: str, instruction: str, errors_of: Compiler) -> None:
    found = diagnose(text, errors_of(text), (), module="m", language="verilog", spec=None)
    assert found is not None
    assert cause in found.root_cause
    assert found.edits is None
    assert instruction in (found.instruction or "")


def test_a_reg_that_an_assign_drives() -> None:
    """iverilog 10 and before refuse it; the diagnostic is enough."""
    text = "module m(input a, output reg q, r);\nassign q = a;\nalways @* r = a;\nendmodule\n"
    message = "reg q; cannot be driven by primitives or continuous assignment."
    error = Diagnostic("m.v", 2, 1, 2, 2, "error", "assign-to-reg", message, "iverilog")
    found = diagnose(text, [error], (), module="m", language="verilog", spec=None)
    assert found is not None
    assert found.edits is not None
    mended = text.replace("output reg q, r", "output wire q, output reg r")
    assert apply_edits(text, found.edits) == mended
