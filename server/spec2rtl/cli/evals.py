"""`eval cvdp|verilog-eval`: a benchmark's problems scored, or solved and scored."""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from spec2rtl.cli.interrupts import interruptible
from spec2rtl.cli.printing import print_json
from spec2rtl.cli.settings import load_settings
from spec2rtl.cli.show import MARKS, notice, to_stderr
from spec2rtl.errors import ConfigError
from spec2rtl.evals.record import Record
from spec2rtl.evals.report import Report, build, markdown
from spec2rtl.evals.runner import evaluate
from spec2rtl.evals.setup import Benchmark, Evaluation, Request, prepared


def cvdp(args: argparse.Namespace) -> int:
    """`eval cvdp`."""
    return _evaluate("cvdp", args)


def verilog_eval(args: argparse.Namespace) -> int:
    """`eval verilog-eval`."""
    return _evaluate("verilog-eval", args)


def _evaluate(benchmark: Benchmark, args: argparse.Namespace) -> int:
    if args.ray:
        raise ConfigError("--ray: this version works on one machine; say --jobs N")
    request = Request(
        benchmark=benchmark,
        dataset=Path(args.dataset),
        candidates=Path(args.published) if args.published else None,
        loop=args.loop,
        feedback=args.feedback,
        policy=args.policy,
        evidence=args.evidence,
        samples=args.samples,
        ids=tuple(filter(None, map(str.strip, (args.ids or "").split(",")))),
        limit=args.limit,
        out=Path(args.out) if args.out else None,
        resume=args.resume,
    )
    report = interruptible(_run(request, args))
    if args.json:
        print_json(report)
    else:
        sys.stdout.write(markdown(report))
    return 0


async def _run(request: Request, args: argparse.Namespace) -> Report:
    """Evaluate; Ctrl-C ends it, and `--resume` goes on with what was judged."""
    console = to_stderr()
    settings = load_settings(args, request.dataset, console).settings
    began = time.monotonic()
    async with prepared(request, settings, lambda line: notice(console, line)) as evaluation:
        plan, store = evaluation.plan, evaluation.store
        for warning in evaluation.warnings:
            notice(console, f"warning: {warning}")
        await _watched(evaluation, console, jobs=args.jobs or os.cpu_count() or 1)
        records = [
            store.done[problem.task.id, sample]
            for problem in evaluation.problems
            for sample in range(plan.samples)
        ]
        seconds = time.monotonic() - began
        report = build(plan, records, seconds=seconds, warnings=evaluation.warnings)
        store.publish(report)
    return report


async def _watched(evaluation: Evaluation, console: Console, *, jobs: int) -> None:
    """Show the verdicts as they come, and how long it will take."""
    store, samples = evaluation.store, evaluation.plan.samples
    with _progress(console) as progress:
        total = len(evaluation.problems) * samples
        bar = progress.add_task("", total=total, completed=len(store.done))
        notice(console, f"into {store.folder}")

        def show(record: Record) -> None:
            progress.console.print(_line(record), soft_wrap=True)
            progress.advance(bar)

        try:
            await evaluate(
                evaluation.problems,
                evaluation.designer,
                store,
                samples=samples,
                jobs=jobs,
                show=show,
            )
        except asyncio.CancelledError:
            notice(console, f"stopped; go on with: --out {store.folder} --resume")
            raise


def _progress(console: Console) -> Progress:
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        "problems",
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _line(record: Record) -> str:
    why = "" if record.verdict == "passed" else f" {escape(record.reason)}"
    return f"{MARKS[record.verdict]} {record.id}{why} [dim]{record.seconds:.1f} s[/]"
