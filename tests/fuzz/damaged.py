"""Reads many damaged recordings in one process: `python -m tests.fuzz.damaged FILE SCRATCH FIRST SECONDS`.

Writes the number of each before it is read, for whoever wants to know which one it died of.
"""

import random
import signal
import sys
import time
from pathlib import Path

from spec2rtl.eda.waves_worker import read
from spec2rtl.evidence.explain import explain
from spec2rtl.evidence.queries import answers
from spec2rtl.evidence.show import text
from spec2rtl.evidence.wave import Recording, Wave
from spec2rtl.repair.reflection import Query
from spec2rtl.rtl import Design, SourceFile, Testbench, TestResult

_HANGS = 10
"""Seconds after which the reader is ended, as it is in the product."""
RTL = """\
module top(input clk, input rst, output reg [3:0] count, output reg [39:0] wide);
  always @(posedge clk) if (rst) count <= 0; else count <= count + 1;
  always @* wide = {10{count}};
endmodule
"""
TEST = "async def t(dut):\n    assert dut.count.value == 3, f'count is {1}'\n"
QUERIES = (Query("count", "count > wide[3:0]"), Query("first", "count == 3", 0, 60), Query("stuck"))


def damaged(data: bytes, number: int) -> bytes:
    """Cut a recording, change some bytes of it, or put some in."""
    rng = random.Random(number)
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


def use(wave: Wave) -> None:
    """Ask of a recording what is asked of one; what is told may be nonsense."""
    for trace in wave.traces:
        assert len(trace.times) == len(trace.values)
        assert list(trace.times) == sorted(trace.times)
        assert {len(value) for value in trace.values} <= {trace.width}
        assert not set("".join(trace.values)) - set("01xz")
    design = Design((SourceFile("/m.v", RTL),), top="top")
    bench = Testbench("test_m", "/test_m.py", TEST)
    failed = TestResult("t", "failed", "count is 2, expected 3", 60.0, "/test_m.py", 2)
    recording = Recording.of("t", wave, 0.0, 60.0)
    why = explain(recording, failed, design, bench, previous=recording)
    if why:
        text(why)
        answers(recording, why, QUERIES)


def main(file: str, scratch: Path, number: int, seconds: float) -> None:
    """Go on until the time is up."""
    data, ends = Path(file).read_bytes(), time.monotonic() + seconds
    while time.monotonic() < ends:
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        scratch.write_bytes(damaged(data, number))
        number += 1
        signal.alarm(_HANGS)
        try:
            wave = read(str(scratch))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # a panic of the reader is no `Exception`
            continue
        use(wave)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
