"""What a candidate may call while it is judged: pure."""

import re

from spec2rtl.syntax.lexer import Kind, Token, tokenize

_SYSTEM = re.compile(r"\$[A-Za-z_]\w*|\$(?=`)")
_PURE = frozenset(
    f"${name}"
    for name in [
        "bits",
        "bitstoreal",
        "bitstoshortreal",
        "cast",
        "ceil",
        "clog2",
        "countbits",
        "countones",
        "dimensions",
        "exp",
        "floor",
        "high",
        "hypot",
        "increment",
        "isunbounded",
        "isunknown",
        "itor",
        "left",
        "ln",
        "log10",
        "low",
        "max",
        "min",
        "onehot",
        "onehot0",
        "pow",
        "realtobits",
        "right",
        "rtoi",
        "shortrealtobits",
        "signed",
        "size",
        "sqrt",
        "typename",
        "unpacked_dimensions",
        "unsigned",
    ]
)
"""System functions that compute and do nothing else."""
_STATEMENTS = frozenset(("force", "release"))
"""They reach through a port: a forced input changes the net that it is connected to."""
_WRITERS = re.compile(
    r"\$(?:f(?:open|display|write|strobe|monitor|putc)|writemem)\w*", re.IGNORECASE
)


def reaches_out(text: str) -> str | None:
    """Name the first thing by which RTL could print, end the run, read a file or paste a name.

    Only pure system functions are allowed. Macros are looked into, and what could make up a name
    that is not in the text (token pasting, `include`) is refused with the rest.
    """
    for token in _spoken(tokenize(text)):
        if "``" in token.text:
            return "token pasting"
        if "`include" in token.text:
            return "`include"
        if token.text in _STATEMENTS:
            return token.text
        for name in _SYSTEM.findall(token.text):
            if name not in _PURE:
                return name
    return None


def writes_files(text: str) -> str | None:
    """Name the first system task by which RTL could write a file of its own choice."""
    for token in _spoken(tokenize(text)):
        if match := _WRITERS.search(token.text):
            return match[0]
    return None


def _spoken(tokens: list[Token]) -> list[Token]:
    return [t for t in tokens if t.kind not in (Kind.COMMENT, Kind.STRING)]
