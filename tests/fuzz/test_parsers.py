"""Every parser on text that nobody vouches for: no crash, no hang.

Each gets `FUZZ_SECONDS` (`make fuzz`: ten minutes). What breaks one is put into
`tests/data/fuzz/PARSER/` and read by all of these tests from then on.
"""

import contextlib
import os
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spec2rtl.eda.logs import parse as parse_log
from spec2rtl.eda.miter import Pair, Pin, counterexample, may_be_undefined, shape_of
from spec2rtl.eda.results import Frozen, read_results
from spec2rtl.eda.yosys_faults import faults
from spec2rtl.errors import ToolError
from spec2rtl.evidence.condition import holds
from spec2rtl.evidence.cone import Hierarchy, cone
from spec2rtl.evidence.explain import explain
from spec2rtl.evidence.failure import read_failure
from spec2rtl.evidence.netlist import netlists
from spec2rtl.evidence.queries import answers
from spec2rtl.evidence.slice import constants
from spec2rtl.evidence.wave import Recording, Trace, Wave
from spec2rtl.repair.reflection import Reflection, read_reflection
from spec2rtl.repair.replies import read_reply
from spec2rtl.rtl import Design, Interface, Port, SourceFile, Testbench, TestResult
from spec2rtl.spec.lint import lint as lint_spec
from spec2rtl.spec.lint import mends, with_sentence
from spec2rtl.spec.parse import parse as parse_spec
from spec2rtl.syntax.conformance import differences
from spec2rtl.syntax.expression import Bits, Form
from spec2rtl.syntax.lint import lint as lint_rtl
from spec2rtl.testgen.mutants import mutants
from spec2rtl.testgen.replies import read_tests, requirements_of

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "tests" / "data" / "fuzz"
SECONDS = float(os.environ.get("FUZZ_SECONDS", "7"))
HANGS = 20.0
"""Seconds for one text; the machine may be busy."""

