"""Ports and parameters, in the ways people write them."""

import pytest

from spec2rtl.rtl import Port
from spec2rtl.spec.interface import known_interface
from spec2rtl.spec.parse import parse


def shown(port: Port) -> str:
    bounds = f"[{port.msb}:{port.lsb}] " if port.msb is not None else ""
    signed = "signed " if port.signed else ""
    return f"{port.direction} {signed}{bounds}{port.name}"


def check(text: str, *ports: str) -> None:
    assert [shown(port) for port in parse(text).ports] == list(ports)


PLAIN = {
    "a sentence for each side": (
        "The inputs are clk, en, and in[7:0]. The outputs are out[7:0] and done.\n",
        ("input clk", "input en", "input [7:0] in", "output [7:0] out", "output done"),
    ),
    "lists in a sentence": (
        "It has inputs clk, rst and d[7:0], and outputs q (8 bits) and full.",
        ("input clk", "input rst", "input [7:0] d", "output [7:0] q", "output full"),
    ),
    "the direction after the names": (
        "Ports: clk, rst (inputs), d (input, 4 bits), q, r (outputs, 4 bits)",
        ("input clk", "input rst", "input [3:0] d", "output [3:0] q", "output [3:0] r"),
    ),
    "the direction after each name": (
        "Ports: `clk` input, `rst` input (synchronous), `d` input, `q` output.",
        ("input clk", "input rst", "input d", "output q"),
    ),
    "sizes before the directions": (
        "Ports: clk (input), d (8 bit input), q (8 bit output).",
        ("input clk", "input [7:0] d", "output [7:0] q"),
    ),
    "sizes before the directions, in code": (
        "`clk` input, `d` 8-bit input, `q` 8-bit output.",
        ("input clk", "input [7:0] d", "output [7:0] q"),
    ),
    "a verb between direction and name": ("It takes `a` as inputs and produces `y`.", ()),
    "one of each": (
        "Build an adder with an 8-bit input a, input b and 9-bit output y.",
        ("input [7:0] a", "input b", "output [8:0] y"),
    ),
    "clock and reset by their use": (
        "It has a clock input clk, a synchronous active-high reset rst, a 1-bit input trig and "
        "a 1-bit output out.",
        ("input rst", "input clk", "input trig", "output out"),
    ),
    "a clock by its edge, in code": (
        "`q` (1 bit output) takes `d` (1 bit input) at the rising edge of `clk`.",
        ("input clk", "output q", "input d"),
    ),
    "an edge of a word": (
        "`q` (output) takes `d` (input) at each edge of the clock or of reset.",
        ("output q", "input d"),
    ),
    "a list in code within a sentence": (
        "The ports are `input clk, input [7:0] d, output signed [3:0] q`.",
        ("input clk", "input [7:0] d", "output signed [3:0] q"),
    ),
    "a header in code within a sentence": (
        "Implement `module clamp(input [7:0] x, input en, output [7:0] y)`, combinational.",
        ("input [7:0] x", "input en", "output [7:0] y"),
    ),
    "verbs": ("When the input rises, the output falls. The output is low, the input high.", ()),
    "no names": ("The outputs change. The inputs rise and fall. Output goes high.", ()),
    "one direction only": ("The inputs start, stop and go.", ()),
}


@pytest.mark.parametrize(("text", "ports"), PLAIN.values(), ids=PLAIN)
def test_names_in_running_text(text: str, ports: tuple[str, ...]) -> None:
    check(text, *ports)


