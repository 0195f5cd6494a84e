"""What drives a wrong signal, and repairs that begin there."""

import pytest

from spec2rtl.loop import policy
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.job import Job
from spec2rtl.loop.plans import Planner
from spec2rtl.loop.suspects import drivers
from spec2rtl.rtl import SimulationReport, SourceFile, Testbench, TestResult

RTL = """module m(input clk, input en, output reg q, output last, output twice);
  assign last = q;

    always @(posedge clk) begin
      if (en) q <= !q;
    end
  generate if (1) assign twice = q; else assign twice = q; endgenerate
endmodule
"""
PROCESS = """    always @(posedge clk) begin
      if (en) q <= !q;
    end"""


def job() -> Job:
    bench = Testbench(module="t", path="/w/t.py", text="", top="m")
    return Job(task="edit", module="m", target=SourceFile("/w/m.v", RTL), testbench=bench)


def failing(signal: str) -> TestResult:
    seen = f"assert Logic('1') == 0\n +  where Logic('1') = PackedObject(m.{signal}).value"
    return TestResult("t", "failed", seen)


@pytest.mark.parametrize(
    ("signal", "expected"),
    [("q", [PROCESS]), ("last", ["  assign last = q;"]), ("twice", [])],
)
def test_what_drives_a_wrong_signal(signal: str, expected: list[str]) -> None:
    assert drivers(job(), RTL, [failing(signal)]) == expected


def test_a_test_with_the_name_of_an_output_is_about_it() -> None:
    said = [
        TestResult("q", "passed"),
        TestResult("last", "failed", "31 mismatches, the first at time 30"),
    ]
    assert drivers(job(), RTL, said) == ["  assign last = q;"]


def plans(*, continues: bool, signal: str = "last") -> list[str]:
    """The beginnings of the replies that are asked for after a failure."""
    chosen = policy.choose(strong=False, candidates=None)
    report = SimulationReport("failed", "test_failed", tests=(failing(signal),))
    attempt = Attempt(0, rtl=RTL, simulated=report)
    made = Planner(job(), chosen, continues=continues).repairs(attempt, None, ())
    return [plan.prompt.prefix for plan in made if plan.prompt]


def test_all_repairs_but_one_begin_with_what_drives_the_wrong_signal() -> None:
    begun = "<<<<<<< SEARCH\n  assign last = q;\n=======\n"
    assert plans(continues=True) == ["", begun, begun, begun]


def test_no_reply_is_begun_where_nothing_is_suspect_or_none_can_be() -> None:
    assert plans(continues=True, signal="twice") == [""] * 4
    assert plans(continues=False) == [""] * 4