RTL = (ROOT / "tests/examples/references/fifo.v").read_text()
SPEC = (ROOT / "examples/fifo/fifo.spec.md").read_text()
LOG = (
    "m.v:2: error: Unable to bind wire/reg/memory `nope' in `m'\n"
    "m.v:2:      : It was declared here.\nm.v:3: syntax error\nI give up.\n"
    "*** These modules were missing:\n        gone referenced 2 times.\n***\n"
    "2 error(s) during elaboration.\n"
)
RESULTS = (
    '<testsuites name="r"><testsuite name="all"><testcase classname="test_m" name="t" time="0.1">'
    '<failure message="assert 0 == 1">File "/s/test_m.py", line 5, in t</failure><properties>'
    '<property name="sim_time_duration" value="6.5"/></properties></testcase></testsuite>'
    "</testsuites>"
)
REPLY = (
    f"Here it is:\n\n```verilog\n{RTL}```\n\n<<<<<<< SEARCH\nmodule m;\n=======\nmodule n;\n"
    ">>>>>>> REPLACE\n"
)
REFLECTION = '{"root_cause": "x", "lines": [1], "edits": [{"search": "a", "replace": "b"}]}'
ASKING = (
    '{"root_cause": "", "lines": [], "edits": null, "instruction": null, "queries": [{"kind": "first",'
    ' "condition": "count == 3 && !(rst || count[1:0] > top)", "from_ns": 10, "to_ns": 1e3},'
    ' {"kind": "count", "condition": "-count < 4\'sd2", "from_ns": null, "to_ns": null},'
    ' {"kind": "stuck", "condition": null, "from_ns": null, "to_ns": null}]}'
)
NETLIST = (
    '{"modules": {"m": {"ports": {"clk": {"direction": "input", "bits": [2]}, "r": {"direction":'
    ' "input", "bits": [3]}, "q": {"direction": "output", "bits": [4, "x"]}}, "cells": {"a": {"type":'
    ' "$not", "port_directions": {"A": "input", "Y": "output"}, "connections": {"A": [3], "Y": [5]}},'
    ' "b": {"type": "$adff", "parameters": {"CLK_POLARITY": "1", "ARST_POLARITY": "0"},'
    ' "attributes": {"src": "m.v:2.1-2.9"}, "port_directions": {"ARST": "input", "CLK": "input",'
    ' "D": "input", "Q": "output"}, "connections": {"ARST": [5], "CLK": [2], "D": [4], "Q": [4]}}},'
    ' "netnames": {"q": {"bits": [4], "attributes": {"init": "x0"}}}}}}'
)
COUNTEREXAMPLE = "input 0 0 d\ninput 1 1 d\ninput 2 0 r\noutput 0 0 y\n---\n# x\n00\n101\n011\n"
PAIR = Pair(
    (Pin("clk", "input", 1), Pin("d", "input", 2), Pin("r", "input", 1), Pin("y", "output", 1)),
    ("clk", True),
    (("r", True),),
    None,
)
YOSYS = (
    "Warning: multiple conflicting drivers for $paramod\\m\\W=4.\\q [3]:\n    port Q[3]\n"
    "Warning: found logic loop in module m:\n    cell $and source: m.v:2.1-2.9|m.v:3.1-3.4\n"
    "ERROR: Latch inferred for signal `\\m.\\q' from always_comb process `\\m.$proc$m.v:2$1'.\n"
)
TEST = (
    "async def t(dut):\n    seen = dut.q.value\n    assert seen == 3, f'q is {seen}, expected 3'\n"
    "assert LogicArray('0101', Range(3, 'downto', 0)) == 2\n"
)
WRITTEN = (
    "Tests:\n\n```python\nimport random\nimport cocotb\n\n@cocotb.test()\nasync def t(dut):\n"
    '    """Requirement 1 and 2: q."""\n    dut.clk.value = 1\n    assert dut.q.value == 0\n```\n'
)
CONDITIONS = (
    "a[1:0] == 2'b01 && !(b || {a, b} >= 8'hF)",
    "~b ^ &a | (a.b << 2) - 1",
    "(c ** 3 >>> 1) / -c < 4'sd3 ? $signed(a) : c[4 -: 2] == '1",
)
COUNTED = Design(
    (
        SourceFile(
            "/m.v",
            "module m(input clk, rst, output reg [3:0] count);\n"
            "always @(posedge clk) count <= rst ? 0 : count + 1;\nendmodule\n",
        ),
    ),
    top="m",
)
_TIMES = tuple(range(0, 100, 5))
RECORDING = Recording.of(
    "t",
    Wave(
        1.0,
        0,
        100,
        (
            Trace("m.clk", 1, _TIMES, ("0", "1") * 10),
            Trace("m.rst", 1, (0, 12), ("1", "0")),
            Trace("m.count", 4, _TIMES[1::2], ("xxxx", *(f"{n:04b}" for n in range(9)))),
        ),
    ),
    0.0,
    90.0,
)
EXPLANATION = explain(
    RECORDING, TestResult("t", "failed", "count is 2"), COUNTED, Testbench("t", "/t.py", "")
)
KNOWN = {"a": Bits("01x"), "b": Bits("1"), "c": Bits("101", Form(signed=True, last=2))}
INTERFACE = Interface("fifo", (Port("clk", "input"), Port("q", "output", "7", "0")))


def spec(text: str) -> None:
    understood = parse_spec(text)
    for issue in lint_spec(understood)[:3]:
        for sentence in mends(understood, issue):
            with_sentence(text, issue, sentence)


def reply(text: str) -> None:
    for task in ("generate", "repair", "edit"):
        read_reply(
            text,
            task=task,
            module="fifo",
            base=RTL,
            interface=INTERFACE,
            language="verilog",
            truncated=False,
        )
    read_reflection(text)
    read = read_reflection(text, may_ask=True)
    if isinstance(read, Reflection) and read.queries and EXPLANATION:
        assert answers(RECORDING, EXPLANATION, read.queries)
    read = read_tests(text, INTERFACE, truncated=False)
    if isinstance(read, Testbench):
        requirements_of(read.text)


