"""`--feedback harness`: the loop's tests are the benchmark's own.

The only bridge from the hidden side to the loop; without it a run knows its task alone.
"""

from dataclasses import dataclass

from spec2rtl.errors import ToolError
from spec2rtl.evals.generation import Feedback, as_candidate
from spec2rtl.evals.oracle import Problem
from spec2rtl.evals.problem import Candidate
from spec2rtl.evidence.wave import Recording
from spec2rtl.loop.ports import Toolchain
from spec2rtl.rtl import CompileReport, Design, SimulationReport, Testbench, TestResult


@dataclass(frozen=True)
class OracleToolchain:
    """Compiles as ever, and simulates and records the benchmark's hidden tests."""

    tools: Toolchain
    problem: Problem

    async def compile(self, design: Design) -> CompileReport:
        """Compile."""
        return await self.tools.compile(design)

    async def simulate(self, design: Design, testbench: Testbench) -> SimulationReport:
        """Examine the candidate.

        One that this machine can't judge is no reason to end the run: another may do.
        """
        oracle = self.problem.oracle
        if oracle is None:
            raise ToolError(self.problem.broken or "no tests")
        evidence = await oracle.examine(self._candidate(design))
        if evidence.doubt:
            return SimulationReport("errored", "untrusted", log=evidence.doubt)
        compiled = evidence.compiled
        return evidence.simulated or SimulationReport(
            "failed", compiled.reason, compiled.diagnostics, seconds=compiled.seconds
        )

    async def record(
        self,
        design: Design,
        testbench: Testbench,
        ran: tuple[TestResult, ...],
        failed: TestResult,
    ) -> Recording | None:
        """Record how the candidate fails a test."""
        oracle, candidate = self.problem.oracle, self._candidate(design)
        return await oracle.record(candidate, failed) if oracle else None

    def _candidate(self, design: Design) -> Candidate:
        """The design's last file."""
        return as_candidate(self.problem.task, design.sources[-1].text)


def harness_of(problem: Problem, tools: Toolchain, *, explained: bool) -> Feedback | None:
    """Let the loop see the problem's tests, where it has any, and how they fail if `explained`."""
    if problem.oracle is None:
        return None
    shown = OracleToolchain(tools, problem)
    return Feedback(problem.oracle.testbench, shown, shown if explained else None)
