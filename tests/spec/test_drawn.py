"""Tables that Markdown does not know."""

from textwrap import dedent

import pytest

from spec2rtl.rtl import Port
from spec2rtl.spec.parse import parse

GRID = """\
    +-------+-----------+-------+-------------+
    | Name  | Direction | Width | Description |
    +=======+===========+=======+=============+
    | clk   | input     | 1     | clock       |
    +-------+-----------+-------+-------------+
    | d     | input     | 8     | data        |
    +-------+-----------+-------+-------------+
    | q     | output    | 8     | result      |
    +-------+-----------+-------+-------------+
    """
UNRULED = """\
    | Name | Direction | Width | Description |
    | clk  | input     | 1     | clock       |
    | d    | input     | 8     | data        |
    | q    | output    | 8     | result      |
    """
BOX = """\
    ```
    ┌──────┬───────────┬───────┬─────────────┐
    │ Name │ Direction │ Width │ Description │
    ├──────┼───────────┼───────┼─────────────┤
    │ clk  │ input     │ 1     │ clock       │
    │ d    │ input     │ 8     │ data        │
    │ q    │ output    │ 8     │ result      │
    └──────┴───────────┴───────┴─────────────┘
    ```
    """
COLUMNS = """\
    ```text
    Name  Direction  Width  Description
    ----  ---------  -----  -----------
    clk   input      1      clock
    d     input      8      data
    q     output     8      result
    ```
    """
TABS = "Name\tDirection\tWidth\tDescription\nclk\tinput\t1\tclock\nd\tinput\t8\tdata\nq\toutput\t8\tresult\n"
CSV = "```csv\nName,Direction,Width,Description\nclk,input,1,clock\nd,input,8,data\nq,output,8,result\n```\n"
HTML = """\
    <table>
      <thead><tr><th>Name</th><th>Direction</th><th>Width</th><th>Description</th></tr></thead>
      <tr><td>clk</td><td>input</td><td>1</td><td>clock</td></tr>
      <tr><td><code>d</code></td><td>input</td><td>8</td><td>data</td></tr>
      <tr>
        <td>q</td><td align="left">output</td>
        <td>8</td><td>result</td>
      </tr>
    </table>
    """


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        (GRID, (6, 8, 10)),
        (UNRULED, (4, 5, 6)),
        (BOX, (7, 8, 9)),
        (COLUMNS, (6, 7, 8)),
        (TABS, (4, 5, 6)),
        (CSV, (5, 6, 7)),
        (HTML, (5, 6, 7)),
    ],
    ids=["grid", "unruled", "box", "columns", "tabs", "csv", "html"],
)
def test_ports(table: str, lines: tuple[int, ...]) -> None:
    spec = parse("# widget\n\n" + dedent(table))
    assert spec.ports == (
        Port("clk", "input", line=lines[0], description="clock"),
        Port("d", "input", "7", "0", line=lines[1], description="data"),
        Port("q", "output", "7", "0", line=lines[2], description="result"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "```\ns | y\n--+--\n0 | a\n1 | b\n```\n",
        "Registers:\n\n| Offset | Name | Width | Access |\n| 0x00 | CTRL | 8 | RW |\n",
        "```verilog\nport, direction\nclk, input\n```\n",
        "| a | b |\n| c |\n",
        "<table><tr><th>Name</th></tr></table>\n",
        "<table><tr><th>Name</th><th>Direction</th>",
        "## Inputs\n\n<table><tr></tr><tr><td></td></tr><tr>\n</table>\n",
        "<tr" * 20_000 + "<td" * 20_000,
    ],
)
def test_no_interface(text: str) -> None:
    assert [port.name for port in parse(f"# m\n\n- input x\n- output y\n\n{text}").ports] == [
        "x",
        "y",
    ]