SAME = ("input clk", "input [7:0] d", "output [7:0] q")
LISTS = {
    "sentences": ("- clk is an input\n- d is an 8-bit data input\n- q is the 8-bit output\n", SAME),
    "abbreviated": ("- clk: in, 1 bit\n- d: in, 8 bits\n- q: out, 8 bits\n", SAME),
    "without a heading": (
        "# m\n\n- clk: clock input\n- d: 8-bit data input\n- q: 8-bit output of the register\n",
        SAME,
    ),
    "text right behind a list": (
        "- clk: clock input\n- d: 8-bit input\n- q: 8-bit output\nIt delays `d` by one cycle.\n",
        SAME,
    ),
    "kinds of inputs": (
        "- **clk** — clock input\n- **d** — active-high 8-bit data input\n- **q** — 8-bit counter output\n",
        SAME,
    ),
    "a group of names behind a label": (
        "## Ports\n**Clock and reset**: `clk`\n**Inputs**: `d` [7:0]\n**Outputs**: `q` (8 bits)\n",
        SAME,
    ),
    "widths shared by what can have them": (
        "Inputs: clk, en, a, b (8 bits), sel\n\nOutputs: y (8 bits), c\n",
        (
            *("input clk", "input en", "input [7:0] a", "input [7:0] b", "input sel"),
            *("output [7:0] y", "output c"),
        ),
    ),
    "sides of a block": (
        "Clock/reset: clk, rst_n (async, active low)\n\nWrite side: d (in, 8 bits), full (out)\n",
        ("input clk", "input rst_n", "input [7:0] d", "output full"),
    ),
    "abbreviated, in parentheses": (
        "* clk (in): clock\n* d (in, 8 bits): data\n* q[7:0] (out): the result\n",
        SAME,
    ),
    "a range behind the direction": ("clk : input\nd : input [7:0]\nq : output reg [7:0]\n", SAME),
    "arrows": ("- `clk` → input\n- `d[7:0]` → input\n- `q[7:0]` -> output\n", SAME),
    "columns": ("## Ports\nclk    input\nd      input   8    the data\nq  output  [7:0]\n", SAME),
    "headings": (
        "## Inputs\n### clk\nThe clock.\n### `d` (8 bits)\nThe data.\n\n## Outputs\n### q [7:0]\n"
        "The data of the cycle before.\n\n## Timing\n### setup\nOne cycle.\n",
        SAME,
    ),
    "several in a line": ("input clk; input [7:0] d; output [7:0] q;\n", SAME),
    "signed by what it is": (
        "- input signed [7:0] a\n- output [15:0] p: signed product\n",
        ("input signed [7:0] a", "output signed [15:0] p"),
    ),
    "numbered": ("1. `clk` (input): clock\n2. `d` (input, 8-bit)\n3. `q` (output, 8-bit)\n", SAME),
    "a remark after a comma is no port": (
        "- input `clk`, rising edge\n- input `rst`, synchronous\n- input en, active high\n"
        "- input `a`, `b`, 4 bits\n- input `c, d`\n- output `q`\n",
        (
            *("input clk", "input rst", "input en", "input [3:0] a", "input [3:0] b"),
            *("input c", "input d", "output q"),
        ),
    ),
    "an article before bit is no width": (
        "- `input go`: a bit is taken from `data`\n- `output q`: A bit of it\n"
        "- `input [3:0] d`: the bits\n- `input w`: an n-bit word\n",
        ("input go", "output q", "input [3:0] d", "input [n-1:0] w"),
    ),
    "the width of what a port does": (
        "- `input go`: starts sending the 8-bit word\n- `output q`: holding a 4-bit result\n",
        ("input go", "output [3:0] q"),
    ),
    "directions after the name": (
        "- `data`: input, 8 bits\n- full: output\n- `mode`: input to output delay\n",
        ("input [7:0] data", "output full"),
    ),
    "directions in bullets": (
        " - input  clk\n - input  d (8 bits)\n - output q   (100 bits)\n",
        ("input clk", "input [7:0] d", "output [99:0] q"),
    ),
    "Verilog in bullets": (
        "- input wire [3:0] a, b\n- output reg signed [7:0] p\n- inout pad\n",
        ("input [3:0] a", "input [3:0] b", "output signed [7:0] p", "inout pad"),
    ),
    "names that prose uses": (
        "- input a\n- input in (2 bits)\n- output mode\n",
        ("input a", "input [1:0] in", "output mode"),
    ),
    "sections": (
        "### Inputs:\n- `clk`: clock\n- `key` (4 bits, `[3:0]`): the key\n"
        "### Outputs:\n- `[5:0] left`: what is left\n- `hit`(1 bit): a hit\n",
        ("input clk", "input [3:0] key", "output [5:0] left", "output hit"),
    ),
    "bold names and labels": (
        "**Inputs**\n\n* **tick** – the beat\n* **level [7:0]** – a byte\n\n"
        "**Outputs**\n\n* **over ([1:0], 2-bit)**: how far over\n\n"
        "**Behaviour**\n\n* **Latency**: one cycle\n",
        ("input tick", "input [7:0] level", "output [1:0] over"),
    ),
    "pasted bullets": (
        "## Inputs\n•\t`clk (1-bit)` : the clock\n•\t`load (1-bit)`: loads\n"
        "## Outputs\n•\t`out (3-bit)`: result\n",
        ("input clk", "input load", "output [2:0] out"),
    ),
    "labels in the item": (
        "- **Input**: `code` (`CODE_W` bits) — the code\n- **Output**: `hot` (16 bits)\n",
        ("input [CODE_W-1:0] code", "output [15:0] hot"),
    ),
    "a list in a line": (
        "Inputs: clk, rst_n, a[7:0], b[7:0]\nOutputs: sum[8:0], done\n",
        (
            "input clk",
            "input rst_n",
            "input [7:0] a",
            "input [7:0] b",
            "output [8:0] sum",
            "output done",
        ),
    ),
    "a shared width": (
        "## Inputs\n- `a`, `b` (8-bit): operands\n- `clk`, `d` (4 bits)\n## Outputs\n- `y` (9-bit)\n",
        (
            "input [7:0] a",
            "input [7:0] b",
            "input clk",
            "input [3:0] d",
            "output [8:0] y",
        ),
    ),
    "the direction behind": (
        "**Interface**\n- `clk`: the clock (input).\n- `cnt [W-1:0]`: the count (output).\n"
        "- `s_data[7:0]` (input)\n",
        ("input clk", "output [W-1:0] cnt", "input [7:0] s_data"),
    ),
    "the direction in the description": (
        "## Ports\n- **`go`**: A high level on this input begins.\n- **`sum`**: 12-bit output.\n",
        ("input go", "output [11:0] sum"),
    ),
    "names in parentheses": (
        "### Outputs\n- **carry** signal (`co`) : 1-bit, the carry\n- **Zero flag (`zf`)**: zero\n"
        "### Inputs\n- **Operand (`opa [3:0]`)**: one operand\n",
        ("output co", "output zf", "input [3:0] opa"),
    ),
    "attributes below": (
        "- **Inputs:**\n  - `clk`\n    - **Width:** 1 bit\n  - `din`\n    - Width: 12 bits\n"
        "- **Outputs:**\n  - `dout [N-1]`\n    - **Description:** an 8-bit view of it\n",
        ("input clk", "input [11:0] din", "output [N-1:0] dout"),
    ),
    "groups with a width": (
        "## Inputs\n1. **Clock/Reset**\n   - `clk`: clock\n2. **4-bit**: `sensors[3:0]`\n"
        "   - `sensors[3]` : `front`\n## Outputs\n1. **Lamps (2-bit each)**\n   - `red`\n   - `green`\n",
        ("input clk", "input [3:0] sensors", "output [1:0] red", "output [1:0] green"),
    ),
    "lines of text": (
        "Module name:\n    sum2\nInput ports:\n    a[3:0]: first operand.\n    Cin: carry input.\n"
        "Output ports:\n    y[3:0]: the sum.\nImplementation:\nIt adds: y = a + Cin.\n",
        ("input [3:0] a", "input Cin", "output [3:0] y"),
    ),
    "enumerated meanings are no ports": (
        "## Inputs\n- `op` (2 bits): opcode\n  - `00`: add\n  - `ADD`: see there\n## Outputs\n- `y`\n"
        "## States\n- `IDLE`: waits\n- `BUSY` (1 bit): works\n",
        ("input [1:0] op", "output y"),
    ),
    "examples are no ports": (
        "## Inputs\n- `d` (2 bits)\n## Outputs\n- `q`\n## Example\n### Inputs\n- `x` (4 bits): 3\n",
        ("input [1:0] d", "output q"),
    ),
    "prose": (
        "A module `blink` with an input clock `clk`, an active-low `rst_n` input and an 8-bit output"
        " `led`. The 4-bit input `speed` sets the pace.\n",
        ("input clk", "input rst_n", "output [7:0] led", "input [3:0] speed"),
    ),
    "several in prose": (
        "It takes two 4-bit inputs `a` and `b` and a carry input `ci`, and gives a 5-bit output `s`.",
        ("input [3:0] a", "input [3:0] b", "input ci", "output [4:0] s"),
    ),
    "signed": (
        "## Inputs\n- `t` (8-bit signed)\n- `u` (8-bit unsigned)\n## Outputs\n- `y`: signed 9-bit sum\n",
        ("input signed [7:0] t", "input [7:0] u", "output signed [8:0] y"),
    ),
    "widths in words": (
        "## Inputs\n- `op`: a four-bit code\n- `en`: a single-bit enable\n## Outputs\n- `y`: `W`-bit\n",
        ("input [3:0] op", "input en", "output [W-1:0] y"),
    ),
    "a width given by the way": (
        "## Inputs\n- `key`: the key, whose `key[3:0]` come first and `key[15:4]` then\n"
        "## Outputs\n- `tag`: the tag\n\nEach 6-bit `tag` is new.\n",
        ("input [15:0] key", "output [5:0] tag"),
    ),
    "sections of the first level": (
        "# Inputs\n\n**Control:**\n\n- `go`: starts\n\n# Outputs\n- `y`: result\n",
        ("input go", "output y"),
    ),
    "a title that names a part": (
        "# Parameter table\n## Interface\n- `clk`\n### Output\n- `y`\n## How it works\n- `z`: odd\n",
        ("input clk", "output y"),
    ),
    "a parameter for a width": (
        "## Inputs\n- `a` (`WIDTH`)\n## Outputs\n- **y** [N-1:0][7:0]: N bytes\n- `z` [1:0][3:0]\n",
        ("input [WIDTH-1:0] a", "output [N*8-1:0] y", "output [7:0] z"),
    ),
    "directions in parentheses in a sentence": (
        "Ports: clk (input), `en` (input), count (output, 8 bits).\n",
        ("input clk", "input en", "output [7:0] count"),
    ),
    "names in quotes": (
        'It has inputs "clk", "up" and an output "q[4:0]".\n',
        ("input clk", "input up", "output [4:0] q"),
    ),
    "a forgotten output": (
        " - input clk\n - input d\n - input q\n",
        ("input clk", "input d", "output q"),
    ),
}


