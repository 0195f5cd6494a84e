"""What our part of an iteration costs, against the bare tools and cocotb's own runner."""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from bench.measure import ROUNDS, Row, compare
from spec2rtl.eda.cocotb import Cocotb
from spec2rtl.eda.toolchain import IcarusToolchain, Tools, find_tools
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.process.sandbox import Sandbox
from spec2rtl.rtl import Design, SourceFile, Testbench

RTL = """\
module counter(input clk, input rst, input en, output reg [3:0] count);
  always @(posedge clk) if (rst) count <= 0; else if (en) count <= count + 1;
endmodule
"""
TESTS = """\
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge


@cocotb.test()
async def counts(dut):
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    dut.en.value = 1
    dut.rst.value = 1
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    for i in range(100):
        assert dut.count.value == i % 16
        await FallingEdge(dut.clk)
"""


def rows() -> list[Row]:
    """Measure everything here."""
    tools = find_tools()
    with workspace() as folder, asyncio.Runner() as loop:
        return _rows(tools, folder, loop)


def _rows(tools: Tools, folder: Path, loop: asyncio.Runner) -> list[Row]:
    return [
        compare(
            "loop overhead of an iteration's tools", 1.10, _check(tools, loop), bare(tools, folder)
        ),
        compare("compile and one cocotb simulation", 0.6, _check(tools, loop), _runner(folder)),
        *_sandboxed(tools, loop),
        _recheck(tools, loop),
    ]


def _sandboxed(tools: Tools, loop: asyncio.Runner) -> Iterator[Row]:
    """The same iteration in the sandbox that works here, if one does, and without."""
    if sandbox := best_sandbox():
        name = f"sandbox ({sandbox.name}) on against off"
        yield compare(name, 1.15, _check(tools, loop, sandbox), _check(tools, loop))


def _check(
    tools: Tools, loop: asyncio.Runner, sandbox: Sandbox | None = None
) -> Callable[[], None]:
    """Compile and simulate afresh: a toolchain of its own has nothing in its cache."""

    def check() -> None:
        loop.run(_checked(IcarusToolchain(tools, sandbox=sandbox)))

    return check


async def _checked(toolchain: IcarusToolchain) -> None:
    assert (await toolchain.compile(design())).ok
    assert (await toolchain.simulate(design(), testbench())).status == "passed"


def bare(tools: Tools, folder: Path) -> Callable[[], None]:
    """The same commands as typed into a shell, output and report read."""
    compile_command = [tools.iverilog, "-g2012", "-c", "options.f", "-s", "counter"]
    simulate_command = [tools.vvp, "-n", *tools.cocotb.vvp_options, "sim.vvp", "-none"]
    environment = os.environ | _cocotb_environment(tools.cocotb, folder)

    def bare() -> None:
        argv = [*compile_command, "-o", "sim.vvp", "counter.v"]
        subprocess.run(argv, cwd=folder, check=True, capture_output=True)
        subprocess.run(
            simulate_command, cwd=folder, env=environment, check=True, capture_output=True
        )
        assert "<failure" not in (folder / "results.xml").read_text()

    return bare


def _cocotb_environment(cocotb: Cocotb, folder: Path) -> dict[str, str]:
    return {
        **dict(cocotb.environment),
        "COCOTB_TOPLEVEL": "counter",
        "COCOTB_TEST_MODULES": "test_counter",
        "COCOTB_RESULTS_FILE": str(folder / "results.xml"),
        "PYTHONPATH": str(folder),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


def _runner(folder: Path) -> Callable[[], None]:
    """cocotb's runner as its documentation shows it: a script that builds and tests.

    pytest's plugins are kept out here too: how many a developer has says nothing of us.
    """
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    script = (
        "from cocotb_tools.runner import get_runner\n"
        "runner = get_runner('icarus')\n"
        "runner.build(sources=['counter.v'], hdl_toplevel='counter', always=True,"
        " timescale=('1ns', '1ps'))\n"
        "runner.test(hdl_toplevel='counter', test_module='test_counter')\n"
    )

    def runner() -> None:
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
        )

    return runner


def _recheck(tools: Tools, loop: asyncio.Runner) -> Row:
    """The second check of a candidate by the toolchain that checked it first."""
    first: list[float] = []
    again: list[float] = []
    for _ in range(ROUNDS // 3):
        toolchain = IcarusToolchain(tools)
        for times in (first, again):
            began = time.perf_counter()
            loop.run(_checked(toolchain))
            times.append(time.perf_counter() - began)
    return Row("re-check of an unchanged candidate", min(again), min(first), 0.05)


def design() -> Design:
    """The measured design."""
    return Design((SourceFile("/bench/counter.v", RTL),), top="counter")


def testbench() -> Testbench:
    """The tests of the measured design."""
    return Testbench("test_counter", "/bench/test_counter.py", TESTS, tests=("counts",))


@contextlib.contextmanager
def workspace() -> Generator[Path]:
    """A folder with the measured design and its tests."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "counter.v").write_text(RTL)
        (folder / "test_counter.py").write_text(TESTS)
        (folder / "options.f").write_text("+timescale+1ns/1ps\n")
        yield folder
