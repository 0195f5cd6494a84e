"""Runs a cocotb test module against a compiled design: vvp itself, with no runner in between."""

import functools
import importlib.machinery
import importlib.util
import os
import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from secrets import token_hex

from msgspec import Struct, structs

from spec2rtl.eda import cocotb_start
from spec2rtl.eda.layout import read_in_place, reading_folder, write, write_all
from spec2rtl.eda.outcome import LOG_CHARS, exceeded
from spec2rtl.eda.results import (
    Frozen,
    agree,
    broken_module,
    diagnostics_of,
    read_results,
    running_test,
)
from spec2rtl.eda.vvp_log import unknown_tasks, unopened
from spec2rtl.errors import InputError, ToolError
from spec2rtl.process.limits import Limits
from spec2rtl.process.run import Ended, ProcessResult, run
from spec2rtl.process.sandbox import Binds, Sandbox
from spec2rtl.process.scratch import left_behind, left_text, scratch
from spec2rtl.rtl import Design, Diagnostic, SimulationReport, Testbench, TestResult

_INSTALL = "pip install 'cocotb>=2.0.1,<3'"
_STARTED = "Running on Icarus Verilog"
"""What cocotb prints once it has taken over the simulator."""


START_MODULE = "spec2rtl_start"
START = {cocotb_start.VARIABLE: f"{START_MODULE}:start"}
"""Makes cocotb 2 begin with what `put_start` puts into a folder of PYTHONPATH."""


class Cocotb(Struct, frozen=True):
    """An installed cocotb: how vvp loads it."""

    version: str
    vvp_options: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]


class Dump(Struct, frozen=True):
    """A recording of all signals: the file that the design names, and its form for vvp."""

    file: str
    option: str


class _Run(Struct, frozen=True):
    """One run of vvp: what became of it, by which signal, and the report that it left."""

    process: ProcessResult
    ended: Ended
    signal: int | None
    xml: str | None
    frozen: Frozen
    dump: bytes | None


def put_start(folder: Path) -> None:
    """Copy what vvp's Python begins with to where that finds nothing else of ours."""
    write(folder, f"{START_MODULE}.py", Path(cocotb_start.__file__).read_bytes())


def find_cocotb() -> Cocotb:
    """Locate the cocotb of this Python without importing it; raises `ToolError`."""
    try:
        found = version("cocotb")
    except PackageNotFoundError:
        raise ToolError("cocotb is missing", install=_INSTALL) from None
    spec = importlib.util.find_spec("cocotb")
    if not found.startswith("2.") or spec is None or spec.origin is None:
        raise ToolError(f"cocotb {found} can't be used", install=_INSTALL)
    return _locate(found, Path(spec.origin).parent, _libpython())


def _locate(found: str, package: Path, libpython: str) -> Cocotb:
    """Name what vvp has to load: 2.1 has one library and a list of users, 2.0 a VPI module."""
    libs = package / "libs"
    environment = {"PYGPI_PYTHON_BIN": sys.executable, "LIBPYTHON_LOC": libpython}
    modern = libs / "libcocotbvpi_icarus.so"
    if modern.is_file():
        suffixes = importlib.machinery.EXTENSION_SUFFIXES
        names = (package / f"simulator{suffix}" for suffix in suffixes)
        entry = next((path for path in names if path.is_file()), None)
        if entry is None:
            raise ToolError(f"{package}: no simulator module for this Python", install=_INSTALL)
        environment["GPI_USERS"] = f"{libpython};{entry},initialize"
        return Cocotb(found, ("-m", str(modern)), tuple(environment.items()))
    if not (libs / "libcocotbvpi_icarus.vpl").is_file():
        raise ToolError(f"{libs}: no library for Icarus Verilog", install=_INSTALL)
    options = ("-M", str(libs), "-m", "libcocotbvpi_icarus")
    return Cocotb(found, options, tuple(environment.items()))