def test_an_array_is_told_and_no_vector() -> None:
    spec = parse("- input logic [7:0] a [0:3]\n- output logic [9:0] sum\n")
    assert [shown(port) for port in spec.ports] == ["input [7:0] a", "output [9:0] sum"]
    assert [issue.code for issue in spec.issues] == ["array-port"]
    assert known_interface(spec, "m") is None


@pytest.mark.parametrize(("text", "ports"), LISTS.values(), ids=LISTS)
def test_lists(text: str, ports: tuple[str, ...]) -> None:
    check(text, *ports)


TABLES = {
    "columns in any order": (
        "| Width | Dir | Signal | Meaning |\n|---|---|---|---|\n| 1 | I | clk | clock |\n"
        "| 8 | O | `count` | value |\n| [3:0] | in | sel | select |\n| WIDTH | output | bus | data |\n",
        ("input clk", "output [7:0] count", "input [3:0] sel", "output [WIDTH-1:0] bus"),
    ),
    "no outer pipes": (
        "Port Name | Direction | Width | Description\n-- | -- | -- | --\nclk | Input | 1 bit | Clock.\n"
        "dat | Output | 8-bit  | Data.\n",
        ("input clk", "output [7:0] dat"),
    ),
    "one table a side": (
        "### Inputs\n| **Port** | **Size** | **Description** |\n|--|--|--|\n| `x` | `N*W` bits | Packed |\n"
        "### Outputs\n| Name | Width | Description |\n|--|--|--|\n| `y` | `(N + N/2)*W` | Packed |\n"
        "| `z` | `W+1` bits | (integer signed) |\n",
        ("input [N*W-1:0] x", "output [(N + N / 2)*W-1:0] y", "output signed [W:0] z"),
    ),
    "the range in the type": (
        "## Ports\n| Signal | Type | Description |\n|--|--|--|\n| clk | input wire | Clock |\n"
        "| q | output reg [7:0] | Data |\n",
        ("input clk", "output [7:0] q"),
    ),
    "ranges in the name": (
        "| Name | Direction | Description |\n|--|--|--|\n| `adr[4:0]` | in | Address |\n"
        "| `hi`, `lo` | out | 16-bit halves |\n",
        ("input [4:0] adr", "output [15:0] hi", "output [15:0] lo"),
    ),
    "a default in the width": (
        "### Inputs\n| Signal | Width (bits) |\n|--|--|\n| `a` | A_W (default 16) |\n| `b` | 2 × A_W |\n"
        "| `sel` | `log2(N)` |\n### Outputs\n| Signal | Width (bits) |\n|--|--|\n| `y` | [2*A_W-1:0] |\n",
        (
            "input [A_W-1:0] a",
            "input [2*A_W-1:0] b",
            "input [$clog2(N)-1:0] sel",
            "output [2*A_W-1:0] y",
        ),
    ),
    "parameters among the ports": (
        "| Name | Type | Width |\n|--|--|--|\n| `clk` | Input | 1 |\n| `q` | Output reg | 4 |\n"
        "| `LAPS` | Parameter | 32 |\n",
        ("input clk", "output [3:0] q"),
    ),
    "rows that only say the side": (
        "## Signals\n| Signal | Width | Notes |\n|--|--|--|\n| **Inputs** | | |\n| `a` | 2 | |\n"
        "| **Outputs** | | |\n| `y` | 4 | |\n",
        ("input [1:0] a", "output [3:0] y"),
    ),
    "bullets beside a table explain": (
        "## Interface\n- `tdata` (data bus)\n\n| Port | Direction | Width |\n|--|--|--|\n"
        "| `s_tdata` | Input | 8 |\n| `m_tdata` | Output | 8 |\n",
        ("input [7:0] s_tdata", "output [7:0] m_tdata"),
    ),
    "a register map is no interface": (
        "- input clk\n- output irq\n\n## Register Map\n| Address | Register Name | Width | Access |\n"
        "|--|--|--|--|\n| 0x0 | Count Register | 32 bits | Read |\n",
        ("input clk", "output irq"),
    ),
}


