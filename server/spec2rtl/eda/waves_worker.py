"""Reads a recording: `python -m spec2rtl.eda.waves_worker FILE` prints a `Wave` as JSON.

The file comes out of a simulation that nobody vouches for, and the reader panics at some of what
it may hold: so it has a process of its own. A long recording is cut at its beginning.
"""

import importlib
import re
import sys
from collections import deque
from typing import Any

import msgspec

from spec2rtl.evidence.wave import Trace, Wave

KEPT = 4_000_000
"""Characters of values and times that are kept: the last ones."""
_TIME = 12
_WORD = re.compile(r"\.\\(\w+)\.(\[-?\d+\])$")
"""How the reader names a memory's word."""
_UNITS = {"fs": 1e-6, "ps": 1e-3, "ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}


class _Tape:
    """The changes in the order of their times; what is dropped lives on as the first value."""

    def __init__(self) -> None:
        self.changes: deque[tuple[int, str, str]] = deque()
        self.first: dict[str, tuple[int, str]] = {}
        self.size = self.begin = self.end = 0

    def add(self, time: int, signal: str, value: str) -> None:
        self.changes.append((time, signal, value))
        self.size += len(value) + _TIME
        self.end = time
        while self.size > KEPT:
            self.begin, name, dropped = self.changes.popleft()
            self.first[name] = (self.begin, dropped)
            self.size -= len(dropped) + _TIME


def read(path: str) -> Wave:
    """Read all vectors of a recording; one that can't be read raises whatever the reader does."""
    pywellen: Any = importlib.import_module("pywellen")  # it has no types
    wave: Any = pywellen.Waveform(path, multi_threaded=False)
    scale = wave.timescale
    tick = scale.factor * _UNITS[str(scale.unit)]
    vectors: list[Any] = [v for v in wave.all_vars() if v.bitwidth and not v.is_real]
    widths: dict[str, int] = {str(v.signal_id): v.bitwidth for v in vectors}
    tape = _Tape()

    def change(time: int, signal: Any, value: int | str) -> None:
        name = str(signal)
        if name in widths:
            bits = f"{value:0{widths[name]}b}" if isinstance(value, int) else _bits(value)
            tape.add(time, name, bits.rjust(widths[name], "0"))

    wave.stream_changes(change, vectors)
    return Wave(tick, tape.begin, tape.end, tuple(_traces(vectors, tape)))


def _bits(value: str) -> str:
    """Of the nine states that a form of recording knows, those that are neither 0 nor 1 are x."""
    return re.sub("[^01z]", "x", value.lower())


def _traces(vectors: list[Any], tape: _Tape) -> list[Trace]:
    times: dict[str, list[int]] = {name: [time] for name, (time, _) in tape.first.items()}
    values: dict[str, list[str]] = {name: [value] for name, (_, value) in tape.first.items()}
    for time, name, value in tape.changes:
        stamps, seen = times.setdefault(name, []), values.setdefault(name, [])
        if stamps and stamps[-1] == time:  # what lasts no time was never seen
            seen[-1] = value
        elif not seen or seen[-1] != value:
            stamps.append(time)
            seen.append(value)
    return [
        Trace(
            _WORD.sub(r".\1\2", v.full_name),
            v.bitwidth,
            tuple(times.get(str(v.signal_id), ())),
            tuple(values.get(str(v.signal_id), ())),
        )
        for v in vectors
    ]


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(read(sys.argv[1])))
