"""Specs that stand in the comments of Verilog files."""

import re
from collections.abc import Iterator

from msgspec import Struct

from spec2rtl.rtl import split_lines

# Strings and escaped identifiers are matched so that what looks like a comment in them is not.
_TOKEN = re.compile(
    r'"(?:\\.|[^"\\\n])*"?|\\\S+|(?P<block>/\*.*?(?:\*/|\Z))|(?P<line>//[^\n]*)', re.DOTALL
)
_MARK = re.compile(r"\s*spec\s*:[ \t]*", re.IGNORECASE)
_REGION = re.compile(r"\s*spec2rtl: (?:begin|end) ")
"""What stands around generated RTL is part of no other comment."""
_STAR = re.compile(r"^[ \t]*\*(?!\*)[ \t]?")


class SpecComment(Struct, frozen=True):
    """A comment's text without its markers, one line for each line of the source.

    `marked`: it begins with `spec:`, which `text` leaves out.
    """

    text: str
    line: int
    end_line: int
    marked: bool


class _Piece(Struct, frozen=True):
    """A `/* */` comment or one `//` line; `alone`: no code stands before it."""

    lines: tuple[str, ...]
    line: int
    block: bool
    alone: bool


def spec_comments(text: str) -> tuple[SpecComment, ...]:
    """Find the comments that begin with `spec:`."""
    return tuple(comment for comment in _comments(text) if comment.marked)


def comment_at(text: str, line: int) -> SpecComment | None:
    """Find the comment that covers a 1-based line."""
    for comment in _comments(text):
        if comment.line <= line <= comment.end_line:
            return comment
    return None


def _comments(text: str) -> Iterator[SpecComment]:
    """Join `//` lines that stand below one another; `spec:` begins a new comment."""
    run: list[_Piece] = []
    for piece in _pieces("\n".join(split_lines(text))):
        if run and not _continues(run[-1], piece):
            yield _comment(run)
            run = []
        run.append(piece)
    if run:
        yield _comment(run)


def _continues(last: _Piece, piece: _Piece) -> bool:
    if last.block or piece.block or not piece.alone:
        return False
    if any(_REGION.match(one.lines[0]) for one in (last, piece)):
        return False
    return piece.line == last.line + 1 and last.alone and not _MARK.match(piece.lines[0])


def _pieces(text: str) -> Iterator[_Piece]:
    line, position, start = 1, 0, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", position, found.start())
        start = max(start, text.rfind("\n", position, found.start()) + 1)
        position = found.start()
        if found["block"] is None and found["line"] is None:
            continue
        alone = not text[start:position].strip()
        if found["line"] is not None:
            # A third slash is doxygen's.
            body = found["line"][2:].removeprefix("/").removeprefix(" ")
            yield _Piece((body,), line, block=False, alone=alone)
        else:
            yield _Piece(_block(found["block"]), line, block=True, alone=alone)


def _block(comment: str) -> tuple[str, ...]:
    inner = comment[2:].removesuffix("*/").removeprefix("*")
    first, *rest = inner.split("\n")
    starred = all(_STAR.match(line) for line in rest[:-1] if line.strip()) and bool(rest[:-1])
    if starred:
        rest = [_STAR.sub("", line) for line in rest]
    return (first.removeprefix(" "), *rest)


def _comment(run: list[_Piece]) -> SpecComment:
    lines = [line.rstrip() for piece in run for line in piece.lines]
    first = next((n for n, line in enumerate(lines) if line), 0)
    mark = _MARK.match(lines[first])
    if mark:
        lines[first] = lines[first][mark.end() :]
    start = run[0].line
    return SpecComment("\n".join(lines), start, start + len(lines) - 1, mark is not None)
