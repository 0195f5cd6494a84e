"""`tests` as a user runs it: real iverilog, real cocotb, the writer's replies from a script."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spec2rtl.syntax.testbench import GENERATED
from spec2rtl.verdict import AGREES
from tests.cli.conftest import SPEC, TEST, Bench, Ran, fenced, inverter
from tests.cli.test_schemas import check

GOOD = TEST.replace("dut):\n    for", 'dut):\n    """Requirement 1: y is the inverse."""\n    for')
WEAK = """\
import cocotb
from cocotb.triggers import Timer


@cocotb.test()
async def runs(dut):
    dut.a.value = 1
    await Timer(1, unit="ns")
"""
WRONG = GOOD.replace("== 1 - a", "== a")


def python(text: str) -> str:
    """A writer's reply, with prose around its code."""
    return f"Here are the tests.\n\n```python\n{text}```\n\nThey cover everything."


@pytest.fixture
def write(bench: Bench) -> Callable[..., Ran]:
    """`tests inv.spec.md` with scripted replies; there are no tests yet."""
    (bench.folder / "test_inv.py").unlink()

    def run(*replies: str, flags: tuple[str, ...] = ()) -> Ran:
        return bench.run(
            "tests", "inv.spec.md", "--generator", bench.script(*replies), "--json", *flags
        )

    return run


def test_two_samples_that_agree_on_the_rtl_beside_the_spec(
    bench: Bench, write: Callable[..., Ran]
) -> None:
    bench.write("inv.v", inverter())
    ran = write(python(GOOD), python(GOOD))
    found = ran.json
    check("tests", found)
    assert (ran.code, found["status"], found["module"]) == (0, "accepted", "inv")
    assert found["tests"] == ["inverts", "is_known"]
    assert found["refusals"] == [[], []]
    assert found["stubs"] == ["stay 0", "stay all ones", "stay unknown"]
    assert found["compared"] == [{"design": "inv.v", "passed": [True, True], "failure": None}]
    assert found["mutation"]["kill_rate"] == 1.0
    assert found["mutation"]["tests"] == "generated"
    out = bench.folder / "test_inv.py"
    assert found["out"] == str(out)
    assert found["text"] == out.read_text()
    assert out.read_text().startswith(GENERATED)
    assert out.read_text().endswith(GOOD)
    assert "2 tests; they fail on 3 trivially wrong designs\n" in ran.err
    assert "two samples of them agree on inv.v: both pass\n" in ran.err


def test_what_passes_generated_tests_is_not_verified_until_they_are_adopted(
    bench: Bench, write: Callable[..., Ran]
) -> None:
    drawn = write(python(GOOD), python(GOOD), fenced(inverter())).json
    assert drawn["compared"][0]["design"] == "design 1 drawn from the spec"

    def generate() -> Ran:
        script = bench.script(fenced(inverter()))
        return bench.run(
            "generate", "inv.spec.md", "--generator", script, "--reflector", "rules", "--json"
        )

    ran = generate()
    assert (ran.code, ran.json["status"], ran.json["message"]) == (0, "compiled", AGREES)
    assert "agrees with generated tests" in ran.err
    simulated = bench.run("simulate", "inv.v", "--tests", "test_inv.py", "--json")
    assert (simulated.code, simulated.json["message"]) == (0, AGREES)
    adopted = bench.folder / "test_inv.py"
    adopted.write_text(adopted.read_text().partition("\n")[2])
    assert generate().json["status"] == "verified"


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (python(WEAK), "They pass on a design whose outputs stay 0."),
        ("I would rather not.", "no fenced block with a cocotb module"),
        (python(GOOD).partition("is_known")[0], "cut off before its end"),
        (python("import cocotb\n\nasync def f(dut):\n    pass\n"), "It has no tests"),
        (python(GOOD.replace("a in (0, 1, 0)", "a in (0, 1, 0")), "is no Python"),
        (python(GOOD.replace("Timer(1", "Timr(1")), "`inverts` itself is wrong at `await Timr(1"),
        (python(f"import numpy\n{GOOD}"), "imports `numpy`"),
        (python(GOOD.replace("dut.y.value.is", "dut.state.value.is")), "`dut.state`, which is no port"),
        (python(f"{GOOD}\nraise ValueError('here')\n"), "line 21: the tests can't be run: ValueError: here"),
    ],
)  # fmt: skip
def test_a_refused_reply_is_asked_for_again(
    bench: Bench, write: Callable[..., Ran], reply: str, says: str
) -> None:
    bench.write("inv.v", inverter())
    ran = write(reply, python(GOOD), python(GOOD))
    assert ran.code == 0, ran.err
    ((why,), none) = ran.json["refusals"]
    assert says in why
    assert "\n" not in why
    assert none == []
    assert "not usable" in ran.err


