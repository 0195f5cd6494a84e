"""Expressions of Verilog on values that are known, in the widths and signs that the language gives.

An operand takes on the width and the sign of the whole that it is a part of (IEEE 1800, 11.6 to
11.8). What can't be told is None, and stays so.
"""

from collections.abc import Callable

from msgspec import Struct

from spec2rtl.syntax.lexer import Kind, Token

_DEEPEST = 60
_LONGEST = 120
"""Operators in a row of those whose operands take the width of the whole."""
_INTEGER = 32
_WIDEST = 4096

_LEVELS: dict[str, int] = {
    "||": 1, "&&": 2, "|": 3, "^": 4, "~^": 4, "^~": 4, "&": 5, "==": 6, "!=": 6, "===": 6,
    "!==": 6, "<": 7, "<=": 7, ">": 7, ">=": 7, "<<": 8, ">>": 8, "<<<": 8, ">>>": 8, "+": 9,
    "-": 9, "*": 10, "/": 10, "%": 10, "**": 11,
}  # fmt: skip
_TESTS: dict[str, Callable[[int, int], int]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "===": lambda a, b: a == b,
    "!==": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_SUMS: dict[str, Callable[[int, int], int | None]] = {
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "~^": lambda a, b: ~(a ^ b),
    "^~": lambda a, b: ~(a ^ b),
    "&": lambda a, b: a & b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: _quotient(a, b) if b else None,
    "%": lambda a, b: a - b * _quotient(a, b) if b else None,
}
_REDUCTIONS: dict[str, Callable[[int, int], bool]] = {
    "!": lambda a, _: a == 0,
    "|": lambda a, _: a != 0,
    "~|": lambda a, _: a == 0,
    "&": lambda a, width: a == _ones(width),
    "~&": lambda a, width: a != _ones(width),
    "^": lambda a, _: a.bit_count() % 2 == 1,
    "~^": lambda a, _: a.bit_count() % 2 == 0,
    "^~": lambda a, _: a.bit_count() % 2 == 0,
}
_CHANGES: dict[str, Callable[[int], int]] = {"~": lambda a: ~a, "-": lambda a: -a, "+": lambda a: a}


def _quotient(a: int, b: int) -> int:
    """Divide as Verilog does, towards zero."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _ones(width: int) -> int:
    return (1 << width) - 1


def _of(function: Callable[[int], int], number: int | None) -> int | None:
    return None if number is None else function(number)


def _of_both(
    function: Callable[[int, int], int | None], a: int | None, b: int | None
) -> int | None:
    return None if a is None or b is None else function(a, b)


class Form(Struct, frozen=True):
    """How a name's bits are read: as a number with a sign?

    `last` is the number of its last bit, None where they don't count down to it one by one.
    """

    signed: bool = False
    last: int | None = 0


PLAIN = Form()


class Bits(Struct, frozen=True):
    """A value, the most significant bit first, each of them `0`, `1`, `x` or `z`."""

    text: str
    form: Form = PLAIN

    @staticmethod
    def of(number: int, width: int, *, signed: bool = False) -> "Bits":
        """A number in so many bits."""
        return Bits(f"{number & _ones(width):0{width}b}", Form(signed))


Values = Callable[[str], Bits | None]
"""The value of a name, None where nothing is known of it."""


class Term(Struct, frozen=True):
    """A part of an expression: its own width and sign, and its bits in a whole of others."""

    width: int
    signed: bool
    within: Callable[[int, bool], int | None]
    length: int = 0

    def number(self, width: int, *, signed: bool) -> int | None:
        """Its value in a whole of so many bits."""
        bits = self.within(width, signed)
        return bits - (1 << width) if bits and signed and bits >> (width - 1) else bits

    @property
    def own(self) -> int | None:
        """Its bits where it stands alone."""
        return self.within(self.width, self.signed)


def read(tokens: list[Token], values: Values) -> Term | None:
    """Read tokens that are one expression."""
    reader = _Reader(tokens, values)
    term = reader.expression(0, 0)
    return term if reader.at == len(tokens) else None


def _leaf(bits: int | None, width: int, *, signed: bool = False) -> Term | None:
    """What has a width of its own, whatever it is a part of."""

    def within(wide: int, by_sign: bool) -> int | None:
        if bits is None or not by_sign or not bits >> (width - 1):
            return bits
        return bits | _ones(wide) ^ _ones(width)

    return Term(width, signed, within) if 0 < width <= _WIDEST else None


class _Reader:
    """Precedence climbing."""

    def __init__(self, tokens: list[Token], values: Values) -> None:
        self.tokens, self.values, self.at = tokens, values, 0

    def _next(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def _take(self, text: str) -> bool:
        taken = self._next() == text
        self.at += taken
        return taken

    def expression(self, weakest: int, depth: int) -> Term | None:
        """Read an expression of operators that bind more strongly than `weakest`."""
        term = self._operand(depth + 1)
        while (level := _LEVELS.get(self._next(), 0)) > weakest:
            operator = self._next()
            self.at += 1
            term = _binary(operator, term, self.expression(level, depth + 1))
        if weakest == 0 and self._take("?"):
            yes = self.expression(0, depth + 1)
            return _chosen(term, yes, self.expression(0, depth + 1) if self._take(":") else None)
        return term

    def _operand(self, depth: int) -> Term | None:
        if depth > _DEEPEST or self.at >= len(self.tokens):
            return None
        token = self.tokens[self.at]
        self.at += 1
        if token.text == "(":
            term = self.expression(0, depth)
            return term if self._take(")") else None
        if token.text == "{":
            return self._concatenated(depth)
        if token.text in _REDUCTIONS or token.text in _CHANGES:
            return _unary(token.text, self._operand(depth + 1))
        match token.kind:
            case Kind.NUMBER:
                return _number(token.text)
            case Kind.SYSTEM if self._next() == "(":
                return _called(token.text, self._operand(depth + 1))
            case Kind.NAME:
                bits = self.values(self._path(token.text))
                return self._selected(bits, depth) if self._next() == "[" else _known(bits)
            case _:
                return None

    def _path(self, name: str) -> str:
        """A name, with those that follow it after dots."""
        while self._next() == "." and self.at + 1 < len(self.tokens):
            name += f".{self.tokens[self.at + 1].text}"
            self.at += 2
        return name

    def _concatenated(self, depth: int) -> Term | None:
        parts = [self.expression(0, depth + 1)]
        while self._take(","):
            parts.append(self.expression(0, depth + 1))
        return _joined(parts) if self._take("}") else None

    def _selected(self, bits: Bits | None, depth: int) -> Term | None:
        """A bit or a part of a vector."""
        self.at += 1
        left, between = self.expression(0, depth + 1), self._next()
        right = None
        if between in (":", "+:", "-:"):
            self.at += 1
            right = self.expression(0, depth + 1)
        if not self._take("]") or bits is None or bits.form.last is None or left is None:
            return None
        first, second = left.own, right.own if right else 0
        if first is None or second is None or (right is None) != (between == "]"):
            return None
        ends = {"]": (first, first), ":": (first, second), "+:": (first + second - 1, first)}
        high, low = ends.get(between, (first, first - second + 1))
        start, stop = (len(bits.text) + bits.form.last - end for end in (high + 1, low))
        return _known(Bits(bits.text[start:stop])) if 0 <= start < stop <= len(bits.text) else None


def _known(bits: Bits | None) -> Term | None:
    if bits is None:
        return None
    number = None if set(bits.text) - {"0", "1"} or not bits.text else int(bits.text, 2)
    return _leaf(number, len(bits.text), signed=bits.form.signed)


def _number(text: str) -> Term | None:
    """A literal; an unsized one has 32 bits, or as many as it takes."""
    size, tick, rest = text.replace("_", "").partition("'")
    if len(text) > 80:
        return None
    if not tick:
        number = int(size) if size.isdecimal() else None  # a real one is not read
        return number if number is None else _leaf(number, _room(number + 1), signed=True)
    if rest in ("0", "1"):
        return Term(1, False, lambda wide, _: _ones(wide) if rest == "1" else 0)
    signed = rest[0] in "sS"
    base, digits = rest[signed].lower(), rest[signed + 1 :].strip()
    try:
        number = int(digits, {"b": 2, "o": 8, "d": 10}.get(base, 16))
    except ValueError:  # an unknown digit, or one that the base does not have
        number = None
    width = int(size) if size.strip() else _room(number or 0)
    if not 0 < width <= _WIDEST:
        return None
    return _leaf(None if number is None else number & _ones(width), width, signed=signed)


def _room(number: int) -> int:
    return max(_INTEGER, number.bit_length())


def _called(function: str, term: Term | None) -> Term | None:
    if term is None:
        return None
    match function:
        case "$signed" | "$unsigned":
            return _leaf(term.own, term.width, signed=function == "$signed")
        case "$clog2":
            needed = _of(lambda number: max(number - 1, 0).bit_length(), term.own)
            return _leaf(needed, _INTEGER, signed=True)
        case _:
            return None


def _unary(operator: str, term: Term | None) -> Term | None:
    if term is None:
        return None
    if reduced := _REDUCTIONS.get(operator):
        return _leaf(_of(lambda bits: int(reduced(bits, term.width)), term.own), 1)
    change = _CHANGES[operator]

    def within(wide: int, by_sign: bool) -> int | None:
        return _of(lambda bits: change(bits) & _ones(wide), term.within(wide, by_sign))

    return _composed(term.width, term.signed, within, term)


def _binary(operator: str, a: Term | None, b: Term | None) -> Term | None:
    if operator in ("&&", "||"):
        return _logical(a, b, deciding=operator == "||")
    if a is None or b is None:
        return None
    width, signed = max(a.width, b.width), a.signed and b.signed
    if test := _TESTS.get(operator):
        left, right = (term.number(width, signed=signed) for term in (a, b))
        return _leaf(_of_both(test, left, right), 1)
    if operator in ("<<", ">>", "<<<", ">>>", "**"):
        return _moved(operator, a, b)
    add = _SUMS[operator]

    def within(wide: int, by_sign: bool) -> int | None:
        left, right = (term.number(wide, signed=by_sign) for term in (a, b))
        return _of(lambda number: number & _ones(wide), _of_both(add, left, right))

    return _composed(width, signed, within, a, b)


def _logical(a: Term | None, b: Term | None, *, deciding: bool) -> Term | None:
    """One side is enough where it decides."""
    told = [None if term is None or term.own is None else term.own != 0 for term in (a, b)]
    if deciding in told:
        return _leaf(int(deciding), 1)
    return None if None in told else _leaf(int(not deciding), 1)


def _moved(operator: str, a: Term, b: Term) -> Term | None:
    """A shift or a power: the right side stands alone."""
    by = b.number(b.width, signed=b.signed and operator == "**")

    def within(wide: int, by_sign: bool) -> int | None:
        kept = operator in (">>>", "**")
        number = a.number(wide, signed=True) if by_sign and kept else a.within(wide, by_sign)
        if number is None or by is None or by < 0:
            return None
        if operator == "**":
            return pow(number, by, 1 << wide)
        least = min(by, wide)
        return (number << least if operator in ("<<", "<<<") else number >> least) & _ones(wide)

    return _composed(a.width, a.signed, within, a)


def _chosen(test: Term | None, yes: Term | None, no: Term | None) -> Term | None:
    if test is None or yes is None or no is None:
        return None
    own = test.own

    def within(wide: int, by_sign: bool) -> int | None:
        return None if own is None else (yes if own else no).within(wide, by_sign)

    return _composed(max(yes.width, no.width), yes.signed and no.signed, within, yes, no)


def _joined(parts: list[Term | None]) -> Term | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    texts = ["x" if (own := part.own) is None else f"{own:0{part.width}b}" for part in known]
    whole = "".join(texts)
    return _leaf(None if "x" in whole else int(whole, 2), sum(part.width for part in known))


def _composed(
    width: int, signed: bool, within: Callable[[int, bool], int | None], *parts: Term
) -> Term | None:
    length = max(part.length for part in parts) + 1
    return Term(width, signed, within, length) if length <= _LONGEST else None
