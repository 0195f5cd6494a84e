"""Karnaugh maps are read by their labels, whatever their order."""

from itertools import product

import pytest

from spec2rtl.spec.parse import parse

PORTS = "- input a\n- input b\n- input c\n- input d\n- output f\n\n"


def values(text: str, names: str = "abcd") -> dict[str, str]:
    (exact,) = parse(PORTS + text).exact
    assert exact.kind == "karnaugh_map"
    found: dict[str, str] = {}
    for line in exact.canonical.split("\n"):
        inputs, _, output = line.partition(" -> f=")
        pairs = dict(pair.split("=") for pair in inputs.split())
        found["".join(pairs[name] for name in names)] = output
    assert list(found) == ["".join(bits) for bits in product("01", repeat=len(names))]
    return found


# Every cell of these maps is the parity of a, b and d, but for a don't care at abcd = 0100.
PARITY = {f"{n:04b}": "don't care" if n == 4 else str((n >> 3 ^ n >> 2 ^ n) & 1) for n in range(16)}

MAPS = {
    "columns named above": """\
              ab
   cd   00  01  11  10
   00 | 0 | d | 0 | 1 |
   01 | 1 | 0 | 1 | 0 |
   11 | 1 | 0 | 1 | 0 |
   10 | 0 | 1 | 0 | 1 |
""",
    "an order that is not Gray's": """\
              ab
   cd   01  00  10  11
   00 | x | 0 | 1 | 0 |
   01 | 0 | 1 | 0 | 1 |
   10 | 1 | 0 | 1 | 0 |
   11 | 0 | 1 | 0 | 1 |
""",
    "a corner in Markdown": """\
| cd \\ ab | 00 | 01 | 10 | 11 |
|---------|----|----|----|----|
| 00      | 0  | -  | 1  | 0  |
| 01      | 1  | 0  | 0  | 1  |
| 10      | 0  | 1  | 1  | 0  |
| 11      | 1  | 0  | 0  | 1  |
""",
    "columns and rows swapped": """\
              c d
   a b  00  01  11  10
   00   0   1   1   0
   01   d   0   0   1
   11   0   1   1   0
   10   1   0   0   1
""",
    "rules between rows": """\
          ab
   cd     00  01  11  10
   ---+-----------------
   00 | 0   d   0   1
   ---+-----------------
   01 | 1   0   1   0
   11 | 1   0   1   0
   10 | 0   1   0   1
""",
}


@pytest.mark.parametrize("text", MAPS.values(), ids=MAPS)
def test_four_variables(text: str) -> None:
    assert values(text) == PARITY


def test_three_variables() -> None:
    text = "       a\n  bc   0   1\n  00 | 0 | 1\n  01 | 1 | 0\n  11 | 0 | 1\n  10 | 1 | d\n"
    assert values(text, "abc") == {
        "000": "0", "001": "1", "010": "1", "011": "0",
        "100": "1", "101": "0", "110": "don't care", "111": "1",
    }  # fmt: skip


def test_two_variables() -> None:
    assert values("     a\n b   0  1\n 0   1  0\n 1   0  0\n", "ab") == {
        "00": "1", "01": "0", "10": "0", "11": "0",
    }  # fmt: skip


def test_indexed_variables() -> None:
    text = (
        "         x[1]x[2]\n x[3]x[4] 00 01 11 10\n 00 | 0 | 0 | 0 | 1 |\n 01 | 0 | 0 | 0 | 0 |\n"
        " 11 | 0 | 0 | 0 | 0 |\n 10 | 0 | 0 | 0 | 0 |\n"
    )
    (exact,) = parse("- input x (4 bits)\n- output f\n\n" + text).exact
    ones = [line for line in exact.canonical.split("\n") if line.endswith("f=1")]
    assert ones == ["x[1]=1 x[2]=0 x[3]=0 x[4]=0 -> f=1"]


@pytest.mark.parametrize(
    "text",
    [
        "   00 01 11 10\n00 0 0 0 0\n01 0 0 0 0\n11 0 0 0 0\n10 0 0 0 0\n",  # no variables
        "   ab\ncd 00 01 11 10\n00 0 0 0 0\n01 0 0 0 0\n11 0 0 0 0\n",  # a row is missing
        "   ab\ncd 00 01 11 11\n00 0 0 0 0\n01 0 0 0 0\n11 0 0 0 0\n10 0 0 0 0\n",
    ],
)
def test_a_map_that_is_not_whole_is_left_alone(text: str) -> None:
    assert parse(PORTS + text).exact == ()
