"""The one place that decides what is good: loop, evaluation and reward all call `judge`."""

from functools import total_ordering
from typing import Literal

from msgspec import Struct

from spec2rtl.rtl import Budget, CompileReport, Origin, SimulationReport, Testbench

Outcome = Literal["verified", "compiled", "failed"]

AGREES = (
    "agrees with generated tests, which prove nothing until you have reviewed them: "
    "remove their first line to adopt them"
)
"""What is said of a design that passes generated tests."""


def reservation(testbench: Testbench | None) -> str | None:
    """What has to be said where these tests pass."""
    return AGREES if testbench is not None and testbench.origin is Origin.GENERATED else None


@total_ordering
class Verdict(Struct, frozen=True, eq=True):
    """What the evidence says of a candidate; the greater, the better.

    The order: verified first, then tests passed, then compiles, then fewest errors, then most
    budgets met.
    """

    outcome: Outcome
    tests_passed: int = 0
    tests_total: int = 0
    compiles: bool = False
    errors: int = 0
    budgets_met: int = 0

    @property
    def good(self) -> bool:
        """Is the task done?"""
        return self.outcome != "failed"

    def _key(self) -> tuple[bool, int, bool, int, int]:
        return (self.good, self.tests_passed, self.compiles, -self.errors, self.budgets_met)

    def __lt__(self, other: "Verdict") -> bool:
        return self._key() < other._key()


def judge(
    compiled: CompileReport,
    simulated: SimulationReport | None,
    *,
    origin: Origin | None,
    budgets: tuple[Budget, ...] = (),
) -> Verdict:
    """Judge one candidate; `origin` is who wrote its tests, None where there are none.

    Only given tests that all pass, with every budget met, make a candidate `verified`; without
    given tests the best it can be is `compiled`.
    """
    errors = sum(d.severity == "error" for d in compiled.diagnostics)
    tests = simulated.tests if simulated else ()
    passed = sum(t.status == "passed" for t in tests)
    met = sum(budget.met is True for budget in budgets)
    failed = Verdict("failed", passed, len(tests), compiled.ok, errors, met)
    if not compiled.ok or not all(b.met for b in budgets):
        return failed
    if origin is None:
        return Verdict("compiled", compiles=True, budgets_met=met)
    if simulated is None or simulated.status != "passed":
        return failed
    outcome: Outcome = "verified" if origin is Origin.GIVEN else "compiled"
    return Verdict(outcome, passed, len(tests), True, 0, met)
