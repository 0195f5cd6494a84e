"""Tables drawn in text: rows of cells between pipes or blanks."""

import re

from msgspec import Struct

from spec2rtl.spec.document import Line
from spec2rtl.spec.prose import plain

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
    return "-" in text and not text.strip("-|:+= \t")


def cells(line: Line) -> Cells:
    """Split a line at its pipes, else at its blanks; empty for a line too long for a table."""
    text = line.text
    if len(text) > _MAX_LINE:
        return Cells(line.number, ())
    if "|" not in text:
        return Cells(line.number, tuple(plain(text).split()))
    inner = text.strip().removeprefix("|").removesuffix("|")
    return Cells(line.number, tuple(plain(cell).strip() for cell in inner.split("|")))


def runs(lines: tuple[Line, ...]) -> list[tuple[Line, ...]]:
    """Split at blank lines and leave out the rules below headers."""
    found: list[list[Line]] = [[]]
    for line in lines:
        if not line.text.strip():
            found.append([])
        elif not is_delimiter(line.text):
            found[-1].append(line)
    return [tuple(run) for run in found if run]