def test_refused_for_good(bench: Bench, write: Callable[..., Ran]) -> None:
    ran = write(python(WEAK), flags=("--max-simulation-iterations", "1"))
    check("tests", ran.json)
    assert (ran.code, ran.json["status"], ran.json["out"]) == (1, "refused", None)
    assert "outputs stay 0" in ran.json["message"]
    assert not (bench.folder / "test_inv.py").exists()
    assert "refused inv: no reply holds tests that can be used" in ran.err


def test_two_samples_that_disagree(bench: Bench, write: Callable[..., Ran]) -> None:
    bench.write("inv.v", inverter())
    ran = write(python(GOOD), python(WRONG))
    assert (ran.code, ran.json["status"]) == (1, "refused")
    assert ran.json["message"].startswith("two samples disagree on inv.v: inverts: y is 1")
    assert ran.json["compared"][0]["passed"] == [True, False]


def test_tests_that_nothing_passes_are_doubted(bench: Bench, write: Callable[..., Ran]) -> None:
    silent = python(TEST.replace("== 1 - a", "== a"))
    ran = write(silent, silent, fenced(inverter()))
    assert (ran.code, ran.json["mutation"]) == (0, None)
    doubt, untested = ran.json["warnings"]
    assert "no design at hand passes these tests" in doubt
    assert untested == "no test says that it tests what the spec requires in line 8"


def test_a_persons_tests_are_never_overwritten(bench: Bench, write: Callable[..., Ran]) -> None:
    bench.write("inv.v", inverter())
    mine = bench.write("test_inv.py", TEST)
    found = write(python(GOOD), python(GOOD)).json
    assert mine.read_text() == TEST
    assert found["out"] == str(bench.folder / "test_inv.new.py")
    assert any("holds edits" in warning for warning in found["warnings"])


@pytest.mark.parametrize(
    ("spec", "flags", "says"),
    [
        ("# Nothing\n\nDo something.\n", (), "no ports found"),
        (None, ("--out", "nowhere/test_inv.py"), "no such folder"),
        (None, ("--out", "inv.v"), "--out must end in .py"),
        (f"---\ntests: ../elsewhere.py\n---\n{SPEC}", (), "outside the workspace"),
        (None, ("--generator", "rules"), "choose a model"),
        (None, (), "run dry"),
    ],
)
def test_what_can_not_be_done_is_one_line(
    bench: Bench, write: Callable[..., Ran], spec: str | None, flags: tuple[str, ...], says: str
) -> None:
    if spec:
        bench.write("inv.spec.md", spec)
    ran = write(flags=flags)
    assert ran.code == 2
    assert says in ran.line
    check("error", ran.json)


def test_tests_alone_are_no_spec(bench: Bench) -> None:
    ran = bench.run("tests", "test_inv.py", "--json")
    assert ran.code == 2
    assert "--against FILE" in ran.line


def test_a_folder_may_be_named(bench: Bench, write: Callable[..., Ran]) -> None:
    (bench.folder / "tests").mkdir()
    bench.write("inv.v", inverter())
    found = write(python(GOOD), python(GOOD), flags=("--out", "tests")).json
    assert found["out"] == str(bench.folder / "tests" / "test_inv.py")


def test_seconds_are_a_budget(write: Callable[..., Ran]) -> None:
    ran = write(python(GOOD), flags=("--max-seconds", "0.01"))
    assert (ran.code, ran.json["message"]) == (1, "the budget of seconds is spent")


