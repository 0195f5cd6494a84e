"""Where RTL and its spec disagree, each at its exact range in both."""

import pytest

from spec2rtl.eda.conformance import against_spec
from spec2rtl.rtl import SourceFile
from spec2rtl.spec.parse import parse

SPEC = """# Counter

The module `m` counts the rising edges of `clk`.

- parameter `N` = 4
- `input clk`: clock
- `input rst`: synchronous reset, active high
- `output [N-1:0] q`: the count
"""
RTL = """module m #(parameter N = 4) (input clk, input rst, output reg [N-1:0] q);
  always @(posedge clk)
    if (rst) q <= 0; else q <= q + 1'b1;
endmodule
"""


def check(before: str, after: str, *expected: str, spec: str = SPEC) -> None:
    """Both sides of each difference as `RTL range code SPEC line`, in RTL with a change."""
    text = RTL.replace(before, after)
    assert text != RTL or before == after
    files = SourceFile("/w/m.v", text), SourceFile("/w/m.spec.md", spec)
    found = against_spec(*files, parse(spec), "m")
    rtl, other = found[::2], found[1::2]
    shown = [
        f"{a.line}:{a.column}-{a.end_column} {a.code} {b.line}"
        for a, b in zip(rtl, other, strict=True)
    ]
    assert shown == list(expected)
    for a, b in zip(rtl, other, strict=True):
        assert {a.file, a.severity, a.source} == {"/w/m.v", "warning", "spec"}
        assert (a.related[0].file, a.related[0].line) == ("/w/m.spec.md", b.line)
        assert (b.related[0].file, b.related[0].line) == ("/w/m.v", a.line)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("(rst)", "(!rst)", ["3:10-13 reset-polarity 7"]),
        ("(rst)", "(rst == 1'b0)", ["3:9-12 reset-polarity 7"]),
        ("(rst)", "(!(rst))", ["3:11-14 reset-polarity 7"]),
        ("(rst)", "((!rst) || d)", []),
        ("(rst)", "((!rst)", []),
        ("posedge clk", "posedge clk or posedge rst", ["2:35-38 reset-synchrony 7"]),
        ("posedge clk", "negedge clk", ["2:12-19 clock-edge 6"]),
        # Who uses both edges has reasons.
        ("endmodule", "  always @(negedge clk) if (rst) ; endmodule", []),
        ("[N-1:0] q", "[N:0] q", ["1:69-70 port-width 8"]),
        ("[N-1:0] q", "[3:0] q", ["1:69-70 port-width 8"]),
        ("N = 4", "N = 8", ["1:22-23 parameter-default 5"]),
        (" #(parameter N = 4) ", " #(parameter N = 4, K = 1) ", []),
        ("input rst", "inout rst", ["1:47-50 port-direction 7"]),
        ("input rst, ", "input rst, input en, ", ["1:58-60 port-not-in-spec 6"]),
        ("q", "count", ["1:8-9 port-missing 8", "1:71-76 port-not-in-spec 6"]),
        ("module m ", "module other ", []),
    ],
)
def test_differences(before: str, after: str, expected: list[str]) -> None:
    check(before, after, *expected)


def test_what_the_spec_leaves_open_is_no_difference() -> None:
    check("(rst)", "(!rst)", spec=SPEC.replace("synchronous reset, active high", "reset"))


def test_a_clock_that_falls() -> None:
    falling = SPEC.replace("rising", "falling")
    check("", "", "2:12-19 clock-edge 6", spec=falling)
    check("posedge clk", "negedge clk", spec=falling)
