"""Pairs of designs: which of them behave alike, and no wrong answer where it can't be told."""

import asyncio
import time
from pathlib import Path

import pytest

from spec2rtl.eda.equivalence import Comparer
from spec2rtl.eda.toolchain import find_tools
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.process.run import ProcessResult
from spec2rtl.process.sandbox import Rlimits
from spec2rtl.rtl import DataFile, Design, Different, Equal, SourceFile, Unknown

TOOLS = find_tools()
COMPARER = Comparer(TOOLS.iverilog, TOOLS.vvp, best_sandbox() or Rlimits())
SLOW = 60.0
"""Seconds on a busy machine; each takes about one on an idle one."""


def design(text: str, **options: object) -> Design:
    return Design((SourceFile("/w/a b.v", text),), **options)  # pyright: ignore[reportArgumentType]


def counter(body: str, ports: str = "input clk, input rst, input en, output reg [3:0] q") -> str:
    return f"module m({ports});\n{body}\nendmodule\n"


PLAIN = counter("always @(posedge clk) if (rst) q <= 0; else if (en) q <= q + 1;")
SPLIT = counter(
    "wire [3:0] n = en ? q + 4'd1 : q;\nalways @(posedge clk) if (rst) q <= 4'd0; else q <= n;"
)
GRAY_PORTS = "input clk, input rst, input en, output [3:0] q"
GRAY = counter(
    "reg [3:0] g; assign q = {g[3], ^g[3:2], ^g[3:1], ^g};\nwire [3:0] n = q + 4'd1;\n"
    "always @(posedge clk) if (rst) g <= 0; else if (en) g <= n ^ (n >> 1);",
    GRAY_PORTS,
)
DOWN = counter(
    "reg [3:0] left; assign q = 4'd15 - left;\n"
    "always @(posedge clk) if (rst) left <= 15; else if (en) left <= left - 1;",
    GRAY_PORTS,
)


def machine(states: str, width: int, extra: str = "") -> str:
    return (
        "module m(input clk, input rst_n, input start, input [3:0] d, output reg done,\n"
        f"  output busy);\n  localparam {states};\n  reg [{width - 1}:0] s; reg [3:0] n;\n"
        "  assign busy = s != IDLE;\n"
        "  always @(posedge clk or negedge rst_n)\n"
        "    if (!rst_n) begin s <= IDLE; n <= 0; done <= 0; end else begin\n"
        "      done <= 0;\n      case (s)\n"
        "        IDLE: if (start) begin s <= RUN; n <= d; end\n"
        "        RUN: if (n == 0) s <= LAST; else n <= n - 1;\n"
        f"        LAST: begin done <= 1; s <= IDLE; {extra} end\n"
        "        default: s <= IDLE;\n      endcase\n    end\nendmodule\n"
    )


BINARY, ONE_HOT = "IDLE = 0, RUN = 1, LAST = 2", "IDLE = 3'b001, RUN = 3'b010, LAST = 3'b100"


def late(limit: int) -> str:
    """The output rises once, after so many enabled cycles."""
    return counter(
        "reg [8:0] n; always @(posedge clk) if (rst) begin n <= 0; q <= 0; end\n"
        f"  else if (en) begin n <= n + 1; q <= n == {limit}; end",
        "input clk, input rst, input en, output reg q",
    )


def comb(expression: str) -> str:
    return f"module m(input [3:0] a, b, output [4:0] y);\n  assign y = {expression};\nendmodule\n"


LATCH = "module m(input e, d, output reg q);\n  always @* if (e) q = d;\nendmodule\n"
PIPE = "module m(input clk, d, output reg q);\n  {}\nendmodule\n"
TWO_CLOCKS = (
    "module m(input c1, c2, d, output reg q); reg t;\n"
    "  always @(posedge c1) t <= d;\n  always @(posedge c2) q <= t;\nendmodule\n"
)
MEMORY = (
    "module m(input clk, input rst, input we, input [1:0] a, input [3:0] d, output {});\n"
    "  reg [3:0] mem [0:3]; integer i;\n"
    "  always @(posedge clk) if (rst) for (i = 0; i < 4; i = i + 1) mem[i] <= 0;\n"
    "    else if (we) mem[a] <= d;\n  {}\nendmodule\n"
)
FLAT_MEMORY = (
    "module m(input clk, input rst, input we, input [1:0] a, input [3:0] d, output [3:0] y);\n"
    "  reg [15:0] mem;\n  always @(posedge clk) if (rst) mem <= 0;\n"
    "    else if (we) mem[a * 4 +: 4] <= d;\n  assign y = mem[a * 4 +: 4];\nendmodule\n"
)

NAMES = (
    "module m(input clk, i, first, stimulus, output reg dut);\n"
    "  always @(posedge clk) BODY\nendmodule\n"
)
VALID = (
    "module m(input clk, input rst, input v, input d, output q);\n  reg w, t; assign q = w & t;\n"
    "  always @(posedge clk) {}\n  always @(posedge clk) if (rst) w <= 0; else w <= v;\nendmodule\n"
)