def rtl(text: str) -> None:
    for fault in lint_rtl(text):
        assert 0 <= fault.start < fault.end <= len(text)
    for found in differences(text, parse_spec(SPEC), "fifo"):
        assert 0 <= found.start < found.end <= len(text)
    for top, netlist in (known := netlists(Design((SourceFile("m.v", text),)))).items():
        cone(Hierarchy(known, top), netlist.drivers)
        constants(netlist, {})
    for mutant in islice(mutants(Design((SourceFile("m.v", text),)), ["m.v"], 0), 20):
        assert mutant.design.sources[0].text != text


def failure(text: str) -> None:
    for line in range(1, text.count("\n") + 2, 3):
        test = TestResult("t", "failed", text, file="/u/test_m.py", line=line)
        read_failure(test, Testbench("test_m", "/u/test_m.py", text), INTERFACE.ports)


def netlist(text: str) -> None:
    for read in (
        lambda: shape_of(text, "m"),
        lambda: may_be_undefined(text),
        lambda: faults("", text, {}),
    ):
        with contextlib.suppress(ToolError):
            read()


def counterexample_of(text: str) -> None:
    aiger_map, _, cex = text.partition("---")
    for inputs in counterexample(aiger_map, cex, PAIR) or ():
        assert all(inputs[pin.name] < 1 << pin.width for pin in PAIR.inputs)


FROZEN = Frozen("/s", Testbench("test_m", "/u/test_m.py", "import cocotb\n"))
PARSERS: dict[str, tuple[Callable[[str], object], tuple[str, ...]]] = {
    "spec": (spec, (SPEC, f"Write this:\n```verilog\n{RTL}```\n| a | b |\n|---|---|\n| 0 | 1 |\n")),
    "iverilog": (lambda text: parse_log(text, {"m.v": RTL, "": text}), (LOG,)),
    "results": (lambda text: read_results(text, text, FROZEN), (RESULTS, LOG)),
    "reply": (reply, (REPLY, REFLECTION, ASKING, WRITTEN)),
    "rtl": (rtl, (RTL,)),
    "failure": (failure, (TEST,)),
    "condition": (lambda text: holds(text, KNOWN.get), CONDITIONS),
    "netlist": (netlist, (NETLIST,)),
    "counterexample": (counterexample_of, (COUNTEREXAMPLE,)),
    "yosys": (lambda text: faults(text, "", {"m.v": text}), (YOSYS + RTL,)),
}

MARKS = [*"()[]{}<>|`'\"\\#@;:,.=-*\n\r\t$_ ", "```", "---", "\r\n", "/*", "//", "<=", "@*"]
WORDS = ["begin", "end", "module", "endmodule", "if", "else", "case", "always", "`define", "input"]
PIECE = st.one_of(st.text(max_size=8), st.sampled_from(MARKS), st.sampled_from(WORDS))
PLACE = st.floats(0, 1, allow_nan=False)
CHANGE = st.tuples(PLACE, st.integers(0, 60), PIECE, st.sampled_from([0, 1, 1, 2, 40]))


@st.composite
def texts(draw: st.DrawFn, seeds: tuple[str, ...]) -> str:
    """A text of this kind, cut, doubled and stained in some places; or any text at all."""
    text = draw(st.one_of(st.sampled_from(seeds), st.text(max_size=200)))
    for place, length, piece, times in draw(st.lists(CHANGE, max_size=6)):
        at = int(place * len(text))
        text = text[:at] + (text[at : at + length] + piece) * times + text[at + length :]
    return text


@pytest.mark.parametrize("name", PARSERS)
def test_no_crash_and_no_hang(name: str) -> None:
    parser, seeds = PARSERS[name]
    ends = time.monotonic() + SECONDS

    @settings(
        max_examples=100,
        deadline=HANGS * 1000,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(texts(seeds))
    def run(text: str) -> None:
        parser(text)

    while time.monotonic() < ends:
        run()


def test_what_was_found() -> None:
    for case in KEPT.glob("*/*"):
        parser, _ = PARSERS[case.parent.name]
        parser(case.read_bytes().decode())
