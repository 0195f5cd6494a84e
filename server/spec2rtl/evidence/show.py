"""An explanation as text that fits one screen."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from spec2rtl.evidence.cycles import Table
from spec2rtl.evidence.explain import Driving, Explanation
from spec2rtl.evidence.wave import number, spell
from spec2rtl.syntax.expression import PLAIN

HEIGHT, WIDTH = 40, 100
_LINES = 14
"""Lines of RTL at most."""
_LISTED = 6
_NAME = 18


def text(explanation: Explanation) -> str:
    """Write an explanation in at most `HEIGHT` lines of at most `WIDTH` columns."""
    lines = [*_head(explanation), "", *_table(explanation.table), "", *_notes(explanation)]
    room = min(_LINES, HEIGHT - len(lines) - 2)
    lines += _code(explanation, room)
    return "\n".join(_cut(line) for line in lines)


def _cut(line: str) -> str:
    line = line.rstrip()
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def _head(explanation: Explanation) -> Iterator[str]:
    failure = explanation.failure
    when = f" at {failure.time_ns:g} ns" if failure.time_ns is not None else ""
    place = f", {PurePath(failure.file).name}:{failure.line}" if failure.line else ""
    yield f"{failure.test} fails{when}{place}: {failure.statement}"
    about = ", ".join(failure.signals[:_LISTED])
    if failure.expected is not None:
        actual = _alike(failure.actual, failure.expected) if failure.actual else "not told"
        yield f"{about}: expected {failure.expected}, actual {actual}"
    elif failure.actual is not None:
        yield f"{about}: actual {failure.actual}"
    if explanation.requirement:
        requirement = explanation.requirement
        yield f"spec line {requirement.line}: {' '.join(requirement.text.split())}"


def _alike(actual: str, expected: str) -> str:
    """The bits of a value, and what number they are where one was expected."""
    is_number = re.fullmatch(r"-?\d+", expected) and len(expected) != len(actual)
    if not is_number or not re.fullmatch("[01]{2,}", actual):
        return actual
    return f"{actual} ({number(actual, signed=expected.startswith('-'))})"


def _table(table: Table) -> Iterator[str]:
    numbered = any(column.cycle is not None for column in table.columns)
    heads = [[f"{column.time_ns:g}" for column in table.columns]]
    titles = ["ns"]
    if numbered:
        heads.insert(0, ["seen" if c.cycle is None else str(c.cycle) for c in table.columns])
        titles.insert(0, "cycle")
    rows = [list(row.values) for row in table.rows]
    names = [*titles, *(local(row.name) for row in table.rows)]
    left = min(max(map(len, names), default=0), _NAME)
    yield from _aligned(names, [*heads, *rows], left)


def _aligned(names: Sequence[str], rows: list[list[str]], left: int) -> Iterator[str]:
    """Columns of equal width, the first ones left out where they don't fit."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    while sum(widths) + 2 * len(widths) + left > WIDTH and len(widths) > 1:
        widths.pop(0)
    for name, row in zip(names, rows, strict=True):
        cells = row[len(row) - len(widths) :]
        short = name if len(name) <= left else "…" + name[-left + 1 :]
        yield f"{short:{left}}" + "".join(
            f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True)
        )


def _notes(explanation: Explanation) -> Iterator[str]:
    if difference := explanation.divergence:
        cycle = f"cycle {difference.cycle}, " if difference.cycle is not None else ""
        names = ", ".join(map(local, difference.signals))
        was, now = (
            _spelt(explanation, difference.signals[0], value)
            for value in (difference.was, difference.now)
        )
        yield (
            f"differs from the candidate before first in {names} ({cycle}{difference.time_ns:g} "
            f"ns): was {was}, now {now}"
        )
    if unknown := explanation.unknown:
        how = "" if unknown.driven else "; nothing drives it"
        yield f"unknown since {unknown.since_ns:g} ns: {local(unknown.signal)}{how}"
    if explanation.unread:
        yield f"inputs that have no say in it: {_listed(map(local, explanation.unread))}"
    if explanation.still:
        values = (
            f"{local(name)}={_spelt(explanation, name, value)}" for name, value in explanation.still
        )
        yield f"never changed in this test: {_listed(values)}"
    for pair in explanation.handshakes[:3]:
        yield f"transfers of {local(pair.valid)} and {local(pair.ready)}: {pair.count}"


def _spelt(explanation: Explanation, name: str, value: str) -> str:
    """A value of a signal, as the table has it."""
    return spell(value, signed=explanation.forms.get(name, PLAIN).signed)


def _listed(words: Iterable[str]) -> str:
    """The first words, and whether there are more."""
    every = list(words)
    return ", ".join(every[:_LISTED]) + (", …" if len(every) > _LISTED else "")


def local(name: str) -> str:
    """A full name without its top module."""
    return name.partition(".")[2] or name


def _code(explanation: Explanation, room: int) -> Iterator[str]:
    """The nearest lines, in the text's order, and how many there are beyond."""
    signals = ", ".join(explanation.failure.signals[:_LISTED])
    chosen = _chosen(explanation.lines, room)
    several = len({line.file for line in explanation.lines}) > 1
    beyond = len(explanation.lines) - len(chosen)
    more = f"; {beyond} more lines have a say" if beyond else ""
    yield f"what drives {signals} (> carried out{more}):"
    for line in sorted(chosen, key=lambda line: (line.file, line.line)):
        file = f"{PurePath(line.file).name}:" if several else ""
        yield f"{file}{line.line:>4} {' ' if line.ran is None else '>'} {line.text.expandtabs(4)}"


def _chosen(lines: Sequence[Driving], room: int) -> Sequence[Driving]:
    """The lines on the way of the failing value, then the nearest others."""
    last = len(lines)
    ranked = sorted(
        lines, key=lambda line: (last if line.step is None else line.step, line.distance)
    )
    return ranked[: max(room, 0)]
