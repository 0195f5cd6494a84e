"""Tables of values: truth tables, and waveforms that are written as a table."""

import re
from itertools import pairwise

from msgspec import Struct

from spec2rtl.rtl import Direction, Port
from spec2rtl.spec.document import Line
from spec2rtl.spec.exact.grid import Cells, Grid, cells, is_value
from spec2rtl.spec.model import Exact

_TIME = re.compile(r"(?:time|t)\b|(?:clock |clk )?(?:cycles?|ticks?)\b|clock edge\b", re.IGNORECASE)
_TIME_VALUE = re.compile(r"\d+(?:\.\d+)?\s?[munp]?s", re.IGNORECASE)
_REST = re.compile(
    r"(?:anything|all|any|everything)\b.*|others?|default|else|otherwise", re.IGNORECASE
)
_CLOCK = re.compile(r"(?:^|_)(?:clk|clock)", re.IGNORECASE)
_SIGNAL = re.compile(r"([A-Za-z_]\w*)\s*(\[[^\]]{1,20}\])?")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")
_WHEN = {("0", "1"): "rising", ("1", "0"): "falling"}
_UNKNOWN = frozenset("xXzZ-?")


class _Column(Struct, frozen=True):
    """A column of a table: the name to show, the port it belongs to, its width if plain."""

    name: str
    direction: Direction | None = None
    bits: int | None = None


def find(run: tuple[Line, ...], known: dict[str, Port]) -> Exact | None:
    """Read the table of values with which a run begins.

    `known` are the ports by their names in lower case: headers are written freely.
    """
    grid = _grid(run, known)
    if grid is None:
        return None
    columns = tuple(_column(cell, known) for cell in grid.header.cells)
    table = _Table(grid, columns)
    first = grid.header.cells[0]
    if _TIME.match(first) or all(_TIME_VALUE.fullmatch(r.cells[0]) for r in grid.rows):
        return Exact("waveform", table.waveform(), grid.header.line, grid.end_line)
    if not 0 < len(table.outputs) < len(columns):
        return None
    text = "\n".join(table.assignment(row.cells) for row in grid.rows)
    return Exact("truth_table", text, grid.header.line, grid.end_line)


def _column(cell: str, ports: dict[str, Port]) -> _Column:
    found = _SIGNAL.search(cell)
    port = ports.get(found[1].lower()) if found else None
    if found is None or port is None:
        return _Column(cell)
    index = found[2] if found[2] and ":" not in found[2] else ""
    bits = 1 if port.msb is None or index else None
    if port.msb is not None and not index and port.msb.isdigit() and port.lsb == "0":
        bits = int(port.msb) + 1
    return _Column(port.name + index, port.direction, bits)


def _grid(run: tuple[Line, ...], known: dict[str, Port]) -> Grid | None:
    """Take the longest table that begins with the run's first line."""
    if len(run) < 3:
        return None
    header = cells(run[0])
    width = len(header.cells)
    if width < 2 or all(is_value(cell) for cell in header.cells) or not all(header.cells):
        return None
    # A table of two columns may say in words what an input's value means.
    key = _SIGNAL.search(header.cells[0])
    port = known.get(key[1].lower()) if key else None
    mapping = width == 2 and port is not None and port.direction == "input"
    rows: list[Cells] = []
    for line in run[1:]:
        row = cells(line)
        values = row.cells[:1] if mapping else row.cells
        if len(row.cells) != width or not all(is_value(v) or _REST.fullmatch(v) for v in values):
            break
        rows.append(row)
    readable = len(rows) >= 2 and ("|" not in run[0].text or len(rows) == len(run) - 1)
    return Grid(header, tuple(rows)) if readable else None


class _Table:
    """A table of values with its columns told apart."""

    def __init__(self, grid: Grid, columns: tuple[_Column, ...]) -> None:
        self._rows = tuple(row.cells for row in grid.rows)
        self._columns = columns
        bare = [v for row in self._rows for v in row[1:] if _HEXADECIMAL.fullmatch(v)]
        self._hexadecimal = any(not v.isdigit() for v in bare)
        known = {n for n, c in enumerate(columns) if c.direction == "output"}
        # Where no column is an output port, the last is what the others lead to.
        last = len(columns) - 1
        spare = {last} if columns[last].direction is None else set[int]()
        self.outputs = known or spare

    def _value(self, column: _Column, value: str) -> str:
        """Write `2c` as `8'h2c` where the table is hexadecimal."""
        if self._hexadecimal and column.bits != 1 and _HEXADECIMAL.fullmatch(value):
            return f"{column.bits or ''}'h{value}"
        return value

    def assignment(self, row: tuple[str, ...], start: int = 0) -> str:
        """Write a row as `inputs -> outputs`, beginning with the column `start`."""
        inputs: list[str] = []
        outputs: list[str] = []
        for number in range(start, len(row)):
            column = self._columns[number]
            pair = f"{column.name}={self._value(column, row[number])}"
            (outputs if number in self.outputs else inputs).append(pair)
        return " -> ".join(" ".join(side) for side in (inputs, outputs) if side)

    def waveform(self) -> str:
        """Write values over time, and when the outputs change."""
        clock = next((n for n, c in enumerate(self._columns) if n and _CLOCK.search(c.name)), None)
        if clock is None and _TIME_VALUE.fullmatch(self._rows[0][0]):
            return self._combinational()
        if clock is None:
            return self._over_time()
        changes = [self._changes(n, clock) for n in sorted(self.outputs)]
        return "\n".join([self._over_time(), *changes])

    def _over_time(self) -> str:
        time = self._columns[0].name
        return "\n".join(f"{time} {row[0]}: {self.assignment(row, 1)}" for row in self._rows)

    def _combinational(self) -> str:
        """State each combination of inputs once, in counting order."""
        seen: dict[tuple[str, ...], tuple[str, ...]] = {}
        for row in self._rows:
            inputs = tuple(v for n, v in enumerate(row) if n and n not in self.outputs)
            if all(value in _UNKNOWN for value in inputs):
                continue
            if seen.setdefault(inputs, row)[1:] != row[1:]:
                note = "the same inputs give different outputs: the circuit has a state"
                return f"{self._over_time()}\n{note}"
        ordered = sorted(seen) if all(len(v) == 1 for key in seen for v in key) else list(seen)
        return "\n".join(self.assignment(seen[key], 1) for key in ordered)

    def _changes(self, output: int, clock: int) -> str:
        """Say at which edges of the clock an output changes."""
        name = self._columns[clock].name
        counts: dict[str, int] = {}
        for before, after in pairwise(self._rows):
            if before[output] != after[output]:
                when = _WHEN.get((before[clock], after[clock]))
                told = (
                    f"at a {when} edge of {name}" if when else f"while {name} stays {after[clock]}"
                )
                counts[told] = counts.get(told, 0) + 1
        summary = ", ".join(f"{n}x {told}" for told, n in sorted(counts.items(), reverse=True))
        return f"{self._columns[output].name} changes: {summary or 'never'}"
