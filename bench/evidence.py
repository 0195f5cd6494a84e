"""What the explanations of failures cost: nothing where all tests pass."""

import asyncio
from collections.abc import Callable

from bench.eda import RTL, testbench
from bench.measure import Row, compare
from spec2rtl import checks
from spec2rtl.eda.toolchain import IcarusToolchain, Tools, find_tools
from spec2rtl.rtl import Design, SourceFile


def rows() -> list[Row]:
    """Measure everything here."""
    tools = find_tools()
    with asyncio.Runner() as loop:
        ours, theirs = _explaining(tools, loop), _plain(tools, loop)
        return [compare("a passing run, with explanations in place", 1.02, ours, theirs)]


def _explaining(tools: Tools, loop: asyncio.Runner) -> Callable[[], None]:
    """`simulate` as users run it, which looks into failures."""

    async def simulate() -> None:
        result = await checks.simulate(IcarusToolchain(tools), _design(), testbench())
        assert result.status == "passed"

    return lambda: loop.run(simulate())


def _plain(tools: Tools, loop: asyncio.Runner) -> Callable[[], None]:
    """The same simulation, nothing more."""

    async def simulate() -> None:
        toolchain = IcarusToolchain(tools)
        assert (await toolchain.compile(_design())).ok
        assert (await toolchain.simulate(_design(), testbench())).status == "passed"

    return lambda: loop.run(simulate())


def _design() -> Design:
    return Design((SourceFile("/bench/counter.v", RTL),), top="counter")