EQUAL = {
    "the same text": (PLAIN, PLAIN),
    "a next-state wire": (PLAIN, SPLIT),
    "gray code inside": (PLAIN, GRAY),
    "counts down inside": (PLAIN, DOWN),
    "one-hot states": (machine(BINARY, 2), machine(ONE_HOT, 3)),
    "an output that is a wire": (PLAIN, DOWN),
    "adder": (comb("a + b"), comb("b + a")),
    "and by de Morgan": (comb("a & b"), comb("{1'b0, ~(~a | ~b)}")),
    "a memory as a vector": (MEMORY.format("[3:0] y", "assign y = mem[a];"), FLAT_MEMORY),
    "falling edges": (PLAIN.replace("posedge", "negedge"), SPLIT.replace("posedge", "negedge")),
    "data that only one resets": (
        VALID.format("t <= d;"),
        VALID.format("if (rst) t <= 0; else t <= d;"),
    ),
    "a reset under an enable": (
        counter("always @(posedge clk) if (en) begin if (rst) q <= 0; else q <= q + 1; end"),
        counter("always @(posedge clk) if (en) q <= rst ? 4'd0 : q + 4'd1;"),
    ),
    "ports named as in the bench": (
        NAMES.replace("BODY", "if (i) dut <= 0; else if (first) dut <= stimulus;"),
        NAMES.replace("BODY", "dut <= i ? 1'b0 : first ? stimulus : dut;"),
    ),
    "no reset": (
        PIPE.format("always @(posedge clk) q <= d;"),
        PIPE.format("wire n = ~d; always @(posedge clk) q <= ~n;"),
    ),
}
DIFFERENT = {
    "another initial value": (
        PIPE.format("initial q = 0; always @(posedge clk) q <= q ^ d;"),
        PIPE.format("initial q = 1; always @(posedge clk) q <= q ^ d;"),
        0,
    ),
    "another reset value": (PLAIN, PLAIN.replace("q <= 0", "q <= 1"), 1),
    "the enable before the reset": (
        PLAIN,
        counter("always @(posedge clk) if (en) begin if (rst) q <= 0; else q <= q + 1; end"),
        None,
    ),
    "no reset any more": (PLAIN, counter("always @(posedge clk) if (en) q <= q + 1;"), None),
    "asynchronous": (PLAIN, PLAIN.replace("posedge clk", "posedge clk or posedge rst"), None),
    "reset by the other level": (PLAIN, PLAIN.replace("if (rst)", "if (!rst)"), None),
    "after 200 cycles": (late(200), late(500), None),
    "at 250 or 251": (late(250), late(251), None),
    "a state is left out": (machine(BINARY, 2), machine(BINARY, 2, "n <= 1; s <= RUN;"), None),
    "subtracts": (comb("a + b"), comb("a - b"), 0),
    "one input in 256": (comb("a + b"), comb("a == 9 && b == 6 ? 5'd0 : a + b"), None),
}
UNKNOWN = {
    "ports changed": (PLAIN, PLAIN.replace("[3:0] q", "[4:0] q"), "the ports differ: q"),
    "a port more": (PLAIN, PLAIN.replace("input en,", "input en, input up,"), "ports differ: up"),
    "latch": (LATCH, LATCH, "it has a latch"),
    "two clocks": (TWO_CLOCKS, TWO_CLOCKS, "more than one clock"),
    "the other edge": (PLAIN, PLAIN.replace("posedge", "negedge"), "clocked otherwise"),
    "tri-state": (comb("a[0] ? b : 5'bz"), comb("a[0] ? b : 5'bz"), "tri-state"),
    "clock as data": (
        PIPE.format("always @(posedge clk) q <= d & ~clk;"),
        PIPE.format("always @(posedge clk) q <= d;"),
        "the clock `clk` is used as data",
    ),
    "does not parse": (PLAIN, PLAIN.replace("always", "alway"), "yosys can't read this"),
    "an unknown module": (PLAIN, counter("other u(clk, q);", GRAY_PORTS), "without a body"),
    "undefined is not different": (comb("a[0] ? b : 5'bx"), comb("a[0] ? b : 5'd1"), "undefined"),
    "too hard": (
        "module m(input clk, input rst, input [31:0] a, b, output reg [63:0] y);\n"
        "  always @(posedge clk) if (rst) y <= 0; else y <= (a + b) * (a - b);\nendmodule\n",
        "module m(input clk, input rst, input [31:0] a, b, output reg [63:0] y);\n"
        "  always @(posedge clk) if (rst) y <= 0; else y <= a * a - b * b;\nendmodule\n",
        "",
    ),
}


@pytest.mark.parametrize("name", EQUAL)
async def test_equal(name: str) -> None:
    old, new = EQUAL[name]
    found = await COMPARER.equivalent(design(old), design(new), "m", SLOW)
    assert isinstance(found, Equal), found
    indexed = name == "a memory as a vector"  # for all that yosys knows, beyond the last bit
    assert ("undefined" in (found.given or "")) is indexed


