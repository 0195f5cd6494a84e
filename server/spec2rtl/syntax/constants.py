"""The value of a constant expression, as far as it takes no elaboration."""

import re
from collections.abc import Callable, Iterable, Mapping

from spec2rtl.rtl import Parameter, Port
from spec2rtl.syntax.lexer import Kind, Token, code

_BIGGEST = 1 << 64
_DEEPEST = 64


def _quotient(a: int, b: int) -> int:
    """Divide as Verilog does, towards zero."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


_BINARY: dict[str, tuple[int, Callable[[int, int], int | None]]] = {
    "||": (1, lambda a, b: int(bool(a or b))),
    "&&": (2, lambda a, b: int(bool(a and b))),
    "|": (3, lambda a, b: a | b),
    "^": (4, lambda a, b: a ^ b),
    "&": (5, lambda a, b: a & b),
    "==": (6, lambda a, b: int(a == b)),
    "!=": (6, lambda a, b: int(a != b)),
    "<": (7, lambda a, b: int(a < b)),
    "<=": (7, lambda a, b: int(a <= b)),
    ">": (7, lambda a, b: int(a > b)),
    ">=": (7, lambda a, b: int(a >= b)),
    "<<": (8, lambda a, b: a << b if 0 <= b <= 64 else None),
    ">>": (8, lambda a, b: a >> b if b >= 0 else None),
    "+": (9, lambda a, b: a + b),
    "-": (9, lambda a, b: a - b),
    "*": (10, lambda a, b: a * b),
    "/": (10, lambda a, b: _quotient(a, b) if b else None),
    "%": (10, lambda a, b: a - b * _quotient(a, b) if b else None),
    "**": (11, lambda a, b: a**b if 0 <= b <= 64 else None),
}
_TERNARY = 0


def evaluate(expression: str, names: Mapping[str, int]) -> int | None:
    """Give the value of an expression of integers and known names, None for anything else."""
    reader = _Reader(code(expression), names)
    value = reader.expression(_TERNARY, 0)
    return value if reader.at == len(reader.tokens) else None


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


class _Reader:
    """Precedence climbing; `None` is a value that can't be told, and stays so."""

    def __init__(self, tokens: list[Token], names: Mapping[str, int]) -> None:
        self.tokens, self.names, self.at = tokens, names, 0

    def _next(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def _take(self, text: str) -> bool:
        taken = self._next() == text
        self.at += taken
        return taken

    def expression(self, weakest: int, depth: int) -> int | None:
        value = self._operand(depth + 1)
        while (operator := _BINARY.get(self._next())) and operator[0] > weakest:
            self.at += 1
            right = self.expression(operator[0], depth + 1)
            known = value is not None and right is not None
            value = _bounded(operator[1](value, right)) if known else None  # type: ignore[arg-type]
        if weakest == _TERNARY and self._take("?"):
            yes = self.expression(_TERNARY, depth + 1)
            no = self.expression(_TERNARY, depth + 1) if self._take(":") else None
            return None if value is None else yes if value else no
        return value

    def _operand(self, depth: int) -> int | None:
        if depth > _DEEPEST or self.at >= len(self.tokens):
            return None
        token = self.tokens[self.at]
        self.at += 1
        if token.text == "(":
            value = self.expression(_TERNARY, depth)
            return value if self._take(")") else None
        if token.text in ("-", "+"):
            value = self._operand(depth + 1)
            return value if value is None or token.text == "+" else -value
        if token.text == "$clog2" and self._next() == "(":
            value = self._operand(depth + 1)
            return None if value is None else max(value - 1, 0).bit_length()
        if token.kind is Kind.NUMBER:
            return _number(token.text)
        return self.names.get(token.text)


def _bounded(value: int | None) -> int | None:
    return value if value is not None and abs(value) < _BIGGEST else None


_LITERAL = re.compile(r"(?:\d[\d_]*)?\s*'[sS]?([bBoOdDhH])\s*([0-9a-fA-F_]+)|(\d[\d_]*)")
_BASES = {"b": 2, "o": 8, "d": 10, "h": 16}


def _number(text: str) -> int | None:
    match = _LITERAL.fullmatch(text)
    if not match or len(text) > 80:
        return None
    if match[3]:
        return _bounded(int(match[3].replace("_", "")))
    try:
        return _bounded(int(match[2].replace("_", ""), _BASES[match[1].lower()]))
    except ValueError:
        return None
