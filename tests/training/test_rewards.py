import pytest

from training.rewards import Claim, Rewards, candidate, escape, graded, reward_function

TESTS = """\
import cocotb
from cocotb.triggers import Timer


@cocotb.test()
async def inverts(dut):
    for a in (0, 1):
        dut.a.value = a
        await Timer(1, unit="ns")
        assert dut.y.value == 1 - a
"""


def inverter(body: str, ports: str = "input a, output y") -> str:
    return f"```verilog\nmodule inv({ports});\n{body}\nendmodule\n```"


RIGHT = inverter("  assign y = ~a;")


@pytest.fixture(scope="module")
def rewards():
    found = Rewards(seconds=2)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("reply", "compiles", "works"),
    [
        (RIGHT, 1.0, 1.0),
        ("I can't do that.", 0.0, 0.0),
        (inverter("  assign y = a;"), 1.0, 0.0),
        (inverter("  assign y = b;"), 0.2, 0.0),  # unable to bind
        (inverter("  assign y = ~a"), 0.0, 0.0),  # syntax
        (inverter("  other u(.a(a), .y(y));"), 0.0, 0.0),  # unknown module type
        (inverter("  assign y = ~a;\n  initial $finish;"), 0.0, 0.0),
        (inverter("  assign y = ~a;\n  always @(a) $display(1);"), 0.0, 0.0),
        (inverter("  assign y = tb.expected;"), 0.0, 0.0),
        (inverter("  reg y;\n  always @(a) begin while (1) y = ~a; end"), 1.0, 0.0),
    ],
)
def test_what_a_completion_earns(rewards, reply, compiles, works):
    claim = Claim(reply, "inv", TESTS)
    assert rewards.score("compile", [claim]) == [compiles]
    assert rewards.score("function", [claim]) == [works]


def test_a_batch_keeps_its_order(rewards):
    wrong = inverter("  assign y = a;")
    claims = [Claim(RIGHT if n % 3 else wrong, "inv", TESTS) for n in range(9)]
    assert rewards.score("function", claims) == [float(n % 3 > 0) for n in range(9)]


def test_what_could_not_be_found_out_is_none(rewards):
    assert rewards.score("function", [Claim(RIGHT, "inv")]) == [None]
    broken = TESTS.replace("import cocotb", "import nothing_of_that_name\nimport cocotb", 1)
    assert rewards.score("function", [Claim(RIGHT, "inv", broken)]) == [None]


def test_a_machine_that_is_too_busy_is_no_bad_design():
    starved = Rewards(seconds=0.001)  # a hundredth of a second until it is given up
    try:
        assert starved.score("function", [Claim(RIGHT, "inv", TESTS)]) == [None]
    finally:
        starved.close()


def test_an_edit_is_read_against_its_base(rewards):
    base = "module inv(input a, output y);\n  assign y = a;\nendmodule\n"
    reply = "<<<<<<< SEARCH\n  assign y = a;\n=======\n  assign y = ~a;\n>>>>>>> REPLACE"
    assert rewards.score("function", [Claim(reply, "inv", TESTS, base)]) == [1.0]
    assert candidate(Claim(reply, "inv", TESTS)) is None


def test_trl_passes_columns(rewards):
    reward = reward_function(rewards, "compile")
    turns = [[{"role": "assistant", "content": RIGHT}]]
    assert reward.__name__ == "compile"
    assert reward(
        prompts=["?"], completions=turns, module=["inv"], tests=[""], base=[""], task=["spec"]
    ) == [1.0]


@pytest.mark.parametrize(
    ("body", "reaches"),
    [
        ("wire [$clog2(8)-1:0] w; assign y = $signed(a);", None),
        ("sub u(.a(a), .y(y));", None),
        ("sub u [1:0] (.a(a), .y(y)); assign z = u[0].q;", None),
        ("generate for (i=0;i<2;i=i+1) begin : g wire w; end endgenerate assign y = g[0].w;", None),
        ("typedef struct packed {logic f;} s; s r; assign y = r.f;", None),
        ('initial $readmemh("x", m);', "$readmemh"),
        ("assign y = $root.tb.good;", "$root"),
        ("assign y = tb.good1;", "tb.good1"),
        ("assign y = tb.a[1].good1;", "tb.a"),
        ('`include "/etc/passwd"', "`include"),
        ("`define E $finish\ninitial `E;", "$finish"),
        ("always @(a) \\$display (1);", "$display"),
        ("initial \\$finish ;", "$finish"),
        ("`define N display\ninitial $`N (1);", "$"),
        ("`define C(x) x\ninitial `C($)finish;", "$"),
        ("// a comment\rinitial $finish;", "$finish"),
        ('integer f; initial f = \\$fopen ("x");', "$fopen"),
        ("`define Q /*\ninitial $finish; /* */", "$finish"),
        ("`define X tb.good1\nassign y = `X;", "tb.good1"),
        ("`define X tb\nassign y = `X.good1;", "`X.good1"),
        ("`define W 4\nsub u(.a(`W), .y(y));", None),
        ("initial force a = 1;", "force"),
        ("import p::*; assign y = p::K;", None),
        ('import "DPI-C" function int system(string s);', '"DPI-C"'),
    ],
)
def test_designs_that_reach_out(body, reaches):
    assert escape(f"module m(input a, output y);\n{body}\nendmodule\n") == reaches


@pytest.mark.parametrize(
    ("log", "reward"),
    [
        ("m.v:3: error: Unable to bind wire/reg/memory `b' in `m'", 0.2),
        ("m.v:3: error: y is not a net; Unknown module type: q", 0.0),
        ("m.v:3: syntax error", 0.0),
        ("m.v:3: warning: implicit definition of wire 'b'.\nm.v:4: syntax error", 0.0),
    ],
)
def test_grades_of_failing(log, reward):
    assert graded(log) == reward
