"""Verilog and SystemVerilog text as tokens: total, linear, never raises.

It reads what a compiler would refuse (a reply cut in the middle, prose, an open string), so it
knows no grammar and expands no macro: every character is in a token or is blank.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import lru_cache, wraps
from itertools import pairwise
from operator import attrgetter
from threading import Lock
from typing import Concatenate, ParamSpec, TypeVar

from msgspec import Struct

from spec2rtl.syntax.keywords import KEYWORDS

P = ParamSpec("P")
T = TypeVar("T")


class Kind(StrEnum):
    """What a token is."""

    COMMENT = "comment"
    STRING = "string"
    DIRECTIVE = "directive"  # with its arguments: `timescale 1ns/1ps
    MACRO = "macro"  # a use: `WIDTH
    SYSTEM = "system"  # $display
    NUMBER = "number"
    KEYWORD = "keyword"
    NAME = "name"
    OPERATOR = "operator"
    OTHER = "other"


class Token(Struct, frozen=True, gc=False):
    """A token, its offset and its 1-based line.

    There are many, and none can be part of a cycle: the garbage collector is spared them.
    """

    kind: Kind
    text: str
    start: int
    line: int

    @property
    def end(self) -> int:
        """The offset after it."""
        return self.start + len(self.text)


_OPERATORS = """
    <<<= >>>= === !== ==? !=? <<< >>> <<= >>= <-> |-> |=> &&& -> ->> << >> <= >= == != && || ** ++
    -- += -= *= /= %= &= |= ^= ~& ~| ~^ ^~ :: +: -: .* ## @ # ( ) [ ] { } , ; : . = < >
    ? + - * / % & | ^ ~ !
