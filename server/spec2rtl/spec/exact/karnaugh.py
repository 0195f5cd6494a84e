"""Karnaugh maps, read by their labels: the order of rows and columns is the author's."""

import re
from itertools import product

from msgspec import Struct

from spec2rtl.rtl import Port
from spec2rtl.spec.document import Line
from spec2rtl.spec.exact.grid import cells
from spec2rtl.spec.model import Exact
from spec2rtl.spec.prose import plain

_BINARY = re.compile(r"[01]{1,3}")
_CELL = re.compile(r"[01xXdD?*-]")
_INDEXED = re.compile(r"[A-Za-z_]\w*\s*\[\d+\]|[A-Za-z_]\w*")
_SLICE = re.compile(r"([A-Za-z_]\w*)\s*\[(\d{1,2}):(\d{1,2})\]")
_LETTERS = re.compile(r"[A-Za-z]\d*")
_SPLIT = re.compile(r"[\\/|]")


class _Labels(Struct, frozen=True):
    """The row of column labels, and what stands before it in the same line."""

    before: str
    columns: tuple[str, ...]


def find(lines: tuple[Line, ...], index: int, ports: tuple[Port, ...]) -> tuple[Exact, int] | None:
    """Read a map whose column labels stand at `index`; also return where it ends."""
    labels = _labels(lines[index])
    if labels is None:
        return None
    rows, end = _rows(lines, index + 1, len(labels.columns))
    if len(rows) not in {2, 4, 8} or len({len(label) for label in rows}) != 1:
        return None
    bits = len(next(iter(rows)))
    if len(rows) != 2**bits:
        return None
    above = plain(lines[index - 1].text).strip(" |") if index else ""
    names = _variables(labels.before, above, bits, len(labels.columns[0]))
    if names is None:
        return None
    output = _output(ports)
    start = lines[index - 1].number if above and above in names[2] else lines[index].number
    text = _minterms(rows, labels.columns, names[0], names[1], output, ports)
    return Exact("karnaugh_map", text, start, lines[end - 1].number), end


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
    """Read the rows below the column labels: a label and as many cells as columns."""
    rows: dict[str, tuple[str, ...]] = {}
    while index < len(lines) and len(lines[index].text) <= 200:
        tokens = [t for cell in cells(lines[index]).cells for t in cell.split()]
        if not tokens or all(set(token) <= set("-+=:") for token in tokens):
            if len(rows) in {2, 4, 8} and not tokens:
                break
            index += 1
            if not rows and index < len(lines) and not lines[index].text.strip():
                break
            continue
        label, values = tokens[0], tokens[1:]
        named = len(tokens) == count + 2  # the row's variables stand before its label
        if named:
            label, values = tokens[1], tokens[2:]
        fits = _BINARY.fullmatch(label) and len(values) == count and label not in rows
        if not fits or not all(_CELL.fullmatch(value) for value in values):
            break
        rows[label] = tuple(values)
        index += 1
    return rows, index


def _variables(
    before: str, above: str, row_bits: int, column_bits: int
) -> tuple[list[str], list[str], str] | None:
    """Find the variables of rows and columns; `rows \\ columns`, or the columns' line above."""
    corner = [part.strip() for part in _SPLIT.split(before) if part.strip()]
    if len(corner) == 2:
        rows, columns = _names(corner[0], row_bits), _names(corner[1], column_bits)
        if rows and columns:
            return rows, columns, ""
    rows, columns = _names(before, row_bits), _names(above, column_bits)
    if rows and columns:
        return rows, columns, above
    both = _names(before, row_bits + column_bits)
    if both:
        return both[:row_bits], both[row_bits:], ""
    return None


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


def _output(ports: tuple[Port, ...]) -> str:
    outputs = [port.name for port in ports if port.direction == "output"]
    return outputs[0] if len(outputs) == 1 else "output"


def _minterms(
    rows: dict[str, tuple[str, ...]],
    columns: tuple[str, ...],
    row_names: list[str],
    column_names: list[str],
    output: str,
    ports: tuple[Port, ...],
) -> str:
    """List every assignment in counting order, the variables in the order of the ports."""
    order = {port.name: n for n, port in enumerate(ports)}
    names = row_names + column_names
    places = sorted(range(len(names)), key=lambda n: order.get(names[n].split("[")[0], n))
    if any("[" in name for name in names):
        places = list(range(len(names)))
    values = {label + column: rows[label][n] for label in rows for n, column in enumerate(columns)}
    lines: list[str] = []
    for bits in product("01", repeat=len(names)):
        assigned = dict(zip(places, bits, strict=True))
        key = "".join(assigned[n] for n in range(len(names)))
        value = values[key] if values[key] in "01" else "don't care"
        inputs = " ".join(f"{names[n]}={assigned[n]}" for n in places)
        lines.append(f"{inputs} -> {output}={value}")
    return "\n".join(lines)
