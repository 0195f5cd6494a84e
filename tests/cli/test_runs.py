"""`runs`: what stdout carries of runs that ended, were cancelled or were killed."""

import json
import signal
import subprocess

import pytest

from tests.cli.conftest import Bench, fenced, inverter

LOOPING = inverter("a").replace(
    "endmodule", "  initial begin : loop\n    while (1) ;\n  end\nendmodule"
)
LONG = "y is not what the specification asks for, " * 5 + "at the very end"


def kill(bench: Bench, *replies: str, at: str, times: int = 1) -> None:
    """Kill `generate` when an event of a type comes for the nth time."""
    argv = ("generate", "inv.spec.md", "--reflector", "rules", "--events")
    bench.script(*replies)
    with subprocess.Popen(
        bench.argv(*argv, "--generator", "scripted:replies.json"),
        cwd=bench.folder,
        env=bench.environ,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            times -= json.loads(line)["type"] == at
            if not times:
                process.send_signal(signal.SIGKILL)
                break


def test_a_killed_run_shows_its_best_candidate(bench: Bench) -> None:
    kill(bench, fenced(inverter("nowhere")), fenced(LOOPING), at="simulation_started")
    shown = bench.run("runs", "show", "last")
    assert shown.out.endswith(LOOPING)
    assert "interrupted: go on with `spec2rtl runs resume" in shown.out
    assert shown.err == ""
    view = bench.run("runs", "show", "last", "--json").json
    assert (view["result"], view["rtl"]) == (None, LOOPING)
    replayed = bench.run("runs", "replay", "last", "--json")
    assert replayed.code == 2
    assert "has no end" in replayed.line
    assert replayed.json["status"] == "error"


def test_a_run_goes_on_from_another_folder(bench: Bench) -> None:
    kill(bench, fenced(inverter("nowhere")), fenced(inverter()), at="compiled")
    argv = bench.argv("runs", "resume", "last", "--json")
    done = subprocess.run(
        argv, cwd="/", env=bench.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["generator"] == f"scripted:{bench.folder / 'replies.json'}"
    assert (bench.folder / "inv.v").read_text() == inverter()


def test_what_is_asked_for_goes_to_stdout_and_is_not_wrapped(bench: Bench) -> None:
    test = (bench.folder / "test_inv.py").read_text()
    bench.write("test_inv.py", test.replace('f"y is {dut.y.value} for a={a}"', repr(LONG)))
    long = "// " + "long " * 40 + "\n"
    generator = ("--generator", bench.script(fenced(long + inverter("a"))), "--reflector", "rules")
    ran = bench.run("generate", "inv.spec.md", *generator, "--max-simulation-iterations", "1")
    assert (ran.code, ran.out) == (1, "")
    assert LONG in ran.err
    for command in ("show", "replay"):
        again = bench.run("runs", command, "last")
        assert (again.code, again.err) == (0, "")
        assert "1 of 2 tests" in again.out
        assert long.strip() in again.out
    assert LONG in bench.run("runs", "replay", "last").out
    listed = bench.run("runs", "list").out
    assert str(bench.folder / "replies.json") in listed


@pytest.mark.parametrize("command", ["check", "simulate"])
def test_a_long_line_stays_one_in_a_pipe(bench: Bench, command: str) -> None:
    name = "a_module_with_a_name_that_is_longer_than_a_terminal_is_wide_" * 2
    file = bench.write(f"{name}.v", inverter("nowhere").replace("inv", name))
    tests = ("--tests", "test_inv.py") if command == "simulate" else ()
    lines = bench.run(command, file, *tests).out.splitlines()
    assert any(line.startswith(f"{file}:2:") and line.count(name) == 2 for line in lines)
