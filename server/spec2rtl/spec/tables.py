"""Declarations in tables, whatever the order of their columns."""

import re
from typing import Literal

from msgspec.structs import replace

from spec2rtl.rtl import Direction
from spec2rtl.spec import width
from spec2rtl.spec.declaration import (
    ASSIGNED,
    Declaration,
    declare,
    default_in,
    direction_of,
    is_signed,
    said_direction,
    value_of,
)
from spec2rtl.spec.document import Row, Table
from spec2rtl.spec.model import SpecIssue
from spec2rtl.spec.outline import INTERFACE, Topic
from spec2rtl.spec.prose import plain, unbold

Column = Literal["name", "direction", "width", "description", "default", "type"]

# The first that matches counts; a header cell holds a word or two.
_COLUMNS: tuple[tuple[Column, re.Pattern[str]], ...] = (
    ("direction", re.compile(r"\b(?:direction|dir|i/o|io|in/out|input/output)\b", re.IGNORECASE)),
    ("default", re.compile(r"\bdefaults?\b|^(?:reset )?values?$", re.IGNORECASE)),
    ("width", re.compile(r"\b(?:bit-?)?(?:widths?|size|bits|range|dimensions?)\b", re.IGNORECASE)),
    ("description", re.compile(r"\b(?:description|function|purpose|meaning|notes?|comments?)\b", re.IGNORECASE)),
    ("type", re.compile(r"\btypes?\b|\bmode\b", re.IGNORECASE)),
    ("name", re.compile(r"\b(?:ports?|signals?|pins?|names?|parameters?|inputs?|outputs?)\b", re.IGNORECASE)),
)  # fmt: skip
_DIRECTION_CELL = re.compile(
    r"\W*(?:in|out|inout|input|output|bidirectional|i|o|io|i/o)s?\b", re.IGNORECASE
)
_PARAMETER_CELL = re.compile(r"\W*(?:local)?param", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_]\w*")
_GROUP = re.compile(
    r"^\W*(inputs?|outputs?|inouts?)\b(?:\s+(?:ports?|signals?))?\W*$", re.IGNORECASE
)


def declarations(
    table: Table, topic: Topic
) -> tuple[tuple[Declaration, ...], tuple[SpecIssue, ...]]:
    """Read a table of ports or parameters; a table of something else gives nothing."""
    columns = _columns(table, topic)
    if "name" not in columns or not _is_interface(columns, table, topic):
        return (), ()
    found: list[Declaration] = []
    issues: list[SpecIssue] = []
    parameters = _is_parameters(columns, table, topic)
    group: Direction | None = None
    for row in table.rows:
        cells: dict[Column, str] = {
            column: row.cells[n] if n < len(row.cells) else "" for column, n in columns.items()
        }
        heading = _group(row)
        if heading:
            group = heading
            continue
        declared = _row(cells, row, parameters)
        if declared:
            found += [_with_direction(d, group) for d in declared]
        elif any(cell.strip("- .…") for cell in row.cells):
            message = f"no name can be read in this row of the table: {row.cells[0][:40]!r}"
            issues.append(SpecIssue("table-row-unreadable", message, row.line))
    return tuple(found), tuple(issues)


def _columns(table: Table, topic: Topic) -> dict[Column, int]:
    columns: dict[Column, int] = {}
    for index, cell in enumerate(table.header.cells):
        words = plain(cell)
        for column, pattern in _COLUMNS:
            if pattern.search(words) and column not in columns and len(words.split()) <= 4:
                columns[column] = index
                break
    if "name" not in columns and topic in INTERFACE:
        columns["name"] = 0
    if "direction" not in columns and "type" in columns:
        cells = [
            row.cells[columns["type"]] for row in table.rows if len(row.cells) > columns["type"]
        ]
        if cells and all(_DIRECTION_CELL.match(c) or _PARAMETER_CELL.match(c) for c in cells if c):
            columns["direction"] = columns.pop("type")
    return columns


