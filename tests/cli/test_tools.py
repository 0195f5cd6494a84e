"""`check` and `simulate`: their exit codes, and what goes to stdout."""

import pytest

from tests.cli.conftest import Bench, fenced, inverter


@pytest.mark.parametrize(
    ("rtl", "code", "status", "reason"),
    [
        (inverter(), 0, "passed", "ok"),
        (inverter("a"), 1, "failed", "test_failed"),
        (inverter("nowhere"), 1, "failed", "compile_error"),
    ],
)
def test_simulate(bench: Bench, rtl: str, code: int, status: str, reason: str) -> None:
    bench.write("inv.v", rtl)
    ran = bench.run("simulate", "inv.v", "--tests", "test_inv.py", "--json")
    assert (ran.code, ran.json["status"], ran.json["reason"]) == (code, status, reason)


@pytest.mark.parametrize(
    ("statement", "reason", "says"),
    [
        ("os._exit(0)", "untrusted", "without a result for every test"),
        ("os.killpg(0, 9)", "killed", "killed by another program"),
    ],
)
def test_a_test_that_ends_the_simulation_is_an_error(
    bench: Bench, statement: str, reason: str, says: str
) -> None:
    bench.write("inv.v", inverter())
    bench.write(
        "test_inv.py",
        f"import os\n\nimport cocotb\n\n\n@cocotb.test()\nasync def t(dut):\n    {statement}\n",
    )
    ran = bench.run("simulate", "inv.v", "--tests", "test_inv.py", "--json")
    assert (ran.code, ran.json["status"], ran.json["reason"]) == (2, "errored", reason)
    assert says in ran.json["message"]


def test_wrong_input_is_no_failed_design(bench: Bench) -> None:
    bench.write("inv.v", inverter())
    for name, says in (("none.py", "no such file"), ("inv.spec.md", "not a Python file")):
        ran = bench.run("simulate", "inv.v", "--tests", name, "--json")
        assert (ran.code, ran.json["status"], ran.json["reason"]) == (2, "errored", "tool_broken")
        assert says in ran.json["message"]
        assert ran.line == f"spec2rtl: {ran.json['message']}"
    ran = bench.run("simulate", "inv.v", "--tests", "test_inv.py", "--json", PATH="/nowhere")
    assert (ran.code, ran.json["reason"]) == (2, "tool_broken")


@pytest.mark.parametrize(("rtl", "code"), [(inverter(), 0), (inverter("nowhere"), 1)])
def test_check(bench: Bench, rtl: str, code: int) -> None:
    file = bench.write("inv.v", rtl)
    ran = bench.run("check", "inv.v", "--json")
    assert (ran.code, ran.json["ok"]) == (code, code == 0)
    assert all(d["file"] == str(file) for d in ran.json["diagnostics"])


def test_stdout_carries_the_result_only(bench: Bench) -> None:
    flags = ("--generator", bench.script(fenced(inverter())), "--reflector", "rules")
    assert bench.run("generate", "inv.spec.md", *flags).out == inverter()
    bench.write("inv.v", inverter("a"))
    diff = bench.run("repair", "inv.v", "--tests", "test_inv.py", *flags).out
    assert diff.startswith("--- a/inv.v\n+++ b/inv.v\n")


def test_a_macro_and_a_parameter_reach_the_design(bench: Bench) -> None:
    bench.write("inv.v", "module inv #(parameter N = 0)(input a, output y);\n"
                "  assign y = `OP a ^ N;\nendmodule\n")  # fmt: skip
    argv = ("simulate", "inv.v", "--tests", "test_inv.py", "--json")
    assert bench.run(*argv, "-D", "OP=~").json["status"] == "passed"
    assert bench.run(*argv, "-D", "OP=~", "-P", "N=1").json["status"] == "failed"


def test_check_holds_rtl_against_its_spec_and_lints(bench: Bench) -> None:
    spec = (
        "# m\n\n- `input clk`: clock\n- `input rst`: reset, active high\n- `output q`: each cycle\n"
    )
    bench.write("m.spec.md", spec)
    bench.write(
        "m.v",
        "module m(input clk, input rst, input en, output reg q);\n"
        "  always @(posedge clk) if (!rst) q <= 0; else q <= ~q;\nendmodule\n",
    )
    ran = bench.run("check", "m.v", "m.spec.md", "--json")
    assert ran.code == 0
    assert {(d["source"], d["code"]) for d in ran.json["diagnostics"]} == {
        ("spec", "port-not-in-spec"),
        ("spec", "reset-polarity"),
        ("spec", "reset-synchrony-unsaid"),
    }
    ran = bench.run("check", "m.spec.md")
    assert ran.code == 0
    assert "reset-synchrony-unsaid" in ran.out
    assert "compiles" not in ran.out


def test_systemverilog_in_a_verilog_file_is_a_warning_and_no_more(bench: Bench) -> None:
    rtl = "module inv(input a, output logic y);\n  always_comb y = ~a;\nendmodule\n"
    bench.write("inv.v", rtl)
    bench.write("inv.sv", rtl)
    (found,) = bench.run("check", "inv.v", "--json").json["diagnostics"]
    place = (found["code"], found["severity"], found["line"], found["column"], found["end_column"])
    assert place == ("systemverilog", "warning", 1, 28, 33)
    assert "`logic`, `always_comb`" in found["message"]
    assert bench.run("check", "inv.sv", "--json").json["diagnostics"] == []
    flags = ("--generator", bench.script(fenced(rtl)), "--reflector", "rules", "--force")
    ran = bench.run("generate", "inv.spec.md", *flags)
    assert (ran.code, ran.out) == (0, rtl)
    assert "compiles, 1 warning" in ran.err
    assert "1:28: warning: SystemVerilog in a Verilog file" in ran.err


def test_an_option_is_written_out(bench: Bench) -> None:
    ran = bench.run("check", "--js", "inv.v")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "spec2rtl: unrecognized arguments: --js; see spec2rtl --help\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("package p;\n  typedef logic [3:0] n_t;\nendpackage\n", 0),
        ("`define WIDTH 8\n", 0),
        ("package p;\n  typedef logic [3:0 n_t;\nendpackage\n", 1),
        ("module m();\n  m m();\nendmodule\n", 1),
    ],
    ids=["a package", "macros", "a broken package", "only itself"],
)
def test_a_file_that_holds_no_module_lacks_none(bench: Bench, text: str, code: int) -> None:
    bench.write("shared.sv", text)
    assert bench.run("check", "shared.sv").code == code
