"""iverilog and cocotb behind the loop's `Toolchain`, with a cache in front."""

import asyncio
import re
import shutil
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from msgspec import Struct, structs

from spec2rtl.eda.budgets import NO_HARDWARE, Meter
from spec2rtl.eda.cache import Cache, key
from spec2rtl.eda.cocotb import Cocotb, Simulator, find_cocotb
from spec2rtl.eda.equivalence import Comparer
from spec2rtl.eda.icarus import Compilation, Compiler
from spec2rtl.eda.lint import lint_design
from spec2rtl.eda.slang import PLACED, Slang, place
from spec2rtl.eda.synthesis import SYNTHESIZING, Figures, synthesize, synthesizer
from spec2rtl.eda.waves import VCD, dumping, form, read_wave, save, span, up_to
from spec2rtl.errors import ToolError
from spec2rtl.evidence.netlist import memories, netlists
from spec2rtl.evidence.wave import Recording, Wave
from spec2rtl.process.limits import Limits
from spec2rtl.process.run import run_blocking
from spec2rtl.process.sandbox import Rlimits, Sandbox
from spec2rtl.process.scratch import sweep
from spec2rtl.rtl import (
    Budget,
    CompileReport,
    Design,
    Diagnostic,
    Equivalence,
    SimulationReport,
    Testbench,
    TestResult,
)
from spec2rtl.spec.model import Spec

COMPILING = Limits(seconds=30.0)
SIMULATING = Limits(seconds=60.0)
SEED = 1
"""Of the tests' random numbers: the same candidate gets the same verdict."""

DOUBTFUL = NO_HARDWARE | {"latch"}
_MEMORIES = 16
"""Whose words are recorded."""
_VERSION = re.compile(r"Icarus Verilog version (\S+)")
_DETERMINISTIC = frozenset(("ok", "compile_error", "test_failed"))


class Tools(Struct, frozen=True):
    """The programs in use."""

    iverilog: str
    vvp: str
    iverilog_version: str
    cocotb: Cocotb

    @property
    def cocotb_version(self) -> str:
        """Of the package, such as 2.1.0."""
        return self.cocotb.version


def find_tools(iverilog: str | None = None, vvp: str | None = None) -> Tools:
    """Find the programs, by the paths given or in PATH; raises `ToolError`."""
    compiler, simulator = _program(iverilog, "iverilog"), _program(vvp, "vvp")
    home = Path(tempfile.gettempdir())
    said = run_blocking([compiler, "-V"], cwd=home, limits=COMPILING)
    match = _VERSION.search(said.stdout)
    if match is None:
        raise ToolError(
            f"{compiler} is broken: `{compiler} -V` names no version", install=_install()
        )
    return Tools(compiler, simulator, match[1], find_cocotb())


def _program(given: str | None, name: str) -> str:
    found = shutil.which(given or name)
    if found is None:
        raise ToolError(f"{given or name} is missing", install=_install())
    return str(Path(found).absolute())


def _install() -> str:
    if sys.platform == "darwin":
        return "brew install icarus-verilog"
    return f"{'sudo ' if shutil.which('sudo') else ''}apt-get install iverilog"


def _memories(design: Design, top: str) -> tuple[str, ...]:
    return tuple(islice(memories(netlists(design), top, top), _MEMORIES))


