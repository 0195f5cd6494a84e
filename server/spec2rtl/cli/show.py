"""Shows a run while it happens, on stderr; stdout is the result's."""

import sys
from collections.abc import Sequence
from typing import TextIO, assert_never

from rich.console import Console, Group
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn
from rich.rule import Rule
from rich.status import Status
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text as Styled

from spec2rtl import events as e
from spec2rtl.cli.printing import THEME
from spec2rtl.rtl import Diagnostic, TestResult

RULED = 80
"""Columns of a rule at most."""
ENDLESS = 1_000_000
"""Columns of a file or a pipe: nothing there is wrapped or cut."""
SHOWN = 6
"""Diagnostics or tests shown of one candidate."""
MARKS = {"passed": "[green]✓[/]", "failed": "[red]✗[/]", "errored": "[red]![/]", "skipped": "–"}
COLOURS = {
    "verified": "bold green",
    "compiled": "bold green",
    "accepted": "bold green",
    "refused": "bold red",
    "failed": "bold red",
    "cancelled": "bold yellow",
    "error": "bold red",
}


def to_stdout() -> Console:
    """A console for the result."""
    return _console(sys.stdout)


def to_stderr() -> Console:
    """A console for everything that is not the result."""
    return _console(sys.stderr)


def notice(console: Console, line: str) -> None:
    """Say something that the user should know of."""
    console.print(line, style="yellow", markup=False, soft_wrap=True)


def _console(file: TextIO) -> Console:
    return Console(file=file, highlight=False, width=None if file.isatty() else ENDLESS)


