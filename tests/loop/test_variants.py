"""Small changes near what a test found wrong: which come first, and that the loop climbs by them."""

import threading
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from spec2rtl.eda.testbench import load_testbench
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.events import Candidate, Limits, RunFinished
from spec2rtl.loop import engine, policy
from spec2rtl.loop.engine import run
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import Crew
from spec2rtl.loop.variants import variants
from spec2rtl.repair.operators import Site, related_names
from spec2rtl.rtl import SourceFile, Testbench, TestResult
from spec2rtl.syntax.modules import modules
from spec2rtl.syntax.scope import scope_of
from tests.loop.crew import HeldClock, ListModel, ListOutlet

EXAMPLE = Path(__file__).parents[2] / "examples" / "fifo_repair"

BENCH = """
import cocotb
from cocotb.triggers import Timer

@cocotb.test()
async def is_an_and(dut):
    for n in range(4):
        dut.a.value, dut.b.value = n & 1, n >> 1
        await Timer(1, "ns")
        assert int(dut.y.value) == (n == 3)
"""

COUNTER = """module m(input clk, input rst, input en, output reg [3:0] q, output done);
  wire go = en && !done;
  assign done = q == 4'd9;
  always @(posedge clk)
    if (rst) q <= 0;
    else if (en) q <= q + 1;
endmodule
"""


def check(wrong: str, line: str, expected: str) -> None:
    """The change of a line comes among the first when a test found a signal wrong."""
    job = Job(
        task="repair",
        module="m",
        target=SourceFile("/w/m.v", COUNTER),
        testbench=Testbench(module="t", path="/w/t.py", text="", top="m"),
    )
    seen = f"assert LogicArray('1', 0) == 0\n + where 1 = PackedObject(m.{wrong}).value"
    texts = [text for _, text in variants(job, COUNTER, [TestResult("t", "failed", seen)])]
    assert COUNTER.replace(line, expected) in texts[:6]


def test_a_limit_of_a_design_that_was_widened() -> None:
    rtl = "module m(input clk, output reg [7:0] q, output last);\n  assign last = q == 8'd15;\nendmodule\n"
    bench = Testbench(module="t", path="/w/t.py", text="", top="m")
    job = Job(task="edit", module="m", target=SourceFile("/w/m.v", rtl), testbench=bench)
    seen = "assert LogicArray('1', 0) == 0\n + where 1 = PackedObject(m.last).value"
    texts = [text for _, text in variants(job, rtl, [TestResult("t", "failed", seen)])]
    assert rtl.replace("8'd15", "8'd255") in texts
    full = rtl.replace("8'd15", "8'd255")
    assert all(
        "65535" not in text for _, text in variants(job, full, [TestResult("t", "failed", seen)])
    )


@pytest.mark.parametrize(
    ("wrong", "line", "expected"),
    [
        ("q", "if (en) q", "if (go) q"),
        ("q", "q + 1", "q - 1"),
        ("q", "if (rst)", "if (!rst)"),
        ("done", "4'd9", "4'd10"),
        ("done", "q ==", "q !="),
    ],
)
def test_what_drives_the_wrong_signal_is_changed_first(
    wrong: str, line: str, expected: str
) -> None:
    check(wrong, line, expected)


@pytest.mark.parametrize(
    ("header", "other"),
    [
        ("(i = 0; i < 8; i = i + 1)", "(i = 8 - 1; i >= 0; i = i - 1)"),
        ("(int i = 1; i <= N; i++)", "(int i = N; i >= 1; i = i - 1)"),
        ("(integer i = N - 1; i >= 0; i--)", "(integer i = 0; i <= N - 1; i = i + 1)"),
        ("(k = 0; k < 8; k = k + 1)", None),
        ("(i = 0; i < 8; i = i + 2)", None),
    ],
)
def test_a_search_may_go_the_other_way(header: str, other: str | None) -> None:
    text = f"""module m #(parameter N = 7) (input [7:0] d, output reg [2:0] q);
  integer i;
  reg [3:0] k;
  always @* begin
    q = 0;
    for {header}
      if (d[i]) q = i;
  end
endmodule
"""
    job = Job(
        task="repair",
        module="m",
        target=SourceFile("/w/m.v", text),
        testbench=Testbench(module="t", path="/w/t.py", text="", top="m"),
    )
    seen = "assert LogicArray('001', 0) == 2\n + where 1 = PackedObject(m.q).value"
    made = [text for _, text in variants(job, text, [TestResult("t", "failed", seen)])]
    if other is None:
        assert all(f"for {header}" in text for text in made)
    else:
        assert text.replace(header, other) in made


def test_related_names_of_many_wires() -> None:
    wires = "".join(f"  wire [7:0] w{n};\n  assign w{n} = w{n - 1} + a;\n" for n in range(1, 1000))
    text = f"module m(input [7:0] a, w0, output reg [7:0] y);\n{wires}"
    text += "  always @* y = w999;\nendmodule\n"
    site = Site(scope_of(text, modules(text)[0]))
    began = time.process_time()
    found = [one.what for one in related_names(site)]
    assert time.process_time() - began < 5
    assert found == ["`w999` is `a`", "`w999` is `w998`"]


async def test_the_planted_bug_is_mended_without_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[threading.Thread] = set()

    def heard(*given: Any) -> Iterator[tuple[str, str]]:
        threads.add(threading.current_thread())
        yield from variants(*given)

    monkeypatch.setattr(engine, "variants", heard)
    source = EXAMPLE / "fifo.v"
    job = Job(
        task="repair",
        module="fifo",
        target=SourceFile(str(source), source.read_text()),
        testbench=load_testbench(EXAMPLE / "test_fifo.py"),
    )
    outlet = ListOutlet()
    chosen = policy.choose(strong=False, candidates=None)
    async with aclosing(IcarusToolchain(find_tools())) as toolchain:
        crew = Crew(ListModel([]), None, toolchain, outlet, HeldClock())
        events = [e async for e in run(job, crew, run_id="r", policy=chosen, limits=Limits())]
    assert isinstance(events[-1], RunFinished)
    assert events[-1].result.status == "verified"
    assert outlet.delivered == [
        source.read_text().replace("case ({wr_en, rd_en})", "case ({do_write, do_read})")
    ]
    tried = [e for e in events if isinstance(e, Candidate)]
    assert len(tried) <= 1 + policy.VARIANTS
    assert threads
    assert threading.main_thread() not in threads  # a long text must not keep the loop from a stop


async def test_a_small_change_of_an_edit_does_not_lead_back_to_the_file(tmp_path: Path) -> None:
    rtl = "module m(input a, b, output y);\n  assign y = a & b;\nendmodule\n"
    bench = tmp_path / "test_m.py"
    bench.write_text(BENCH)
    job = Job(
        task="edit",
        module="m",
        target=SourceFile(str(tmp_path / "m.v"), rtl),
        testbench=load_testbench(bench),
        instruction="Make it an or, which the tests do not want.",
    )
    reply = f"```verilog\n{rtl.replace('&', '|')}```"
    async with aclosing(IcarusToolchain(find_tools())) as toolchain:
        crew = Crew(ListModel([reply]), None, toolchain, ListOutlet(), HeldClock())
        chosen = policy.choose(strong=False, candidates=1)
        limits = Limits(simulation_iterations=1)
        events = [e async for e in run(job, crew, run_id="r", policy=chosen, limits=limits)]
    assert isinstance(events[-1], RunFinished)
    assert events[-1].result.status == "failed"
    assert rtl not in [e.rtl for e in events if isinstance(e, Candidate)]
