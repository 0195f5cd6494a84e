"""A failing sample of a Verilog test bench, recorded and explained to the models."""

from typing import Any

import pytest

from spec2rtl.evals.bench import Workbench
from spec2rtl.evals.verilog_eval import SealedBench
from spec2rtl.evidence.explain import explain
from spec2rtl.evidence.show import text
from spec2rtl.rtl import Design, SourceFile
from tests.evals.shell import Shell
from tests.evals.small import (
    REFLECTION,
    VE_REFERENCE,
    VE_RIGHT,
    VE_TEST,
    VE_WRONG,
    WRONG,
    cvdp,
    cvdp_file,
    fenced,
    references,
    verilog_eval_folder,
)
from tests.evals.small_model import small_model

RECORDED = "The first failure, recorded:"
COUNTING = """\
module TopModule(input clk, input [3:0] a, input [3:0] b, output reg [4:0] sum);
  always @(posedge clk) sum <= a + b{};
endmodule
"""


def oracle(bench: Workbench, test: str = VE_TEST, reference: str = VE_REFERENCE) -> SealedBench:
    return SealedBench("Prob1", test, reference, bench, references())


async def explanation(sealed: SealedBench, rtl: str) -> str | None:
    """What is said of the first output that a design gets wrong."""
    candidate = {"Prob1.sv": rtl}
    found = (await sealed.examine(candidate)).simulated
    assert found is not None
    failed = next(test for test in found.tests if test.status == "failed")
    recording = await sealed.record(candidate, failed)
    design = Design((SourceFile("/Prob1/Prob1.sv", rtl),), top="TopModule")
    why = recording and explain(recording, failed, design, sealed.testbench)
    return text(why) if why else None


async def test_it_tells_what_the_reference_answers(bench: Workbench) -> None:
    said = await explanation(oracle(bench), VE_WRONG)
    assert said is not None
    head, values, *rows = said.splitlines()
    assert head == "sum fails: 96 mismatches, the first at time 10"
    assert values == "sum: expected 00110, actual 11110"
    table = [row.split() for row in rows[1:6]]
    assert [row[0] for row in table] == ["ns", "sum", "sum", "a", "b"]
    assert table[2][1:] == ["wanted", "xxxxx", "0x06", "0x06"]
    assert ">   assign sum = a - b;" in said


async def test_a_clocked_design_is_told_by_cycles(bench: Workbench) -> None:
    test = VE_TEST.replace("Module good1 (", "Module good1 (.clk, ")
    test = test.replace("Module top_module1 (", "Module top_module1 (.clk, ")
    reference = COUNTING.format("").replace("TopModule", "RefModule")
    said = await explanation(oracle(bench, test, reference), COUNTING.format(" + 1"))
    assert said is not None
    assert any(line.split()[0] == "cycle" for line in said.splitlines() if line)
    (wanted,) = (line.split() for line in said.splitlines() if line.startswith("sum wanted"))
    (given,) = (line.split() for line in said.splitlines() if line.startswith("sum   "))
    assert int(given[-1], 16) == int(wanted[-1], 16) + 1


async def test_no_secret_of_the_sealed_bench_is_in_it(bench: Workbench) -> None:
    sealed = oracle(bench)
    candidate = {"Prob1.sv": VE_WRONG}
    found = (await sealed.examine(candidate)).simulated
    assert found is not None
    recording = await sealed.record(candidate, found.tests[0])
    assert recording is not None
    assert set(recording.names) == {f"TopModule.{n}" for n in ("a", "b", "sum", "sum wanted")}


async def test_a_design_that_dumps_itself_is_recorded_all_the_same(bench: Workbench) -> None:
    dumps = VE_WRONG.replace(
        "endmodule", '  initial begin $dumpfile("x.vcd"); $dumpvars; end\nendmodule'
    )
    assert await explanation(oracle(bench), dumps) is not None


