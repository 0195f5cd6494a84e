"""What is good, and what is better."""

from itertools import pairwise

import pytest

from spec2rtl.rtl import (
    Budget,
    CompileReport,
    Diagnostic,
    Origin,
    Reason,
    SimulationReport,
    TestResult,
)
from spec2rtl.verdict import judge

FAULT = Diagnostic("/m.v", 1, 1, 1, 2, "error", "syntax-error", "bad", "iverilog")
COMPILES, BROKEN = CompileReport(True, "ok"), CompileReport(False, "compile_error", (FAULT,))


def simulated(passed: int, total: int, reason: Reason | None = None) -> SimulationReport:
    tests = tuple(TestResult(f"t{n}", "passed" if n < passed else "failed") for n in range(total))
    if reason:
        return SimulationReport("errored", reason, tests=tests)
    good = passed == total
    return SimulationReport(
        "passed" if good else "failed", "ok" if good else "test_failed", tests=tests
    )


@pytest.mark.parametrize(
    ("compiled", "tests", "origin", "budgets", "outcome"),
    [
        (COMPILES, simulated(2, 2), Origin.GIVEN, (), "verified"),
        (COMPILES, simulated(2, 2), Origin.GIVEN, (Budget("cells < 9", 8, True),), "verified"),
        (COMPILES, simulated(2, 2), Origin.GIVEN, (Budget("cells < 9", 9, False),), "failed"),
        # What could not be measured is not met.
        (COMPILES, simulated(2, 2), Origin.GIVEN, (Budget("cells < 9"),), "failed"),
        (COMPILES, simulated(1, 2), Origin.GIVEN, (), "failed"),
        (COMPILES, simulated(2, 2, "untrusted"), Origin.GIVEN, (), "failed"),
        (COMPILES, None, Origin.GIVEN, (), "failed"),
        (COMPILES, simulated(2, 2), Origin.GENERATED, (), "compiled"),
        (COMPILES, None, None, (), "compiled"),
        (BROKEN, None, None, (), "failed"),
    ],
)
def test_outcomes(
    compiled: CompileReport,
    tests: SimulationReport | None,
    origin: Origin | None,
    budgets: tuple[Budget, ...],
    outcome: str,
) -> None:
    assert judge(compiled, tests, origin=origin, budgets=budgets).outcome == outcome


def test_more_tests_then_compiling_then_fewer_errors_is_better() -> None:
    worse = CompileReport(False, "compile_error", (FAULT, FAULT))
    ranked = [
        judge(compiled, tests, origin=Origin.GIVEN)
        for compiled, tests in (
            (worse, None),
            (BROKEN, None),
            (COMPILES, simulated(0, 3)),
            (COMPILES, simulated(2, 3)),
            (COMPILES, simulated(3, 3)),
        )
    ]
    assert ranked == sorted(ranked)
    assert all(a < b for a, b in pairwise(ranked))
