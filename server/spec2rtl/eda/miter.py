"""Two designs side by side, as yosys built them: what they share, and their miter: pure.

A miter gives both the same inputs and says when an output differs. It has one clock, which is no
data, and begins with one cycle of reset; a design that can't be looked at so is not judged.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from spec2rtl.eda.cells import LATCH, Cell, Module, modules_of
from spec2rtl.errors import ToolError

OLD, NEW = "spec2rtl_old", "spec2rtl_new"
"""What the two designs' top modules are called in the miter."""
DIFFERS = "spec2rtl_differs"
_FIRST = "spec2rtl_first"

Level = tuple[str, bool]
"""An input, and whether it is high."""
Inputs = dict[str, int]
"""The value of each input but the clock, in one cycle."""

_REGISTER = re.compile(r"\$(?:dff|dffe|adff|adffe|aldff|aldffe|sdff|sdffe|sdffce|dffsr|dffsre)")
_FOREIGN = (
    (LATCH, "a latch"),
    (re.compile(r"\$tribuf"), "a tri-state driver"),
    (re.compile(r"\$mem.*"), "a memory that yosys can't make of registers"),
    (re.compile(r"\$(?:any|all|initstate|print|check|ff$).*"), "a construct of simulation"),
    (re.compile(r"[^$].*"), "a module without a body"),
)
_PARTIAL = re.compile(r"\$(?:shiftx|div|mod|divfloor|modfloor|pow)")
"""What has no value for some inputs: a bit beyond the last, a division by zero."""
_INVERTING = frozenset(("$not", "$logic_not"))
_ANY = frozenset(("$or", "$logic_or", "$reduce_or", "$reduce_bool"))
_ALL = frozenset(("$and", "$logic_and", "$reduce_and"))
_INPUT = re.compile(r"^input (\d{1,9}) (\d{1,9}) (\S+)$", re.MULTILINE)
"""An input of ABC's circuit: its place there, then the bit and the name in the design."""
_CALLED_RESET = re.compile(r"rst|reset", re.IGNORECASE)


class Pin(Struct, frozen=True, order=True):
    """A port of the top module, with its width in bits."""

    name: str
    direction: str
    width: int


class Shape(Struct, frozen=True):
    """What a design shows: pins, the clock and its edge (high: rising), how registers begin.

    `resets` are the inputs that reset registers, with the number of bits that each resets;
    `loose` the bits without an initial value, each with the resets that set it. `undefined`: values
    can be so where no register is. `delayed`: its source has delays, which yosys drops.
    """

    pins: tuple[Pin, ...]
    clock: Level | None
    resets: Mapping[Level, int]
    loose: tuple[frozenset[Level], ...]
    parameters: frozenset[str] = frozenset()
    undefined: bool = False
    delayed: bool = False


class Pair(Struct, frozen=True):
    """What two designs have in common; `resets` are active in the first cycle."""

    pins: tuple[Pin, ...]
    clock: Level | None
    resets: tuple[Level, ...]
    given: str | None

    @property
    def inputs(self) -> tuple[Pin, ...]:
        """The inputs but the clock."""
        clock = self.clock[0] if self.clock else None
        return tuple(p for p in self.pins if p.direction == "input" and p.name != clock)

    @property
    def outputs(self) -> tuple[Pin, ...]:
        """What is compared."""
        return tuple(p for p in self.pins if p.direction == "output")


class _Unfit(Exception):
    """Why a design can't be in a miter; never leaves this module."""


def shape_of(netlist: str, module: str) -> Shape | str:
    """Read a netlist of one flat module, or say what in it can't be compared.

    Raises `ToolError`.
    """
    try:
        return _Reading(modules_of(netlist)[module]).shape()
    except _Unfit as why:
        return str(why)
    except LookupError as missing:
        raise ToolError(f"what yosys made can't be read: it lacks {missing}") from None


def may_be_undefined(netlist: str) -> bool:
    """Can a value be neither 0 nor 1 in a netlist in which that was not settled yet?"""
    return any(map(_has_undefined, modules_of(netlist).values()))