@pytest.mark.parametrize(
    ("text", "delayed"),
    [
        ("assign #1 y = a;", True),
        ("assign y = a;  // #1", False),
        ("assign y[3:0] = a[3:0]; buf #(2) (y[4], a[4]);", True),
    ],
)
async def test_a_delay_is_told(text: str, delayed: bool) -> None:
    body = f"module m(input [4:0] a, output [4:0] y);\n{text}\nendmodule\n"
    found = await COMPARER.equivalent(design(body), design(body), "m", SLOW)
    assert isinstance(found, Equal), found
    assert ("delays are not compared" in (found.given or "")) is delayed


@pytest.mark.parametrize("name", DIFFERENT)
async def test_different(name: str) -> None:
    old, new, cycle = DIFFERENT[name]
    found = await COMPARER.equivalent(design(old), design(new), "m", SLOW)
    assert isinstance(found, Different), found
    assert found.was != found.now
    assert cycle in {None, found.cycle}
    assert sum(step.cycles for step in found.steps) == found.cycle + 1


@pytest.mark.parametrize("name", UNKNOWN)
async def test_unknown(name: str) -> None:
    old, new, reason = UNKNOWN[name]
    began = time.monotonic()
    found = await COMPARER.equivalent(design(old), design(new), "m", seconds=4)
    assert time.monotonic() - began < 15
    assert isinstance(found, Unknown), found
    assert reason in found.reason


RARE = (
    "module m(input clk, input [15:0] a, input [9:0] d, output y);\n"
    "  wire nobody; assign y = a[15:4] != 12'h123 ? d[0] : {};\nendmodule\n"
)
UNDEFINED = {
    "an x": ("1'b0", "1'bx"),
    "one that is written over": ("1'bx", "1'b0"),
    "a bit beyond the last": ("a[3:0] < 10 ? d[a[3:0]] : 1'b0", "d[a[3:0]]"),
    "a net that nothing drives": ("1'b0", "nobody"),
}


@pytest.mark.parametrize("name", UNDEFINED)
async def test_what_is_undefined_is_said_to_be_left_out(name: str) -> None:
    old, new = (design(RARE.format(value)) for value in UNDEFINED[name])
    found = await COMPARER.equivalent(old, new, "m", SLOW)
    assert found == Equal("undefined values are not compared")


async def test_why_yosys_was_stopped_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stopped(*_: object, **__: object) -> ProcessResult:
        return ProcessResult("memory", 1, None, "", "MemoryError", 0.1)

    monkeypatch.setattr("spec2rtl.eda.yosys.perform", stopped)
    found = await COMPARER.equivalent(design(PLAIN), design(SPLIT), "m", SLOW)
    assert found == Unknown("the old version can't be compared: yosys was stopped: memory")


async def test_an_error_leaves_nothing_running() -> None:
    """While yosys joins the two, the simulator turns out to be missing."""
    before = children()
    broken = Comparer(TOOLS.iverilog, "/nowhere/vvp", best_sandbox() or Rlimits())
    found = await broken.equivalent(design(PLAIN), design(SPLIT), "m", SLOW)
    assert isinstance(found, Unknown)
    assert "/nowhere/vvp" in found.reason
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert children() <= before


def children() -> set[str]:
    """The processes that are ours, where they can be told."""
    lists = Path("/proc/self/task").glob("*/children")
    return {pid for one in lists for pid in one.read_text().split()}


async def test_a_macro_is_no_command() -> None:
    macro = (("X", '"1; write_rtlil stray.il"'),)
    found = await COMPARER.equivalent(design(PLAIN, defines=macro), design(PLAIN), "m", SLOW)
    assert isinstance(found, Unknown)
    assert "yosys can't be given the macro `X`" in found.reason


async def test_parameters_count_and_what_a_design_prints_does_not() -> None:
    text = (
        "module m #(parameter N = 1) (input [7:0] a, output [7:0] y);\n  assign y = a + N;\n"
        '  always @(a) $write("spec2rtl cycle 3: 1");\nendmodule\n'
    )
    other = text.replace("a + N", "a + 2").replace("$write", "$display")
    two = (("N", "2"),)
    found = await COMPARER.equivalent(design(text, parameters=two), design(other), "m", SLOW)
    assert found == Equal("`N` as set")
    assert isinstance(await COMPARER.equivalent(design(text), design(other), "m", SLOW), Different)


async def test_a_table_beside_the_folder_of_the_rtl_is_read() -> None:
    table = (DataFile("../data/t.hex", b"3\n1\n0\n2\n"),)
    text = (
        "module m(input [1:0] a, output [1:0] y);\n  reg [1:0] t [0:3];\n"
        '  initial $readmemh("../data/t.hex", t);\n  assign y = t[a];\nendmodule\n'
    )
    plain = "module m(input [1:0] a, output [1:0] y);\n  assign y = {~^a, ~a[1]};\nendmodule\n"
    old = design(text, data=table)
    assert await COMPARER.equivalent(old, design(plain), "m", SLOW) == Equal()
    other = design(text, data=(DataFile("../data/t.hex", b"3\n1\n2\n0\n"),))
    assert isinstance(await COMPARER.equivalent(old, other, "m", SLOW), Different)
