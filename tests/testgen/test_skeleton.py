"""Test modules that are begun for a small model: they run, and judge what its model says."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from spec2rtl.chat import Chunk, Delta, Prompt, Reply
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.events import Event, Limits, Rejected
from spec2rtl.loop.job import Job
from spec2rtl.rtl import Design, SourceFile, Testbench
from spec2rtl.session import SystemClock
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse
from spec2rtl.testgen.replies import read_tests
from spec2rtl.testgen.skeleton import skeleton
from spec2rtl.testgen.writer import Sample, Writer
from tests.loop.crew import CommentToolchain, ListModel

ROOT = Path(__file__).parents[2]
COUNTER = """\
        self.count = 0

    def step(self, rst, en):
        self.count = 0 if rst else self.count + en
        return {"count": self.count}


@cocotb.test()
async def requirement_3(dut):
    \"\"\"Requirement 3: it holds.\"\"\"
    await begin(dut)
    model = Model()
    await check(dut, model, en=1)
    await check(dut, model, en=0)
"""
ADDER = """\
        pass

    def step(self, a, b):
        return {"sum": a + b, "carry": 0}
"""
ADDER_SPEC = """\
# Adder

The module `adder` adds.

- `input [3:0] a`
- `input [3:0] b`
- `output [4:0] sum`: is `a + b`
"""
HOLD = """\
        self.q = 0

    def step(self, rst_n, d):
        self.q = d if rst_n else 0
        return {"q": self.q}
"""
HOLD_SPEC = """\
# Hold

The module `hold` holds a bit.

