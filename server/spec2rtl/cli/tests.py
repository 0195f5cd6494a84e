"""`tests`: written from a spec, or held against the mutants of a design."""

import argparse
import os
from pathlib import Path

from msgspec import structs
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress

from spec2rtl.cli.interrupts import interruptible
from spec2rtl.cli.printing import print_json, print_python
from spec2rtl.cli.settings import load_settings
from spec2rtl.cli.show import Show, notice, to_stderr, to_stdout
from spec2rtl.config.settings import Settings
from spec2rtl.eda.sources import absolute
from spec2rtl.eda.testbench import load_testbench
from spec2rtl.errors import InputError
from spec2rtl.jobs import read_design, read_spec, top_of
from spec2rtl.loop.behaviour import inputs_of
from spec2rtl.mutation import MUTANTS, MutationReport, survey
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.rtl import Design, Testbench
from spec2rtl.testgen.score import Judged
from spec2rtl.wiring import choose_backend, unconfined
from spec2rtl.writing import Order, write_tests

EXIT = {"accepted": 0, "refused": 1, "killed": 0, "survived": 1, "failed": 1}


def tests(args: argparse.Namespace) -> int:
    """`spec2rtl tests`."""
    return _against(args) if args.against else _write(args)


def _write(args: argparse.Namespace) -> int:
    console = to_stderr()
    if args.path.endswith(".py"):
        raise InputError(f"{args.path}: tests; name the RTL to hold them against: --against FILE")
    source = read_spec(args.path)
    settings = load_settings(args, source.path, console).settings
    generator, notice = choose_backend(settings.generator, "test writer", settings, os.environ)
    if notice:
        console.print(notice, style="yellow", markup=False)
    _warn(console, settings)
    order = Order(source, settings, generator, args.module_name, args.out, args.force)
    show = Show(console)
    try:
        written = interruptible(write_tests(order, show))
    finally:
        show.close()
    if args.json:
        print_json(written)
    elif written.text:
        print_python(written.text)
    return EXIT[written.status]


def _warn(console: Console, settings: Settings) -> None:
    for warning in unconfined(settings, best_sandbox()):
        notice(console, f"warning: {warning}")


def _against(args: argparse.Namespace) -> int:
    console = to_stderr()
    settings = load_settings(args, args.against[0], console).settings
    bench = load_testbench(Path(args.path))
    design = read_design([*map(Path, args.against), *map(Path, settings.sources)], settings)
    design = structs.replace(design, top=top_of(design, settings, args.top, bench))
    _warn(console, settings)
    report = interruptible(_watched(console, settings, design, bench, args))
    if args.json:
        print_json(report)
    else:
        print_mutation(to_stdout(), report)
    return EXIT[report.status]


async def _watched(
    console: Console,
    settings: Settings,
    design: Design,
    bench: Testbench,
    args: argparse.Namespace,
) -> MutationReport:
    """Show how far it has come."""
    columns = (BarColumn(), MofNCompleteColumn(), "mutants")
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=None)

        def hear(total: int, one: Judged) -> None:
            progress.update(bar, total=total, advance=1)

        others = {str(absolute(Path(name))) for name in settings.sources}
        files = [source.path for source in design.sources if source.path not in others]
        limit = args.mutants or MUTANTS
        return await survey(settings, design, bench, files, limit=limit, hear=hear)


def print_mutation(console: Console, report: MutationReport) -> None:
    """The mutants that live, and how many don't."""
    if report.message:
        console.print(f"[red]✗[/] {escape(report.message)}")
        return
    for one in report.mutants:
        if one.verdict == "survived":
            console.print(f"[yellow]survives[/] {escape(one.file)}:{one.line}: {escape(one.what)}")
            console.print(f"    {escape(one.before)}  [dim]→[/]  {escape(one.after)}")
            console.print(f"    [dim]{escape(_differs(one))}[/]")
    rate = "" if report.kill_rate is None else f" ({report.kill_rate:.0%})"
    colour = "green" if report.status == "killed" else "yellow"
    judged = report.killed + report.survived
    others = f", {report.equivalent} more behave like the original" if report.equivalent else ""
    others += f", {report.errored} without a verdict" if report.errored else ""
    console.print(
        f"[{colour}]{report.killed} of {judged} mutants killed{rate}[/]{others} "
        f"[dim]{report.simulator}, seed {report.seed}, {report.seconds:.1f} s[/]"
    )


def _differs(one: Judged) -> str:
    found = one.difference
    if found is None:
        return f"where it differs is unknown: {one.note}"
    return (
        f"differs at cycle {found.cycle}: {found.output} is {found.was}, the mutant's {found.now}; "
        f"inputs: {inputs_of(found)}"
    )
