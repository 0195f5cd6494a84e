from collections.abc import Callable

import pytest

from spec2rtl.repair.headers import agrees
from spec2rtl.repair.replies import Code, Unusable, read_reply
from spec2rtl.rtl import Diagnostic, Interface, Language, Parameter, Port
from spec2rtl.syntax.modules import modules

Compiler = Callable[[str], tuple[Diagnostic, ...]]

INTERFACE = Interface(
    "counter",
    (
        Port("clk", "input"),
        Port("rst", "input"),
        Port("step", "input", "W-1", "0"),
        Port("count", "output", "W-1", "0"),
        Port("full", "output"),
    ),
    (Parameter("W", "4"),),
)
HEADER = """module counter #(
    parameter W = 4
) (
    input wire clk,
    input wire rst,
    input wire [W-1:0] step,
    output reg [W-1:0] count,
    output wire full
);"""
BODY = """
  always @(posedge clk) if (rst) count <= 0; else count <= count + step;
  assign full = &count;
endmodule
"""


def read(code: str, language: Language = "verilog", task: str = "generate") -> Code | Unusable:
    return read_reply(
        f"```verilog\n{code}```",
        task=task,  # type: ignore[arg-type]
        module="counter",
        base="",
        interface=INTERFACE,
        language=language,
        truncated=False,
    )


def rtl(code: str, language: Language = "verilog") -> str:
    found = read(code, language)
    assert isinstance(found, Code)
    return found.rtl


@pytest.mark.parametrize(
    "header",
    [
        "module counter (clk, rst, step, count, full);",
        "module counter #(parameter W = 4) (input clk, rst, input [W-1:0] step (4 bits),\n"
        "  output [W-1:0] count, output full);",
        "module counter #(parameter W = 4) (input clk, rst, input step, output reg count, full);",
        "module counter #(parameter W = 4) (input clk, rst,\n  output reg [W-1:0] count, full);",
        "module counter #(parameter W = 8) (input clk, rst, input [W-1:0] step,\n"
        "  output reg [W-1:0] count, output full);",
        "module counter (input clk, rst, input [3:0] step, output reg [3:0] count, output full);",
        "module counter (input clk, input rst, input [3:0 step, output reg [3:0] count);",
        "module counter (input clk, input rst, input [3:0] step",
    ],
)
def test_a_wrong_header_is_replaced(header: str) -> None:
    found = read(header + BODY)
    assert found == Code(HEADER + BODY, ("header replaced",))


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        HEADER.replace("W", "WIDTH").replace("= 4", "= 4, W = WIDTH"),
        "module counter #(parameter W = 4) (output reg [W-1:0] count, output full,\n"
        "  input clk, rst, input [W-1:0] step);",
        "module counter (clk, rst, step, count, full); parameter W = 4; input clk, rst;\n"
        "  input [W-1:0] step; output reg [3:0] count; output full;",
    ],
)
def test_a_header_that_agrees_stays(header: str) -> None:
    assert read(header + BODY) == Code(header + BODY)


def test_only_generate_replaces_headers() -> None:
    code = "module counter (input clk);" + BODY
    assert read(code, task="edit") == Code(code)


def test_a_single_module_of_another_name_is_renamed() -> None:
    found = read(HEADER.replace("counter", "up_counter") + BODY)
    assert found == Code(
        HEADER + BODY, ("module `up_counter` renamed `counter`", "header replaced")
    )


def test_a_test_bench_or_several_modules_are_not_renamed() -> None:
    assert isinstance(read("module tb; endmodule\n"), Unusable)
    assert isinstance(
        read("module a(input x); endmodule\nmodule b(input x); endmodule\n"), Unusable
    )


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        (  # declarations of ports in the body go, the others stay
            "module counter(clk, rst, step, count, full, spare);\n"
            "  input clk, rst;\n  input [3:0] step;\n  output [3:0] count;\n"
            "  output full, spare;\n  reg [3:0] count, other;\n  assign spare = 1;" + BODY,
            ["reg [3:0] other;", "wire spare;"],
        ),
        (  # initial values are kept
            "module counter(clk, rst, step, count, full);\n  reg [3:0] count = 3;\n"
            "  wire full = 0;" + BODY.replace("  assign full = &count;\n", ""),
            ["initial count = 3;", "assign full = 0;"],
        ),
        (  # parameters and constants of its own
            "module counter #(parameter STEP = 2, localparam L = STEP) (input clk, output count);\n"
            "  localparam W = 8;\n  parameter IDLE = 0;\n  wire [IDLE:0] t = L;" + BODY,
            ["parameter STEP = 2", "localparam L = STEP;", "parameter IDLE = 0;"],
        ),
        (  # an output that the interface doesn't have becomes a signal
            "module counter(input clk, output spare);\n  assign spare = clk;" + BODY,
            ["wire spare;"],
        ),
        (  # a port under another name that can only be this one
            HEADER.replace("count,", "q,").replace("clk", "CLK")
            + BODY.replace("count", "q").replace("clk", "CLK"),
            ["count <= count + step", "posedge clk"],
        ),
    ],
)
@pytest.mark.parametrize("language", ["verilog", "systemverilog"])
def test_the_body_is_fitted(
    code: str,
    kept: list[str],
    language: Language,
    errors_of: Compiler,
) -> None:
    new = rtl(code, language)
    for text in kept:
        assert text in new
    assert not errors_of(new)
    (module,) = modules(new)
    assert agrees(module, INTERFACE)


def test_ambiguous_names_are_not_guessed() -> None:
    new = rtl(
        "module counter(input clock, input reset, output reg full);\n  wire t = clock;" + BODY
    )
    assert "wire t = clock;" in new


def test_system_verilog_has_logic() -> None:
    new = rtl("module counter(input clk);" + BODY, "systemverilog")
    assert "output logic [W-1:0] count" in new
