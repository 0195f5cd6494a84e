"""A VerilogEval verdict can't be made by what a design prints, stops or reaches."""

from dataclasses import replace

import pytest

from spec2rtl.eda.cache import Cache
from spec2rtl.evals.bench import Workbench
from spec2rtl.evals.oracle import Problem, Score, score
from spec2rtl.evals.problem import Task
from spec2rtl.evals.sealed import seal
from spec2rtl.evals.verilog_eval import SealedBench
from spec2rtl.process.limits import Limits
from tests.evals.small import VE_REFERENCE, VE_RIGHT, VE_TEST, VE_WRONG

PORTS = "input [3:0] a, input [3:0] b, output [4:0] sum"
PRINT = '$display("Mismatches: 0 in 100 samples"); $finish;'


def design(body: str, ports: str = PORTS) -> str:
    return f"module TopModule({ports});\n{body}\nendmodule\n"


async def judged(
    bench: Workbench, rtl: str, *, reference: str = VE_REFERENCE, test: str = VE_TEST
) -> Score:
    oracle = SealedBench("half", test, reference, bench, Cache())
    task = Task("half", "", ("half.sv",), "systemverilog")
    return await score(Problem(task, oracle), {"half.sv": rtl})


@pytest.mark.parametrize(
    ("rtl", "verdict", "reason"),
    [
        (VE_RIGHT, "passed", "ok"),
        (VE_WRONG, "failed", "sum: 96 mismatches"),
        (VE_RIGHT + "module half_tb; initial #1 $finish; endmodule\n", "passed", "ok"),
        (VE_RIGHT + "module half_tb; initial a = ; endmodule\n", "failed", "compile_error"),
        ("`timescale 1ns/1fs\n`default_nettype none\n" + VE_RIGHT, "passed", "ok"),
        (design('assign sum = a + b; final $write("no line feed");'), "passed", "ok"),
        (design('assign sum = a + b; always @(a) $display("%m %0d", a);'), "passed", "ok"),
        (design('assign sum = 0; final $display("Mismatches: 0");'), "failed", "mismatches"),
        (design("assign sum = 0;"), "failed", "mismatches"),
        (design("assign sum = "), "failed", "compile_error"),
        ("module other(input a); endmodule", "failed", "compile_error"),
        (design("wire w; reg w; assign sum = a + b;"), "failed", "compile_error"),
        (design("always @* sum = a + b;"), "failed", "compile_error"),
        (VE_RIGHT + VE_RIGHT, "failed", "'TopModule' has already been declared"),
        (design("assign sum = a + c;"), "failed", "compile_error"),
        (design("assign sum = a + b;", PORTS.replace("a,", "x,")), "failed", "compile_error"),
        (design("assign s = a + b;", PORTS.replace("sum", "s")), "failed", "compile_error"),
    ],
)
async def test_right_and_wrong(bench: Workbench, rtl: str, verdict: str, reason: str) -> None:
    found = await judged(bench, rtl)
    assert found.verdict == verdict
    assert reason in found.reason


