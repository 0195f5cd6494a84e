"""What the explanations of failures cost: nothing where all tests pass."""

import asyncio
from collections.abc import Callable

from bench.eda import design, testbench
from bench.measure import Row, compare
from spec2rtl import checks
from spec2rtl.eda.toolchain import IcarusToolchain, Tools, find_tools


def rows() -> list[Row]:
    """Measure everything here."""
    tools = find_tools()
    with asyncio.Runner() as loop:
        ours, theirs = _explaining(tools, loop), _plain(tools, loop)
        return [compare("a passing run, with explanations in place", 1.02, ours, theirs)]


def _explaining(tools: Tools, loop: asyncio.Runner) -> Callable[[], None]:
    """`simulate` as users run it, which looks into failures."""

    async def simulate() -> None:
        result = await checks.simulate(IcarusToolchain(tools), design(), testbench())
        assert result.status == "passed"

    return lambda: loop.run(simulate())


def _plain(tools: Tools, loop: asyncio.Runner) -> Callable[[], None]:
    """The same simulation, nothing more."""

    async def simulate() -> None:
        toolchain = IcarusToolchain(tools)
        assert (await toolchain.compile(design())).ok
        assert (await toolchain.simulate(design(), testbench())).status == "passed"

    return lambda: loop.run(simulate())
