"""Clocks and resets."""

import pytest

from spec2rtl.spec.parse import parse


def heard(text: str) -> list[tuple[str, str | None, bool | None]]:
    return [(r.name, r.active, r.synchronous) for r in parse(text).resets]


RESETS = [
    ("- input rst_n: asynchronous reset", [("rst_n", "low", False)]),
    ("- input rst: active low, synchronous", [("rst", "low", True)]),
    ("- input reset", [("reset", None, None)]),
    (
        "- input rst_ni\n\nThe reset is `rst_ni`; it's active-low and is applied asynchronously.",
        [("rst_ni", "low", False)],
    ),
    (
        "- input rst_n\n\nThe reset takes effect immediately, independent of the clock.",
        [("rst_n", "low", False)],
    ),
    ("- input areset", [("areset", None, False)]),
    ("- input reset\n\nReset should be active high synchronous.", [("reset", "high", True)]),
    (
        "- input resetn\n\nA reset input (synchronous, active low) called resetn clears it.",
        [("resetn", "low", True)],
    ),
    (
        "- input ar\n\nA flip-flop with an asynchronous reset `ar`. When `ar` is 1, q is 0.",
        [("ar", "high", False)],
    ),
    (
        "- input areset\n- input load\n\nIt has asynchronous positive edge triggered areset,"
        " synchronous active low signal load.",
        [("areset", "high", False)],
    ),
    ("- input rst\n\nWhen `rst` is asserted (`0`), all is cleared.", [("rst", "low", None)]),
    (
        "- input rst\n\nThe design should include an **asynchronous reset (`rst`)**. When rst is high,"
        " outputs clear.",
        [("rst", "high", False)],
    ),
    (
        "- input w_rst: active high\n- input r_rst: active low\n",
        [("w_rst", "high", None), ("r_rst", "low", None)],
    ),
    ("- input clear\n- input reset_count (4 bits)", []),
    ("- input preset", []),
]


@pytest.mark.parametrize(("text", "expected"), RESETS)
def test_resets(text: str, expected: list[tuple[str, str | None, bool | None]]) -> None:
    assert heard(f"- input clk\n- output q\n{text}") == expected


CLOCKS = [
    ("- input clk", [("clk", "rising")]),
    ("- input clk\n\nAll is triggered by the negative edge of clk.", [("clk", "falling")]),
    ("- input clk: active on the falling edge", [("clk", "falling")]),
    (
        "- input i_clk\n- input d\n\nIt updates on the positive edge of the clock.",
        [("i_clk", "rising")],
    ),
    ("- input w_clk\n- input r_clk: falling edge", [("w_clk", "rising"), ("r_clk", "falling")]),
    ("- input clk_en\n- input clk", [("clk", "rising")]),
    ("- input tick: 1-bit pulse. It will act as clock for the bank.", [("tick", "rising")]),
    ("- input strobe\n\nThe bank stores on the falling edge of strobe.", [("strobe", "falling")]),
    ("- input sig\n\nDetect the rising edge of sig.", []),
    ("- input d", []),
]


@pytest.mark.parametrize(("text", "expected"), CLOCKS)
def test_clocks(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(c.name, c.edge) for c in parse(f"- output q\n{text}").clocks] == expected


def test_what_is_unsaid_of_a_reset_is_an_issue() -> None:
    codes = [i.code for i in parse("- input clk\n- input reset\n- output q\n").issues]
    assert codes == ["reset-polarity-unsaid", "reset-synchrony-unsaid"]


def test_a_name_that_contradicts_the_text_is_an_issue() -> None:
    text = "- input clk\n- input rst_n: active high, synchronous\n- output q\n"
    assert [(i.code, i.line) for i in parse(text).issues] == [("reset-polarity-conflict", 2)]
