"""Budgets of the front matter, and whether behaviour changed, as a user meets them."""

import json

import pytest

from tests.cli.conftest import Bench, fenced

SPEC = """\
---
require: {require}
---
# Pulse

- input `clk`: clock, rising edge
- input `rst`: synchronous reset, active high
- input `start`
- output `done`

`done` is high for one cycle, two cycles after `start`.
"""

TEST = """\
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge


@cocotb.test()
async def answers(dut):
    cocotb.start_soon(Clock(dut.clk, 10, "ns").start())
    dut.rst.value, dut.start.value = 1, 0
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    for _ in range(3):
        dut.start.value = 1
        await FallingEdge(dut.clk)
        dut.start.value = 0
        for _ in range(8):
            await FallingEdge(dut.clk)
            if dut.done.value == 1:
                break
        else:
            assert False, "no answer"
"""


def pulse(stages: int) -> str:
    """Answers after so many cycles, with as many registers."""
    shift = f"{{s[{stages - 2}:0], start}}" if stages > 1 else "start"
    return (
        "module pulse(input clk, input rst, input start, output done);\n"
        f"  reg [{stages - 1}:0] s;\n  assign done = s[{stages - 1}];\n"
        f"  always @(posedge clk) if (rst) s <= 0; else s <= {shift};\nendmodule\n"
    )


def start(bench: Bench, require: str, *replies: str, tests: bool = True) -> tuple[str, ...]:
    bench.write("pulse.spec.md", SPEC.format(require=require))
    if tests:
        bench.write("test_pulse.py", TEST)
    script = bench.script(*map(fenced, replies))
    return ("generate", "pulse.spec.md", "--generator", script, "--reflector", "rules")


@pytest.mark.parametrize(
    ("require", "stages", "value", "met"),
    [
        ("flip_flops <= 2", 2, 2, True),
        ("flip_flops <= 2", 3, 3, False),
        ("cells < 3", 2, 2, True),
        ("cells <= 1", 2, 2, False),
        ("no-latches", 2, 0, True),
        ("synthesizable", 2, 0, True),
        ("'latency(start, done) <= 2'", 2, 2, True),
        ("'latency(start, done) == 2'", 3, 3, False),
        ("'latency(start, nowhere) <= 2'", 2, None, None),
        ("cells <= 110% of previous", 2, None, None),
    ],
)
def test_a_budget_is_part_of_the_verdict(
    bench: Bench, require: str, stages: int, value: int | None, met: bool | None
) -> None:
    ran = bench.run(
        *start(bench, f"[{require}]", pulse(stages)), "--json", "--max-simulation-iterations", "1"
    )
    result = ran.json
    (budget,) = result["budgets"]
    assert (budget["require"], budget["value"], budget["met"]) == (require.strip("'"), value, met)
    assert (ran.code, result["status"]) == ((0, "verified") if met else (1, "failed"))
    (iteration,) = result["iterations"]
    assert (iteration["stage"], iteration["ok"]) == ("simulate", bool(met))
    if not met:
        assert f"budget not met: {require.strip(chr(39))}" in iteration["diagnosis"]
        assert result["message"] == iteration["diagnosis"]
    if "previous" in require:
        assert "no previous version; generate one without this budget first" in result["message"]
        assert not (bench.folder / "pulse.v").exists()


def test_the_loop_goes_on_until_budgets_are_met(bench: Bench) -> None:
    argv = start(bench, '[flip_flops <= 2, "latency(start, done) <= 2"]', pulse(3), pulse(2))
    ran = bench.run(*argv, "--events")
    events = [json.loads(line) for line in ran.out.splitlines()]
    assert events[0]["budgets"] == ["flip_flops <= 2", "latency(start, done) <= 2"]
    measured = [[b["value"] for b in e["budgets"]] for e in events if e["type"] == "measured"]
    assert measured == [[3, 3], [2, 2]]
    asked = [e["prompt"] for e in events if e["type"] == "model_called"]
    assert "- latency(start, done) <= 2" in asked[0][1]["content"]
    assert "flip_flops <= 2: 3 (1 too many; generic synthesis by" in asked[1][-1]["content"]
    assert events[-1]["result"]["status"] == "verified"


def test_people_see_each_budget_with_its_figure(bench: Bench) -> None:
    ran = bench.run(*start(bench, "[flip_flops <= 2, no-latches]", pulse(2)))
    assert ran.code == 0
    assert "✓ flip_flops <= 2: 2 (generic synthesis by yosys 0.70)" in ran.err
    assert "✓ no-latches: 0" in ran.err


def test_without_tests_budgets_count_too(bench: Bench) -> None:
    argv = start(bench, "[flip_flops <= 2]", pulse(3), pulse(2), tests=False)
    ran = bench.run(*argv, "--json")
    assert (ran.code, ran.json["status"]) == (0, "compiled")
    assert [i["ok"] for i in ran.json["iterations"]] == [False, True]