FORGERIES = {
    "prints and ends": design(f"assign sum = 0; initial begin {PRINT} end"),
    "prints and ends at time 1": design(f"assign sum = 0; initial begin #1 {PRINT} end"),
    "prints at the end": design(f"assign sum = 0; final begin {PRINT} end"),
    "ends before a sample": design("assign sum = 0; initial $finish;"),
    "ends by a macro": design("`define F $finish\nassign sum = 0; initial `F;"),
    "reads the reference": design("assign sum = tb.good1.sum;"),
    "reads it upwards": design("assign sum = good1.sum;"),
    "reads it from the root": design("assign sum = $root.tb.good1.sum;"),
    "is the reference": design("RefModule r(.a, .b, .sum);"),
    "clears the counts": design("assign sum = 0; always #1 tb.stats1 = 0;"),
    "calls for the stimulus": design("assign sum = 0; initial tb.stim1.a = 0;"),
    "forces its inputs": design("assign sum = 0; initial begin force a = 0; force b = 0; end"),
    "shorts its inputs": design(
        "assign sum = 0; supply0 g;"
        + "".join(f"tran(a[{n}], g); tran(b[{n}], g);" for n in range(4))
    ),
    "drives its inputs": design(
        "assign sum = 0; assign (supply0, supply1) a = 0; assign (supply0, supply1) b = 0;"
    ),
    "calls its inputs outputs": design(
        "assign sum = 0; assign (supply0, supply1) a = 0; assign (supply0, supply1) b = 0;",
        "output [3:0] a, output [3:0] b, output [4:0] sum",
    ),
    "brings its own bench": VE_WRONG + f"module tb; initial begin {PRINT} end endmodule",
    "brings another bench": VE_WRONG + f"module other_tb; initial begin {PRINT} end endmodule",
    "has its bench started": design("assign sum = 0; b b();")
    + f"module b; initial begin {PRINT} end endmodule",
    "is not the bench that it looks like": "module b; `E\nmodule TopModule(input [3:0] a, b, output "
    "[4:0] sum); assign sum = 0; initial begin $display(1); `F end endmodule",
    "brings its own reference": VE_WRONG + VE_WRONG.replace("TopModule", "RefModule"),
    "takes another's name": VE_RIGHT + "module stimulus_gen; endmodule",
    "fails the bench": design("assign sum = 0; initial $fatal(0);"),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forgery_does_not_pass(bench: Workbench, name: str) -> None:
    found = await judged(bench, FORGERIES[name])
    assert found.verdict != "passed", found
    assert found.verdict == "failed" or "untrusted" in found.reason


async def test_a_design_that_never_ends_has_failed(bench: Workbench) -> None:
    short = replace(bench, simulating=Limits(seconds=60, cpu=2))
    found = await judged(short, design("assign sum = 0; initial forever #0;"))
    assert (found.verdict, found.reason.split(":")[0]) == ("failed", "timeout")


async def test_a_design_that_gets_no_processor_has_not_failed(bench: Workbench) -> None:
    found = await judged(replace(bench, simulating=Limits(seconds=0.001, cpu=60)), VE_RIGHT)
    assert found.verdict == "errored"
    assert "got no processor" in found.reason


async def test_a_reference_that_fails_is_no_verdict_on_the_design(bench: Workbench) -> None:
    test = VE_TEST.replace("=== (", "!== (")
    found = await judged(bench, VE_RIGHT, test=test)
    assert found.verdict == "errored"
    assert "the reference fails its own test bench" in found.reason


async def test_a_reference_that_does_not_compile_is_no_verdict(bench: Workbench) -> None:
    found = await judged(bench, VE_RIGHT, reference=VE_REFERENCE.replace("assign", "assing"))
    assert found.verdict == "errored"
    assert "the reference doesn't compile with Icarus" in found.reason


async def test_another_kind_of_bench_is_no_verdict(bench: Workbench) -> None:
    found = await judged(bench, VE_RIGHT, test="module tb; initial $finish; endmodule")
    assert found.verdict == "errored"
    assert "not a test bench of VerilogEval's form" in found.reason


async def test_legal_rtl_that_only_an_old_icarus_refuses_is_no_wrong_design(
    bench: Workbench,
) -> None:
    rtl = design(
        "function automatic [4:0] add; int x = a; return x + b; endfunction\n"
        "logic [1:0][4:0] r; assign r = '{default: add()}; assign sum = r[0];"
    )
    found = await judged(bench, rtl)
    assert found.verdict == "passed" or "needs Icarus ≥" in found.reason


def test_names_of_the_bench_are_secret_and_ports_are_not() -> None:
    sealed = seal(VE_TEST, VE_REFERENCE, secret="s3cret", mark="m4rk")
    assert sealed is not None
    assert sealed.top == "tb_s3cret"
    assert "RefModule_s3cret good1_s3cret (.a, .b, .sum(sum_ref));" in sealed.bench
    assert "TopModule top_module1_s3cret (.a, .b, .sum(sum_dut));" in sealed.bench
    assert "module RefModule_s3cret(" in sealed.model
    assert "module TopModule(" in sealed.reference


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ("m4rk 0 100 996 ff\n", True),
        ("m4rk 0 100 996 ff\nm4rk 0 100 996 ff\n", False),
        (" m4rk 0 100 996 ff\n", False),
        ("Mismatches: 0 in 100 samples\n", False),
    ],
)
def test_only_one_line_with_the_mark_is_a_report(log: str, found: bool) -> None:
    sealed = seal(VE_TEST, VE_REFERENCE, secret="s", mark="m4rk")
    assert sealed is not None
    assert (sealed.read(log) is not None) is found
