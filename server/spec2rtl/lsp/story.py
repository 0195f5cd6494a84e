"""What is known of a run that goes on, in one line: pure."""

from textwrap import shorten
from typing import assert_never

from spec2rtl import events as e
from spec2rtl.rtl import TestResult

WIDTH = 60
"""Of what a run does: a status bar is shared with others."""


class Story:
    """Folds a run's events."""

    def __init__(self) -> None:
        self._call = ""
        self._iteration = 1
        self._passed = self._tests = 0
        self._unconfined = False
        self._tokens, self._cost = 0, 0.0

    def line(self, event: e.Event) -> str | None:
        """The line after an event; None where that is nothing new."""
        stage = self._stage(event)
        if stage is None or isinstance(event, e.RunFinished):
            return stage
        parts = [shorten(stage, WIDTH, placeholder="…"), f"iteration {self._iteration}"]
        if self._tests:
            parts.append(f"{self._passed}/{self._tests} tests")
        if self._unconfined:
            parts.append("no sandbox")
        if self._tokens:
            parts.append(f"{self._tokens:,} tokens")
        if self._cost:
            parts.append(f"${self._cost:.3f}")
        return " · ".join(parts)

    def _stage(self, event: e.Event) -> str | None:
        match event:
            case e.RunStarted():
                return f"starting {event.generator}"
            case e.Downloading():
                return self._arriving(event)
            case e.ModelCalled():
                self._call = "writing" if event.role == "generator" else "reflecting"
                return self._call
            case e.ModelReplied():
                self._tokens += event.usage.prompt_tokens + event.usage.completion_tokens
                self._cost += event.usage.cost_usd or 0.0
                return "read the reply"
            case e.Candidate():
                return "compiling"
            case e.Rejected():
                return f"no usable code: {event.why}"
            case e.Compiled():
                errors = sum(d.severity == "error" for d in event.diagnostics)
                return "compiles" if event.ok else f"{errors} error{'s' * (errors != 1)}"
            case e.SimulationStarted():
                self._passed = self._tests = 0
                return "simulating"
            case e.TestFinished():
                self._count(event.test)
                return "simulating"
            case e.Simulated():
                self._passed = self._tests = 0
                for test in event.tests:
                    self._count(test)
                self._unconfined = event.sandbox == "rlimits"
                return event.status
            case e.Measured():
                unmet = [budget.says for budget in event.budgets if not budget.met]
                return f"budget not met: {unmet[0]}" if unmet else "budgets met"
            case e.Reflected():
                return event.root_cause
            case e.IterationFinished():
                self._iteration += 1
                return None
            case e.RunFinished():
                return event.result.status
            case e.Text() | e.TestExplained() | e.TestsFinished() | e.Warned():
                return None
            case _:
                assert_never(event)

    def _arriving(self, event: e.Downloading) -> str:
        if not event.total:
            return event.what
        if event.done == event.total:
            return self._call  # nothing else is told before its reply is complete
        size = f"{event.total / 1e6:,.0f} MB"
        return f"{event.what} {100 * event.done // event.total} % of {size}"

    def _count(self, test: TestResult) -> None:
        self._tests += 1
        self._passed += test.status == "passed"
