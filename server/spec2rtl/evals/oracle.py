"""How a problem is scored: the hidden side, which no prompt sees but under `--feedback harness`."""

from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Struct, structs

from spec2rtl.errors import Spec2rtlError
from spec2rtl.evals.problem import Candidate, Task
from spec2rtl.evals.record import Verdict
from spec2rtl.evidence.wave import Recording
from spec2rtl.rtl import CompileReport, Origin, SimulationReport, Testbench, TestResult
from spec2rtl.verdict import judge


class Evidence(Struct, frozen=True):
    """What the benchmark's own tests said of a candidate.

    `doubt` says why this machine can't tell whether the candidate is right, `note` what else
    whoever reads the verdict should know.
    """

    compiled: CompileReport
    simulated: SimulationReport | None = None
    doubt: str | None = None
    note: str = ""


class Oracle(Protocol):
    """The hidden tests of one problem."""

    @property
    def testbench(self) -> Testbench:
        """The tests as a model may be shown them under `--feedback harness`."""
        ...

    async def examine(self, candidate: Candidate) -> Evidence:
        """Compile and simulate; raises `ToolError` where the tools or the tests are broken."""
        ...

    async def record(self, candidate: Candidate, failed: TestResult) -> Recording | None:
        """Record how a candidate fails a test; None where that can't be done."""
        ...


_SAME_AGAIN = frozenset(("ok", "compile_error", "test_failed"))
"""Reasons that don't hang on how busy the machine is."""


_Texts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Once:
    """An oracle that examines no candidate again that would come to the same."""

    oracle: Oracle
    _known: dict[_Texts, Evidence] = field(default_factory=dict[_Texts, Evidence], init=False)

    @property
    def testbench(self) -> Testbench:
        """The oracle's own."""
        return self.oracle.testbench

    async def examine(self, candidate: Candidate) -> Evidence:
        """Examine it, or recall what that came to."""
        name = tuple(candidate.items())
        if found := self._known.get(name):
            return found
        evidence = await self.oracle.examine(candidate)
        if evidence.simulated is None or evidence.simulated.reason in _SAME_AGAIN:
            self._known[name] = evidence
        return evidence

    async def record(self, candidate: Candidate, failed: TestResult) -> Recording | None:
        """Record how a candidate fails a test."""
        return await self.oracle.record(candidate, failed)


class Problem(Struct, frozen=True):
    """A task with its oracle; `broken` says in one line why it can't be used."""

    task: Task
    oracle: Oracle | None = None
    broken: str | None = None


class Score(Struct, frozen=True):
    """The verdict on one candidate; `compiles` None: it was not found out."""

    verdict: Verdict
    reason: str
    compiles: bool | None = None


async def score(problem: Problem, candidate: Candidate | None) -> Score:
    """Judge a candidate by the product's own `judge`; infrastructure trouble is `errored`."""
    if problem.oracle is None:
        return Score("errored", problem.broken or "no tests")
    if candidate is None:
        return Score("errored", "no candidate: " + ", ".join(problem.task.writes))
    try:
        evidence = await problem.oracle.examine(candidate)
    except Spec2rtlError as error:
        return Score("errored", str(error))
    found = conclude(evidence)
    note = f" ({evidence.note})" if evidence.note else ""
    return structs.replace(found, reason=found.reason + note)


def conclude(evidence: Evidence) -> Score:
    """Draw the verdict from the evidence."""
    compiled, simulated = evidence.compiled, evidence.simulated
    if evidence.doubt:
        return Score("errored", evidence.doubt, compiled.ok)
    if simulated is not None and simulated.status == "errored":
        return Score("errored", f"{simulated.reason}: {_last_line(simulated.log)}", compiled.ok)
    if judge(compiled, simulated, origin=Origin.GIVEN).outcome == "verified":
        return Score("passed", "ok", True)
    return Score("failed", _why(compiled, simulated), compiled.ok)


def _why(compiled: CompileReport, simulated: SimulationReport | None) -> str:
    if simulated is None:
        faults = [d for d in compiled.diagnostics if d.severity == "error"]
        first = f"line {faults[0].line}: {faults[0].message}" if faults else ""
        return ": ".join(part for part in (compiled.reason, first) if part)
    failed = [t for t in simulated.tests if t.failed]
    if not failed or simulated.reason != "test_failed":  # a limit says more than what it ended
        return ": ".join([simulated.reason, *(d.message for d in simulated.diagnostics[:1])])
    shown = f"{failed[0].name}: {failed[0].message}"
    return f"{simulated.reason}: {len(failed)} of {len(simulated.tests)} tests; {shown}"


def _last_line(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no word"
