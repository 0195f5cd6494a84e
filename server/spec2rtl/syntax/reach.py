"""By which words RTL reaches out of itself: system tasks, made-up names, forced nets."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from spec2rtl.syntax.lexer import Kind, tokenize

_REACH = re.compile(r"\$[A-Za-z_]\w*|\$(?=`)|``|`include\b|\b(?:force|release)\b")
"""System tasks and functions, ways to make up a name that isn't in the text, and what reaches
through a port: a forced input changes the net that it is connected to."""
_PURE = frozenset(
    f"${name}"
    for name in """
    bits bitstoreal bitstoshortreal cast ceil clog2 countbits countones dimensions exp floor high
    hypot increment isunbounded isunknown itor left ln log10 low max min onehot onehot0 pow
    realtobits right rtoi shortrealtobits signed size sqrt typename unpacked_dimensions unsigned
    """.split()  # noqa: SIM905
)
"""System functions that compute and do nothing else."""


class Reach(NamedTuple):
    """A word that reaches out, and its offsets."""

    word: str
    start: int
    end: int


def reaches(text: str) -> Iterator[Reach]:
    """Find what could print, end the run, touch a file or force a net; macros are looked into."""
    for match in _REACH.finditer(spoken(text)):
        if match[0] not in _PURE:
            yield Reach(match[0], match.start(), match.end())


def spoken(text: str) -> str:
    """The text with blanks for its comments and strings; every offset stays."""
    parts: list[str] = []
    at = 0
    for token in tokenize(text):
        if token.kind in (Kind.COMMENT, Kind.STRING):
            parts += [text[at : token.start], " " * len(token.text)]
            at = token.end
    return "".join([*parts, text[at:]])
