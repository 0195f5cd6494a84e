"""A netlist as yosys writes it: pure."""

import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct, field

from spec2rtl.errors import ToolError

Bits = list[int | str]
"""Each the number of a net, or a constant: `0`, `1`, `x`, `z`."""
LATCH = re.compile(r"\$(?:a?dlatch(?:sr)?|sr)\b")


class Cell(Struct):
    """A gate, a register or an instance."""

    type: str
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    port_directions: dict[str, str] = field(default_factory=dict[str, str])
    connections: dict[str, Bits] = field(default_factory=dict[str, Bits])

    def inputs(self) -> Iterator[tuple[str, int | str]]:
        """What it takes, by port."""
        for port, bits in self.connections.items():
            if self.port_directions.get(port) != "output":
                yield from ((port, bit) for bit in bits)

    def outputs(self) -> Iterator[int | str]:
        """What it drives."""
        for port, bits in self.connections.items():
            if self.port_directions.get(port) == "output":
                yield from bits


class Port(Struct):
    """A port of a module."""

    direction: str
    bits: Bits


class Net(Struct):
    """A name and the bits that it has, from the index `offset` on."""

    bits: Bits
    offset: int = 0
    attributes: dict[str, str] = field(default_factory=dict[str, str])


class Module(Struct):
    """What a module is made of."""

    ports: dict[str, Port] = field(default_factory=dict[str, Port])
    cells: dict[str, Cell] = field(default_factory=dict[str, Cell])
    netnames: dict[str, Net] = field(default_factory=dict[str, Net])
    parameter_default_values: dict[str, str] = field(default_factory=dict[str, str])


class _Netlist(Struct):
    modules: dict[str, Module] = field(default_factory=dict[str, Module])


def modules_of(netlist: str) -> dict[str, Module]:
    """The modules by name; raises `ToolError` for what was cut off."""
    try:
        return msgspec.json.decode(netlist, type=_Netlist).modules
    except msgspec.MsgspecError as error:
        raise ToolError(f"what yosys made can't be read: {error}") from None
