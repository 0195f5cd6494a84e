"""Runs a cocotb test module against a compiled design: vvp itself, with no runner in between."""

import functools
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from msgspec import Struct, structs

from spec2rtl.eda.icarus import LOG_CHARS, write, write_all
from spec2rtl.eda.results import (
    Broken,
    Frozen,
    broken_module,
    diagnostics_of,
    read_results,
    running_test,
)
from spec2rtl.errors import InputError, ToolError
from spec2rtl.process.limits import MIB, Limits
from spec2rtl.process.run import Ended, ProcessResult, run
from spec2rtl.process.sandbox import Binds, Sandbox
from spec2rtl.process.scratch import scratch
from spec2rtl.rtl import Design, Diagnostic, Reason, SimulationReport, Testbench, TestResult

_INSTALL = "install it with: pip install 'cocotb>=2.0.1,<3'"
_LIMITED: Mapping[Ended, tuple[Reason, str]] = {
    "timeout": ("timeout", "the simulation does not end within {0.seconds:g} s"),
    "memory": ("memory", "the simulation needs more than {1} MiB of memory"),
    "output_limit": ("output_limit", "the simulation prints more than {2} MiB"),
    "file_size": ("output_limit", "the simulation writes a file of more than {3} MiB"),
}
_STARTED = "Running on Icarus Verilog"
"""What cocotb prints once it has taken over the simulator."""


class Cocotb(Struct, frozen=True):
    """An installed cocotb: how vvp loads it."""

    version: str
    vvp_options: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]


class _Run(Struct, frozen=True):
    """One run of vvp: what became of the process, and the report that it left."""

    process: ProcessResult
    log: str
    xml: str | None
    frozen: Frozen


def find_cocotb() -> Cocotb:
    """Locate the cocotb of this Python without importing it; raises `ToolError`."""
    try:
        found = version("cocotb")
    except PackageNotFoundError:
        raise ToolError(f"cocotb is missing; {_INSTALL}") from None
    spec = importlib.util.find_spec("cocotb")
    if not found.startswith("2.") or spec is None or spec.origin is None:
        raise ToolError(f"cocotb {found} can't be used; {_INSTALL}")
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
            raise ToolError(f"{package}: no simulator module for this Python; {_INSTALL}")
        environment["GPI_USERS"] = f"{libpython};{entry},initialize"
        return Cocotb(found, ("-m", str(modern)), tuple(environment.items()))
    if not (libs / "libcocotbvpi_icarus.vpl").is_file():
        raise ToolError(f"{libs}: no library for Icarus Verilog; {_INSTALL}")
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


async def simulate(
    vvp: str,
    cocotb: Cocotb,
    image: bytes,
    design: Design,
    testbench: Testbench,
    *,
    limits: Limits,
    sandbox: Sandbox,
    seed: int,
) -> SimulationReport:
    """Run the tests; raises `InputError` when the test module itself can't be run.

    vvp's exit status says nothing: only a report that is there, can be read and holds the tests
    that were expected counts. A design that crashes vvp twice the same way has failed.
    """
    top = testbench.top or design.top
    ran = await _run(vvp, cocotb, image, design, testbench, top, limits, sandbox, seed)
    if ran.xml is None and ran.process.ended == "ok" and ran.process.signal:
        again = await _run(vvp, cocotb, image, design, testbench, top, limits, sandbox, seed)
        if again.xml is None and again.process.signal == ran.process.signal:
            return _crashed(again, testbench, sandbox)
        ran = again
    return _judge(ran, testbench, limits, sandbox)


async def _run(
    vvp: str,
    cocotb: Cocotb,
    image: bytes,
    design: Design,
    testbench: Testbench,
    top: str | None,
    limits: Limits,
    sandbox: Sandbox,
    seed: int,
) -> _Run:
    with scratch() as folder:
        tests = folder / "tests"
        tests.mkdir()
        write_all(tests, design.data)
        write_all(tests, testbench.files)
        write(tests, f"{testbench.module.replace('.', '/')}.py", testbench.text.encode())
        (folder / "design.vvp").write_bytes(image)
        results = folder / "results.xml"
        process = await run(
            [vvp, "-n", *cocotb.vvp_options, str(folder / "design.vvp"), "-none"],
            cwd=tests,
            limits=limits,
            env=_environment(cocotb, testbench, top, tests, results, seed),
            sandbox=sandbox,
            binds=Binds(write=(folder,)),
        )
        xml = results.read_text("utf-8", "replace") if results.is_file() else None
    frozen = Frozen(str(tests), testbench)
    log = frozen.in_user_terms(process.stdout + process.stderr)[-LOG_CHARS:]
    return _Run(process, log, xml, frozen)


