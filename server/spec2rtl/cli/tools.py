"""`check` and `simulate`: the tools alone, without a model."""

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from msgspec import structs
from rich.markup import escape

from spec2rtl import checks
from spec2rtl.checks import Checked, SimulationResult
from spec2rtl.cli.interrupts import interruptible
from spec2rtl.cli.printing import print_json
from spec2rtl.cli.settings import load_settings
from spec2rtl.cli.show import MARKS, describe, notice, to_stderr, to_stdout
from spec2rtl.config.settings import Settings
from spec2rtl.eda.testbench import load_testbench
from spec2rtl.eda.toolchain import IcarusToolchain
from spec2rtl.jobs import read_design, top_of
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.rtl import Design, Testbench
from spec2rtl.wiring import toolchain, unconfined

T = TypeVar("T")
EXIT = {"passed": 0, "failed": 1, "errored": 2}


def check(args: argparse.Namespace) -> int:
    """`spec2rtl check`."""
    checked = _check(args)
    if args.json:
        print_json(checked)
    else:
        console = to_stdout()
        for diagnostic in checked.diagnostics:
            console.print(describe(diagnostic), soft_wrap=True)
        if checked.simulator:
            verdict = "[green]✓ compiles[/]" if checked.ok else "[red]✗ does not compile[/]"
            console.print(f"{verdict} [dim]({escape(checked.simulator)})[/]")
    return 0 if checked.ok else 1


def simulate(args: argparse.Namespace) -> int:
    """`spec2rtl simulate`."""
    result = _simulate(args)
    if args.json:
        print_json(result)
    else:
        _print(result)
    return EXIT[result.status]


def _check(args: argparse.Namespace) -> Checked:
    settings = load_settings(args, args.files[0], to_stderr()).settings
    specs = [name for name in args.files if name.endswith(".spec.md")]
    args.files = [name for name in args.files if name not in specs]
    found = tuple(d for name in specs for d in checks.check_spec(Path(name)))
    if not args.files:
        return Checked(True, found, "")
    design = _design(args, settings)
    checked = _run(settings, lambda tools: checks.check(tools, design))
    return structs.replace(checked, diagnostics=(*found, *checked.diagnostics))


def _simulate(args: argparse.Namespace) -> SimulationResult:
    settings = load_settings(args, args.files[0], to_stderr()).settings
    bench = load_testbench(Path(args.tests))
    design = _design(args, settings, bench)
    for warning in unconfined(settings, best_sandbox()):
        notice(to_stderr(), f"warning: {warning}")
    keep = Path(args.waves).absolute() if args.waves else None
    result = _run(settings, lambda tools: checks.simulate(tools, design, bench, keep=keep))
    if result.explained and (file := result.explained.file):
        to_stderr().print(f"recorded: {file}", markup=False, soft_wrap=True)
    return result


def _design(args: argparse.Namespace, settings: Settings, bench: Testbench | None = None) -> Design:
    design = read_design([*map(Path, args.files), *map(Path, settings.sources)], settings)
    return structs.replace(design, top=top_of(design, settings, args.top, bench))


def _run(settings: Settings, work: Callable[[IcarusToolchain], Awaitable[T]]) -> T:
    async def with_tools() -> T:
        tools = toolchain(settings)
        try:
            return await work(tools)
        finally:
            await tools.aclose()

    return interruptible(with_tools())


def _print(result: SimulationResult) -> None:
    console = to_stdout()
    for diagnostic in result.diagnostics:
        console.print(describe(diagnostic), soft_wrap=True)
    for test in result.tests:
        time = f" [dim]{test.time_ns:g} ns[/]" if test.time_ns is not None else ""
        console.print(f"{MARKS[test.status]} {escape(test.name)}{time}")
    if result.explained:
        console.print(f"\n{escape(result.explained.text)}\n", soft_wrap=True)
    passed = sum(t.status == "passed" for t in result.tests)
    colour = "green" if result.status == "passed" else "red"
    why = "" if result.reason in {"ok", "test_failed"} else f" ({result.reason})"
    console.print(
        f"[{colour}]{result.status}[/]{why}: {passed} of {len(result.tests)} tests "
        f"[dim]{result.seconds:.2f} s[/]"
    )
    if result.message:
        console.print(escape(result.message), soft_wrap=True)
