"""What a candidate may call while it is judged: pure."""

import re

from spec2rtl.syntax.lexer import Kind, tokenize

_REACH = re.compile(r"\$[A-Za-z_]\w*|\$(?=`)|``|`include\b|\b(?:force|release)\b")
"""System tasks and functions, ways to make up a name that isn't in the text, and what reaches
through a port: a forced input changes the net that it is connected to."""
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
_WRITERS = re.compile(
    r"\$(?:f(?:open|display|write|strobe|monitor|putc)|writemem)\w*", re.IGNORECASE
)


def reaches_out(text: str) -> str | None:
    """Name the first thing by which RTL could print, end the run, read a file or force a net.

    Only pure system functions are allowed; macros are looked into.
    """
    found = (match[0] for match in _REACH.finditer(_spoken(text)))
    return next((name for name in found if name not in _PURE), None)


def writes_files(text: str) -> str | None:
    """Name the first system task by which RTL could write a file of its own choice."""
    match = _WRITERS.search(_spoken(text))
    return match[0] if match else None


def _spoken(text: str) -> str:
    """The text with blanks for its comments and strings."""
    parts: list[str] = []
    at = 0
    for token in tokenize(text):
        if token.kind in (Kind.COMMENT, Kind.STRING):
            parts += [text[at : token.start], " "]
            at = token.end
    return "".join([*parts, text[at:]])
