"""`doctor`: what is there, and what to do about the rest."""

import argparse
import asyncio

from rich.markup import escape
from rich.table import Table

from spec2rtl.cli.printing import print_json
from spec2rtl.cli.settings import load_settings
from spec2rtl.cli.show import to_stderr, to_stdout
from spec2rtl.doctor import Report, examine


def doctor(args: argparse.Namespace) -> int:
    """`spec2rtl doctor`."""
    configuration = load_settings(args, ".", to_stderr())
    report = asyncio.run(examine(configuration))
    if args.json:
        print_json(report)
    else:
        _print(report)
    return 0 if report.ok else 1


def _print(report: Report) -> None:
    console = to_stdout()
    console.print(f"[bold]spec2rtl {report.version}[/]")
    for finding in report.findings:
        mark = "[green]✓[/]" if finding.ok else ("[red]✗[/]" if finding.needed else "[yellow]–[/]")
        console.print(f"{mark} {escape(finding.name)}: {escape(finding.detail)}")
        if finding.mend:
            console.print(f"    → {escape(finding.mend)}")
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("setting", "value", "from"):
        table.add_column(column, overflow="fold")
    for value in report.settings:
        table.add_row(value.name, escape(value.value), escape(value.origin))
    console.print(table)
