"""The examples' specifications are understood whole, and say what the designs look like."""

from pathlib import Path

import pytest

from spec2rtl.rtl import Interface, Parameter, Port
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse
from spec2rtl.syntax.modules import find_module

EXAMPLES = Path(__file__).parents[2] / "examples"
REFERENCES = Path(__file__).parent / "references"

PortFacts = tuple[str, str, str | None, str | None, bool]


def read(name: str) -> Spec:
    return parse((EXAMPLES / name / f"{name}.spec.md").read_text())


def facts(interface: Interface) -> tuple[list[PortFacts], list[tuple[str, str | None]]]:
    """What counts of an interface: all but places and descriptions."""

    def port(p: Port) -> PortFacts:
        return p.name, p.direction, p.msb, p.lsb, p.signed

    def parameter(p: Parameter) -> tuple[str, str | None]:
        return p.name, p.default

    return [port(p) for p in interface.ports], [parameter(p) for p in interface.parameters]


@pytest.mark.parametrize("reference", sorted(REFERENCES.iterdir()), ids=lambda path: path.stem)
def test_interface_is_that_of_the_reference(reference: Path):
    spec = read(reference.stem)
    module = find_module(reference.read_text(), reference.stem)
    interface = spec.interface(reference.stem)
    assert spec.module == reference.stem
    assert module and interface
    assert facts(interface) == facts(module.interface)
    assert spec.front_matter.language == ("systemverilog" if reference.suffix == ".sv" else None)
    assert spec.issues == ()


@pytest.mark.parametrize(
    ("name", "reset", "active", "synchronous"),
    [
        ("counter", "rst", "high", True),
        ("edge_detector", "rst", "high", True),
        ("arbiter", "rst", "high", True),
        ("fifo", "rst", "high", True),
        ("uart_tx", "rst_n", "low", False),
        ("pwm", "rst", "high", True),
    ],
)
def test_clock_and_reset(name: str, reset: str, active: str, synchronous: bool):
    spec = read(name)
    assert [(c.name, c.edge) for c in spec.clocks] == [("clk", "rising")]
    assert [(r.name, r.active, r.synchronous) for r in spec.resets] == [
        (reset, active, synchronous)
    ]
