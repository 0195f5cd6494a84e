"""The value of a constant expression, as far as it takes no elaboration."""

from collections.abc import Iterable, Mapping

from spec2rtl.rtl import Parameter, Port
from spec2rtl.syntax.expression import Bits, read
from spec2rtl.syntax.lexer import code

_BIGGEST = 1 << 64
_ROOM = 256
"""Bits that a sum of constants has room in: a tool widens them, too."""


def evaluate(expression: str, names: Mapping[str, int]) -> int | None:
    """Give the value of an expression of integers and known names, None for anything else."""

    def value(name: str) -> Bits | None:
        number = names.get(name)
        return None if number is None else Bits.of(number, _ROOM, signed=True)

    term = read(code(expression), value)
    number = term and term.number(max(term.width, _ROOM), signed=term.signed)
    return number if number is not None and abs(number) < _BIGGEST else None


def parameter_values(parameters: Iterable[Parameter]) -> dict[str, int]:
    """The default of each parameter whose value can be told."""
    values: dict[str, int] = {}
    for parameter in parameters:
        value = evaluate(parameter.default, values) if parameter.default else None
        if value is not None:
            values[parameter.name] = value
    return values


def width(port: Port, names: Mapping[str, int]) -> int | None:
    """How many bits a port has, None when that can't be told."""
    if port.msb is None or port.lsb is None:
        return 1
    msb, lsb = evaluate(port.msb, names), evaluate(port.lsb, names)
    return None if msb is None or lsb is None else abs(msb - lsb) + 1
