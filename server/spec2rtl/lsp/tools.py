"""`check`, `simulate` and `doctor`: the tools alone, without a model."""

import asyncio
from pathlib import Path

from msgspec import structs

from spec2rtl import checks
from spec2rtl.checks import Checked, SimulationResult
from spec2rtl.config.settings import Settings
from spec2rtl.doctor import Report, examine
from spec2rtl.eda.testbench import load_testbench, narrowed
from spec2rtl.eda.toolchain import IcarusToolchain
from spec2rtl.errors import InputError, Spec2rtlError
from spec2rtl.jobs import top_of
from spec2rtl.lsp import wire
from spec2rtl.lsp.commands import file_of, tests_path
from spec2rtl.lsp.companions import kind, rtl_of, tests_of
from spec2rtl.lsp.consent import consent_unconfined
from spec2rtl.lsp.design import frozen_design, surroundings, whole
from spec2rtl.lsp.evidence import of_check, of_simulation
from spec2rtl.lsp.progress import Progress, Token
from spec2rtl.lsp.server import Server
from spec2rtl.rtl import Design, Testbench
from spec2rtl.syntax.modules import top_module


class CheckAnswer(Checked, frozen=True, kw_only=True):
    """The answer of `CHECK`: `words` tell of it."""

    words: str


async def check(ls: Server, args: wire.FileArgs, _: Token) -> CheckAnswer:
    """Compile the design around a file."""
    result = await _checked(ls, args)
    return CheckAnswer(**structs.asdict(result), words=of_check(result))


async def _checked(ls: Server, args: wire.FileArgs) -> Checked:
    try:
        await ls.survey_ended()
        path = rtl_behind(ls, file_of(args.uri))
        settings = await ls.workspaces.settings(path)
        design = await asyncio.to_thread(_design, ls, path, settings)
        tools = await ls.workspaces.tools(settings)
        return await checks.check(tools, design, overlay=ls.documents.overlay)
    except Spec2rtlError as error:
        return Checked(False, (), "", str(error))


class SimulationAnswer(SimulationResult, frozen=True, kw_only=True):
    """The answer of `SIMULATE`: `words` tell of it."""

    words: str


async def simulate(ls: Server, args: wire.SimulateArgs, token: Token) -> SimulationAnswer:
    """Run the tests of a file, and show which fail."""
    asked = ls.checker.failures.ask()
    try:
        path, tools, design, bench = await prepared(ls, args)
        async with Progress(ls, f"Simulate {path.name}", token=token):
            result = await checks.simulate(tools, design, bench)
    except Spec2rtlError as error:
        return _told(checks.not_simulated(error))
    shown = ls.checker.failures.put(asked, design, bench, result, tools)
    ls.watch.follow(ls.checker.failures.inputs)
    ls.checker.show_failures(shown)
    await recheck(ls, Path(bench.path))  # settings may have changed meanwhile
    return _told(result)


def _told(result: SimulationResult) -> SimulationAnswer:
    return SimulationAnswer(**structs.asdict(result), words=of_simulation(result))


async def recheck(ls: Server, only: Path | None = None) -> None:
    """Settings may have changed: take back what failed in other designs, or by other tools."""
    for tests, outcome in ls.checker.failures.simulated():
        if only not in (None, tests):
            continue
        design, path = outcome.design, Path(outcome.design.sources[0].path)
        try:
            settings = await ls.workspaces.settings(path)
            tools = await ls.workspaces.tools(settings)
            found = await asyncio.to_thread(_design, ls, path, settings)
            found = structs.replace(found, top=design.top, parameters=settings.parameters)
            now = found, tools
        except Spec2rtlError:
            now = None  # they say nothing of it any more
        if now != (design, outcome.by):
            ls.checker.show_failures(ls.checker.failures.drop(tests, outcome))


async def doctor(ls: Server, _: None, __: Token) -> Report:
    """Look at what is installed and what answers; what was missing when a file was checked may not be."""
    ls.checker.touch_all()
    folder = next(iter(ls.workspaces.folders), Path.cwd())
    configuration = await ls.workspaces.configuration(folder / "spec2rtl.toml")
    # It starts programs and waits for them: in a loop of its own.
    return await asyncio.to_thread(lambda: asyncio.run(examine(configuration)))


def rtl_behind(ls: Server, path: Path) -> Path:
    """The RTL that a file is or belongs to; raises `InputError`."""
    if kind(path) == "rtl":
        return path
    found = rtl_of(path) or whole(path, ls.index, ls.documents)
    if found is None:
        raise InputError(f"{path.name}: there is no RTL for it yet: generate it first")
    return found


def _design(ls: Server, path: Path, settings: Settings) -> Design:
    path = whole(path, ls.index, ls.documents) or path
    around = surroundings(path, settings, ls.index, ls.documents)
    return frozen_design(path, around, ls.index, ls.documents.overlay)


async def prepared(
    ls: Server, args: wire.SimulateArgs
) -> tuple[Path, IcarusToolchain, Design, Testbench]:
    """The RTL that a simulation is asked of, and all it needs; raises `Spec2rtlError`."""
    await ls.survey_ended()
    given = file_of(args.uri)
    path = rtl_behind(ls, given)
    settings = await ls.workspaces.settings(path)
    tools = await ls.workspaces.tools(settings)
    design, bench = await asyncio.to_thread(_frozen, ls, given, path, args, settings)
    await consent_unconfined(ls, settings)
    return path, tools, design, bench


def _frozen(
    ls: Server, given: Path, path: Path, args: wire.SimulateArgs, settings: Settings
) -> tuple[Design, Testbench]:
    tests = _tests(ls, given, path, args, settings)
    bench = load_testbench(tests, overlay=ls.documents.overlay)
    bench = narrowed(bench, args.only) if args.only else bench
    own = None if bench.top else top_module([ls.documents.read(path)])
    design = _design(ls, path, settings)
    top = top_of(design, settings, args.top or own, bench)
    return structs.replace(design, top=top, parameters=settings.parameters), bench


def _tests(
    ls: Server, given: Path, path: Path, args: wire.SimulateArgs, settings: Settings
) -> Path:
    if args.tests:
        return tests_path(args.tests)
    if kind(given) == "tests":
        return given
    found = tests_of(ls, given, settings)
    if found is None:
        raise InputError(f"{path.name}: no tests: put test_{path.stem}.py beside it")
    return found
