"""Trivially wrong designs of an interface: tests that pass on one of them test nothing."""

from collections.abc import Iterator

from msgspec import Struct

from spec2rtl.rtl import Interface, Port
from spec2rtl.spec.header import header
from spec2rtl.spec.model import Clock


class Stub(Struct, frozen=True):
    """A design whose outputs `do` this, whatever the specification says."""

    do: str
    rtl: str


def stubs(interface: Interface, clocks: tuple[Clock, ...]) -> Iterator[Stub]:
    """Stubs of an interface; the one that counts on ignores reset and enable."""
    yield _driven(interface, "stay 0", "0")
    yield _driven(interface, "stay all ones", "~0")
    yield _driven(interface, "stay unknown", "'bx")
    timed = {clock.name for clock in clocks}
    if timed and any(p.direction == "input" and p.name not in timed for p in interface.ports):
        yield _counting(interface, clocks[0])


def _driven(interface: Interface, do: str, value: str) -> Stub:
    lines = [f"    assign {port.name} = {value};" for port in _outputs(interface)]
    return Stub(do, _module(interface, lines))


def _counting(interface: Interface, clock: Clock) -> Stub:
    edge = "negedge" if clock.edge == "falling" else "posedge"
    lines: list[str] = []
    for port in _outputs(interface):
        bounds = f"[{port.msb}:{port.lsb}] " if port.msb is not None else ""
        lines += [
            f"    reg {bounds}{port.name}__count = 0;",
            f"    always @({edge} {clock.name}) {port.name}__count <= {port.name}__count + 1;",
            f"    assign {port.name} = {port.name}__count;",
        ]
    return Stub("count on at every clock edge", _module(interface, lines))


def _outputs(interface: Interface) -> list[Port]:
    return [port for port in interface.ports if port.direction == "output"]


def _module(interface: Interface, lines: list[str]) -> str:
    return "\n".join([header(interface, "verilog"), *lines, "endmodule\n"])
