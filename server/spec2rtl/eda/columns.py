"""Where on its line a compiler's message points: iverilog names lines only.

Columns count code points from 1 (a tab is one), the end is exclusive.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import islice, takewhile
from typing import NamedTuple

from spec2rtl.syntax.lexer import Kind, Token, opaque, tokenize, tokens_from

_NAMES = frozenset((Kind.NAME, Kind.SYSTEM, Kind.MACRO))
_PORT_CODES = frozenset(("port-not-found", "width-mismatch", "port-output-not-net"))
_LVALUE_CODES = frozenset(("not-an-lvalue", "assign-to-reg", "multiple-drivers"))
_ASSIGNS = frozenset(
    ("=", "<=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "++", "--")
)
_STATEMENT = 400
"""How many tokens of a statement are searched for a name."""

# The scope in which something happened is never the place where it happened.
_SCOPE = re.compile(
    r" (?:found )?in this context.*| in `.*| in [\w.$\[\]]+\.?$| in ``.*", re.MULTILINE
)
_NAME = r"([A-Za-z_$\\][\w$.]*)"
_MENTIONS = re.compile(
    rf"""``?{_NAME}[^'`]*''? | (?<![\w\d])'{_NAME}[^'`]*' | "{_NAME}[^"]*" | <{_NAME}> | `{_NAME}
    | ^{_NAME}\S*[ ](?:is[ ](?:not[ ]a[ ]valid|declared[ ]here)|Unable[ ]to)
    | \({_NAME}\)
    | ^{_NAME}[ ]definition
    | \b(?:module[ ]type|reg|array|net|net/uwire|macro|parameter|function|index|select|vector|access|scope|scope[ ]of
        |variable|module|port|source|destination|kind|type|scalar|real|r-value|l-value
        |Enumeration[ ]name):?[ ]
      {_NAME}
    | \b{_NAME}[ ](?:referenced|has|is|undefined)\b
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)


class Span(NamedTuple):
    """A range of text."""

    line: int
    column: int
    end_line: int
    end_column: int