@pytest.mark.parametrize(
    ("done", "tests", "says"),
    [("done", False, "there are none"), ("nowhere", True, "`nowhere` can't be recorded")],
)
def test_a_latency_that_nothing_can_show_ends_the_run(
    bench: Bench, done: str, tests: bool, says: str
) -> None:
    argv = start(bench, f"['latency(start, {done}) <= 2']", pulse(2), pulse(3), tests=tests)
    ran = bench.run(*argv, "--json")
    assert (ran.code, ran.json["budgets"][0]["met"]) == (1, None)
    assert len(ran.json["iterations"]) == 1
    assert says in ran.json["message"]


def test_a_latch_is_counted_and_what_is_no_hardware_is_named(bench: Bench) -> None:
    latch = pulse(2).replace(
        "  assign done = s[1];", "  reg l; always @* if (rst) l = start;\n  assign done = s[1] ^ l;"
    )
    delay = pulse(2).replace("endmodule", "  reg t; initial #5 t = 1;\nendmodule")
    for rtl, value in ((latch, 1), (delay, 0)):
        argv = start(bench, "[no-latches, synthesizable]", rtl, tests=False)
        budgets = bench.run(*argv, "--json", "--max-simulation-iterations", "1").json["budgets"]
        assert budgets[0]["value"] == value
        assert [b["met"] for b in budgets] == [not value, bool(value)]


def test_what_cannot_be_read_is_a_line_each(bench: Bench) -> None:
    ran = bench.run(*start(bench, "\n- cells <= 1\n- area <= 3\n- speed", pulse(2)), "--json")
    assert ran.code == 2
    lines = ran.json["message"].splitlines()
    assert len(lines) == 2
    assert all(
        "is no budget; allowed are no-latches, synthesizable, cells <= N" in x for x in lines
    )
    assert "pulse.spec.md:4: " in lines[0]
    assert "`speed`" in lines[1]


def test_a_repair_is_measured_against_the_file_as_it_was(bench: Bench) -> None:
    start(bench, "[flip_flops <= 100% of previous]")
    bench.write("pulse.v", pulse(3).replace("assign done = s[2]", "assign done = 1'b0"))
    script = bench.script(fenced(pulse(3)), fenced(pulse(4)))
    ran = bench.run(
        "repair", "pulse.v", "--tests", "test_pulse.py", "--generator", script,
        "--reflector", "rules", "--json", "--max-simulation-iterations", "3",
    )  # fmt: skip
    assert (ran.code, ran.json["status"]) == (1, "failed")
    # The old file's registers were read by nothing.
    assert ran.json["budgets"][0]["note"].startswith("3 too many; 0 in the previous version")


OTHER = pulse(2).replace(
    "else s <= {s[0:0], start};", "else begin s[1] <= s[0]; s[0] <= start; end"
)


@pytest.mark.parametrize(
    ("was", "now", "verdict", "says"),
    [
        (pulse(2), OTHER, "unchanged", "behaviour unchanged (proved; `rst` is high in the first"),
        (pulse(3), pulse(2), "changed", "behaviour changed: first differs at cycle"),
        (pulse(2).replace("input clk,", "input clk, en,"), pulse(2), None, ""),
        ("module pulse;\n", pulse(2), None, ""),
        (pulse(2), pulse(2), None, ""),
    ],
)
def test_generating_anew_says_whether_behaviour_changed(
    bench: Bench, was: str, now: str, verdict: str | None, says: str
) -> None:
    bench.write("pulse.v", was)
    result = bench.run(*start(bench, "[]", now), "--force", "--json").json
    assert result["status"] == "verified"
    behaviour = result["behaviour"]
    assert (behaviour and behaviour["verdict"]) == verdict
    if behaviour:
        assert behaviour["says"].startswith(says)
        assert (behaviour["cycle"] is None) == (verdict == "unchanged")


def test_where_nothing_is_proved_the_tests_of_both_versions_speak(bench: Bench) -> None:
    start(bench, "[]")
    latch = "  reg l; always @* if (start) l = rst;\n  assign done = s[1] & (l | ~rst);"
    bench.write("pulse.v", pulse(2).replace("  assign done = s[1];", latch))
    block = "<<<<<<< SEARCH\n(l | ~rst)\n=======\n(~rst | l)\n>>>>>>> REPLACE\n"
    ran = bench.run(
        "edit", "pulse.v", "--instruction", "Not twice", "--tests", "test_pulse.py",
        "--generator", bench.script(block), "--reflector", "rules", "--json",
    )  # fmt: skip
    assert (ran.code, ran.json["behaviour"]["verdict"]) == (0, "unknown")
    assert (
        "it has a latch; the tests say the same of both versions" in ran.json["behaviour"]["says"]
    )
