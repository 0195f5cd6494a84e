"""Where a failing test is shown in the RTL."""

from pathlib import Path

import pytest

from spec2rtl.checks import SimulationResult
from spec2rtl.lsp.failures import Failures
from spec2rtl.rtl import Design, Diagnostic, SourceFile, Testbench, TestResult, digest

RTL = """module fifo(input clk, input rst, input wr_en, output reg full, output [3:0] level);
  always @(posedge clk)
    if (rst) full <= 1'b0;
  missing u(clk, level);
endmodule
"""


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ("full is 1, expected 0 after a rising edge with rst=1, wr_en=0", (3, 14)),
        ("after rst=1: level is 2, full is 1", (1, 78)),
        ("wr_en was taken although rst is 1", (1, 41)),
        ("nothing that is known by name", (1, 8)),
    ],
)
def test_a_failure_is_shown_where_what_it_names_is_driven(
    message: str, place: tuple[int, int]
) -> None:
    design = Design((SourceFile("/w/fifo.v", RTL),), top="fifo")
    bench = Testbench("test_fifo", "/w/test_fifo.py", "", tests=("fills",), top="fifo")
    failed = TestResult("fills", "failed", message)
    shown = Diagnostic("/w/test_fifo.py", 3, 1, 3, 2, "error", "test-failed", message, "cocotb")
    failures = Failures()
    failures.put(1, design, bench, SimulationResult("failed", "test_failed", (shown,), (failed,)))
    texts = {design.sources[0].path: RTL, bench.path: ""}
    (mark,) = failures.at(Path("/w/fifo.v"), lambda path, _: digest(texts[str(path)]))
    assert (mark.line, mark.column) == place


def test_a_later_simulation_holds_whichever_ends_first() -> None:
    design = Design((SourceFile("/w/fifo.v", RTL),), top="fifo")
    bench = Testbench("test_fifo", "/w/test_fifo.py", "", tests=("fills",), top="fifo")
    failures = Failures()
    first, second = failures.ask(), failures.ask()
    for asked in (second, first):
        failures.put(asked, design, bench, SimulationResult("passed", "ok"), by=asked)
    ((tests, outcome),) = failures.simulated()
    assert outcome.by == second
    failures.put(failures.ask(), design, bench, SimulationResult("passed", "ok"))
    failures.drop(tests, outcome)  # another has taken its place
    assert failures.simulated()
