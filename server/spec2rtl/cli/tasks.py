"""`generate`, `repair`, `edit`: one run each, shown as it happens."""

import argparse
import asyncio
import os
from contextlib import aclosing

from spec2rtl.cli.interrupts import on_interrupt
from spec2rtl.cli.printing import print_diff, print_json, print_rtl
from spec2rtl.cli.settings import load_settings
from spec2rtl.cli.show import Show, notice, to_stderr
from spec2rtl.cli.streams import lost
from spec2rtl.events import Result, RunFinished, Task
from spec2rtl.jobs import generate_job, modify_job, read_spec
from spec2rtl.loop.merge import Stop
from spec2rtl.wiring import Run, order_for

EXIT = {"verified": 0, "compiled": 0, "failed": 1, "error": 2, "cancelled": 130}


def generate(args: argparse.Namespace) -> int:
    """`spec2rtl generate`."""
    return _perform_task("generate", args)


def repair(args: argparse.Namespace) -> int:
    """`spec2rtl repair`."""
    return _perform_task("repair", args)


def edit(args: argparse.Namespace) -> int:
    """`spec2rtl edit`."""
    return _perform_task("edit", args)


def _perform_task(task: Task, args: argparse.Namespace) -> int:
    console = to_stderr()
    if task == "generate":
        source = read_spec(args.spec)
        configuration = load_settings(args, source.path, console)
        job = generate_job(
            source,
            configuration.settings,
            tests=args.tests,
            module=args.module_name,
            out=args.out,
        )
        to: str | None = job.target.path
        comment = None if args.out else source.comment
    else:
        configuration = load_settings(args, args.files[0], console)
        job = modify_job(
            args.files,
            configuration.settings,
            instruction=args.instruction if task == "edit" else None,
            tests=args.tests,
            spec=args.spec,
            top=args.top,
        )
        to = job.target.path if args.apply else None
        comment = None
    order, notices = order_for(
        job, configuration.settings, to=to, comment=comment, force=args.force
    )
    for line in notices:
        notice(console, line)
    return perform(Run(order, configuration.settings), args)


def perform(run: Run, args: argparse.Namespace) -> int:
    """Carry out a run, showing it as `--json`, `--events` or for people."""
    return asyncio.run(_perform(run, as_json=args.json, as_events=args.events))


async def _perform(run: Run, *, as_json: bool, as_events: bool) -> int:
    stop = Stop()
    show = Show(to_stderr())
    result: Result | None = None
    try:
        with on_interrupt(lambda: _interrupt(stop)):
            async with run, aclosing(run.events(stop)) as stream:
                async for event in stream:
                    if as_events:
                        print_json(event)
                    else:
                        show(event)
                    if isinstance(event, RunFinished):
                        result = event.result
                    elif lost():  # nobody follows it any more
                        stop.set("cancelled")
    finally:
        show.close()
    if result is None:
        raise AssertionError("a run ends with run_finished")
    if as_json:
        print_json(result)
    elif not as_events:
        _print(result)
    return EXIT[result.status]


def _interrupt(stop: Stop) -> None:
    """End the run in good order; asked again, at once (the watchdog ends what runs)."""
    if stop.reason == "cancelled":
        os._exit(EXIT["cancelled"])
    stop.set("cancelled")


def _print(result: Result) -> None:
    """What stdout carries for people: the RTL, or the diff of a repair or an edit."""
    if result.diff is not None:
        print_diff(result.diff)
    elif result.rtl and result.good:
        print_rtl(result.rtl)
