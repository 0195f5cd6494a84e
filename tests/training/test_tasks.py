"""Prompts and answers: those of the loop, and confirmed by the tools."""

import asyncio
import random

import pytest

from spec2rtl.loop.prompts import GENERATOR, WHOLE_OR_BLOCKS
from spec2rtl.repair.blocks import has_edit_blocks, read_edit_blocks
from spec2rtl.repair.edits import apply_edits
from training.families import draw
from training.mutate import mutants
from training.records import Sample, Source
from training.rewards import Claim, Rewards
from training.tasks import answer_of, samples_of

RTL = """\
module m(input clk, input rst, input [3:0] d, output reg [3:0] q);
  wire [3:0] next = d + 4'd1;
  always @(posedge clk) begin
    if (rst) begin
      q <= 4'd0;
    end else begin
      q <= next;
    end
  end
endmodule
"""


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    names = {"counter", "priority_encoder"}
    return asyncio.run(samples_of([s for s in draw(1, 2) if s.family in names], 0, None))


def test_all_three_tasks(samples: list[Sample]) -> None:
    assert {s.task for s in samples} == {"spec", "edit", "debug"}
    assert len({s.id for s in samples}) == len(samples)
    for s in samples:
        assert s.origin.startswith("spec2rtl family")
        assert s.licence == "Apache-2.0"


def test_progress_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    plain = "module {0}(input a, output y);\nassign y = a;\nendmodule\n"
    sources = [Source(n, n, plain.format(n), "here", "MIT", specs=("Pass a.",)) for n in ("m", "n")]
    found = asyncio.run(samples_of(sources, 0, None))
    told = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in told] == ["1 of 2 designs", "2 of 2 designs"]
    assert told[1] == f"2 of 2 designs: {len(found)} tasks"


def test_the_words_are_those_of_the_loop(samples: list[Sample]) -> None:
    for s in samples:
        assert s.prompt[0].content == GENERATOR.format(language="Verilog-2001")
        assert s.completion[0].role == "assistant"
        if s.task != "spec":
            assert WHOLE_OR_BLOCKS.format(module=s.module) in s.prompt[-1].content


def test_faults_are_told_in_the_tools_words(samples: list[Sample]) -> None:
    told = [s.prompt[-1].content for s in samples if s.task == "debug"]
    assert told
    assert all(t.startswith(("It does not compile:\n- line", "It compiles; ")) for t in told)


def test_every_answer_earns_its_reward(samples: list[Sample]) -> None:
    rewards = Rewards()
    claims = [Claim(s.completion[0].content, s.module, s.tests, s.base) for s in samples]
    assert rewards.score("function", claims) == [1.0] * len(samples)
    rewards.close()


def test_mutants_differ_in_one_place() -> None:
    found = mutants(RTL, random.Random(1))
    kinds = {m.kind for m in found}
    assert {"missing-semicolon", "output-not-reg", "operator", "negated-condition"} <= kinds
    for mutant in found:
        changed = [a != b for a, b in zip(RTL.split("\n"), mutant.rtl.split("\n"), strict=True)]
        assert sum(changed) == 1, mutant.kind


@pytest.mark.parametrize("seed", range(20))
def test_an_answer_leads_from_one_text_to_the_other(seed: int) -> None:
    """Lines changed, put in, taken out, at either end too."""
    rng = random.Random(seed)
    lines = [f"line {rng.randrange(6)}" for _ in range(30)]
    changed = list(lines)
    for _ in range(3):
        at = rng.randrange(len(changed))
        changed[at : at + rng.randrange(2)] = [f"new {rng.randrange(9)}"] * rng.randrange(3)
    old, new = "\n".join(lines) + "\n", "\n".join(changed) + "\n"
    answer = answer_of(old, new)
    if has_edit_blocks(answer):
        assert apply_edits(old, read_edit_blocks(answer)) == new
    else:
        assert answer == f"```verilog\n{new.rstrip()}\n```"
