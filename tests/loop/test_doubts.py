"""A design that passes its tests and is no hardware."""

from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.events import Task
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.doubts import doubts
from spec2rtl.loop.job import Job
from spec2rtl.rtl import SourceFile
from spec2rtl.spec.parse import parse
from spec2rtl.verdict import Verdict

TWICE = """\
module m(input clk, rst, en, output reg q, output reg l);
  always @(posedge clk) if (rst) q <= 0;
  always @(posedge clk) if (en && !rst) q <= ~q;
  always @* if (en) l = rst;
endmodule
"""
GOOD = Verdict("verified", 1, 1, compiles=True)


def job(spec: str, task: Task = "generate") -> Job:
    return Job(task, "m", SourceFile("/w/m.v", ""), spec=parse(spec))


async def test_several_drivers_and_unwanted_latches_are_told() -> None:
    tools = IcarusToolchain(find_tools())
    attempt = Attempt(0, rtl=TWICE, verdict=GOOD)
    told = await doubts(job("- output q"), attempt, tools)
    assert [line.partition(": ")[0] for line in told] == ["line 3", "line 4"]
    assert "`q` has several drivers" in told[0]
    assert "latch" in told[1]
    assert len(await doubts(job("- output q\n- output l: a latch"), attempt, tools)) == 1
    assert await doubts(job("- output q", task="edit"), attempt, tools) == ()
    assert await doubts(job("- output q"), Attempt(0, rtl=TWICE), tools) == ()
    await tools.aclose()
