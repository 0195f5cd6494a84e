"""The slice of a recording around a failure, as WaveJSON and as a picture of it."""

import importlib
from collections.abc import Mapping
from typing import Any

import msgspec

from spec2rtl.evidence.cycles import Row
from spec2rtl.evidence.explain import Explanation
from spec2rtl.evidence.show import local
from spec2rtl.syntax.expression import PLAIN

_PLAIN = {"0": "0", "1": "1", "x": "x", "z": "z"}


def wavejson(explanation: Explanation) -> str:
    """Describe the table of an explanation as WaveDrom reads it, one period a column."""
    table = explanation.table
    lanes: list[Mapping[str, object]] = []
    if explanation.clock and len(table.columns) > 1:
        ticks = "p" + "." * (len(table.columns) - 2) + "0"
        lanes.append({"name": local(explanation.clock), "wave": ticks})
    lanes += [_lane(row) for row in table.rows]
    first = next((c.cycle for c in table.columns if c.cycle is not None), None)
    time = explanation.failure.time_ns
    when = f" at {time:g} ns" if time is not None else ""
    title = f"{explanation.failure.test} fails{when}"
    head: dict[str, object] = {"text": title}
    if first is not None:
        head["tick"] = first
    return msgspec.json.encode({"signal": lanes, "head": head}).decode()


def _lane(row: Row) -> Mapping[str, object]:
    """One signal: a value that goes on is a dot, a word is written into its box."""
    wave: list[str] = []
    words: list[str] = []
    for i, value in enumerate(row.values):
        if i and value == row.values[i - 1]:
            wave.append(".")
        elif row.width == 1 and value in _PLAIN:
            wave.append(_PLAIN[value])
        else:
            wave.append("=")
            words.append(value)
    return {"name": local(row.name), "wave": "".join(wave)} | ({"data": words} if words else {})


def svg(wave: str) -> str:
    """Draw WaveJSON."""
    wavedrom: Any = importlib.import_module("wavedrom")  # it has no types
    return str(wavedrom.render(wave).tostring())


def gtkw(explanation: Explanation, recording: str) -> str:
    """GTKWave's save file: the same signals, the marker at the failure."""
    columns = explanation.table.columns
    share = (columns[-1].time_ns - columns[0].time_ns) / (explanation.failed_ns or 1.0)
    start = max(round(explanation.failed * (1 - share)), 0)
    forms = explanation.forms
    names = [
        _called(row.name) + bits
        for row in explanation.table.rows
        for bits in _ranges(row.width, forms.get(row.name, PLAIN).last)
    ]
    lines = [
        f'[dumpfile] "{recording}"',
        f"[timestart] {start}",
        f"*0.0 {explanation.failed}",
        *([explanation.clock] if explanation.clock else []),
        *names,
    ]
    return "\n".join(lines) + "\n"


def _called(name: str) -> str:
    """As GTKWave calls it: a memory's word is one name."""
    path, _, last = name.rpartition(".")
    return f"{path}.\\{last}" if last.endswith("]") else name


def _ranges(width: int, last: int | None) -> tuple[str, ...]:
    """A vector's bits as the recording numbers them; GTKWave passes over what is not there."""
    if width == 1:
        return ("",)
    down = f"[{width - 1 + (last or 0)}:{last or 0}]"
    return (down,) if last is not None else (down, f"[0:{width - 1}]")
