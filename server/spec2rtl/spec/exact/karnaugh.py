"""Karnaugh maps, read by their labels: the order of rows and columns is the author's."""

import re
from itertools import product

from msgspec import Struct

from spec2rtl.rtl import Port
from spec2rtl.spec.document import Line
from spec2rtl.spec.exact.grid import cells, is_delimiter
from spec2rtl.spec.model import Exact
from spec2rtl.spec.prose import plain

_BINARY = re.compile(r"[01]{1,3}")
_CELL = re.compile(r"[01xXdD?*-]")
_INDEXED = re.compile(r"[A-Za-z_]\w*\s*\[\d+\]|[A-Za-z_]\w*")
_SLICE = re.compile(r"([A-Za-z_]\w*)\s*\[(\d{1,2}):(\d{1,2})\]")
_LETTERS = re.compile(r"[A-Za-z]\d*")
_MOST_LINES = 16  # eight rows and the rules between them
_SPLIT = re.compile(r"[\\/|]")


class _Labels(Struct, frozen=True):
    """The row of column labels, and what stands before it in the same line."""

    before: str
    columns: tuple[str, ...]


class _Map(Struct, frozen=True):
    """A map's cells by row label, its column labels, and the variables of both."""

    rows: dict[str, tuple[str, ...]]
    columns: tuple[str, ...]
    row_names: list[str]
    column_names: list[str]

    def value(self, bits: str) -> str:
        """Read the cell of an assignment: its row's bits, then its column's."""
        split = len(self.row_names)
        cell = self.rows[bits[:split]][self.columns.index(bits[split:])]
        return cell if cell in {"0", "1"} else "don't care"


def find(lines: tuple[Line, ...], index: int, ports: tuple[Port, ...]) -> Exact | None:
    """Read a map whose column labels stand at `index`."""
    labels = _labels(lines[index])
    if labels is None:
        return None
    rows, last = _rows(lines, index + 1, len(labels.columns))
    bits = len(next(iter(rows), ""))
    if not bits or len(rows) != 2**bits or any(len(label) != bits for label in rows):
        return None
    above = plain(lines[index - 1].text).strip(" |") if index else ""
    names = _variables(labels.before, above, bits, len(labels.columns[0]))
    if names is None:
        return None
    text = _minterms(_Map(rows, labels.columns, names.rows, names.columns), ports)
    start = lines[index - 1 if names.above else index].number
    return Exact("karnaugh_map", text, start, last)


def _labels(line: Line) -> _Labels | None:
    """Read a line that ends with every binary number of some length, once each."""
    if len(line.text) > 200:
        return None
    tokens = [token for cell in cells(line).cells for token in cell.split()]
    count = 0
    while count < len(tokens) and _BINARY.fullmatch(tokens[-1 - count]):
        count += 1
    columns = tokens[len(tokens) - count :]
    if count not in {2, 4, 8} or len(set(columns)) != count:
        return None
    if any(2 ** len(column) != count for column in columns):
        return None
    return _Labels(" ".join(tokens[: len(tokens) - count]), tuple(columns))


def _rows(
    lines: tuple[Line, ...], index: int, count: int
) -> tuple[dict[str, tuple[str, ...]], int]:
    """Read the rows below the column labels, and the number of the last one's line."""
    rows: dict[str, tuple[str, ...]] = {}
    last = 0
    for line in lines[index : index + _MOST_LINES]:
        if is_delimiter(line.text):
            continue
        tokens = [token for cell in cells(line).cells for token in cell.split()]
        if len(tokens) == count + 2 and not _BINARY.fullmatch(tokens[0]):
            tokens = tokens[1:]  # the rows' variables stand before a label
        fits = len(tokens) == count + 1 and _BINARY.fullmatch(tokens[0]) and tokens[0] not in rows
        if not fits or not all(_CELL.fullmatch(value) for value in tokens[1:]):
            break
        rows[tokens[0]] = tuple(tokens[1:])
        last = line.number
    return rows, last


class _Variables(Struct, frozen=True):
    """The variables of rows and columns; `above`: the latter stand in the line above."""

    rows: list[str]
    columns: list[str]
    above: bool = False


def _variables(before: str, above: str, row_bits: int, column_bits: int) -> _Variables | None:
    """Find the variables: `rows \\ columns` in the corner, or the columns' in the line above."""
    corner = [part.strip() for part in _SPLIT.split(before) if part.strip()]
    if len(corner) == 2:
        rows, columns = _names(corner[0], row_bits), _names(corner[1], column_bits)
        if rows and columns:
            return _Variables(rows, columns)
    rows, columns = _names(before, row_bits), _names(above, column_bits)
    if rows and columns:
        return _Variables(rows, columns, above=True)
    both = _names(before, row_bits + column_bits)
    return _Variables(both[:row_bits], both[row_bits:]) if both else None


def _names(text: str, bits: int) -> list[str] | None:
    """Split `ab`, `a b`, `x1x2`, `x[1]x[2]` or `x[1:2]` into as many names as bits."""
    text = _SLICE.sub(_expanded, text.replace(",", " "))
    found = [re.sub(r"\s", "", name) for name in _INDEXED.findall(text)]
    if len(found) == bits:
        return found
    letters = _LETTERS.findall(text) if len(found) == 1 else []
    return letters if len(letters) == bits and "".join(letters) == found[0] else None


def _expanded(found: re.Match[str]) -> str:
    first, last = int(found[2]), int(found[3])
    step = -1 if first > last else 1
    return " ".join(f"{found[1]}[{n}]" for n in range(first, last + step, step))


def _rank(name: str, order: dict[str, int]) -> tuple[int, int]:
    """Sort by port, then by index."""
    base, _, index = name.partition("[")
    return order.get(base, len(order)), int(index.rstrip("]") or 0)


def _minterms(drawn: _Map, ports: tuple[Port, ...]) -> str:
    """List every assignment in counting order, the variables in the order of the ports."""
    names = drawn.row_names + drawn.column_names
    order = {port.name: n for n, port in enumerate(ports)}
    places = sorted(range(len(names)), key=lambda n: _rank(names[n], order))
    outputs = [port.name for port in ports if port.direction == "output"]
    output = outputs[0] if len(outputs) == 1 else "output"
    lines: list[str] = []
    for bits in product("01", repeat=len(names)):
        assigned = dict(zip(places, bits, strict=True))
        value = drawn.value("".join(assigned[n] for n in range(len(names))))
        inputs = " ".join(f"{names[n]}={assigned[n]}" for n in places)
        lines.append(f"{inputs} -> {output}={value}")
    return "\n".join(lines)
