"""Latency in cycles, from drawn waves: one character a cycle, as the clock's edge sees it."""

import pytest

from spec2rtl.eda.latency import Timing, latencies, timing_of
from spec2rtl.evidence.wave import Trace
from spec2rtl.rtl import Design, SourceFile
from spec2rtl.spec.parse import parse


def trace(drawn: str) -> Trace:
    """A signal that changes half a cycle before the rising edge at 10, 20, …"""
    return Trace("t", 1, tuple(10 * n + 5 for n in range(len(drawn))), tuple(drawn))


def clock(cycles: int) -> Trace:
    times = tuple(time for n in range(cycles + 1) for time in (10 * n, 10 * n + 7))
    return Trace("clk", 1, times, ("1", "0") * (cycles + 1))


@pytest.mark.parametrize(
    ("start", "done", "reset", "expected"),
    [
        ("01000000", "00001000", "10000000", [3]),
        ("01000000", "01000000", "10000000", [0]),
        # Held high, it is one start; done that was high before is not its answer.
        ("01111000", "11000100", "00000000", [4]),
        # A second start under way is part of the first.
        ("01010000", "00000100", "00000000", [4]),
        ("01000100", "00010001", "00000000", [2, 2]),
        # A reset cuts it short.
        ("01000100", "00000001", "00010000", [2]),
        ("01000000", "00000000", "00000000", []),
        ("0x000000", "00000x00", "00000000", []),
    ],
)
def test_latencies(start: str, done: str, reset: str, expected: list[int]) -> None:
    found = latencies(
        trace(start), trace(done), clock(len(start)), reset=trace(reset), level="high"
    )
    assert found == expected


BODY = "always @(posedge clk) if (!rst_n) q <= 0; else q <= 1;"


@pytest.mark.parametrize(
    ("ports", "body", "spec", "expected"),
    [
        ("input clk, input rst_n", BODY, "", Timing("clk", True, "rst_n", "low")),
        ("input clk", "always @(posedge clk) q <= 1;", "", Timing("clk", True)),
        ("input clk", "", "- `input clk`: clock, falling edge\n", Timing("clk", False)),
        ("input clk", "always @(negedge clk) q <= 1;", "", Timing("clk", False)),
        ("input a", "", "", None),
    ],
)
def test_timing(ports: str, body: str, spec: str, expected: Timing | None) -> None:
    text = f"module m({ports}, output reg q);\n  {body}\nendmodule\n"
    assert timing_of(Design((SourceFile("/m.v", text),), top="m"), parse(spec)) == expected
