"""Tables that Markdown does not know: drawn, in columns, separated by tabs or commas, in HTML."""

import re
from collections.abc import Callable, Iterator
from itertools import zip_longest

from spec2rtl.spec.document import Block, Fence, Item, Line, Row, Table, Text

_PLAIN = frozenset(("", "text", "txt", "plain", "plaintext", "csv", "tsv"))
"""What a fence that holds a table may be called."""
_RULING = re.compile(r"[\s+=|:\u2500-\u257f-]+")
_BAR = re.compile(r"[|\u2502\u2503\u2551]")
_ROW = re.compile(r"<tr\b[^<>]*>", re.IGNORECASE)
_CELL = re.compile(r"<t[hd]\b[^<>]*>", re.IGNORECASE)
_CELL_END = re.compile(r"</t(?:[hdr]|able)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def drawn(block: Block) -> Table | None:
    """Read a block as a table whose first row names its columns, if it is one."""
    if not isinstance(block, Text | Item | Fence):
        return None
    if isinstance(block, Fence) and block.info not in _PLAIN:
        return None
    ruled = [line for line in block.lines if line.text.strip()]
    lines = [line for line in ruled if not _RULING.fullmatch(line.text)]
    ways = [_bars, _tabs]
    if isinstance(block, Fence):
        ways += [_commas, _columns] if block.info == "csv" else [_columns]
    elif ruled != lines:
        ways.append(_columns)
    rows = list(_marked(block.lines)) or _separated(lines, ways)
    return Table(block.depth, rows[0], tuple(rows[1:])) if len(rows) > 1 else None


def _marked(lines: tuple[Line, ...]) -> Iterator[Row]:
    text = "\n".join(line.text for line in lines)
    opened = list(_ROW.finditer(text))
    for row, following in zip_longest(opened, opened[1:]):
        inside = text[row.end() : following.start() if following else len(text)]
        cells = (_CELL_END.split(cell, 1)[0] for cell in _CELL.split(inside)[1:])
        if plain := tuple(" ".join(_TAG.sub("", cell).split()) for cell in cells):
            yield Row(lines[0].number + text.count("\n", 0, row.start()), plain)


def _separated(lines: list[Line], ways: list[Callable[[str], list[str]]]) -> list[Row]:
    """The rows, by the first way that gives all of them as many cells."""
    for way in ways:
        cells = [way(line.text) for line in lines]
        if len({len(row) for row in cells}) == 1 and len(cells[0]) > 1:
            return [
                Row(line.number, tuple(cell.strip() for cell in row))
                for line, row in zip(lines, cells, strict=True)
            ]
    return []


def _bars(text: str) -> list[str]:
    cells = _BAR.split(text.strip())
    outer = len(cells) > 2 and not cells[0] and not cells[-1]
    return cells[1:-1] if outer else cells


def _tabs(text: str) -> list[str]:
    return re.split(r"\t+", text.strip())


def _commas(text: str) -> list[str]:
    return text.split(",")


def _columns(text: str) -> list[str]:
    return re.split(r"\s{2,}", text.strip())