def _has_undefined(module: Module) -> bool:
    ports, cells = module.ports.values(), module.cells.values()
    driven = {bit for port in ports if port.direction != "output" for bit in port.bits}
    driven = driven.union({"0", "1"}, *(cell.outputs() for cell in cells))
    used = {bit for port in ports if port.direction == "output" for bit in port.bits}
    used = used.union(*((bit for _, bit in cell.inputs()) for cell in cells))
    return not used <= driven or any(_PARTIAL.fullmatch(cell.type) for cell in cells)


def pair_of(old: Shape, new: Shape) -> Pair | str:
    """What the two have in common, or why they can't be compared."""
    if sorted(old.pins) != sorted(new.pins):
        names = sorted({p.name for p in {*old.pins} ^ {*new.pins}})
        return f"the ports differ: {', '.join(names)}"
    clocks = {shape.clock for shape in (old, new) if shape.clock}
    if len(clocks) > 1:
        return "they are clocked otherwise"
    if not any(pin.direction == "output" for pin in old.pins):
        return "there is no output to compare"
    resets = _resets(old, new)
    loose = sum(not sets & {*resets} for shape in (old, new) for sets in shape.loose)
    given = [f"`{name}` is {'high' if high else 'low'} in the first cycle" for name, high in resets]
    given += ["registers that nothing sets before start at 0"] if loose else []
    parameters = ", ".join(f"`{name}`" for name in sorted(old.parameters | new.parameters))
    given += [f"{parameters} as set"] if parameters else []
    given += ["undefined values are not compared"] if old.undefined or new.undefined else []
    given += ["delays are not compared"] if old.delayed or new.delayed else []
    return Pair(old.pins, next(iter(clocks), None), resets, " and ".join(given) or None)


def _resets(old: Shape, new: Shape) -> tuple[Level, ...]:
    """The resets of either that the other doesn't take the other way round."""
    bits = Counter(old.resets) + Counter(new.resets)
    sure = [level for level in bits if (level[0], not level[1]) not in bits]
    called = sorted(level for level in sure if _CALLED_RESET.search(level[0]))
    return tuple(called or sorted(sure, key=lambda level: -bits[level])[:1])