@functools.cache
def _libpython() -> str:
    """The shared library of this Python."""
    from find_libpython import find_libpython  # comes with cocotb

    path = find_libpython()
    if path is None:
        raise ToolError(
            "cocotb needs Python's shared library, which this Python lacks; "
            "install libpython3-dev or a Python built with --enable-shared"
        )
    return path


@dataclass(frozen=True)
class Simulator:
    """vvp with cocotb in it, and what it may use."""

    vvp: str
    cocotb: Cocotb
    limits: Limits
    sandbox: Sandbox
    seed: int

    async def simulate(
        self, image: bytes, design: Design, testbench: Testbench
    ) -> SimulationReport:
        """Run the tests; raises `InputError` when the test module itself can't be run.

        vvp's exit status says nothing: only a report that is there, can be read and holds the
        tests that were expected counts. A design that crashes vvp twice the same way has failed.
        """
        ran = await self._run(image, design, testbench)
        if ran.xml is None and ran.ended == "ok" and ran.signal:
            again = await self._run(image, design, testbench)
            if again.xml is None and again.signal == ran.signal:
                return _crashed(self._report(again), again, testbench)
            ran = again
        report = self._judge(ran, design, testbench)
        unread = unopened(ran.process.stdout, design)
        return structs.replace(report, diagnostics=(*report.diagnostics, *unread))

    async def record(
        self, image: bytes, design: Design, testbench: Testbench, dump: Dump
    ) -> tuple[str, bytes] | None:
        """Run the tests of a design that dumps; the report and the file, if both came to be."""
        ran = await self._run(image, design, testbench, dump)
        return (ran.xml, ran.dump) if ran.xml and ran.dump else None

    def inputs(self) -> tuple[object, ...]:
        """All that a simulation depends on, beside the design and its tests."""
        path = os.environ.get("PYTHONPATH", "")
        return self.vvp, self.cocotb, self.limits, self.sandbox.name, self.seed, path

    async def _run(
        self, image: bytes, design: Design, testbench: Testbench, dump: Dump | None = None
    ) -> _Run:
        with scratch() as folder:
            # A name that no design can know, and so write to.
            results, compiled = folder / f"{token_hex()}.xml", folder / "design"
            tests = reading_folder(folder, design)
            write_all(tests, testbench.files)
            write(tests, f"{testbench.module.replace('.', '/')}.py", testbench.text.encode())
            put_start(folder / "start")
            compiled.write_bytes(image)
            tmp = folder / "tmp" if dump else None  # vvp writes FST by way of a file in /tmp
            if tmp:
                tmp.mkdir()
            process = await run(
                [
                    self.vvp,
                    "-n",
                    *self.cocotb.vvp_options,
                    str(compiled),
                    dump.option if dump else "-none",
                ],
                cwd=tests,
                limits=self.limits,
                env=self._environment(testbench, design.top or testbench.top, tests, results),
                sandbox=self.sandbox,
                binds=Binds(read=read_in_place(design), write=(folder,), tmp=tmp),
            )
            xml = left_text(results, self.limits.output)
            data = left_behind(tests / dump.file, self.limits.file_size) if dump else None
        return _Run(process, *process.beneath(), xml, Frozen(str(tests), testbench), data)

    def _environment(
        self, testbench: Testbench, top: str | None, tests: Path, results: Path
    ) -> dict[str, str]:
        paths = (str(tests), os.environ.get("PYTHONPATH"), str(results.parent / "start"))
        environment = {
            **dict(self.cocotb.environment),
            **START,
            "COCOTB_TEST_MODULES": testbench.module,
            "COCOTB_RESULTS_FILE": str(results),
            "COCOTB_RANDOM_SEED": str(self.seed),
            "COCOTB_ANSI_OUTPUT": "0",
            "TOPLEVEL_LANG": "verilog",
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",  # the folder is gone before anybody could read it
            # pytest explains assertions for cocotb; whatever plugins are installed are no use
            # there and take longer to import than the simulation takes.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        if testbench.only:
            names = "|".join(map(re.escape, testbench.only))
            environment["COCOTB_TEST_FILTER"] = rf"\.(?:{names})(?:/|$)"
        return environment | ({"COCOTB_TOPLEVEL": top} if top else {})

    def _report(self, ran: _Run) -> SimulationReport:
        """What holds of a run whatever the tests say."""
        log = ran.frozen.in_user_terms(ran.process.stdout + ran.process.stderr)[-LOG_CHARS:]
        seconds, sandbox = ran.process.seconds, self.sandbox.name
        return SimulationReport("errored", "untrusted", seconds=seconds, sandbox=sandbox, log=log)

    def _judge(self, ran: _Run, design: Design, testbench: Testbench) -> SimulationReport:
        report, ended = self._report(ran), ran.ended
        if limit := exceeded(ended, self.limits):
            reason, what = limit
            test = running_test(ran.process.stdout)
            message = f"{test}: the simulation {what}" if test else f"the simulation {what}"
            fault = _fault(testbench, reason.replace("_", "-"), message)
            return structs.replace(report, status="failed", reason=reason, diagnostics=(fault,))
        if ended == "killed":
            return structs.replace(report, reason="killed")
        if ran.xml is None:
            return _without_results(report, ran, design)
        if ran.signal:  # what vvp printed last isn't cocotb's then
            return report
        tests = read_results(ran.xml, ran.process.stdout, ran.frozen)
        if tests is None or not set(testbench.tests) <= {test.name for test in tests}:
            return report
        if not agree(tests, ran.process.stdout):
            return report
        return _scored(report, tests, testbench)


def _scored(
    report: SimulationReport, tests: tuple[TestResult, ...], testbench: Testbench
) -> SimulationReport:
    """All tests that ran must pass, and one must have run."""
    if all(test.status == "skipped" for test in tests):
        raise InputError(f"{testbench.path}: every test is skipped; nothing is tested")
    passed = all(test.status in {"passed", "skipped"} for test in tests)
    return structs.replace(
        report,
        status="passed" if passed else "failed",
        reason="ok" if passed else "test_failed",
        tests=tests,
        diagnostics=diagnostics_of(tests, testbench),
    )


def _without_results(report: SimulationReport, ran: _Run, design: Design) -> SimulationReport:
    if unknown := unknown_tasks(ran.process.stdout + ran.process.stderr, design):
        return structs.replace(
            report, status="failed", reason="compile_error", diagnostics=tuple(unknown)
        )
    broken = broken_module(ran.process.stderr, ran.frozen)
    if broken and broken.design:
        fault = _at(broken.file, broken.line, "test-failed", broken.why)
        return structs.replace(report, status="failed", reason="test_failed", diagnostics=(fault,))
    if broken:
        raise InputError(f"{broken.file}:{broken.line}: the tests can't be run: {broken.why}")
    # Where cocotb never said a word it was not the tests that failed to report.
    started = _STARTED in ran.process.stdout
    return report if started else structs.replace(report, reason="tool_broken")


def _crashed(report: SimulationReport, ran: _Run, testbench: Testbench) -> SimulationReport:
    message = f"vvp crashes on this design (signal {ran.signal}): look for endless recursion"
    fault = _fault(testbench, "simulator-crash", message)
    return structs.replace(report, status="failed", reason="test_failed", diagnostics=(fault,))


def _fault(testbench: Testbench, code: str, message: str) -> Diagnostic:
    """What is wrong with a simulation as a whole, put at the beginning of its tests."""
    return _at(testbench.path, 1, code, message)


def _at(file: str, line: int, code: str, message: str) -> Diagnostic:
    return Diagnostic(
        file=file,
        line=line,
        column=1,
        end_line=line,
        end_column=1,
        severity="error",
        code=code,
        message=message,
        source="cocotb",
    )
