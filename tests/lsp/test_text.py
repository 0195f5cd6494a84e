import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position

from spec2rtl.lsp.text import Text, units

ENCODINGS = ("utf-8", "utf-16", "utf-32")
TEXTS = st.text(st.sampled_from("ab\n\r\f\u2028é漢𝄞😀 "), max_size=40)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("abc", "utf-8", 3),
        ("é漢😀", "utf-8", 9),
        ("é漢😀", "utf-16", 4),
        ("é漢😀", "utf-32", 3),
    ],
)
def test_units(text: str, encoding: str, expected: int) -> None:
    assert units(text, encoding) == expected


@pytest.mark.parametrize(
    ("text", "line", "column", "encoding", "expected"),
    [
        ("a\nbcd", 2, 3, "utf-16", (1, 2)),
        ("// 計數器 😀 x", 1, 10, "utf-16", (0, 10)),
        ("// 計數器 😀 x", 1, 10, "utf-32", (0, 9)),
        ("// 計數器 😀 x", 1, 10, "utf-8", (0, 18)),
        ("one\r\ntwo\rthree", 3, 2, "utf-16", (2, 1)),
        ("a\fb\nc", 2, 1, "utf-16", (1, 0)),
        ("short", 1, 99, "utf-16", (0, 5)),
        ("last", 9, 1, "utf-16", (0, 4)),
    ],
)
def test_place(text: str, line: int, column: int, encoding: str, expected: tuple[int, int]) -> None:
    found = Text(text, encoding).place(line, column)
    assert (found.line, found.character) == expected


@given(TEXTS, st.sampled_from(ENCODINGS), st.integers(0, 40))
def test_an_offset_comes_back(text: str, encoding: str, offset: int) -> None:
    offset = min(offset, len(text))
    between = text[offset - 1 : offset + 1] == "\r\n"
    at_end = offset > 0 and text[offset - 1 : offset] == "\r" and not between
    if not between and not at_end:
        reader = Text(text, encoding)
        assert reader.offset(reader.position(offset)) == offset


@given(TEXTS, TEXTS, st.sampled_from(ENCODINGS), st.integers(0, 40), st.integers(0, 40))
def test_a_change_replaces_its_range(
    text: str, new: str, encoding: str, one: int, other: int
) -> None:
    reader = Text(text.replace("\r", ""), encoding)
    start, end = sorted((min(one, len(reader.text)), min(other, len(reader.text))))
    changed = reader.replaced(reader.range(start, end), new)
    assert changed.text == reader.text[:start] + new + reader.text[end:]


def test_a_position_inside_a_pair_counts_as_behind_it() -> None:
    assert Text("😀x").offset(Position(0, 1)) == 1
