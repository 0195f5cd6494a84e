"""Certain repairs on a sample of a small model, with the real compiler."""

from contextlib import aclosing

from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.events import Candidate, Limits, RunFinished
from spec2rtl.loop import policy
from spec2rtl.loop.engine import run
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import Crew
from spec2rtl.rtl import SourceFile
from spec2rtl.spec.parse import parse
from tests.loop.crew import HeldClock, ListModel, ListOutlet

SPEC = "Module `m`\n\n- `clk`: input, 1 bit\n- `q`: output, 4 bits\n"

# The stray `begin` hides from the compiler that there is no function `clog2`.
REPLY = """```verilog
module m(input clk, output reg [3:0] q);
begin
  reg [clog2(8):0] n;
  always @(posedge clk) begin
    n <= n + 1;
    q <= n;
  end
endmodule
```"""


async def test_a_repair_that_uncovers_the_next_fault_is_built_upon() -> None:
    job = Job(task="generate", module="m", target=SourceFile("/w/m.v", ""), spec=parse(SPEC))
    outlet = ListOutlet()
    chosen = policy.choose(strong=False, candidates=1)
    async with aclosing(IcarusToolchain(find_tools())) as toolchain:
        crew = Crew(ListModel([REPLY]), None, toolchain, outlet, HeldClock())
        stream = run(job, crew, run_id="r", policy=chosen, limits=Limits(compile_iterations=1))
        events = [event async for event in stream]
    first, second, third = (event for event in events if isinstance(event, Candidate))
    assert isinstance(events[-1], RunFinished)
    last = events[-1].result.iterations[-1]
    assert (last.ok, last.candidate, last.diagnosis) == (True, third.id, None)
    assert (second.parent, third.parent) == (first.id, second.id)
    assert "$clog2(8)" in third.rtl
    assert outlet.delivered == [third.rtl]
