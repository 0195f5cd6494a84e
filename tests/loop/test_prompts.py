"""What the prompts tell a model of a specification."""

import pytest

from spec2rtl.loop import prompts
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.job import Job
from spec2rtl.rtl import CompileReport, Design, Diagnostic, Language, SourceFile
from spec2rtl.spec.parse import parse

PORTS = "- input clk\n- input rst_n: {reset}\n- output {kind}[3:0] q\n"


def asked(reset: str, kind: str = "", language: Language = "verilog") -> str:
    job = job_of(PORTS.format(reset=reset, kind=kind), language)
    return prompts.first(job, prefill=False).messages[-1].content


def job_of(text: str, language: Language = "verilog") -> Job:
    spec = parse(text)
    return Job(
        task="generate",
        module="m",
        target=SourceFile("m.v", ""),
        language=language,
        context=Design(()),
        testbench=None,
        spec=spec,
        interface=spec.interface("m"),
    )


@pytest.mark.parametrize(
    ("reset", "says"),
    [
        ("synchronous, active low", "`always @(posedge clk)`, `if (!rst_n)` first"),
        (
            "asynchronous, active low",
            "`always @(posedge clk or negedge rst_n)`, `if (!rst_n)` first",
        ),
        ("synchronous reset, active high", "`always @(posedge clk)`, `if (rst_n)` first"),
    ],
)
def test_what_registers_wait_for(reset: str, says: str) -> None:
    assert f"`rst_n` resets: {says}" in asked(reset)


def test_a_reset_of_which_too_little_is_said() -> None:
    assert "always @" not in asked("resets the module")


@pytest.mark.parametrize(
    ("kind", "language", "shown"),
    [
        ("", "verilog", "output wire [3:0] q"),
        ("reg ", "verilog", "output reg [3:0] q"),
        ("reg ", "systemverilog", "output logic [3:0] q"),
    ],
)
def test_the_header_to_begin_with(kind: str, language: Language, shown: str) -> None:
    assert f"    {shown}\n);\n```" in asked("synchronous, active low", kind, language)


def test_what_a_description_mentions_is_no_register() -> None:
    told = asked("synchronous, active low, as in `output reg [3:0] r`: see q")
    assert "    output wire [3:0] q\n" in told


def test_what_is_wrong_in_another_file_is_told_of_that_file() -> None:
    job, rtl = job_of("- output y"), "module m(output y);\nassign y = w;\nendmodule\n"

    def failing(file: str) -> Attempt:
        where = Diagnostic(
            file, 2, 12, 2, 13, "error", "undeclared-identifier", "no `w'", "iverilog"
        )
        return Attempt(0, rtl=rtl, compiled=CompileReport(False, "compile_error", (where,)))

    own, other = failing(job.target.path), failing("/w/leaf.v")
    assert prompts.describe(job, own).endswith("\n- line 2 (`assign y = w;`): no `w'")
    assert own.ruled(job) is not None
    assert prompts.describe(job, other).endswith("\n- leaf.v, line 2: no `w'")
    assert other.ruled(job) is None
