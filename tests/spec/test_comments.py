"""Spec comments in Verilog files."""

import pytest

from spec2rtl.spec.comments import SpecComment, comment_at, spec_comments

BLOCK = """\
`timescale 1ns/1ps
/* spec: a counter
 * - input clk
 * - output q (4 bits)
 */
module m; endmodule
"""
RUN = """\
wire a; // spec: not below one another
// spec: an inverter
//   - input a
// - output y

// spec: another
// spec: and one more
"""
ROWS = [
    (BLOCK, [SpecComment("a counter\n- input clk\n- output q (4 bits)\n", 2, 5, True)]),
    (
        RUN,
        [
            SpecComment("not below one another", 1, 1, True),
            SpecComment("an inverter\n  - input a\n- output y", 2, 4, True),
            SpecComment("another", 6, 6, True),
            SpecComment("and one more", 7, 7, True),
        ],
    ),
    ('initial $display("// spec: no", "/* spec: no */");', []),
    ('initial $display("\\"// spec: no");', []),
    ("wire \\a//b ; // spec: yes", [SpecComment("yes", 1, 1, True)]),
    ("/* a remark */ // the next\n", []),
    ("/*\nSpec: free\n  lines\n*/", [SpecComment("\nfree\n  lines\n", 1, 4, True)]),
    ("/* spec: never closed\n- input a", [SpecComment("never closed\n- input a", 1, 2, True)]),
    ("/** spec: ours **/", [SpecComment("ours *", 1, 1, True)]),
    ("// spec: one\r\n// two\r\n", [SpecComment("one\ntwo", 1, 2, True)]),
    (
        "// spec: one\n// spec2rtl: begin m\n// inside\n// spec2rtl: end m\n// below",
        [SpecComment("one", 1, 1, True)],
    ),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_spec_comments(text: str, expected: list[SpecComment]) -> None:
    assert list(spec_comments(text)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (1, None),
        (2, SpecComment("counts\nup", 2, 3, False)),
        (3, SpecComment("counts\nup", 2, 3, False)),
        (4, None),
        (5, SpecComment(" x\n", 5, 6, False)),
        (9, None),
    ],
)
def test_comment_at(line: int, expected: SpecComment | None) -> None:
    text = "module m;\n  // counts\n  // up\nwire a;\n/*  x\n*/\nendmodule\n"
    assert comment_at(text, line) == expected


def test_each_line_of_the_text_is_a_line_of_the_source() -> None:
    (comment,) = spec_comments(BLOCK)
    source = BLOCK.split("\n")
    for number, text in enumerate(comment.text.split("\n"), start=comment.line):
        assert text in source[number - 1]
