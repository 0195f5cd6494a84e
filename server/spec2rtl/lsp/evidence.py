"""What was found out of a text, in a few words: pure."""

from pathlib import Path

from msgspec import Struct

from spec2rtl.checks import Checked, SimulationResult
from spec2rtl.events import Iteration, Result
from spec2rtl.loop.attempt import Attempt
from spec2rtl.rtl import Diagnostic, TestResult, digest


class Evidence(Struct, frozen=True):
    """What the tools say of a text, and whether that verifies it."""

    words: str
    verified: bool


def of_run(result: Result) -> Evidence:
    """What speaks for the result of a run."""
    made = _best(result)
    words = _words(made, result.status) if made else result.status
    behaviour = [f"behaviour {result.behaviour.verdict}"] if result.behaviour else []
    return Evidence("; ".join((words, *behaviour)), result.status == "verified")


def of_end(result: Result, target: Path) -> str:
    """How a run ended, and whether that is about the files as they are now.

    A change of the user's own RTL was made from the text that it had in the beginning.
    """
    made = _best(result)
    tests = [tests_passed(made.tests, result.status)] if made and made.tests else []
    names = ", ".join(Path(path).name for path in result.inputs_changed)
    changed = [f"changed during the run: {names}"] if names else []
    if result.task != "generate" and str(target) in result.inputs_changed:
        changed.append(f"accepting takes back what was changed in {target.name}")
    return "; ".join((", ".join((result.status, *tests)), *changed))


def _best(result: Result) -> Iteration | None:
    """The iteration that led to the RTL of a result."""
    best = digest(result.rtl)
    return next((i for i in reversed(result.iterations) if i.candidate == best), None)


def of_attempt(attempt: Attempt) -> Evidence:
    """The same of a text that was tried by itself."""
    outcome = attempt.verdict.outcome
    words = _words(attempt.iteration(0, None), outcome)
    shortfall = [attempt.shortfall] if attempt.shortfall else []
    return Evidence("; ".join((words, *shortfall)), outcome == "verified")


def _words(made: Iteration, outcome: str) -> str:
    if made.tests:
        return f"compiles; {tests_passed(made.tests, outcome)}"
    left = _left(made.diagnostics)
    return f"{left} left" if left else "compiles"


def _left(found: tuple[Diagnostic, ...]) -> str:
    """How many errors there are, if any."""
    errors = sum(diagnostic.severity == "error" for diagnostic in found)
    return f"{errors} error{'s' * (errors != 1)}" if errors else ""


def of_check(result: Checked) -> str:
    """A check in a few words."""
    fails = _left(result.diagnostics) or "does not compile"
    return result.message or ("compiles" if result.ok else fails)


def of_simulation(result: SimulationResult) -> str:
    """A simulation in a few words."""
    if not result.tests:
        return f"simulation {result.status}: {result.message or result.reason}"
    return f"simulation {result.status}: {tests_passed(result.tests)}"


def tests_passed(tests: tuple[TestResult, ...], outcome: str = "") -> str:
    """How many tests pass; those that lead to no more than `compiled` are generated."""
    kind = "generated tests" if outcome == "compiled" else "tests"
    return f"{sum(test.status == 'passed' for test in tests)} of {len(tests)} {kind} pass"
