"""By which words RTL reaches out of itself: system tasks, made-up names, forced nets.

Macros are not expanded: what one could make up is told as it stands in the text.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from spec2rtl.syntax.lexer import Kind, Token, tokenize

_REACH = re.compile(
    r"(?P<queue>[\[:][ \t]*\$(?=[ \t]*[\]:+-]))"
    r"|\$[A-Za-z_]\w*|\$|``|`include\b|\b(?:force|release)\b"
)
"""System tasks and functions, ways to make up a name that isn't in the text, and what reaches
through a port: a forced input changes the net that it is connected to. A `$` by itself is the end
of a queue, or becomes a name with what a macro puts behind it."""
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
    yield from _hidden(text)
    for match in _REACH.finditer(spoken(text)):
        if not match["queue"] and match[0] not in _PURE:
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


def _hidden(text: str) -> Iterator[Reach]:
    """Find strings and comments that a compiler may read as code.

    Icarus looks for directives also in the strings of a branch that it leaves out, and overlooks
    what opens behind many a directive.
    """
    before: Token | None = None
    for token in tokenize(text):
        if token.kind in (Kind.DIRECTIVE, Kind.MACRO):
            before = token
        elif token.kind is Kind.STRING:
            if "`" in token.text or "\n" in token.text:
                yield Reach('"', token.start, token.end)
        elif token.kind is Kind.COMMENT and before and token.text.startswith("/*"):
            behind = "\n" not in text[before.end : token.start] or before.text.endswith("\\")
            if behind and "\n" in token.text and not _is_use(text, before):
                yield Reach("/*", token.start, token.end)


def _is_use(text: str, token: Token) -> bool:
    """Is this a macro within a line? One that begins a line may be a directive that we don't know."""
    line = text[text.rfind("\n", 0, token.start) + 1 : token.start]
    return token.kind is Kind.MACRO and bool(line.strip())
