import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec2rtl.eda.columns import Page, Span, instantiation, locate, trimmed

TEXT = """\
module m (input a, output y); // y is not a valid
\tassign y = a; /* gone */ assign gone = "gone";
  sub u (
    .a(b),
    .b(a)
  );
  if (q) q <= q2;
  // only words

  \\esc.aped  = `WIDTH + $nofunc(größe);
`include "x.vh"
\tassign 变量 = z;
endmodule"""


def at(span: Span) -> str:
    lines = TEXT.split("\n")
    assert span.line == span.end_line
    return (
        f"{span.line}:{span.column} {lines[span.line - 1][span.column - 1 : span.end_column - 1]}"
    )


@pytest.mark.parametrize(
    ("line", "message", "code", "expected"),
    [
        (1, "y is not a valid l-value in m.", "not-an-lvalue", "1:27 y"),
        (2, "Unable to bind wire/reg/memory `gone' in `m'", "", "2:34 gone"),
        (2, "Unable to bind wire/reg/memory `gone[1].x' in `m'", "", "2:34 gone"),
        (3, "Unknown module type: sub", "unknown-module", "3:3 sub"),
        # Ports stand on the lines below their instance; `.b`, not the net b.
        (3, "port ``b'' is not a port of u.", "port-not-found", "5:6 b"),
        (3, "Port 1 (b) of sub expects 8 bits, got 4.", "width-mismatch", "5:6 b"),
        # The one that is assigned, not the one that is read.
        (7, "'q' is not a valid l-value for a procedural assignment.", "not-an-lvalue", "7:10 q"),
        (7, "Unable to bind wire/reg/memory `q' in `m'", "undeclared-identifier", "7:7 q"),
        (10, "macro WIDTH undefined (and assumed null) at this point.", "", "10:16 `WIDTH"),
        (10, "System function $nofunc not defined in system table", "", "10:25 $nofunc"),
        (12, "Include file x.vh not found", "include-not-found", '11:1 `include "x.vh"'),
        # Nothing named, or nothing found: the code of the line.
        (1, "syntax error", "syntax-error", "1:1 module m (input a, output y);"),
        (2, "what `nowhere' is", "", '2:2 assign y = a; /* gone */ assign gone = "gone";'),
        (8, "syntax error", "", "8:3 // only words"),
        (9, "syntax error", "", "9:1 "),
        (99, "syntax error", "", "13:1 endmodule"),
        (0, "syntax error", "", "1:1 module m (input a, output y);"),
        (12, "Unable to bind wire/reg/memory `z' in `m'", "", "12:14 z"),
    ],
)
def test_locate(line: int, message: str, code: str, expected: str):
    assert at(locate(Page(TEXT), line, message, code)) == expected


def test_instantiation_is_no_declaration():
    page = Page("module sub; endmodule\nmodule t; /* sub */ sub u(); endmodule")
    assert instantiation(page, "sub") == Span(2, 21, 2, 24)
    assert instantiation(page, "gone") is None


@pytest.mark.parametrize("text", ["", "\n", "\r\n", "a", "/* open"])
def test_small_texts(text: str):
    assert trimmed(Page(text), 1).line == 1


PIECES = """
  a 8 'h F // /* */ " \\ ` `define `ifdef `X $f \\esc \\"x = <= ; ( * é x
""".split()  # noqa: SIM905


@given(
    st.lists(st.sampled_from([*PIECES, " ", " ", "\n", "\\\n", "\r\n"]), max_size=40).map("".join)
)
def test_from_each_line_on_the_tokens_are_those_of_the_whole(text: str):
    page = Page(text)
    for line in range(1, text.count("\n") + 2):
        assert list(page.tokens_from(line)) == [t for t in page.tokens if t.line >= line]