def test_no_agreement_is_claimed_where_no_design_compiles(
    bench: Bench, write: Callable[..., Ran]
) -> None:
    broken = fenced(inverter().replace("assign", "asign"))
    ran = write(python(GOOD), python(GOOD), broken, broken, "no code", broken)
    check("tests", ran.json)
    assert (ran.code, ran.json["status"], ran.json["text"]) == (1, "refused", "")
    assert (ran.json["compared"], ran.json["mutation"]) == ([], None)
    assert ran.json["message"].startswith("no design drawn from the spec compiles")
    assert "agree on" not in ran.err
    assert not (bench.folder / "test_inv.py").exists()


# --- the journal


def test_the_journal_knows_what_was_written(bench: Bench, write: Callable[..., Ran]) -> None:
    ran = write(python(WEAK), python(GOOD), python(GOOD), fenced(inverter()))
    (run,) = bench.run("runs", "list", "--json").json["runs"]
    told = (run["run_id"], run["task"], run["status"], run["title"], run["module"])
    spec = str(bench.folder / "inv.spec.md")
    assert told == (ran.json["run_id"], "tests", "accepted", spec, "inv")
    view = bench.run("runs", "show", "last", "--json").json
    check("runs-show", view)
    assert view["tests"]["text"] == ran.json["text"]
    assert any(line.endswith("mutants killed (100%)") for line in view["tests"]["says"])
    shown = bench.run("runs", "show", "last").out
    assert "accepted inv" in shown
    assert "agree on design 1 drawn from the spec: both pass" in shown
    assert GENERATED in shown
    replayed = bench.run("runs", "replay", "last")
    assert "not usable: They pass on a design whose outputs stay 0" in replayed.out
    lines = bench.run("runs", "replay", "last", "--events").out.splitlines()
    events = [json.loads(line) for line in lines]
    for number, event in enumerate(events):
        check("event", event)
        assert (event["run_id"], event["seq"]) == (run["run_id"], number)
    roles = [event["role"] for event in events if event["type"] == "model_called"]
    assert roles == ["test_writer"] * 3 + ["generator"]
    assert (events[0]["type"], events[-1]["type"]) == ("run_started", "tests_finished")
    resumed = bench.run("runs", "resume", "last")
    assert resumed.code == 2
    assert f"wrote tests; begin again: spec2rtl tests {spec}" in resumed.line


def test_a_failure_is_in_the_journal_too(bench: Bench, write: Callable[..., Ran]) -> None:
    write(python(GOOD))
    (run,) = bench.run("runs", "list", "--json").json["runs"]
    assert run["status"] == "error"
    assert "run dry" in bench.run("runs", "show", "last").out


@pytest.mark.parametrize(
    ("number", "code", "status"),
    [(signal.SIGINT, 130, "cancelled"), (signal.SIGKILL, -signal.SIGKILL, "interrupted")],
)
def test_a_run_that_is_ended_leaves_what_was_shown(
    bench: Bench, tmp_path: Path, number: int, code: int, status: str
) -> None:
    started = tmp_path / "started"
    waits = python(
        f"{TEST}\n\n@cocotb.test()\nasync def waits(dut):\n    import pathlib, time\n"
        f"    pathlib.Path({str(started)!r}).touch()\n    time.sleep(60)\n"
    )
    argv = bench.argv(
        "tests", "inv.spec.md", "--sandbox", "off", "--generator", bench.script(waits)
    )
    with subprocess.Popen(
        argv, cwd=bench.folder, env=bench.environ, stderr=subprocess.PIPE, text=True
    ) as process:
        while not started.exists():
            assert process.poll() is None
        process.send_signal(number)
        assert process.stderr
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == code
    (run,) = bench.run("runs", "list", "--json").json["runs"]
    assert (run["task"], run["status"]) == ("tests", status)
    assert "async def waits" in bench.run("runs", "replay", "last").out


# --- against


def against(bench: Bench, tests: str, rtl: str, *flags: str) -> Ran:
    bench.write("test_inv.py", tests)
    bench.write("inv.v", rtl)
    return bench.run("tests", "test_inv.py", "--against", "inv.v", "--json", *flags)


