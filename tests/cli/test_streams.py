"""Where nobody, or a full disk, is at the other end of a standard stream."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Bench, fenced, inverter

CHECK = ("check", "inv.v", "--json")


def generating(bench: Bench, expression: str = "~a") -> list[str]:
    script = bench.script(fenced(inverter(expression)))
    argv = ["generate", "inv.spec.md", "--generator", script, "--reflector", "rules"]
    return [*argv, "--max-simulation-iterations", "1", "--sandbox", "off"]


def unread(bench: Bench, *argv: str) -> tuple[int, str]:
    """Run with a standard output that nobody reads any more; gives exit code and errors."""
    reader, writer = os.pipe()
    os.close(reader)
    told = bench.into(writer, *argv)
    os.close(writer)
    return told


def redirected(bench: Bench, how: str, *argv: str) -> tuple[int, str, str]:
    """Run as a shell does with `how` behind the command."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {how}', "sh", *bench.argv(*argv)],
        cwd=bench.folder,
        env=bench.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(("rtl", "code"), [(None, 2), (inverter("nowhere"), 1), (inverter(), 0)])
def test_the_exit_code_is_the_same_when_nobody_reads(
    bench: Bench, rtl: str | None, code: int
) -> None:
    if rtl:
        bench.write("inv.v", rtl)
    for argv in (CHECK, CHECK[:-1]):
        got, said = unread(bench, *argv)
        assert (got, "Traceback" in said) == (code, False)
    assert unread(bench, "nothing")[0] == 2


@pytest.mark.parametrize(("expression", "code"), [("a", 1), ("~a", 0)])
def test_a_run_whose_result_nobody_reads(bench: Bench, expression: str, code: int) -> None:
    assert unread(bench, *generating(bench, expression), "--json")[0] == code
    assert (bench.folder / "inv.v").exists() is (code == 0)


def test_a_run_whose_events_nobody_reads_is_cancelled(bench: Bench) -> None:
    assert unread(bench, *generating(bench), "--events") == (130, "")
    (run,) = bench.run("runs", "list", "--json").json["runs"]
    assert run["status"] == "cancelled"
    assert not (bench.folder / "inv.v").exists()


@pytest.mark.parametrize("how", [">&-", "<&- >&- 2>&-"])
def test_without_standard_output_the_file_is_written(bench: Bench, how: str) -> None:
    assert redirected(bench, how, *generating(bench), "--json")[0] == 0
    assert (bench.folder / "inv.v").read_text() == inverter()
    code, _, said = redirected(bench, how, "check", "none.v")
    assert (code, "Traceback" in said) == (2, False)


@pytest.mark.parametrize("how", ["2>&-", "2>/dev/full"])
def test_without_standard_error_the_result_is_printed(bench: Bench, how: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    assert redirected(bench, how, *generating(bench)) == (0, inverter(), "")
    assert redirected(bench, how, "check", "none.v")[0] == 2
