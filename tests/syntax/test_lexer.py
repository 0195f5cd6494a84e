import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec2rtl.syntax.lexer import Kind, brackets, code, join, last_large, tokenize


def check(text: str, expected: list[tuple[Kind, str]]) -> None:
    assert [(t.kind, t.text) for t in tokenize(text)] == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("// to the end of the line", Kind.COMMENT),
        ("/* over\ntwo lines */", Kind.COMMENT),
        ("/* never closed", Kind.COMMENT),
        ('"a string with \\" in it"', Kind.STRING),
        ('"never closed', Kind.STRING),
        ("`timescale 1ns / 1ps", Kind.DIRECTIVE),
        ("`define TWO \\\n  (1 + 1)", Kind.DIRECTIVE),
        ("`ifdef SIM", Kind.DIRECTIVE),
        ("`WIDTH", Kind.MACRO),
        ("$clog2", Kind.SYSTEM),
        ("8'hFF", Kind.NUMBER),
        ("4 'sb10xz", Kind.NUMBER),
        ("'0", Kind.NUMBER),
        ("1_000", Kind.NUMBER),
        ("2.5e-3", Kind.NUMBER),
        ("always_ff", Kind.KEYWORD),
        ("count_q$1", Kind.NAME),
        ("\\odd+name", Kind.NAME),
        (">>>=", Kind.OPERATOR),
        ("é", Kind.OTHER),
    ],
)
def test_one_token(text: str, kind: Kind) -> None:
    check(text, [(kind, text)])


def test_event_and_attribute_keep_their_brackets() -> None:
    assert [t.text for t in code("always @(*) (* full *) ;")] == [
        "always", "@", "(", "*", ")", "(", "*", "full", "*", ")", ";",
    ]  # fmt: skip


def test_code_leaves_out_comments_and_directives() -> None:
    assert [t.text for t in code("`define X module\na /* b */ c // d\n")] == ["a", "c"]


def test_lines() -> None:
    assert [(t.text, t.line) for t in tokenize("a\n\n/*\n*/ b\r\nc")] == [
        ("a", 1),
        ("/*\n*/", 3),
        ("b", 4),
        ("c", 5),
    ]


def test_brackets() -> None:
    assert brackets(code("f(a[1],{b}) ( ]")) == [-1, 10, -1, 5, -1, -1, -1, 9, -1, -1, -1, 13, -1]


def test_join_keeps_words_apart() -> None:
    assert join(code("2 * W - 1 , \\esc  x signed y")) == "2*W-1,\\esc x signed y"


@given(st.text(alphabet="ab1'\"\\/*`$(){}[];:=<>#@ \n\r_é", max_size=200))
def test_tokens_and_blanks_are_the_text(text: str) -> None:
    at = 0
    for token in tokenize(text):
        assert text[at : token.start].strip() == ""
        assert text[token.start : token.end] == token.text
        assert token.line == text.count("\n", 0, token.start) + 1
        at = token.end
    assert text[at:].strip() == ""


@pytest.mark.parametrize("piece", ['"', "\\", "`define \\\n", "1 ", "/*", "(*", '"\\', "'", "`"])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    began = time.process_time()
    tokenize(piece * 50_000)
    assert time.process_time() - began < 5


def test_a_long_text_that_several_ask_of_is_read_once() -> None:
    read: list[str] = []

    @last_large
    def length(text: str) -> int:
        read.append(text)
        time.sleep(0.05)  # the others ask meanwhile
        return len(text)

    text = "wire w;\n" * 5_000
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(length, [text] * 4)) == {len(text)}
    assert len(read) == 1
