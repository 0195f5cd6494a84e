"""The value of a condition at a moment of a recording: plain expressions, one bit or many."""

from collections.abc import Callable

from spec2rtl.syntax.constants import evaluate
from spec2rtl.syntax.lexer import Kind, Token, tokenize

Values = Callable[[str], str | None]
"""The bits of a name, None where it has none that are known."""

_Bits = tuple[int, int]
"""A value and its width, to which it is cut only where Verilog does: a wider operand widens both."""

_LEVELS: dict[str, int] = {
    "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "===": 6, "!==": 6, "<": 7,
    "<=": 7, ">": 7, ">=": 7, "<<": 8, ">>": 8, "+": 9, "-": 9, "*": 10,
}  # fmt: skip
_TESTS: dict[str, Callable[[int, int], bool]] = {
    "||": lambda a, b: bool(a or b),
    "&&": lambda a, b: bool(a and b),
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "===": lambda a, b: a == b,
    "!==": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_SUMS: dict[str, Callable[[int, int], int]] = {
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}
_DEEPEST = 50
_FARTHEST = 64
"""Places that bits are shifted at most."""
_INTEGER = 32
_WIDEST = 4096


def holds(text: str, values: Values) -> bool | None:
    """Is a condition true? None where it can't be told: a bit is unknown, a construct is not read."""
    reader = _Reader(tokenize(text), values)
    result = reader.expression(0, 0)
    whole = reader.at == len(reader.tokens)
    return bool(_cut(result)) if result is not None and whole else None


class _Reader:
    """Precedence climbing; None is a value that can't be told, and stays so."""

    def __init__(self, tokens: list[Token], values: Values) -> None:
        self.tokens, self.values, self.at = tokens, values, 0

    def _next(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def _take(self, text: str) -> bool:
        taken = self._next() == text
        self.at += taken
        return taken

    def expression(self, weakest: int, depth: int) -> _Bits | None:
        """Read an expression of operators that bind more strongly than `weakest`."""
        value = self._operand(depth + 1)
        while (level := _LEVELS.get(self._next(), 0)) > weakest:
            operator = self._next()
            self.at += 1
            value = _combined(operator, value, self.expression(level, depth + 1))
        return value

    def _operand(self, depth: int) -> _Bits | None:
        if depth > _DEEPEST or self.at >= len(self.tokens):
            return None
        token = self.tokens[self.at]
        self.at += 1
        if token.text == "(":
            value = self.expression(0, depth)
            return value if self._take(")") else None
        if token.text in ("!", "~", "-", "|", "&", "^"):
            return _unary(token.text, self._operand(depth + 1))
        if token.text == "{":
            return self._concatenated(depth)
        if token.kind is Kind.NUMBER:
            return _number(token.text)
        if token.kind is Kind.NAME:
            bits = self.values(self._path(token.text))
            return self._selected(bits, depth) if self._next() == "[" else _known(bits)
        return None

    def _path(self, name: str) -> str:
        """A name, with those that follow it after dots."""
        while self._next() == "." and self.at + 1 < len(self.tokens):
            name += f".{self.tokens[self.at + 1].text}"
            self.at += 2
        return name

    def _concatenated(self, depth: int) -> _Bits | None:
        whole: _Bits | None = (0, 0)
        while True:
            part = self.expression(0, depth + 1)
            known = whole is not None and part is not None
            whole = (whole[0] << part[1] | _cut(part), whole[1] + part[1]) if known else None  # type: ignore[index]
            if not self._take(","):
                return whole if self._take("}") else None

    def _selected(self, bits: str | None, depth: int) -> _Bits | None:
        """A bit or a part of a vector, whose last bit is taken to be number 0."""
        self.at += 1
        high = self.expression(0, depth + 1)
        low = self.expression(0, depth + 1) if self._take(":") else high
        if not self._take("]") or bits is None or high is None or low is None:
            return None
        first, last = _cut(high), _cut(low)
        if not last <= first < len(bits):
            return None
        return _known(bits[len(bits) - 1 - first : len(bits) - last])


def _known(bits: str | None) -> _Bits | None:
    return (int(bits, 2), len(bits)) if bits and not set(bits) - {"0", "1"} else None


def _number(text: str) -> _Bits | None:
    value = evaluate(text, {})
    size = text.split("'", maxsplit=1)[0].strip() if "'" in text else ""
    width = int(size[:5]) if size.isdecimal() else _INTEGER
    return None if value is None or width > _WIDEST else (value, width)


def _cut(value: _Bits) -> int:
    """What is left of a value in its own width."""
    return value[0] & ((1 << value[1]) - 1)


def _unary(operator: str, value: _Bits | None) -> _Bits | None:
    if value is None:
        return None
    number, width = _cut(value), value[1]
    match operator:
        case "!":
            return int(number == 0), 1
        case "~":
            return ~value[0], width
        case "-":
            return -value[0], width
        case "|":
            return int(number != 0), 1
        case "&":
            return int(number == (1 << width) - 1), 1
        case _:
            return number.bit_count() & 1, 1


def _combined(operator: str, a: _Bits | None, b: _Bits | None) -> _Bits | None:
    known = [v for v in (a, b) if v is not None]
    if operator == "&&" and any(not _cut(v) for v in known):
        return 0, 1
    if operator == "||" and any(_cut(v) for v in known):
        return 1, 1
    if a is None or b is None:
        return None
    width = max(a[1], b[1])
    if operator in ("&&", "||"):
        return int(_TESTS[operator](_cut(a), _cut(b))), 1
    if test := _TESTS.get(operator):
        return int(test(_cut((a[0], width)), _cut((b[0], width)))), 1
    if operator == "<<":
        return (a[0] << _cut(b), a[1]) if _cut(b) <= _FARTHEST else None
    if operator == ">>":  # what it shifts in depends on the whole expression, if `a` was not cut
        return (a[0] >> _cut(b), a[1]) if a[0] == _cut(a) else None
    return _SUMS[operator](a[0], b[0]), width
