"""Stubs compile, whatever the interface."""

import pytest

from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.rtl import Design, Interface, Parameter, Port, SourceFile
from spec2rtl.spec.model import Clock
from spec2rtl.testgen.stubs import stubs

CLK, EN = Port("clk", "input"), Port("en", "input")
Q, WIDE = Port("q", "output"), Port("wide", "output", "WIDTH-1", "0", signed=True)


@pytest.mark.parametrize(
    ("interface", "clocks", "count"),
    [
        (Interface("m", (EN, Q)), (), 3),
        (Interface("m", (CLK, EN, Q, WIDE), (Parameter("WIDTH", "80"),)), (Clock("clk"),), 4),
        (Interface("m", (CLK, EN, Q)), (Clock("clk", "falling"),), 4),
        (Interface("m", (CLK, Q)), (Clock("clk"),), 3),
    ],
)
async def test_stubs_compile(interface: Interface, clocks: tuple[Clock, ...], count: int) -> None:
    tools = IcarusToolchain(find_tools())
    found = list(stubs(interface, clocks))
    for stub in found:
        report = await tools.compile(Design((SourceFile("/m.v", stub.rtl),), top="m"))
        assert report.ok, report.diagnostics
    await tools.aclose()
    assert len(found) == len({stub.rtl for stub in found}) == count