@pytest.mark.parametrize(("text", "ports"), TABLES.values(), ids=TABLES)
def test_tables(text: str, ports: tuple[str, ...]) -> None:
    check(text, *ports)


CODE = {
    "a whole header": (
        "```verilog\nmodule thing #(parameter W = 8) (\n  input  wire         clk, // clock\n"
        "  input  wire [W-1:0] a, b,\n  output reg  [2*W-1:0] p\n);\nendmodule\n```\n",
        ("input clk", "input [W-1:0] a", "input [W-1:0] b", "output [2*W-1:0] p"),
    ),
    "packages before the parameters": (
        "```systemverilog\nmodule m\n  import a_pkg::*;\n  import b_pkg::*;\n#(parameter int N = 4)\n"
        "(input logic clk_i, output logic [N-1:0] q_o);\n```\n",
        ("input clk_i", "output [N-1:0] q_o"),
    ),
    "a header that is only begun": (
        "Complete this:\n\nmodule half (\n   input clk,\n   input signed [7:0] d,\n   output q\n   ...\n",
        ("input clk", "input signed [7:0] d", "output q"),
    ),
    "the old style": (
        "```\nmodule old(a, y);\n  input [3:0] a; // in\n  output y;\n```\n",
        ("input [3:0] a", "output y"),
    ),
    "several dimensions": (
        "```systemverilog\nmodule grid (input logic [3:0][7:0] rows, output logic any);\n```\n",
        ("input [31:0] rows", "output any"),
    ),
    "declarations without a module": (
        "Ports:\n```verilog\ninput [1:0] sel;\noutput y;\n```\n",
        ("input [1:0] sel", "output y"),
    ),
    "comments are no ports": (
        "```verilog\nmodule c ( /* input x, */ input a, // input z\n output y );\n```\n",
        ("input a", "output y"),
    ),
}


