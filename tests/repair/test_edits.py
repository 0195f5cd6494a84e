import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec2rtl.repair.edits import Edit, EditFailure, Splice, apply_edits, as_edits, splice


def check(text: str, edits: list[tuple[str, str]], expected: str) -> None:
    assert apply_edits(text, [Edit(*edit) for edit in edits]) == expected


def test_edits_are_for_the_text_before_the_first() -> None:
    check("a b c", [("c", "a"), ("a", "x")], "x b a")


def test_a_newline_matches_either_kind_and_the_texts_own_is_kept() -> None:
    check("a\r\nb\r\nc\r\n", [("a\nb", "x\ny\nz")], "x\r\ny\r\nz\r\nc\r\n")
    check("a\nb\n", [("a\r\nb", "x\r\ny")], "x\ny\n")


def test_a_line_that_is_deleted_leaves_no_empty_one() -> None:
    assert apply_edits("a\n  b\nc\n", [Edit("b", "")]) == "a\nc\n"
    assert apply_edits("a b c\n", [Edit("b ", "")]) == "a c\n"


def test_special_characters_are_no_patterns() -> None:
    check("q[3:0] <= (a + b) * 2;", [("(a + b) * 2", "\\1")], "q[3:0] <= \\1;")


@pytest.mark.parametrize(
    ("text", "edits", "index", "why"),
    [
        ("a b", [("a", "x"), ("c", "y")], 1, "not in the file: `c`"),
        ("a a", [("a", "x")], 0, "more than once: `a`"),
        ("aaa", [("aa", "x")], 0, "more than once: `aa`"),
        ("a", [("", "x")], 0, "empty"),
        ("a", [(" \n", "x")], 0, "empty"),
        ("a b c", [("a b", "x"), ("b c", "y")], 1, "overlaps"),
        ("x", [("first\nsecond", "y")], 0, "`first` …"),
    ],
)
def test_failures(text: str, edits: list[tuple[str, str]], index: int, why: str) -> None:
    failure = apply_edits(text, [Edit(*edit) for edit in edits])
    assert isinstance(failure, EditFailure)
    assert failure.index == index
    assert why in failure.why


def test_splices_become_unique_whole_lines() -> None:
    text = "end\na\nend\nb\nend\n"
    at = text.rindex("end")
    assert as_edits(text, [Splice(at, at + 3, "done")]) == (Edit("b\nend\n", "b\ndone\n"),)


@given(
    st.lists(st.sampled_from(["a", "b", "end", "", "a b"]), max_size=12),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 4), st.sampled_from(["", "x", "y\nz"]))),
)
def test_edits_do_what_the_splices_do(lines: list[str], wanted: list[tuple[int, int, str]]) -> None:
    text = "start\n" + "\n".join(lines)
    splices: list[Splice] = []
    at = 0
    for start, length, new in sorted(wanted):
        if at <= start and start + length <= len(text):
            splices.append(Splice(start, start + length, new))
            at = start + length + 1
    if splices:
        assert apply_edits(text, as_edits(text, splices)) == splice(text, splices)
