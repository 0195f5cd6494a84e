"""Tables drawn in text: rows of cells between pipes or blanks."""

import re

from msgspec import Struct

from spec2rtl.spec.document import Line
from spec2rtl.spec.prose import plain

_DELIMITER = re.compile(r"[\s|:+=-]*-[\s|:+=-]*")
_MAX_LINE = 400
_VALUE = re.compile(
    r"[01xXzZdD?-]|-?\d+(?:\.\d+)?\s?(?:[munp]?s)?|\d*'[sS]?[bBdDhHoO][0-9a-fA-FxXzZ_?]+"
    r"|0[xXbB][0-9a-fA-F_]+|[0-9a-fA-FxXzZ_]+"
)


class Cells(Struct, frozen=True):
    """A line's cells."""

    line: int
    cells: tuple[str, ...]


class Grid(Struct, frozen=True):
    """A header and the rows below it, all of the same length."""

    header: Cells
    rows: tuple[Cells, ...]

    @property
    def end_line(self) -> int:
        """Number of the last row's line."""
        return self.rows[-1].line


def is_value(cell: str) -> bool:
    """Is a cell a number, a logic value or a time?"""
    return bool(_VALUE.fullmatch(cell))


def is_delimiter(text: str) -> bool:
    """Does a line only draw the rule below a header?"""
    return bool(_DELIMITER.fullmatch(text))


def cells(line: Line) -> Cells:
    """Split a line at its pipes, else at its blanks; empty for a line too long for a table."""
    text = line.text
    if len(text) > _MAX_LINE:
        return Cells(line.number, ())
    if "|" not in text:
        return Cells(line.number, tuple(plain(text).split()))
    inner = text.strip().removeprefix("|").removesuffix("|")
    return Cells(line.number, tuple(plain(cell).strip() for cell in inner.split("|")))


def run(lines: tuple[Line, ...], start: int) -> tuple[Line, ...]:
    """Take the lines from `start` up to the next blank one, rules left out."""
    end = start
    while end < len(lines) and lines[end].text.strip():
        end += 1
    return tuple(line for line in lines[start:end] if not is_delimiter(line.text))