def evaluated(shell: Shell, *argv: object) -> tuple[dict[str, Any], str]:
    """The report on a wrong reply and a right one, and all that the models were told."""
    folder = verilog_eval_folder(shell.folder / "d", "Prob1")
    report = shell.report(
        "verilog-eval", "--dataset", folder, "--out", shell.folder / "out",
        "--generator", shell.script(fenced(VE_WRONG), fenced(VE_RIGHT)),
        "--reflector", shell.script(REFLECTION, name="reflections.json"), *argv,
    )  # fmt: skip
    return report, "\n".join(shell.prompts(shell.folder / "out"))


@pytest.mark.parametrize(
    ("argv", "evidence"), [((), "on"), (("--evidence", "on"), "on"), (("--evidence", "off"), "off")]
)
def test_a_shown_harness_is_explained(shell: Shell, argv: tuple[str, ...], evidence: str) -> None:
    report, said = evaluated(shell, "--feedback", "harness", *argv)
    assert report["problems"][0]["verdict"] == "passed"
    assert (report["policy"], report["evidence"]) == ("reflection", evidence)
    assert (RECORDED in said) is (evidence == "on")
    assert ("sum wanted" in said) is (evidence == "on")
    markdown = (shell.folder / "out" / "report.md").read_text()
    assert f"Policy `reflection`, evidence `{evidence}`." in markdown


@pytest.mark.parametrize("argv", [(), ("--evidence", "off")])
def test_a_hidden_one_never_is(shell: Shell, argv: tuple[str, ...]) -> None:
    report, said = evaluated(shell, *argv)
    assert (report["feedback"], report["evidence"]) == ("none", "off")
    assert RECORDED not in said


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        ((), "only a test that the loop is shown can be explained; say --feedback harness"),
        (("--feedback", "harness", "--loop", "single"), "only a test that the loop is shown"),
        (("--feedback", "harness", "--policy", "sampling"), "draws anew and is shown no failure"),
    ],
)
def test_where_it_reaches_no_prompt_it_is_refused(
    shell: Shell, argv: tuple[str, ...], why: str
) -> None:
    folder = verilog_eval_folder(shell.folder / "d", "Prob1")
    said = shell.refused(
        "verilog-eval", "--dataset", folder, "--out", shell.folder / "out", "--evidence", "on",
        "--generator", shell.script(fenced(VE_WRONG)), "--reflector", "rules", *argv,
    )  # fmt: skip
    assert "--evidence on: " in said
    assert why in said
    assert not (shell.folder / "out").exists()


def test_a_harness_of_cvdp_is_not_recorded(shell: Shell) -> None:
    said = shell.refused(
        "cvdp", "--dataset", cvdp_file(shell.folder / "d.jsonl", cvdp()), "--evidence", "on",
        "--generator", shell.script(fenced(WRONG)), "--reflector", "rules", "--feedback", "harness",
    )  # fmt: skip
    assert "--evidence on: the harnesses of CVDP are not recorded" in said


def test_one_reply_has_no_policy(shell: Shell) -> None:
    report, _ = evaluated(shell, "--loop", "single")
    assert (report["policy"], report["evidence"]) == (None, "off")
    assert "Policy `" not in (shell.folder / "out" / "report.md").read_text()


@pytest.mark.parametrize("policy", ["reflection", "sampling"])
def test_a_small_generator_is_shown_failures_only_if_asked_to(shell: Shell, policy: str) -> None:
    folder = verilog_eval_folder(shell.folder / "d", "Prob1")
    wrong = fenced(VE_WRONG.replace("a - b", "5'd3"))
    with small_model(wrong) as generator:
        report = shell.report(
            "verilog-eval", "--dataset", folder, "--out", shell.folder / "out",
            "--generator", generator, "--reflector", "rules", "--feedback", "harness",
            "--policy", policy,
        )  # fmt: skip
    said = "\n".join(shell.prompts(shell.folder / "out"))
    assert report["evidence"] == ("on" if policy == "reflection" else "off")
    assert (RECORDED in said) is (policy == "reflection")