def _environment(
    cocotb: Cocotb,
    testbench: Testbench,
    top: str | None,
    tests: Path,
    results: Path,
    seed: int,
) -> dict[str, str]:
    environment = {
        **dict(cocotb.environment),
        "COCOTB_TEST_MODULES": testbench.module,
        "COCOTB_RESULTS_FILE": str(results),
        "COCOTB_RANDOM_SEED": str(seed),
        "COCOTB_ANSI_OUTPUT": "0",
        "TOPLEVEL_LANG": "verilog",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(tests), os.environ.get("PYTHONPATH")))),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        # cocotb uses pytest to explain assertions; whatever plugins are installed are no use there
        # and take longer to import than the simulation itself.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    return environment | ({"COCOTB_TOPLEVEL": top} if top else {})


def _judge(ran: _Run, testbench: Testbench, limits: Limits, sandbox: Sandbox) -> SimulationReport:
    seconds, log = ran.process.seconds, ran.log
    base = SimulationReport("errored", "untrusted", seconds=seconds, sandbox=sandbox.name, log=log)
    ended = ran.process.ended
    if ended in _LIMITED:
        reason, text = _LIMITED[ended]
        sizes = (limits.memory // MIB, limits.output // MIB, limits.file_size // MIB)
        message = text.format(limits, *sizes)
        if test := running_test(ran.process.stdout):
            message = f"{test}: {message}"
        fault = _fault(testbench, reason.replace("_", "-"), message)
        return structs.replace(base, status="failed", reason=reason, diagnostics=(fault,))
    if ended == "killed":
        return structs.replace(base, reason="killed")
    if ran.xml is None:
        return _without_report(ran, testbench, base)
    tests = read_results(ran.xml, ran.process.stdout, ran.frozen)
    if tests is None or not set(testbench.tests) <= {test.name for test in tests}:
        return base
    return _scored(tests, testbench, base)


def _scored(
    tests: tuple[TestResult, ...], testbench: Testbench, base: SimulationReport
) -> SimulationReport:
    """All tests that ran must pass, and one must have run."""
    if all(test.status == "skipped" for test in tests):
        raise InputError(f"{testbench.path}: every test is skipped; nothing is tested")
    passed = all(test.status in {"passed", "skipped"} for test in tests)
    return structs.replace(
        base,
        status="passed" if passed else "failed",
        reason="ok" if passed else "test_failed",
        tests=tests,
        diagnostics=diagnostics_of(tests, testbench),
    )


def _without_report(ran: _Run, testbench: Testbench, base: SimulationReport) -> SimulationReport:
    match broken_module(ran.process.stderr, ran.frozen):
        case Broken(file, line, why, design=True):
            fault = Diagnostic(file, line, 1, line, 1, "error", "test-failed", why, "cocotb")
            return structs.replace(
                base, status="failed", reason="test_failed", diagnostics=(fault,)
            )
        case Broken(file, line, why):
            raise InputError(f"{file}:{line}: the tests can't be run: {why}")
        case None:
            pass
    # Without a word from cocotb it was not the tests that failed to report.
    return base if _STARTED in ran.process.stdout else structs.replace(base, reason="tool_broken")


def _crashed(ran: _Run, testbench: Testbench, sandbox: Sandbox) -> SimulationReport:
    message = (
        f"vvp crashes on this design (signal {ran.process.signal}): look for endless recursion"
    )
    return SimulationReport(
        "failed",
        "test_failed",
        (_fault(testbench, "simulator-crash", message),),
        seconds=ran.process.seconds,
        sandbox=sandbox.name,
        log=ran.log,
    )


def _fault(testbench: Testbench, code: str, message: str) -> Diagnostic:
    return Diagnostic(testbench.path, 1, 1, 1, 1, "error", code, message, "cocotb")
