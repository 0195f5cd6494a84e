"""Interfaces as module headers."""

import pyslang

from spec2rtl.rtl import Interface, Parameter, Port
from spec2rtl.spec.header import header

INTERFACE = Interface(
    "fifo",
    (
        Port("clk", "input"),
        Port("din", "input", "W-1", "0", signed=True),
        Port("dout", "output", "W-1", "0"),
        Port("pad", "inout"),
    ),
    (Parameter("W", "8"), Parameter("D")),
)


def test_verilog() -> None:
    assert header(INTERFACE, "verilog", frozenset({"dout"})) == (
        "module fifo #(\n"
        "    parameter W = 8,\n"
        "    parameter D = 1\n"
        ") (\n"
        "    input wire clk,\n"
        "    input wire signed [W-1:0] din,\n"
        "    output reg [W-1:0] dout,\n"
        "    inout wire pad\n"
        ");"
    )


def test_systemverilog() -> None:
    text = header(Interface("inv", (Port("a", "input"), Port("y", "output"))), "systemverilog")
    assert text == "module inv (\n    input logic a,\n    output logic y\n);"


def test_it_is_verilog() -> None:
    tree = pyslang.syntax.SyntaxTree.fromText(header(INTERFACE, "verilog") + "\nendmodule\n")
    assert list(tree.diagnostics) == []
