"""`runs list|show|replay|resume|export|delete`: the journal of every run."""

import argparse
from pathlib import Path

from msgspec import Struct
from rich.markup import escape
from rich.table import Table

from spec2rtl import events as e
from spec2rtl.cli.printing import print_json, print_python, print_rtl
from spec2rtl.cli.settings import load_settings
from spec2rtl.cli.show import (
    COLOURS,
    Show,
    describe,
    iterations,
    outcome,
    tests_outcome,
    to_stderr,
    to_stdout,
)
from spec2rtl.cli.tasks import perform
from spec2rtl.errors import InputError
from spec2rtl.journal.views import RunList, shown
from spec2rtl.outlet import write_atomically
from spec2rtl.wiring import Run, open_journal, unfinished


class Exported(Struct, frozen=True):
    """The object of `runs export --json`, and of `runs delete --json` with no path."""

    run_id: str
    path: str | None = None


def list_runs(args: argparse.Namespace) -> int:
    """`runs list`."""
    with open_journal() as journal:
        runs = tuple(journal.runs(args.limit))
    if args.json:
        print_json(RunList(runs))
        return 0
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("run", "task", "module", "state", "tests", "seconds", "generator"):
        table.add_column(column, no_wrap=True)
    for run in runs:
        tests = f"{run.tests_passed}/{run.tests_total}" if run.tests_total else ""
        state = f"[{COLOURS.get(run.status, 'yellow')}]{run.status}[/]"
        row = (run.run_id, run.task, escape(run.module), state, tests)
        table.add_row(*row, f"{run.seconds:.1f}", escape(run.generator))
    to_stdout().print(table if runs else "no runs yet: spec2rtl generate SPEC")
    return 0


def show(args: argparse.Namespace) -> int:
    """`runs show ID`."""
    with open_journal() as journal:
        run_id = journal.find(args.id)
        summary = journal.summary(run_id)
        view = shown(summary, journal.events(run_id))
    if args.json:
        print_json(view)
        return 0
    turns, result = view.iterations, view.result
    console = to_stdout()
    console.print(f"[bold]{summary.task}[/] {escape(summary.title)}  [dim]{run_id}[/]")
    if turns:
        console.print(iterations(turns))
    for turn in turns:
        for diagnostic in turn.diagnostics:
            console.print(f"  {turn.index}  {describe(diagnostic, short=True)}")
    if view.explained and summary.status != "verified":
        console.print(f"\n{escape(view.explained[-1].text)}\n", soft_wrap=True)
    if view.tests:
        console.print(tests_outcome(view.tests))
        print_python(view.tests.text)
    elif result:
        console.print(outcome(result))
    elif summary.task == "tests":
        console.print(f"{summary.status}: begin again with `spec2rtl tests {summary.title}`")
    else:
        console.print(f"{summary.status}: go on with `spec2rtl runs resume {run_id}`")
    print_rtl(view.rtl)
    return 0


def replay(args: argparse.Namespace) -> int:
    """`runs replay ID`: the same events as they came, from the journal alone."""
    with open_journal() as journal:
        run_id = journal.find(args.id)
        events = list(journal.events(run_id))
    if args.events:
        for event in events:
            print_json(event)
        return 0
    if args.json:
        ends = (x for x in events if isinstance(x, e.RunFinished | e.TestsFinished))
        result = next((x.result if isinstance(x, e.RunFinished) else x for x in ends), None)
        if result is None:
            raise InputError(f"run {run_id} has no end; its events: --events")
        print_json(result)
        return 0
    screen = Show(to_stdout())
    for event in events:
        screen(event)
    screen.close()
    return 0


def resume(args: argparse.Namespace) -> int:
    """`runs resume ID`: the same order again, with the replies that the run already had."""
    with open_journal() as journal:
        earlier = unfinished(journal, args.id)
    order = earlier.order
    configuration = load_settings(args, order.job.target.path, to_stderr())
    run = Run(order, configuration.settings, resumes=earlier)
    for notice in run.notices:
        to_stderr().print(notice, markup=False, highlight=False, soft_wrap=True)
    return perform(run, args)


def export(args: argparse.Namespace) -> int:
    """`runs export ID`."""
    with open_journal() as journal:
        run_id = journal.find(args.id)
        text = journal.export(run_id)
    path = Path(args.out or f"{run_id}.json").resolve()
    write_atomically(path, text)
    if args.json:
        print_json(Exported(run_id, str(path)))
    else:
        print(path)  # noqa: T201
    return 0


def delete(args: argparse.Namespace) -> int:
    """`runs delete ID`."""
    with open_journal() as journal:
        run_id = journal.find(args.id)
        journal.delete(run_id)
    if args.json:
        print_json(Exported(run_id))
    else:
        print(f"deleted {run_id}")  # noqa: T201
    return 0