class Show:
    """Folds events into lines; one attempt's text streams at a time, the others wait."""

    def __init__(self, console: Console) -> None:
        self._console, self._lexer = console, "systemverilog"
        self._status: Status | None = None
        self._progress: Progress | None = None
        self._lead: int | None = None
        self._small: str | None = None  # a small change gets one line, tests and all
        self._line = ""
        self._held: list[str] = []

    def __call__(self, event: e.Event) -> None:
        """Show one event."""
        match event:
            case e.RunStarted():
                self._started(event)
            case e.Downloading():
                self._downloading(event)
            case e.ModelCalled():
                self._called(event)
            case e.Text():
                self._text(event)
            case e.ModelReplied():
                self._replied(event)
            case e.Candidate():
                self._small = event.how if event.how.startswith(e.SMALL_CHANGE) else None
                if (event.parent or event.how == e.OWN_FILE) and not self._small:
                    self._say(f"  [cyan]{escape(event.how)}[/]")
            case e.Rejected():
                self._say(f"  [red]✗ not usable:[/] {escape(event.why)}")
            case e.Compiled():
                self._compiled(event)
            case e.SimulationStarted():
                self._wait("simulating")
            case e.TestFinished():
                if not self._small:
                    self._say(f"  {_test(event.test)}")
            case e.Simulated():
                self._simulated(event)
            case e.TestExplained():
                head = event.explained.text.partition("\n\n")[0]
                self._say("\n".join(f"  [dim]{escape(line)}[/]" for line in head.splitlines()))
            case e.Measured():
                met = sum(budget.met is True for budget in event.budgets)
                mark = "[green]✓" if met == len(event.budgets) else "[red]✗"
                self._say(f"  {mark} {met} of {len(event.budgets)} budgets met[/]")
            case e.Reflected():
                self._say(f"  [magenta]{escape(event.by)}:[/] {escape(event.root_cause)}")
                if event.instruction:
                    self._say(f"  [magenta]→[/] {escape(event.instruction)}")
            case e.IterationFinished():
                if event.iteration.ok:
                    self._wait("comparing with the version before")
            case e.Warned():
                self._say(f"[yellow]warning:[/] {escape(event.message)}")
            case e.TestsFinished():
                self.close()
                self._console.print(tests_outcome(event))
            case e.RunFinished():
                self._finished(event.result)
            case _:
                assert_never(event)

    def close(self) -> None:
        """Take spinner and progress bar off the screen."""
        self._quiet()
        self._flush()
        self._release()

    def _started(self, event: e.RunStarted) -> None:
        if event.task == "tests":
            self._lexer = "python"
            self._say(
                f"[bold]tests[/] of [bold]{escape(event.module)}[/]  "
                f"[dim]test writer[/] {escape(event.generator)}  [dim]{event.run_id}[/]"
            )
            return
        policy = f"{event.policy.name}, {event.policy.candidates} a round"
        self._say(
            f"[bold]{event.task}[/] [bold]{escape(event.module)}[/]  "
            f"[dim]generator[/] {escape(event.generator)}  "
            f"[dim]reflector[/] {escape(event.reflector)}  [dim]({policy})  {event.run_id}[/]"
        )

    def _downloading(self, event: e.Downloading) -> None:
        if not event.total:
            self._wait(event.what)
            return
        if self._progress is None:
            self._quiet()
            columns = ("{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn())
            self._progress = Progress(*columns, console=self._console)
            self._progress.add_task(event.what)
            self._progress.start()
        task = self._progress.task_ids[0]
        self._progress.update(task, description=event.what, completed=event.done, total=event.total)

    def _called(self, event: e.ModelCalled) -> None:
        if self._lead is None:
            who = "the reflector" if event.role == "reflector" else f"candidate {event.candidate}"
            self._wait(f"{who}: the model reads the prompt")

    def _text(self, event: e.Text) -> None:
        if self._lead is None:
            self._quiet()
            self._lead = event.candidate
            rule = Rule(f"candidate {event.candidate}", style="dim", align="left")
            self._console.print(rule, width=min(self._console.width, RULED))
        if event.candidate != self._lead:
            return
        if event.restart:
            self._flush()
        *lines, self._line = (self._line + event.delta).split("\n")
        for line in lines:
            self._code(line)

    def _replied(self, event: e.ModelReplied) -> None:
        if event.role != "reflector" and event.candidate == self._lead:
            self._flush()
            self._release()
        usage, seconds = event.usage, event.seconds
        if not usage.completion_tokens:
            return
        speed = f", {usage.completion_tokens / seconds:.0f} tokens/s" if seconds else ""
        cost = f", ${usage.cost_usd:.4f}" if usage.cost_usd is not None else ""
        tokens = f"{usage.prompt_tokens}+{usage.completion_tokens} tokens"
        who = event.role.replace("_", " ")
        self._say(f"[dim]  {who}: {tokens} in {seconds:.1f} s{speed}{cost}[/]")

    def _compiled(self, event: e.Compiled) -> None:
        errors = [d for d in event.diagnostics if d.severity == "error"]
        if event.ok and self._small:
            return
        if event.ok:
            count = len(event.diagnostics)
            warnings = f", {count} warning{'s' * (count != 1)}" if count else ""
            self._say(f"  [green]✓ compiles[/]{warnings} [dim]{event.seconds * 1e3:.0f} ms[/]")
            self._list(event.diagnostics)
            return
        self._say(f"  [red]✗ does not compile[/] [dim]({event.reason})[/]")
        self._list(errors)

    def _list(self, diagnostics: Sequence[Diagnostic]) -> None:
        for diagnostic in diagnostics[:SHOWN]:
            self._say("    " + describe(diagnostic, short=True))
        if len(diagnostics) > SHOWN:
            self._say(f"    … and {len(diagnostics) - SHOWN} more")

    def _simulated(self, event: e.Simulated) -> None:
        passed = sum(t.status == "passed" for t in event.tests)
        style, mark = ("green", "✓") if event.status == "passed" else ("red", "✗")
        why = "" if event.reason in {"ok", "test_failed"} else f" ({event.reason})"
        count = f"{passed} of {len(event.tests)} tests pass"
        tried = f" [cyan]{escape(self._small)}[/]" if self._small else ""
        self._say(f"  [{style}]{mark} {count}{why}[/]{tried} [dim]{event.seconds:.2f} s[/]")

    def _finished(self, result: e.Result) -> None:
        self.close()
        if result.iterations:
            self._console.print(iterations(result.iterations))
        self._console.print(outcome(result))

    def _code(self, line: str) -> None:
        if line.startswith("```"):
            return
        code = Syntax("", self._lexer, theme=THEME).highlight(line)
        code.rstrip()
        self._console.print(code, soft_wrap=True)

    def _flush(self) -> None:
        if self._line:
            self._code(self._line)
        self._line = ""

    def _release(self) -> None:
        """The streamed text is over: say what was held back meanwhile."""
        self._lead = None
        for markup in self._held:
            self._say(markup)
        self._held.clear()

    def _say(self, markup: str) -> None:
        if self._lead is not None:
            self._held.append(markup)
            return
        self._quiet()
        self._console.print(markup)

    def _wait(self, what: str) -> None:
        if self._lead is not None:
            return
        self._quiet()
        if self._console.is_terminal:
            self._status = self._console.status(escape(what))
            self._status.start()

    def _quiet(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None
        if self._progress:
            self._progress.stop()
            self._progress = None


def iterations(rows: tuple[e.Iteration, ...]) -> Table:
    """The table of a run's iterations."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("#", "stage", "result", "diagnosis"):
        table.add_column(column, overflow="fold")
    table.add_column("seconds", justify="right")
    for row in rows:
        diagnosis = escape(row.diagnosis or "")
        style = "green" if row.ok else "red"
        result = f"[{style}]{_result(row)}[/]"
        table.add_row(str(row.index), row.stage, result, diagnosis, f"{row.seconds:.1f}")
    return table


def _result(row: e.Iteration) -> str:
    if row.stage == "generate":
        return "no usable code"
    if row.stage == "compile":
        errors = sum(d.severity == "error" for d in row.diagnostics)
        return "compiles" if row.ok else f"{errors} error{'s' * (errors != 1)}"
    if not row.tests:
        return row.diagnostics[0].code if row.diagnostics else "compiles"
    return f"{sum(t.status == 'passed' for t in row.tests)} of {len(row.tests)} tests"


def outcome(result: e.Result) -> Group:
    """The last lines of a run."""
    total = result.usage.generator + result.usage.reflector
    cost = f", ${total.cost_usd:.4f}" if total.cost_usd is not None else ""
    line = Styled.from_markup(
        f"[{COLOURS[result.status]}]{result.status}[/] {escape(result.module)}"
        + (f" → {escape(result.out)}" if result.out else "")
        + f"  [dim]{total.prompt_tokens + total.completion_tokens} tokens{cost}, "
        f"{result.seconds.total:.1f} s[/]"
    )
    lines = [line]
    if result.message:
        lines.append(Styled(f"  {result.message}"))
    lines += [
        Styled.from_markup(f"  {'[green]✓[/]' if b.met else '[red]✗[/]'} {escape(b.says)}")
        for b in result.budgets
    ]
    if result.behaviour:
        lines.append(Styled(f"  {result.behaviour.says}"))
    lines += [
        Styled(f"  changed during the run (not used): {path}", style="yellow")
        for path in result.inputs_changed
    ]
    if result.run_id:
        lines.append(Styled(f"  all of it: spec2rtl runs show {result.run_id}", style="dim"))
    return Group(*lines)


def tests_outcome(event: e.TestsFinished) -> Group:
    """The last lines of a run that writes tests."""
    why = f": {escape(event.message)}" if event.message else ""
    where = f" → {escape(event.out)}" if event.out else ""
    head = f"[{COLOURS[event.status]}]{event.status}[/] {escape(event.module)}{where}{why}"
    lines = [Styled.from_markup(head), *(Styled(f"  {line}") for line in event.says)]
    if event.run_id:
        lines.append(Styled(f"  all of it: spec2rtl runs show {event.run_id}", style="dim"))
    return Group(*lines)


def describe(diagnostic: Diagnostic, *, short: bool = False) -> str:
    """One diagnostic as markup; `short` leaves the file out."""
    colour = {"error": "red", "warning": "yellow", "info": "blue"}[diagnostic.severity]
    place = f"{diagnostic.line}:{diagnostic.column}"
    if not short:
        place = f"{escape(diagnostic.file)}:{place}"
    code = f"[dim]({diagnostic.code})[/]"
    return f"{place}: [{colour}]{diagnostic.severity}:[/] {escape(diagnostic.message)} {code}"


def _test(test: TestResult) -> str:
    text = f"{MARKS[test.status]} {escape(test.name)}"
    if test.status == "passed":
        return text
    place = f" [dim]line {test.line}[/]" if test.line else ""
    first = test.message.strip().splitlines()
    return f"{text}{place} {escape(first[0]) if first else ''}"