def _is_parameters(columns: dict[Column, int], table: Table, topic: Topic) -> bool:
    name = plain(table.header.cells[columns["name"]]).lower()
    if "direction" in columns:
        return False
    if "param" in name:
        return True
    return topic == "parameter" or ("default" in columns and topic not in {"input", "output"})


def _is_interface(columns: dict[Column, int], table: Table, topic: Topic) -> bool:
    if topic == "example":
        return False
    if "direction" in columns:
        cells = [row.cells[columns["direction"]] for row in table.rows]
        return any(_DIRECTION_CELL.match(cell) for cell in cells)
    name = plain(table.header.cells[columns["name"]]).lower()
    if "param" in name:
        return True
    known = "width" in columns or "description" in columns or "default" in columns
    if topic in INTERFACE:
        return known
    return "width" in columns and bool(re.search(r"\b(?:port|signal|pin)\b", name))


def _group(row: Row) -> Direction | None:
    """Read a row that only says `Inputs`."""
    filled = [cell for cell in row.cells if cell.strip()]
    found = _GROUP.match(plain(filled[0])) if len(filled) == 1 else None
    return direction_of(found[1]) if found else None


def _with_direction(declaration: Declaration, group: Direction | None) -> Declaration:
    if declaration.direction or not group or declaration.parameter:
        return declaration
    return replace(declaration, direction=group)


def _row(cells: dict[Column, str], row: Row, parameters: bool) -> tuple[Declaration, ...]:
    described = plain(cells.get("description", ""))
    line = row.line
    declared = declare(cells["name"], line, loose=True) or _bare(cells["name"], line)
    direction_cell = plain(cells.get("direction", ""))
    said = direction_of(direction_cell) if _DIRECTION_CELL.match(direction_cell) else None
    parameters = parameters or bool(_PARAMETER_CELL.match(direction_cell))
    # `input [7:0]` and `8-bit signed` stand where the author found a column for them.
    elsewhere = " ".join(cells.get(c, "") for c in ("direction", "type", "width"))
    bounds = _width(cells)
    return tuple(
        Declaration(
            one.name,
            line,
            said or one.direction,
            said_direction(described.split(".")[0]),
            bounds or one.width or width.in_prose(described),
            one.signed or is_signed(described) or _says_signed(elsewhere),
            _default(cells, row, one.name) if parameters else None,
            described,
            coded=True,
            parameter=parameters,
        )
        for one in declared
    )


def _bare(cell: str, line: int) -> tuple[Declaration, ...]:
    """Read a cell that holds nothing but a name, even one that prose would use."""
    names = [part.strip() for part in re.split(r",|/|\band\b", plain(cell))]
    if not all(_NAME.fullmatch(name) for name in names):
        return ()
    return tuple(Declaration(name, line) for name in names)


def _width(cells: dict[Column, str]) -> width.Width | None:
    said = unbold(cells.get("width", ""))
    if said.strip():
        return width.from_cell(said) or width.in_prose(said)
    for column in ("direction", "type"):
        cell = unbold(cells.get(column, ""))
        if found := width.from_range(cell) or width.in_prose(cell):
            return found
    return None


def _says_signed(text: str) -> bool:
    return bool(re.search(r"(?<!un)\bsigned\b", text, re.IGNORECASE))


def _default(cells: dict[Column, str], row: Row, name: str) -> str | None:
    everything = " ; ".join(unbold(cell) for cell in row.cells)
    formula = next((f for f in ASSIGNED.finditer(everything) if f[1] == name), None)
    value = value_of(formula[2].split(". ")[0].strip(" .|")) if formula else None
    if value and re.search(r"(?<!')\b[A-Za-z_]", value):  # derived from other parameters
        return value
    cell = plain(cells.get("default", ""))
    first = re.split(r"\s+\(|\s+bits?\b", cell, maxsplit=1)[0]
    return value_of(first) or default_in(everything, name)
