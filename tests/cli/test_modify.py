"""`repair` and `edit` end to end."""

from tests.cli.conftest import Bench, fenced, inverter

RIGHT = fenced(inverter())


def flags(bench: Bench, *replies: str) -> tuple[str, ...]:
    return ("--generator", bench.script(*replies), "--reflector", "rules", "--json")


def test_repair_shows_a_diff_and_leaves_the_file(bench: Bench) -> None:
    file = bench.write("inv.v", "// mine\n" + inverter("a"))
    ran = bench.run("repair", "inv.v", "--tests", "test_inv.py", *flags(bench, RIGHT))
    result = ran.json
    assert (ran.code, result["status"], result["task"]) == (0, "verified", "repair")
    assert result["rtl"] == "// mine\n" + inverter()
    assert "-  assign y = a;\n+  assign y = ~a;\n" in result["diff"]
    assert result["out"] is None
    assert file.read_text() == "// mine\n" + inverter("a")


def test_repair_applies_when_told(bench: Bench) -> None:
    file = bench.write("inv.v", inverter("a"))
    argv = ("repair", "inv.v", "--tests", "test_inv.py", "--apply")
    result = bench.run(*argv, *flags(bench, RIGHT)).json
    assert result["out"] == str(file)
    assert result["inputs_changed"] == []
    assert file.read_text() == inverter()


def test_repair_of_passing_rtl_asks_nobody(bench: Bench) -> None:
    bench.write("inv.v", inverter())
    ran = bench.run("repair", "inv.v", "--tests", "test_inv.py", *flags(bench))
    assert (ran.code, ran.json["status"], ran.json["diff"]) == (0, "verified", "")


def test_repair_changes_only_the_file_with_the_top(bench: Bench) -> None:
    bench.write("gate.v", "module gate(input a, output y);\n  assign y = a;\nendmodule\n")
    bench.write("inv.v", "module inv(input a, output y);\n  gate g(.a(a), .y(y));\nendmodule\n")
    fixed = "module inv(input a, output y);\n  gate g(.a(~a), .y(y));\nendmodule\n"
    argv = ("repair", "gate.v", "inv.v", "--tests", "test_inv.py")
    result = bench.run(*argv, *flags(bench, fenced(fixed))).json
    assert result["status"] == "verified"
    assert result["rtl"] == fixed


def test_edit_keeps_the_rest_byte_for_byte(bench: Bench) -> None:
    before = "// header, kept\r\n" + inverter("a").replace("\n", "\r\n") + "// footer, kept"
    bench.folder.joinpath("inv.v").write_bytes(before.encode())
    block = "<<<<<<< SEARCH\n  assign y = a;\n=======\n  assign y = ~a;\n>>>>>>> REPLACE\n"
    argv = ("edit", "inv.v", "--instruction", "Invert it", "--tests", "test_inv.py")
    result = bench.run(*argv, *flags(bench, block)).json
    assert result["status"] == "verified"
    assert result["rtl"] == before.replace("y = a", "y = ~a")


def test_edit_that_changes_nothing_fails(bench: Bench) -> None:
    bench.write("inv.v", inverter())
    argv = ("edit", "inv.v", "--instruction", "Do nothing", "--max-compile-iterations", "1")
    ran = bench.run(*argv, *flags(bench, RIGHT))
    assert (ran.code, ran.json["status"], ran.json["diff"]) == (1, "failed", "")


def test_edit_without_tests_compiles(bench: Bench) -> None:
    bench.write("buf.v", inverter("a").replace("inv", "buf1"))
    reply = fenced(inverter().replace("inv", "buf1"))
    ran = bench.run("edit", "buf.v", "--instruction", "Invert it", *flags(bench, reply))
    assert (ran.code, ran.json["status"]) == (0, "compiled")


def test_a_repair_keeps_the_ports_and_an_edit_those_that_the_tests_use(bench: Bench) -> None:
    bench.write("inv.v", inverter("a"))
    silent = fenced(inverter().replace("output wire y", "output wire y, output wire spare"))
    argv = ("inv.v", "--tests", "test_inv.py")
    repaired = bench.run("repair", *argv, *flags(bench, silent, RIGHT)).json
    assert repaired["status"] == "verified"
    assert repaired["rtl"] == inverter()
    assert "adds the port `spare`" in repaired["iterations"][1]["diagnosis"]
    change = ("--instruction", "Invert it and add an output `spare`")
    edited = bench.run("edit", *argv, *change, *flags(bench, silent)).json
    assert edited["status"] == "verified"
    assert "spare" in edited["rtl"]
    renamed = fenced(inverter().replace("wire a", "wire b").replace("~a", "~b"))
    failed = bench.run("edit", *argv, *change, *flags(bench, renamed, silent)).json
    assert "drops the port `a`, which its tests use" in failed["iterations"][0]["diagnosis"]
