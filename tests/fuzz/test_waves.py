"""Recordings that were cut off or damaged: their reader says no, it does not fall or hang.

What can be read of one is explained, whatever it says.
"""

import asyncio
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spec2rtl.eda.waves import READING, read_wave
from spec2rtl.evidence.wave import Wave
from spec2rtl.process.sandbox import Rlimits

ROOT = Path(__file__).parents[2]
WAVES = ROOT / "tests" / "data" / "waves"
SECONDS = float(os.environ.get("FUZZ_SECONDS", "7"))
_MEMORY = 3 << 30


def check(data: bytes) -> Wave | None:
    """Read a recording that nobody vouches for, as the product does."""
    began = time.monotonic()
    wave = asyncio.run(read_wave(data, Rlimits()))
    assert time.monotonic() - began < 60
    return wave


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


@pytest.mark.parametrize("name", ["counter.fst", "counter.vcd"])
def test_damaged_recordings(name: str, tmp_path: Path) -> None:
    assert check((WAVES / name).read_bytes())
    scratch, number, ends = tmp_path / "damaged", 0, time.monotonic() + SECONDS
    while (left := ends - time.monotonic()) > 0:
        words = (WAVES / name, scratch, str(number), str(left))
        ran = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.damaged", *words],
            cwd=ROOT,
            env=os.environ | {"RUST_BACKTRACE": "0"},
            preexec_fn=limited,
            capture_output=True,
            check=False,
        )
        if ran.returncode == 0:
            return
        number = int(ran.stdout.split()[-1])
        assert ran.returncode != 1, (number, ran.stderr[-4000:])
        assert check(scratch.read_bytes()) is None, (
            number,
            "what kills the reader is no recording",
        )
        number += 1


@pytest.mark.parametrize("data", [b"", b"\xff" * 15, (WAVES / "counter.fst").read_bytes()[:15]])
def test_what_has_no_header_is_not_opened(data: bytes) -> None:
    """The reader takes some of it for a recording that is still written, and waits."""
    began = time.monotonic()
    assert check(data) is None
    assert time.monotonic() - began < READING.seconds / 2
