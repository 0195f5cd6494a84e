"""Where unknown values begin and where recordings part, on recordings made by hand."""

import pytest

from spec2rtl.evidence.cone import Cone, Hierarchy, cone
from spec2rtl.evidence.cycles import Moments, find_clock, moments
from spec2rtl.evidence.netlist import netlists
from spec2rtl.evidence.origin import first_divergence, first_unknown
from spec2rtl.evidence.standing import Handshake, handshakes, still
from spec2rtl.evidence.wave import Recording, Trace, Wave
from spec2rtl.rtl import Design, SourceFile

TEXT = """\
module m(input clk, input rst, input in_valid, output in_ready, output reg [1:0] q);
  wire nobody;
  reg [1:0] count; reg signed [1:0] left;
  wire [1:0] next = count + nobody;
  assign in_ready = !rst;
  always @(posedge clk) begin
    if (rst) count <= 0; else count <= next;
    q <= count;
  end
endmodule
"""
CLOCK = tuple(range(0, 60, 5)), tuple("10" * 6)

Values = dict[str, dict[int, str]]
STEADY: Values = {
    "rst": {0: "1", 15: "0"},
    "in_valid": {0: "0", 25: "1"},
    "in_ready": {0: "0", 15: "1"},
    "nobody": {0: "1"},
    "next": {0: "xx", 10: "01", 20: "10", 30: "11"},
    "count": {0: "xx", 10: "00", 20: "01", 30: "10"},
    "q": {0: "xx", 20: "00", 30: "01"},
    "left": {0: "xx", 10: "11"},
    "valid_stage.valid_out_valid": {0: "0", 35: "1"},
    "valid_stage.valid_out_ready": {0: "1"},
}


def recording(tick: float = 1.0, **changed: dict[int, str]) -> Recording:
    """A test of 45 ns with a clock of 10 ns."""
    per_ns = round(1 / tick)
    traces = [
        Trace(
            f"m.{name}", len(values[0]), tuple(t * per_ns for t in values), tuple(values.values())
        )
        for name, values in (STEADY | changed).items()
    ]
    clock = Trace("m.clk", 1, tuple(t * per_ns for t in CLOCK[0]), CLOCK[1])
    return Recording.of("t", Wave(tick, 0, 60 * per_ns, (clock, *traces)), 0.0, 45.0)


def around() -> tuple[Hierarchy, Cone]:
    hierarchy = Hierarchy(netlists(Design((SourceFile("/m.v", TEXT),))), "m")
    return hierarchy, cone(hierarchy, ["q"])


UNKNOWN = {
    "none": ({}, None),
    "a net that nothing drives": (
        {
            "nobody": {0: "z"},
            "next": {0: "xx"},
            "count": {0: "xx", 10: "00", 20: "xx"},
            "q": {0: "xx", 20: "00", 30: "xx"},
        },
        ("m.nobody", 0.0, False),
    ),
    "a register, later on": (
        {"count": {0: "00", 30: "0x"}, "q": {0: "00", 40: "0x"}, "next": {0: "00", 30: "xx"}},
        ("m.count", 30.0, True),
    ),
}


@pytest.mark.parametrize("row", UNKNOWN)
def test_first_unknown(row: str) -> None:
    changed, expected = UNKNOWN[row]
    found = first_unknown(recording(**changed), *around())
    assert (found and (found.signal, found.since_ns, found.driven)) == expected


PARTS = {
    "nowhere": ({}, None),
    "in the register that feeds the other": (
        {
            "count": {0: "xx", 10: "00", 20: "11"},
            "next": {0: "xx", 10: "01", 20: "00"},
            "q": {0: "xx", 20: "00", 30: "11"},
        },
        (("m.count",), 20.0, 3, "01", "11"),
    ),
    "before the clock": (
        {"next": {0: "xx", 10: "11"}, "count": {0: "xx", 10: "00", 20: "11"}},
        (("m.next",), 10.0, 2, "01", "11"),
    ),
    "not in a width alone": ({"count": {0: "xxx", 10: "000", 20: "001", 30: "010"}}, None),
    "nor in that of a number with a sign": (
        {"left": {0: "xxx", 10: "111", 20: "010"}},
        (("m.left",), 20.0, 3, "11", "010"),
    ),
}


@pytest.mark.parametrize("row", PARTS)
def test_first_divergence(row: str) -> None:
    changed, expected = PARTS[row]
    hierarchy, reach = around()
    now = recording(**changed)
    clock = find_clock(now, hierarchy, reach)
    found = first_divergence(recording(), now, hierarchy, reach, clock)
    assert expected == (found and (found.signals, found.time_ns, found.cycle, found.was, found.now))


@pytest.mark.parametrize("finer", ["before", "now"])
def test_recordings_with_other_ticks_are_compared_by_time(finer: str) -> None:
    """As after a change of the timescale."""
    ticks = {"before": 1.0, "now": 1.0} | {finer: 0.1}
    before = recording(tick=ticks["before"])
    now = recording(tick=ticks["now"], q={0: "xx", 20: "00", 30: "11"})
    hierarchy, reach = around()
    clock = find_clock(now, hierarchy, reach)
    assert first_divergence(before, before, hierarchy, reach, clock) is None
    found = first_divergence(before, now, hierarchy, reach, clock)
    assert found
    assert (found.signals, found.time_ns, found.cycle) == (("m.q",), 30.0, 4)
    assert (found.was, found.now) == ("01", "11")


def test_standing_questions() -> None:
    hierarchy, reach = around()
    seen = recording()
    when = moments(seen, find_clock(seen, hierarchy, reach), None)
    assert handshakes(seen, when) == (
        Handshake("m.in_valid", "m.in_ready", 2),
        Handshake("m.valid_stage.valid_out_valid", "m.valid_stage.valid_out_ready", 1),
    )
    assert still(seen, reach, when) == ()  # unknown before the edge at which the test begins
    later = Moments(when.edges[1:], when.failed, before=False)
    assert still(seen, reach, later) == (("m.nobody", "1"),)