class Page:
    """A source text, cut into lines and tokens when first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Its tokens, comments among them."""
        return tokenize(self.text)

    @cached_property
    def _opaque(self) -> list[tuple[int, int]]:
        return opaque(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(m.end() for m in re.finditer("\n", self.text))]

    def clamp(self, line: int) -> int:
        """The nearest line that the text has."""
        return max(1, min(line, len(self._starts)))

    def source(self, line: int) -> str:
        """The text of a line."""
        start = self._starts[line - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")

    def tokens_from(self, line: int) -> Iterator[Token]:
        """Yield the tokens that start on a line or below it; what is above is not cut up."""
        start = self._starts[line - 1]
        before = bisect_left(self._opaque, (start, start))
        end = self._opaque[before - 1][1] if before else 0
        return tokens_from(self.text, max(start, end))

    def span(self, start: int, end: int) -> Span:
        """The range between two offsets."""
        first = bisect_right(self._starts, start)
        last = bisect_right(self._starts, max(start, end - 1))
        return Span(
            first, start - self._starts[first - 1] + 1, last, end - self._starts[last - 1] + 1
        )


def locate(page: Page, line: int, message: str, code: str = "") -> Span:
    """Find what a message speaks of: the name in it, else the line without blanks and comments."""
    line = page.clamp(line)
    if code == "include-not-found" and (span := _include(page, line, message)):
        return span
    if code == "unterminated-string" and '"' in page.source(line):
        text = page.source(line)
        return Span(line, text.rindex('"') + 1, line, len(text.rstrip()) + 1)
    for name in mentioned(message):
        if token := _find(page, line, name, code, message):
            return page.span(token.start, token.end)
    return trimmed(page, line)


def mentioned(message: str) -> Iterator[str]:
    """Yield the names that a message speaks of, the likeliest first, without index and path."""
    for match in _MENTIONS.finditer(_SCOPE.sub("", message)):
        name = next(group for group in match.groups() if group)
        yield name.lstrip("\\").split(".")[0]


def trimmed(page: Page, line: int) -> Span:
    """The code of a line; of a line without code what stands there."""
    line = page.clamp(line)
    tokens = [t for t in _on_line(page, line) if t.kind is not Kind.COMMENT]
    if tokens:
        last = tokens[-1]
        return page.span(tokens[0].start, last.start + len(last.text.split("\n", 1)[0].rstrip()))
    text = page.source(line)
    start = len(text) - len(text.lstrip()) + 1
    return Span(line, start, line, max(start, len(text.rstrip()) + 1))


def instantiation(page: Page, module: str) -> Span | None:
    """Where a module is instantiated first."""
    before = ""
    for token in page.tokens:
        if token.kind is Kind.NAME and token.text == module and before not in ("module", "."):
            return page.span(token.start, token.end)
        if token.kind is not Kind.COMMENT:
            before = token.text
    return None


def _on_line(page: Page, line: int) -> list[Token]:
    return list(takewhile(lambda token: token.line == line, page.tokens_from(line)))


def _statement(page: Page, line: int) -> Iterator[Token]:
    """Yield a line's tokens and those after it up to the next semicolon."""
    for token in islice(page.tokens_from(line), _STATEMENT):
        yield token
        if token.text == ";" and token.line != line:
            return


def _find(page: Page, line: int, name: str, code: str, message: str) -> Token | None:
    """Find a name on a line, else in the statement that begins there."""
    if code == "enum-value-overflow":  # iverilog names the line below the enumeration
        above = (t for t in reversed(page.tokens) if t.line <= line and _is(t, name))
        return next(above, None)
    tokens = [t for t in _statement(page, line) if t.kind is not Kind.COMMENT]
    here = [i for i, t in enumerate(tokens) if _is(t, name) and t.line == line]
    hits = here or [i for i, t in enumerate(tokens) if _is(t, name)]
    if not hits:
        return None
    if code in _PORT_CODES:
        best = next((i for i in hits if i and tokens[i - 1].text == "."), hits[0])
    elif code in _LVALUE_CODES:
        best = next((i for i in reversed(hits) if _assigned(tokens, i)), hits[0])
    elif code == "array-index":
        best = next((i for i in hits if not _select(tokens, i)), hits[0])
    elif code == "index-out-of-range":
        best = next((i for i in hits if f"{name}{_select(tokens, i)}" in message), hits[0])
    elif code == "duplicate-declaration":
        best = hits[-1]
    else:
        best = hits[0]
    return tokens[best]


def _is(token: Token, name: str) -> bool:
    return token.kind in _NAMES and token.text.lstrip("\\`") == name


def _select(tokens: list[Token], index: int) -> str:
    """The select right behind a name, as it is written but for blanks."""
    behind = tokens[index + 1 :]
    if not behind or behind[0].text != "[":
        return ""
    return "".join(t.text for t in takewhile(lambda t: t.text != "]", behind)) + "]"


def _assigned(tokens: list[Token], index: int) -> bool:
    """Does an assignment operator follow a name and its selects?"""
    depth = 0
    for token in tokens[index + 1 :]:
        depth += (token.text == "[") - (token.text == "]")
        if depth == 0 and token.text != "]":
            return token.text in _ASSIGNS
    return False


def _include(page: Page, line: int, message: str) -> Span | None:
    """Find the directive of a missing file: iverilog names the line below it."""
    name = message.removeprefix("Include file ").removesuffix(" not found")
    found = [
        t
        for t in page.tokens
        if t.kind is Kind.DIRECTIVE and t.text.startswith("`include") and name in t.text
    ]
    if not found:
        return None
    token = min(found, key=lambda t: abs(line - 1 - t.line))
    return page.span(token.start, token.end)