- `input clk`: clock
- `input rst_n`: asynchronous reset, active low
- `input d`
- `output reg q`: takes `d` at the rising edge of `clk`
"""


class SmallModel:
    """Goes on with what is begun, each time in another way."""

    name = "small"
    strong = False
    continues = True
    parallel = 1

    def __init__(self, *rests: str, truncated: bool = False) -> None:
        self.rests, self.truncated = list(rests), truncated
        self.prompts: list[Prompt] = []

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        self.prompts.append(prompt)
        text = prompt.prefix + self.rests.pop(0)
        yield Delta(text)
        yield Reply(text, truncated=self.truncated)

    async def aclose(self) -> None:
        """Nothing to let go of."""


def design(name: str) -> str:
    """The right design of an example."""
    return next((ROOT / "tests/examples/references").glob(f"{name}.*")).read_text()


def counter() -> Spec:
    return parse((ROOT / "examples/counter/counter.spec.md").read_text())


async def written(spec: Spec, module: str, model: SmallModel) -> tuple[Sample, list[Event]]:
    interface = spec.interface(module)
    assert interface
    heard: list[Event] = []
    tools = IcarusToolchain(find_tools())
    writer = Writer(model, tools, SystemClock(), Limits(), 0, heard.append)
    sample = await writer.sample(spec, interface)
    await tools.aclose()
    return sample, heard


async def passes(sample: Sample, rtl: str, module: str) -> bool:
    assert sample.testbench
    tools = IcarusToolchain(find_tools())
    design = Design((SourceFile(f"/{module}.v", rtl),), top=module)
    report = await tools.simulate(design, sample.testbench)
    await tools.aclose()
    return report.status == "passed"


async def test_a_clocked_design_is_held_against_the_model() -> None:
    sample, _ = await written(counter(), "counter", SmallModel(COUNTER + "```\n"))
    assert sample.testbench
    assert sample.testbench.tests == ("random_inputs", "reset_waits_for_the_clock", "requirement_3")
    right = design("counter")
    assert await passes(sample, right, "counter")
    assert not await passes(
        sample, right.replace("posedge clk", "posedge clk or posedge rst"), "counter"
    )
    assert not await passes(sample, right.replace("4'd1", "4'd2"), "counter")
    assert not await passes(sample, right.replace("[3:0]", "[2:0]"), "counter")


async def test_one_without_a_clock_too() -> None:
    sample, _ = await written(parse(ADDER_SPEC), "adder", SmallModel(ADDER + "```\n"))
    head = "module adder(input [3:0] a, input [3:0] b, output [4:0] sum);\n"
    assert await passes(sample, f"{head}assign sum = a + b;\nendmodule", "adder")
    assert not await passes(sample, f"{head}assign sum = a - b;\nendmodule", "adder")


async def test_ports_that_are_words_of_python_or_of_the_skeleton() -> None:
    spec = parse(
        "# M\n\nThe module `m`.\n\n- `input clk`: clock\n- `input rst`: synchronous reset, active high\n"
        "- `input [3:0] in`\n- `input rng`\n- `output reg [3:0] is`: takes `in` where `rng` is 1\n"
    )
    rest = HOLD.replace("self, rst_n, d", "self, rst, in_, rng_")
    rest = rest.replace("d if rst_n else 0", "0 if rst else in_ if rng_ else self.q")
    sample, _ = await written(spec, "m", SmallModel(rest.replace('"q"', '"is"') + "```\n"))
    head = "module m(input clk, input rst, input [3:0] in, input rng, output reg [3:0] is);\n"
    body = "always @(posedge clk) if (rst) is <= 0; else if (rng) is <= in;\nendmodule"
    assert await passes(sample, head + body, "m")
    assert not await passes(sample, head + body.replace("else if (rng)", "else"), "m")


async def test_what_is_cut_off_at_the_end_is_left_out() -> None:
    rest = COUNTER + "\n\n@cocotb.test()\nasync def requirement_4(dut):\n    await check(dut, mo"
    sample, _ = await written(counter(), "counter", SmallModel(rest, truncated=True))
    assert sample.testbench
    assert sample.testbench.tests == ("random_inputs", "reset_waits_for_the_clock", "requirement_3")


async def test_a_refused_one_is_begun_again() -> None:
    none = "        pass\n\n    def step(self, rst, en):\n        return {}\n```\n"
    model = SmallModel(none, none.replace("{}", "0"), COUNTER + "```\n")
    sample, heard = await written(counter(), "counter", model)
    assert sample.testbench
    first, second = (event.why for event in heard if isinstance(event, Rejected))
    assert first == "They pass on a design whose outputs stay 0."
    assert "argument of type 'int' is not" in second
    assert len({prompt.messages for prompt in model.prompts}) == 1
    assert len({prompt.seed for prompt in model.prompts}) == 3


@pytest.mark.parametrize(
    "ports",
    [
        "- `input in`\n- `input in_`\n- `output q`\n",
        "- `input clk_a`: clock\n- `input clk_b`: clock\n- `input d`\n- `output q`\n",
        "- `input d`\n- `inout q`\n",
    ],
)
def test_what_it_is_not_made_for_is_not_begun(ports: str) -> None:
    spec = parse(f"# M\n\nThe module `m`.\n\n{ports}")
    interface = spec.interface("m")
    assert interface
    assert skeleton(interface, spec) is None


@pytest.mark.parametrize(
    ("edge", "right"), [("posedge clk or negedge rst_n", True), ("posedge clk", False)]
)
async def test_an_asynchronous_reset_is_told_from_one_that_waits(edge: str, right: bool) -> None:
    spec = parse(HOLD_SPEC)
    sample, _ = await written(spec, "hold", SmallModel(HOLD + "```\n"))
    rtl = (
        "module hold(input clk, input rst_n, input d, output reg q);\n"
        f"always @({edge}) if (!rst_n) q <= 0; else q <= d;\nendmodule"
    )
    assert await passes(sample, rtl, "hold") is right


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests/examples/references").iterdir()), ids=lambda p: p.stem
)
async def test_what_is_there_by_construction_holds_for_the_examples(path: Path) -> None:
    spec = parse((ROOT / "examples" / path.stem / f"{path.stem}.spec.md").read_text())
    # A model that leaves every output open.
    silent = "        pass\n\n    def step(self, *inputs):\n        return {}\n"
    interface = spec.interface(path.stem)
    assert interface
    begun = skeleton(interface, spec)
    bench = read_tests(f"```python\n{begun}{silent}```\n", interface, truncated=False)
    assert isinstance(bench, Testbench)
    reset = "reset_does_not_wait" if path.stem == "uart_tx" else "reset_waits_for_the_clock"
    assert bench.tests == ("random_inputs", reset)
    assert await passes(Sample(bench, ()), design(path.stem), path.stem)


@pytest.mark.parametrize(
    ("name", "active"),
    [("rst_n", "0"), ("por_n", "0"), ("rst_in", "1"), ("reset_in", "1"), ("rst", "1")],
)
def test_at_which_level_a_reset_works_is_told_by_its_name(name: str, active: str) -> None:
    spec = parse(
        f"# M\n\nThe module `m`.\n\n- `input clk`: clock\n- `input {name}`: reset\n- `output q`\n"
    )
    interface = spec.interface("m")
    assert interface
    assert f"    dut.{name}.value = {active}\n    for _" in (skeleton(interface, spec) or "")


async def test_a_drawn_design_leaves_out_what_other_files_hold() -> None:
    spec = counter()
    helper = "module helper(input a); endmodule\n"
    top = "module counter(input clk, rst, en, output [3:0] q);\n  helper h(en);\nendmodule\n"
    job = Job("generate", "counter", SourceFile("/counter.v", ""), spec=spec,
              context=Design((SourceFile("/helper.v", helper),)))  # fmt: skip
    model, heard = ListModel([f"```verilog\n{helper}\n{top}```\n"]), list[Event]()
    writer = Writer(model, CommentToolchain(), SystemClock(), Limits(), 0, heard.append)
    (design,) = await writer.designs(job, 1)
    assert design.sources[-1].text == top
