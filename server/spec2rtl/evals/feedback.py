"""`--feedback harness`: the loop's tests are the benchmark's own.

The only bridge from the hidden side to the loop; without it a run knows its task alone.
"""

from dataclasses import dataclass

from spec2rtl.errors import ToolError
from spec2rtl.evals.generation import Feedback, as_candidate
from spec2rtl.evals.oracle import Problem
from spec2rtl.loop.ports import Toolchain
from spec2rtl.rtl import CompileReport, Design, SimulationReport, Testbench


@dataclass(frozen=True)
class OracleToolchain:
    """Compiles as ever, and simulates the benchmark's hidden tests."""

    tools: Toolchain
    problem: Problem

    async def compile(self, design: Design) -> CompileReport:
        """Compile."""
        return await self.tools.compile(design)

    async def simulate(self, design: Design, testbench: Testbench) -> SimulationReport:
        """Examine the candidate, which is the design's last file.

        One that this machine can't judge is no reason to end the run: another may do.
        """
        oracle = self.problem.oracle
        if oracle is None:
            raise ToolError(self.problem.broken or "no tests")
        candidate = as_candidate(self.problem.task, design.sources[-1].text)
        evidence = await oracle.examine(candidate)
        if evidence.doubt:
            return SimulationReport("errored", "untrusted", log=evidence.doubt)
        compiled = evidence.compiled
        return evidence.simulated or SimulationReport(
            "failed", compiled.reason, compiled.diagnostics, seconds=compiled.seconds
        )


def harness_of(problem: Problem, tools: Toolchain) -> Feedback | None:
    """Let the loop see the problem's tests, where it has any."""
    if problem.oracle is None:
        return None
    return Feedback(problem.oracle.testbench, OracleToolchain(tools, problem))