class IcarusToolchain:
    """`loop.ports.Toolchain` on iverilog and cocotb; any number of calls may run at once."""

    def __init__(
        self,
        tools: Tools,
        *,
        compiling: Limits = COMPILING,
        simulating: Limits = SIMULATING,
        cache: Cache | None = None,
        sandbox: Sandbox | None = None,
        seed: int = SEED,
    ) -> None:
        sweep()
        confined = sandbox or Rlimits()
        self.tools = tools
        self._cache = cache or Cache()
        self._compiler = Compiler(tools.iverilog, compiling, confined)
        self._slang = Slang(confined)  # started when a syntax error is to be placed
        self._simulator = Simulator(tools.vvp, tools.cocotb, simulating, confined, seed)

    @property
    def sandbox(self) -> str:
        """How programs are confined."""
        return self._simulator.sandbox.name

    async def compile(self, design: Design) -> CompileReport:
        """Compile; a design that doesn't is a report, a broken or killed compiler an error."""
        return (await self._compiled(design)).report

    async def simulate(self, design: Design, testbench: Testbench) -> SimulationReport:
        """Run the tests against a design; one that doesn't compile has failed them."""
        if design.top is None and testbench.top is not None:
            design = structs.replace(design, top=testbench.top)
        name = key("simulation", self._all_of(design), self._simulator.inputs(), testbench)
        began = time.monotonic()
        if found := self._cache.get(name, SimulationReport):
            return structs.replace(found, cached=True, seconds=time.monotonic() - began)
        compiled = await self._compiled(design)
        if compiled.image is None:
            return _not_compiled(compiled.report, self.sandbox)
        report = await self._simulator.simulate(compiled.image, design, testbench)
        if report.reason == "tool_broken":
            raise _broken(self.tools.vvp, report.log)
        if report.reason in _DETERMINISTIC:
            self._cache.put(name, report)
        return report

    async def record(
        self,
        design: Design,
        testbench: Testbench,
        ran: tuple[TestResult, ...],
        failed: TestResult,
        *,
        keep: Path | None = None,
    ) -> Recording | None:
        """Simulate once more up to a test that failed, recording all signals.

        `keep` is a folder for the file, named by the test. None where it can't be done; a recording
        is evidence, no verdict hangs on it.
        """
        top = design.top or testbench.top
        if top is None:
            return None
        dump, found = form(self._simulator.sandbox), None
        design, testbench = structs.replace(design, top=top), up_to(testbench, ran, failed)
        known = await asyncio.to_thread(_memories, design, top)
        for words in dict.fromkeys((known, ())):  # a memory in a generate block isn't found
            dumps = dumping(design, dump, [top], words)
            image = (await self._compiled(dumps)).image
            if image and (found := await self._simulator.record(image, dumps, testbench, dump)):
                break
        if found is None:
            return None
        xml, data = found
        when = span(xml, ran, failed.name)
        wave = await read_wave(data, self._simulator.sandbox) if when else None
        if when is None or wave is None:
            return None
        file = save(data, keep, failed.name, dump) if keep else None
        recording = Recording.of(failed.name, wave, when.began_ns, when.ended_ns)
        return structs.replace(recording, passed=when.passed, file=str(file) if file else None)

    async def measure(
        self, design: Design, testbench: Testbench | None, spec: Spec, previous: Design | None
    ) -> tuple[Budget, ...]:
        """Measure the budgets of a spec on a design that compiles; raises `ToolError`."""
        meter = Meter(self._synthesized, self.lint, self._recorded)
        return await meter.measure(design, testbench, spec, previous)

    async def doubts(self, design: Design) -> tuple[Diagnostic, ...]:
        """The lint of a design that passes its tests as far as it speaks against it."""
        return tuple(d for d in await self.lint(design) if d.code in DOUBTFUL)

    async def equivalent(self, old: Design, new: Design, top: str, seconds: float) -> Equivalence:
        """Say within some seconds whether two versions of a module behave alike."""
        comparer = Comparer(self.tools.iverilog, self.tools.vvp, self._simulator.sandbox)
        return await comparer.equivalent(old, new, top, seconds)

    async def _synthesized(self, design: Design) -> Figures:
        name = key("synthesis", design, synthesizer(), SYNTHESIZING)
        if found := self._cache.get(name, Figures):
            return found
        figures = await synthesize(design, self._simulator.sandbox)
        if figures.cells is not None:
            self._cache.put(name, figures)
        return figures

    async def _recorded(self, dumps: Design, testbench: Testbench) -> Wave | None:
        image = (await self._compiled(dumps)).image
        if image is None:
            return None
        found = await self._simulator.record(image, dumps, testbench, VCD)
        return await read_wave(found[1], self._simulator.sandbox) if found else None

    async def read(self, design: Design) -> tuple[Diagnostic, ...] | None:
        """What slang says of a design; None when it died or took too long."""
        return await self._slang.check(design)

    async def lint(self, design: Design) -> tuple[Diagnostic, ...]:
        """Warnings of a design that compiles, beyond what the compilers say."""
        return await lint_design(design, self._simulator.sandbox)

    async def aclose(self) -> None:
        """End the worker that places syntax errors."""
        await self._slang.aclose()

    def _all_of(self, design: Design) -> tuple[object, ...]:
        """All that a compilation depends on."""
        return design, self._compiler.limits, self.tools.iverilog, self.tools.iverilog_version

    async def _compiled(self, design: Design) -> Compilation:
        name = key("compilation", *self._all_of(design))
        began = time.monotonic()
        if found := self._cache.get(name, Compilation):
            seconds = time.monotonic() - began
            report = structs.replace(found.report, cached=True, seconds=seconds)
            return structs.replace(found, report=report)
        compilation = await self._compiler.compile(design)
        _check_tool(self.tools.iverilog, compilation.report)
        compilation = await self._placed(compilation, design)
        if compilation.report.reason in _DETERMINISTIC:
            self._cache.put(name, compilation)
        return compilation

    async def _placed(self, compilation: Compilation, design: Design) -> Compilation:
        """iverilog names the line where its parser stopped, slang the place of the fault."""
        found = compilation.report.diagnostics
        asked = compilation.report.reason == "compile_error"  # of a bomb slang knows no more
        if not asked or not any(d.code in PLACED for d in found):
            return compilation
        better = await self._slang.parse(design)
        if better is None:
            return compilation
        report = structs.replace(compilation.report, diagnostics=place(found, better))
        return structs.replace(compilation, report=report)


def _check_tool(iverilog: str, report: CompileReport) -> None:
    """Raise `ToolError` where a compilation says nothing of the design."""
    if report.reason == "tool_broken":
        raise _broken(iverilog, report.log)
    if report.reason == "killed":
        raise ToolError(f"{iverilog} was killed by another program, or for want of memory")


def _broken(program: str, log: str) -> ToolError:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    said = f"it ends with: {lines[-1][:200]}" if lines else "it ends without a word"
    return ToolError(f"{program} is broken: {said}", install=_install())


def _not_compiled(report: CompileReport, sandbox: str) -> SimulationReport:
    return SimulationReport(
        "failed",
        report.reason,
        report.diagnostics,
        seconds=report.seconds,
        sandbox=sandbox,
        log=report.log,
    )
