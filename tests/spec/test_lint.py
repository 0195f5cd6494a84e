"""What a spec leaves open, and that each sentence offered settles it."""

import pytest

from spec2rtl.spec.lint import lint, mends, with_sentence
from spec2rtl.spec.parse import parse

PORTS = "- `input clk`: clock\n- `input rst`: synchronous reset, active high\n"
FIFO = (
    f"# f\n\n{PORTS}- `input wr_en`: write\n- `input [7:0] din`: word\n- `input rd_en`: read\n"
    "- `output [7:0] dout`: the oldest word\n- `output full`: no word fits\n"
    "- `output empty`: there is no word\n\nAll happens at rising edges of `clk`.\n"
)
CORNERS = (
    "\nA write while `full` is 1 is ignored, and a read while `empty` is 1 is ignored."
    " Both may take place at once.\n"
)


def check(text: str, *expected: str) -> None:
    """Each issue as `LINE code`, and every sentence that is offered settles its issue."""
    spec = parse(text)
    found = lint(spec)
    assert [f"{issue.line} {issue.code}" for issue in found] == list(expected)
    for issue in found:
        for sentence in mends(spec, issue):
            after = with_sentence(text, issue, sentence)
            assert after is not None, sentence
            assert sentence in after.replace("\r", "").split("\n")
            assert set(text.split("\n")) <= set(after.split("\n")), "nothing else has changed"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"# q\n\n{PORTS}- `output q`: toggles at each rising edge\n", []),
        (
            "# q\n\n- `input clk`: clock\n- `input rst`: reset\n- `output q`: toggles each cycle\n",
            ["4 reset-polarity-unsaid", "4 reset-synchrony-unsaid"],
        ),
        (
            "# q\r\n\r\n- `input clk`: clock\r\n- `input rst_n`: reset\r\n- `output q`: toggles"
            " each cycle\r\n",
            ["4 reset-synchrony-unsaid"],
        ),
        ("# q\n\n- `input clk`: clock\n- `output q`: the parity\n", ["4 latency-unsaid"]),
        ("# q\n\n- `input a`: x\n- `output q`: the inverse of `a`\n", []),
        ("# q\n\n- `input a`: x\n- `output q`: the inverse of `a`, \ufffdC\n", ["4 not-utf-8"]),
        (
            "# q\n\n| Port | Direction | Description |\n|---|---|---|\n| `clk` | input | clock |\n"
            "| `data` | input | what counts at each edge |\n| `q` | output | it |\n\nEnd.\n",
            ["6 width-unsaid"],
        ),
        (FIFO, ["7 corner-unsaid", "9 corner-unsaid", "10 corner-unsaid"]),
        (FIFO + CORNERS, []),
    ],
)
def test_what_is_left_open(text: str, expected: list[str]) -> None:
    check(text, *expected)


def test_a_width_is_said_of_a_port_in_a_sentence() -> None:
    text = "# m\n\nIt has inputs clk, data_in and d2, and output q. `q` is registered.\n"
    spec = parse(text)
    (issue,) = lint(spec)
    after = [with_sentence(text, issue, sentence) for sentence in mends(spec, issue)]
    assert after == [f"{text}\n`data_in[7:0]` has 8 bits.\n", None]
    assert [p.msb for p in parse(after[0] or "").ports] == [None, "7", None, None]


def test_a_sentence_goes_below_a_table_and_out_of_a_fence() -> None:
    text = (
        "# q\n\n```verilog\nmodule q(\n  input clk,\n  input rst,\n\n  output reg y\n);\n```\n"
        "At each edge `y` toggles; `rst` is active high.\n\nThe end.\n"
    )
    spec = parse(text)
    (issue,) = lint(spec)
    after = with_sentence(text, issue, mends(spec, issue)[0])
    assert after
    assert "active high.\n\n`rst` is a synchronous reset.\n\nThe end.\n" in after