@pytest.mark.parametrize(("text", "ports"), CODE.values(), ids=CODE)
def test_code(text: str, ports: tuple[str, ...]) -> None:
    check(text, *ports)


PARAMETERS = {
    "defaults in parentheses": (
        "## Parameters\n- `DEPTH` (default: 8): words\n- `W` (default 16)\n",
        [("DEPTH", "8"), ("W", "16")],
    ),
    "a value behind a code span": (
        "Its width is the parameter `W` = 8, its depth `N` = 4.\n- input [W-1:0] a\n"
        "- output [N-1:0] y\n",
        [("W", "8"), ("N", "4")],
    ),
    "by default": (
        "- input [W-1:0] d\n- output [W-1:0] q\n\n`W` is 32 by default.\n",
        [("W", "32")],
    ),
    "told behind the name": (
        "- N: parameter, default 12\n- `M`: width parameter (default 3)\n- d: N-bit input\n"
        "- q: M-bit output\n",
        [("N", "12"), ("M", "3")],
    ),
    "defaults in sentences": (
        "## Parameters\n- **RATE**: ticks a second, with a default value of 50,000,000 Hz.\n"
        "- **CODE**: Default value is 0xAB.\n- **`N`**: how many. Default `N=5`.\n- `M = 3`\n",
        [("RATE", "50000000"), ("CODE", "'hAB"), ("N", "5"), ("M", "3")],
    ),
    "calls and names in capitals": (
        "## Parameters\n1. **WIDTH** (default = 32): the width\n2. AW: default $clog2(WIDTH)\n",
        [("WIDTH", "32"), ("AW", "$clog2(WIDTH)")],
    ),
    "a table": (
        "| Parameter | Description | Default | Constraint |\n|--|--|--|--|\n| `A` | one | 16 | |\n"
        "| `B` | two | 3 | |\n| `P` | both | 48 | Calculated as `P = A * B`. |\n",
        [("A", "16"), ("B", "3"), ("P", "A*B")],
    ),
    "a default that stands elsewhere": (
        "## Parameters\n- `W`: the width\n\nUnless told otherwise `W` has a default of 12.\n",
        [("W", "12")],
    ),
    "in a sentence": (
        "Parameter `N` (default 4). `K` is a parameter, 2 by default; the parameter `M` is a mode.\n"
        "It is parameterized by WIDTH (default 8) and DEPTH (default 16).\n",
        [("N", "4"), ("WIDTH", "8"), ("DEPTH", "16")],
    ),
    "no default": ("## Parameters\n- `W`: the width\n", [("W", None)]),
    "only used": ("- input a\n- output y (`LANES` bits)\n", [("LANES", None)]),
    "in a header": (
        "module m #(parameter integer N = 4, parameter [3:0] K = 4'd9)(input a, output y);",
        [("N", "4"), ("K", "4'd9")],
    ),
}


