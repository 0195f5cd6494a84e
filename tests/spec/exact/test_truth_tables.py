"""Truth tables and waveforms in canonical form."""

import pytest

from spec2rtl.spec.parse import parse

PORTS = "- input a\n- input b\n- output y\n\n"


def check(text: str, kind: str, *lines: str) -> None:
    (exact,) = parse(text).exact
    assert (exact.kind, exact.canonical.split("\n")) == (kind, list(lines))


TABLES = {
    "Markdown": (
        PORTS + "| A | b | y (out) |\n|---|---|---|\n| 0 | 1 | 1 |\n| 1 | x | 0 |\n",
        ("a=0 b=1 -> y=1", "a=1 b=x -> y=0"),
    ),
    "blanks": (PORTS + " a b y\n 0 0 1\n 1 1 0\n", ("a=0 b=0 -> y=1", "a=1 b=1 -> y=0")),
    "the output first": (PORTS + "y | a | b\n1 | 0 | 0\n0 | 1 | 0\n",
                         ("a=0 b=0 -> y=1", "a=1 b=0 -> y=0")),
    "names that are no ports": (
        "left | own | next\n-----|-----|-----\n1 | 0 | 1\n0 | 0 | 0\n",
        ("left=1 own=0 -> next=1", "left=0 own=0 -> next=0"),
    ),
    "a code and what it means": (
        "- input code (8 bits)\n- output up\n\nCode[7:0] | Key\n8'h1f | up arrow\nAnything else | none\n",
        ("code=8'h1f -> Key=up arrow", "code=Anything else -> Key=none"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "lines"), TABLES.values(), ids=TABLES)
def test_truth_tables(text: str, lines: tuple[str, ...]) -> None:
    check(text, "truth_table", *lines)


WAVES = {
    "combinational rows are stated once": (
        PORTS + "time a b y\n0ns x x x\n5ns 1 0 1\n10ns 0 0 0\n15ns 1 0 1\n",
        ("a=0 b=0 -> y=0", "a=1 b=0 -> y=1"),
    ),
    "a state shows": (
        PORTS + "time a b y\n0ns 0 0 0\n5ns 1 0 1\n10ns 0 0 1\n",
        (
            "time 0ns: a=0 b=0 -> y=0",
            "time 5ns: a=1 b=0 -> y=1",
            "time 10ns: a=0 b=0 -> y=1",
            "the same inputs give different outputs: the circuit has a state",
        ),
    ),
    "edges": (
        "- input clk\n- input d\n- output q\n- output l\n\n"
        "time clk d q l\n0ns 0 1 0 0\n5ns 1 1 1 0\n10ns 0 0 1 0\n15ns 1 0 0 0\n20ns 1 1 0 1\n",
        (
            "time 0ns: clk=0 d=1 -> q=0 l=0",
            "time 5ns: clk=1 d=1 -> q=1 l=0",
            "time 10ns: clk=0 d=0 -> q=1 l=0",
            "time 15ns: clk=1 d=0 -> q=0 l=0",
            "time 20ns: clk=1 d=1 -> q=0 l=1",
            "q changes: 2x at a rising edge of clk",
            "l changes: 1x while clk stays 1",
        ),
    ),
    "hexadecimal values say so": (
        "- input d (8 bits)\n- output q (4 bits)\n\ntime d q\n0ns 2c 1\n5ns 10 a\n",
        ("d=8'h2c -> q=4'h1", "d=8'h10 -> q=4'ha"),
    ),
    "cycles": (
        "- input d\n- output q\n\n| Cycle | d | q |\n|--|--|--|\n| 1 | 1 | 0 |\n| 2 | 0 | 1 |\n",
        ("Cycle 1: d=1 -> q=0", "Cycle 2: d=0 -> q=1"),
    ),
}


@pytest.mark.parametrize(("text", "lines"), WAVES.values(), ids=WAVES)
def test_waveforms(text: str, lines: tuple[str, ...]) -> None:
    check(text, "waveform", *lines)


NOT_EXACT = [
    "| Address | Register | Width |\n|--|--|--|\n| 0x0 | count | 32 |\n| 0x1 | match | 32 |\n",
    "| Address | Register |\n|--|--|\n| 0x0 | count |\n| 0x1 | match |\n",
    "| Port | Direction | Width |\n|--|--|--|\n| a | input | 1 |\n| b | input | 1 |\n",
    "One two three\nfour five six\nseven eight nine\n",
    "a b y\n0 1 1\n",
]


@pytest.mark.parametrize("text", NOT_EXACT)
def test_not_exact(text: str) -> None:
    assert parse(PORTS + text).exact == ()


def test_the_place_of_a_table() -> None:
    (exact,) = parse(
        PORTS + "Then:\n\n| a | b | y |\n|--|--|--|\n| 0 | 0 | 1 |\n| 1 | 1 | 0 |\n"
    ).exact
    assert (exact.line, exact.end_line) == (7, 10)