def test_all_mutants_killed(bench: Bench) -> None:
    ran = against(bench, TEST, inverter())
    check("tests-against", ran.json)
    assert (ran.code, ran.json["status"], ran.json["kill_rate"]) == (0, "killed", 1.0)
    assert {m["what"] for m in ran.json["mutants"]} == {"`y` is always 0", "`y` is always all ones"}
    assert {m["by"] for m in ran.json["mutants"]} == {"inverts"}


def test_survivors_are_shown_with_their_place_and_where_they_differ(bench: Bench) -> None:
    ran = against(bench, WEAK, inverter())
    check("tests-against", ran.json)
    assert (ran.code, ran.json["status"], ran.json["survived"]) == (1, "survived", 2)
    one = ran.json["mutants"][0]
    assert (one["file"], one["line"], one["before"]) == (
        str(bench.folder / "inv.v"),
        2,
        "assign y = ~a;",
    )
    where = one["difference"]
    assert where["output"] == "y"
    assert where["was"] == str(1 - int(where["steps"][-1]["inputs"]["a"])) != where["now"]
    shown = bench.run("tests", "test_inv.py", "--against", "inv.v")
    assert shown.code == 1
    assert f"inv.v:2: {one['what']}" in shown.out
    assert "0 of 2 mutants killed (0%)" in shown.out
    assert f"y is {where['was']}, the mutant's {where['now']}" in shown.out


def test_a_mutant_that_behaves_like_the_original_does_not_count(bench: Bench) -> None:
    idle = inverter("~a").replace("assign", "wire [1:0] spare = {a, a} + 2'd1;\n  assign")
    ran = against(bench, TEST, idle)
    check("tests-against", ran.json)
    assert (ran.code, ran.json["killed"], ran.json["survived"]) == (0, 2, 0)
    assert ran.json["equivalent"] >= 2
    assert {m["verdict"] for m in ran.json["mutants"]} == {"killed", "equivalent"}


def test_a_design_that_fails_its_tests_has_no_mutants(bench: Bench) -> None:
    ran = against(bench, TEST, inverter("a"))
    check("tests-against", ran.json)
    assert (ran.code, ran.json["status"], ran.json["mutants"]) == (1, "failed", [])
    assert "fails 1 of its 2 tests: inverts: y is 0" in ran.json["message"]


def test_a_design_that_does_not_compile_is_told_by_its_place(bench: Bench) -> None:
    ran = against(bench, TEST, inverter().replace("assign", "asign"))
    assert (ran.code, ran.json["status"]) == (1, "failed")
    place = f"{bench.folder / 'inv.v'}:2: "
    assert ran.json["message"].startswith(f"the design does not compile: {place}")


@pytest.mark.parametrize(
    ("rtl", "tests", "says"),
    [
        ("module inv(input wire a, output wire y);\nendmodule\n", WEAK, "nothing that a mutant"),
        (inverter(), "import cocotb\n", "no tests"),
        (
            inverter().replace("inv", "other"),
            f"TOPLEVEL = 'inv'\n{TEST}",
            "`inv` is not in the RTL",
        ),
    ],
)
def test_bad_input_against_is_one_line(bench: Bench, rtl: str, tests: str, says: str) -> None:
    ran = against(bench, tests, rtl)
    assert ran.code == 2
    assert says in ran.line
    check("error", ran.json)


def test_ctrl_c_ends_it_and_all_that_runs(bench: Bench, tmp_path: Path) -> None:
    started = tmp_path / "started"
    bench.write("inv.v", inverter())
    bench.write(
        "test_inv.py",
        f"{TEST}\n\n@cocotb.test()\nasync def waits(dut):\n    import pathlib, time\n"
        f"    pathlib.Path({str(started)!r}).touch()\n    time.sleep(60)\n",
    )
    argv = bench.argv("tests", "test_inv.py", "--against", "inv.v", "--sandbox", "off")
    with subprocess.Popen(
        argv, cwd=bench.folder, env=bench.environ, stderr=subprocess.PIPE, text=True
    ) as process:
        while not started.exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.stderr
        said = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert json.dumps(said).count("time.sleep") == 0