@pytest.mark.parametrize(("text", "expected"), PARAMETERS.values(), ids=PARAMETERS)
def test_parameters(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert [(p.name, p.default) for p in parse(text).parameters] == expected


ISSUES = {
    "no interface": ("# A poem\n\nRoses.\n", [("no-interface", 1)]),
    "the side is unsaid": (
        "## Ports\n- `clk`\n- `din` (8 bits)\n- `out_y`\n",
        [("direction-unsaid", 3), ("direction-unsaid", 4)],
    ),
    "two widths": (
        "- input a (8 bits)\n- output y\n- input a (4 bits)\n",
        [("width-conflict", 3)],
    ),
    "two directions": (
        "- input a\n- output y\n- output a\n",
        [("direction-conflict", 3)],
    ),
    "no width where one is due": (
        "## Inputs\n- `data_in`: bytes\n## Outputs\n- `ok`: fine\n",
        [("width-unsaid", 2)],
    ),
    "a parameter's width by name": (
        "## Parameters\n- `DATA_WIDTH` (default 8)\n## Inputs\n- `w_data`: bytes\n## Outputs\n- `ok`\n",
        [("width-unsaid", 4)],
    ),
    "a misspelt parameter": (
        "## Parameters\n- `p_address_width` (default 8)\n- input a (`p_addr_width` bits)\n- output y\n",
        [("width-unknown-name", 3)],
    ),
    "an undeclared parameter": (
        "- input a [LANES-1:0]\n- output y\n",
        [("parameter-undeclared", 1)],
    ),
    "an unreadable row": (
        "| Port | Direction | Width |\n|--|--|--|\n| `a` | in | 1 |\n| two words | in | 1 |\n| `y` | out | 1 |\n",
        [("table-row-unreadable", 4)],
    ),
    "no output": ("- input a\n- input b\n", [("no-output", 1)]),
    "an output called input": ("- input d\n- input q\n", [("no-output", 2)]),
}


@pytest.mark.parametrize(("text", "expected"), ISSUES.values(), ids=ISSUES)
def test_issues(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(issue.code, issue.line) for issue in parse(text).issues] == expected


def test_one_bit_unless_otherwise_specified() -> None:
    text = "All ports are one bit unless otherwise specified.\n\n - input data\n - output y\n"
    assert parse(text).issues == ()


def test_lines_count_from_the_first_line_of_the_file() -> None:
    text = "---\nmodule: m\n---\n# M\n\n- input a: the operand\n- output y\n"
    spec = parse(text)
    assert [(port.name, port.line) for port in spec.ports] == [("a", 6), ("y", 7)]
    assert spec.ports[0].description == "the operand"


def test_the_interface_takes_the_name_that_counts() -> None:
    interface = parse("- input a\n- output y\n").interface("top")
    assert interface is not None
    assert interface.module == "top"
    assert parse("nothing").interface("top") is None


@pytest.mark.parametrize("port", ["input T d", "input [3:0] d [8]", "axi_if.slave d"])
def test_a_port_that_is_no_plain_vector(port: str) -> None:
    spec = parse(f"```systemverilog\nmodule m(input clk, {port}, output q);\n```\n")
    assert any("`d`" in issue.message for issue in spec.issues)
