"""The value of a condition at a moment of a recording."""

import functools

from spec2rtl.syntax.expression import Values, read
from spec2rtl.syntax.lexer import Token, code


def holds(text: str, values: Values) -> bool | None:
    """Is a condition true? None where it can't be told: a bit is unknown, a construct is not read."""
    term = read(_tokens(text), values)
    own = term and term.own
    return None if own is None else own != 0


@functools.lru_cache(maxsize=512)
def _tokens(text: str) -> list[Token]:
    return code(text)
