"""Two versions of a design side by side, in the real simulator."""

import pytest

from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.rtl import Design, SourceFile
from spec2rtl.testgen.pair import difference, pair

COUNTER = """\
module counter #(parameter WIDTH = 4) (
    input clk, input rst_n, input en, output reg [WIDTH-1:0] count
);
    always @(posedge clk or negedge rst_n)
        if (!rst_n) count <= 0;
        else if (en) count <= count + 1;
endmodule
"""
TOP = """\
module top(input clk, input rst_n, input en, output [3:0] count, output odd);
    counter #(.WIDTH(4)) counter (.clk(clk), .rst_n(rst_n), .en(en), .count(count));
    assign odd = count[0];
endmodule
"""
MUX = "module mux(input [1:0] s, input [3:0] d, output y);\n  assign y = d[s];\nendmodule\n"


async def check(top: str, old: str, new: str, output: str | None) -> None:
    """The first output that differs between two texts; None where none does."""
    first, second = (Design((SourceFile("/a.v", text),), top=top) for text in (old, new))
    tools = IcarusToolchain(find_tools())
    both = pair(first, second, seed=1)
    assert both
    report = await tools.simulate(*both)
    await tools.aclose()
    assert report.reason in {"ok", "test_failed"}, report.log
    found = difference(report)
    assert (found.output if found else None) == output
    if found:
        assert found.original != found.mutant


@pytest.mark.parametrize(
    ("top", "old", "new", "output"),
    [
        ("counter", COUNTER, COUNTER.replace("+ 1", "+ 1 + 0"), None),
        ("counter", COUNTER, COUNTER.replace("+ 1", "+ 2"), "count"),
        ("counter", COUNTER, COUNTER.replace("if (!rst_n)", "if (1'b0)"), None),
        ("counter", COUNTER, COUNTER.replace("count <= 0", "count <= 1"), "count"),
        (
            "counter",
            COUNTER,
            COUNTER.replace("posedge clk or negedge rst_n", "posedge clk"),
            "count",
        ),
        ("top", COUNTER + TOP, COUNTER.replace("+ 1", "- 1") + TOP, "count"),
        ("top", COUNTER + TOP, COUNTER + TOP.replace("count[0]", "count[1]"), "odd"),
        ("mux", MUX, MUX.replace("d[s]", "d[~s]"), "y"),
        ("mux", MUX, MUX.replace("d[s]", "(d >> s)"), None),
    ],
)
async def test_where_two_versions_differ(top: str, old: str, new: str, output: str | None) -> None:
    await check(top, old, new, output)


def test_what_can_not_be_put_side_by_side() -> None:
    pad = Design((SourceFile("/a.v", "module m(inout p); endmodule"),), top="m")
    gone = Design((SourceFile("/a.v", ""),), top="m")
    assert pair(pad, pad, 0) is None
    assert pair(gone, gone, 0) is None
