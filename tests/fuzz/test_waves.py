"""Recordings that were cut off or damaged: their reader says no, it does not fall or hang."""

import asyncio
import os
import random
import time
from pathlib import Path

import pytest

from spec2rtl.eda.waves import read_wave
from spec2rtl.evidence.wave import Wave
from spec2rtl.process.sandbox import Rlimits

WAVES = Path(__file__).parents[1] / "data" / "waves"
SECONDS = float(os.environ.get("FUZZ_SECONDS", "7"))


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Cut a recording, change some bytes of it, or put some in."""
    out = bytearray(data)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(4):
            case 0:
                del out[at:]
            case 1:
                out[at : at + 1] = rng.randbytes(1)
            case 2:
                out[at:at] = rng.choice((b"\0" * 8, b"\xff" * 8, rng.randbytes(5), b"$end x"))
            case _:
                del out[at : at + rng.randrange(1, 20)]
    return bytes(out)


def check(data: bytes) -> Wave | None:
    """Read a recording that nobody vouches for."""
    began = time.monotonic()
    wave = asyncio.run(read_wave(data, Rlimits()))
    assert time.monotonic() - began < 60
    for trace in wave.traces if wave else ():
        assert len(trace.times) == len(trace.values)
        assert list(trace.times) == sorted(trace.times)
    return wave


@pytest.mark.parametrize("name", ["counter.fst", "counter.vcd"])
def test_damaged_recordings(name: str) -> None:
    data = (WAVES / name).read_bytes()
    assert check(data)
    rng = random.Random(name)
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        check(damaged(data, rng))


def test_nothing_is_no_recording() -> None:
    assert check(b"") is None
