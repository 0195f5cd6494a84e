from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import DiagnosticSeverity

from spec2rtl.lsp import convert
from spec2rtl.lsp.text import Text
from spec2rtl.rtl import Diagnostic, Related

LINES = st.lists(st.sampled_from(["a\n", "b\n", "漢😀\r\n", "\f\n", "c"]), max_size=12).map("".join)


@given(LINES, LINES)
def test_edits_lead_to_the_other_text(before: str, after: str) -> None:
    text = Text(before)
    result = before
    for edit in reversed(convert.edits(text, after)):
        result = Text(result).replaced(edit.range, edit.new_text).text
    assert result == after


def test_edits_touch_nothing_else() -> None:
    (edit,) = convert.edits(Text("a\nb\nc\n"), "a\nB\nc\n")
    assert (edit.range.start.line, edit.range.end.line, edit.new_text) == (1, 2, "B\n")


@pytest.mark.parametrize(
    ("line", "columns", "expected"),
    [
        ("  assign q = d;", (10, 11), (9, 10)),
        ("  assign q = d;", (3, 3), (2, 8)),  # empty: the word there
        ("  assign 😀 q = d;", (12, 13), (12, 13)),
        ("", (1, 1), (0, 0)),
    ],
)
def test_ranges(line: str, columns: tuple[int, int], expected: tuple[int, int]) -> None:
    found = Diagnostic("f.v", 1, columns[0], 1, columns[1], "error", "x", "m", "iverilog")
    area = convert.range_in(found, Text(line))
    assert (area.start.character, area.end.character) == expected


def test_a_diagnostic_keeps_all_it_says() -> None:
    note = Related("/b.v", 2, 3, "declared here")
    found = Diagnostic("/a.v", 1, 1, 1, 2, "warning", "width", "m", "slang", (note,))
    texts = {Path("/b.v"): Text("\n  wire x;")}
    shown = convert.diagnostic(
        found, Text("x"), uri_of=lambda p: f"file://{p}", text_of=texts.__getitem__, related=True
    )
    assert (shown.code, shown.source, shown.message) == ("width", "slang", "m")
    assert shown.severity is DiagnosticSeverity.Warning
    assert shown.related_information
    (related,) = shown.related_information
    assert (related.location.uri, related.message) == ("file:///b.v", "declared here")
    assert related.location.range.start.character == 2