class _Reading:
    """One module, with an index from a bit to what drives it."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._inputs = {
            bit: name
            for name, port in module.ports.items()
            if port.direction == "input" and len(port.bits) == 1
            for bit in port.bits
        }
        self._drivers = {bit: cell for cell in module.cells.values() for bit in cell.outputs()}

    def shape(self) -> Shape:
        module = self._module
        self._refuse_foreign()
        registers = [c for c in module.cells.values() if _REGISTER.fullmatch(c.type)]
        clock = self._clock(registers)
        resets: Counter[Level] = Counter()
        loose: list[frozenset[Level]] = []
        initial = self._initial()
        for register in registers:
            sets = frozenset(self._set_by(register))
            resets.update(dict.fromkeys(sets, len(register.connections["Q"])))
            loose += [sets for bit in register.connections["Q"] if bit not in initial]
        pins = tuple(Pin(n, p.direction, len(p.bits)) for n, p in module.ports.items())
        parameters = frozenset(module.parameter_default_values)
        return Shape(pins, clock, resets, tuple(loose), parameters)

    def _refuse_foreign(self) -> None:
        for name, port in self._module.ports.items():
            if port.direction == "inout":
                raise _Unfit(f"`{name}` is an inout")
        for cell in self._module.cells.values():
            for pattern, what in _FOREIGN:
                if pattern.fullmatch(cell.type):
                    raise _Unfit(f"it has {what}")

    def _clock(self, registers: Sequence[Cell]) -> Level | None:
        clocks = {(c.connections["CLK"][0], _is_set(c, "CLK_POLARITY")) for c in registers}
        if not clocks:
            return None
        if len(clocks) > 1:
            raise _Unfit("it has more than one clock, or uses both edges")
        [(bit, rising)] = clocks
        if bit not in self._inputs:
            raise _Unfit("its clock is not an input")
        name = self._inputs[bit]
        read = any(
            bit == one and not (_REGISTER.fullmatch(cell.type) and port == "CLK")
            for cell in self._module.cells.values()
            for port, one in cell.inputs()
        )
        outputs = (p.bits for p in self._module.ports.values() if p.direction == "output")
        if read or any(bit in bits for bits in outputs):
            raise _Unfit(f"the clock `{name}` is used as data")
        return name, rising

    def _initial(self) -> set[int | str]:
        """The bits with an initial value."""
        return {
            bit
            for net in self._module.netnames.values()
            for bit, value in zip(net.bits, reversed(net.attributes.get("init", "")), strict=False)
            if value in "01"
        }

    def _set_by(self, register: Cell) -> Iterator[Level]:
        """The inputs that reset a register, whatever else happens."""
        ports = ("ARST",) if register.type == "$sdffce" else ("ARST", "SRST")  # its enable is first
        for port in ports:
            for bit in register.connections.get(port, ()):
                yield from self._behind(bit, high=_is_set(register, f"{port}_POLARITY"))

    def _behind(self, bit: int | str, *, high: bool, depth: int = 8) -> Iterator[Level]:
        """The inputs that alone give a bit this level."""
        if bit in self._inputs:
            yield self._inputs[bit], high
            return
        cell = self._drivers.get(bit)
        if cell is None or not depth:
            return
        if cell.type in _INVERTING and len(cell.connections["A"]) == 1:
            yield from self._behind(cell.connections["A"][0], high=not high, depth=depth - 1)
        elif cell.type in (_ANY if high else _ALL):
            for _, one in cell.inputs():
                yield from self._behind(one, high=high, depth=depth - 1)


def _is_set(cell: Cell, parameter: str) -> bool:
    return cell.parameters[parameter].endswith("1")


def miter(pair: Pair) -> str:
    """The module that says when the two differ, to be read together with them."""
    ports = [f"input {_wide(pin)}{_name(pin.name)}" for pin in pair.pins if pin not in pair.outputs]
    lines = [f"module {DIFFERS}({', '.join((*ports, f'output {DIFFERS}'))});"]
    lines += [
        f"wire {_wide(pin)}{_name(OLD + pin.name)}, {_name(NEW + pin.name)};"
        for pin in pair.outputs
    ]
    forced = dict(pair.resets)
    if forced and pair.clock:
        edge = "posedge" if pair.clock[1] else "negedge"
        clock = _name(pair.clock[0])
        lines.append(f"reg {_FIRST} = 1; always @({edge} {clock}) {_FIRST} <= 0;")
    for side in (OLD, NEW):
        lines.append(f"{side} {side}_(")
        lines.append(",\n".join(f".{_name(p.name)}({_fed(p, side, forced)})" for p in pair.pins))
        lines.append(");")
    sides = ["{" + ", ".join(_name(s + p.name) for p in pair.outputs) + "}" for s in (OLD, NEW)]
    shown = f"!{_FIRST} && " if forced else ""
    lines += [f"assign {DIFFERS} = {shown}{' != '.join(sides)};", "endmodule", ""]
    return "\n".join(lines)


def _fed(pin: Pin, side: str, forced: Mapping[str, bool]) -> str:
    """What a port is connected to."""
    if pin.direction == "output":
        return _name(side + pin.name)
    if pin.name in forced:
        return f"{_name(pin.name)} {f'| {_FIRST}' if forced[pin.name] else f'& !{_FIRST}'}"
    return _name(pin.name)


def _name(name: str) -> str:
    return f"\\{name} "


def _wide(pin: Pin) -> str:
    return f"[{pin.width - 1}:0] " if pin.width > 1 else ""


def counterexample(aiger_map: str, cex: str, pair: Pair) -> list[Inputs] | None:
    """The inputs of each cycle by ABC's counterexample; None where it has none."""
    header, *frames = [line for line in cex.splitlines() if not line.startswith("#")] or [""]
    if not frames or set(header) - set("01x"):
        return None
    widths = {pin.name: pin.width for pin in pair.inputs}
    places = [(int(at), int(bit), name) for at, bit, name in _INPUT.findall(aiger_map)]
    found: list[Inputs] = []
    for number, frame in enumerate(frames):
        values = dict.fromkeys(widths, 0)
        for at, bit, name in places:
            if bit < widths.get(name, 0) and frame[at : at + 1] == "1":
                values[name] |= 1 << bit
        if number == 0:
            values |= {name: int(high) for name, high in pair.resets}
        found.append(values)
    return found