"""

_COMMENT = r"(?P<comment> //[^\n\r]* | /\*(?s:.*?)(?:\*/|\Z) )"
_STRING = r'(?P<string> "(?:[^"\\\n]|\\(?s:.))*+"? )'
_DIRECTIVE = r"""
    (?P<directive> `(?:
          define\b (?:\\\r?\n | (?!//|/\*)[^\n] | /\*(?![^\n]*?\*/)[^\n]*+)*+
        | undef\b [^\n]*
        | (?:timescale|include|default_nettype|line|pragma|begin_keywords|unconnected_drive)\b
          (?:(?!//|/\*)[^\n])*+
        | (?:ifdef|ifndef|elsif)\b [ \t]* [A-Za-z_0-9$]*
        | (?:else|endif|resetall|celldefine|endcelldefine|undefineall|end_keywords
          |nounconnected_drive)\b ) )
"""
_TOKEN = re.compile(
    rf"""
      {_COMMENT}
    | {_STRING}
    | {_DIRECTIVE}
    | (?P<macro> `[A-Za-z_][\w$]* )
    | (?P<system> \$[A-Za-z_][\w$]* )
    | (?P<number> (?:\d[\d_]*+[ \t]*+)?'[sS]?[bBoOdDhH][ \t]*[0-9a-fA-FxXzZ?_]+
        | '[01xXzZ]\b
        | \d[\d_]*+(?:\.\d[\d_]*+)?(?:[eE][+-]?\d[\d_]*+)? )
    | (?P<name> [A-Za-z_][\w$]* | \\[^\s]+ )
    | (?P<operator> """
    + "|".join(re.escape(op) for op in sorted(_OPERATORS.split(), key=len, reverse=True))
    + r""" )
    | (?P<other> \S )
    """,
    re.VERBOSE | re.ASCII,
)
_OPAQUE = re.compile(rf"{_COMMENT} | {_STRING} | {_DIRECTIVE} | \\[^\s]+", re.VERBOSE | re.ASCII)

NOISE = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
"""Strings and comments, for who looks for patterns instead of tokens."""

_KINDS = {kind.value: kind for kind in Kind}
_LARGE = 20_000
"""Characters of a text: one that has fewer is read again in no time."""
_start = attrgetter("start")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def _scan(text: str, first: int, end: int) -> Iterator[Token]:
    line, counted = 1, 0
    for match in _TOKEN.finditer(text, first, end):
        start = match.start()
        line += text.count("\n", counted, start)
        counted = start
        kind = _KINDS[match.lastgroup or "other"]
        lexeme = match[0]
        if kind is Kind.DIRECTIVE:
            lexeme = lexeme.rstrip()
        elif kind is Kind.NAME and lexeme in KEYWORDS:
            kind = Kind.KEYWORD
        yield Token(kind, lexeme, start, line)


def opaque(text: str) -> list[tuple[int, int]]:
    """Where the tokens lie in which a line, or another token, may seem to begin."""
    return [match.span() for match in _OPAQUE.finditer(text)]


def tokens_from(text: str, start: int) -> Iterator[Token]:
    """Yield the tokens behind an offset that is in no token."""
    return _scan(text, start, len(text))


def awaited(read: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
    """Let threads that ask at once of one text wait for the first of them, and find what it read.

    An editor asks four things of every new text.
    """
    turns: dict[str, Lock] = {}

    @wraps(read)
    def reading(text: str, *args: P.args, **more: P.kwargs) -> T:
        with turns.setdefault(text, Lock()):
            try:
                return read(text, *args, **more)
            finally:
                turns.pop(text, None)

    return reading


def last_large(read: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
    """Remember what was read of a text, of the last that takes long: everybody asks of the same.

    Only one, since its tokens are a hundred times as large as it is.
    """
    remembered = awaited(lru_cache(1)(read))

    @wraps(read)
    def reading(text: str, *args: P.args, **more: P.kwargs) -> T:
        return (remembered if len(text) > _LARGE else read)(text, *args, **more)

    return reading


def plain(text: str) -> str:
    """A text with a blank for each string and each comment."""
    return NOISE.sub(" ", text)


@last_large
def tokenize(text: str) -> tuple[Token, ...]:
    """Read a text as tokens; what lies between them is blank."""
    return tuple(_scan(text, 0, len(text)))


def code(text: str, first: int = 0, end: int | None = None) -> list[Token]:
    """Read a text, or what of it lies between two of its tokens, as what a parser would see.

    Those are no comments and no directives.
    """
    found = tokenize(text)
    if first or end is not None:
        at = bisect_left(found, first, key=_start)
        found = found[at : bisect_left(found, len(text) if end is None else end, key=_start)]
    return [t for t in found if t.kind not in (Kind.COMMENT, Kind.DIRECTIVE)]


def brackets(tokens: list[Token]) -> list[int]:
    """Give for each opening bracket the index of its partner, for all else -1.

    A bracket that nothing closes has the index after the last token.
    """
    partners = [-1] * len(tokens)
    pending: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind is not Kind.OPERATOR:
            continue
        if token.text in _CLOSING:
            pending.append(index)
            partners[index] = len(tokens)
        elif pending and token.text == _CLOSING[tokens[pending[-1]].text]:
            partners[pending.pop()] = index
    return partners


def join(tokens: Iterable[Token]) -> str:
    """Write an expression with the least blanks, as a key to compare by and a text to show."""
    parts: list[str] = []
    for token in tokens:
        if parts and _wordy(parts[-1][-1]) and _wordy(token.text[0]):
            parts.append(" ")
        parts.append(token.text)
        if token.text[0] == "\\":  # only a blank ends an escaped identifier
            parts.append(" ")
    return "".join(parts).strip()


def _wordy(char: str) -> bool:
    return char.isalnum() or char in "_$`'"


def has_delays(text: str) -> bool:
    """Does a `#` stand anywhere but where parameters are listed, behind a name?"""
    tokens = code(text)
    return any(
        token.text == "#" and before.kind is not Kind.NAME for before, token in pairwise(tokens)
    )
