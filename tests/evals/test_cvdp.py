"""CVDP problems: what can't be read, and what a harness says of a design."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spec2rtl.config.folders import cache_dir
from spec2rtl.errors import InputError
from spec2rtl.evals import cvdp as data
from spec2rtl.evals.bench import Workbench
from spec2rtl.evals.environments import Environments
from spec2rtl.evals.oracle import Score, score
from spec2rtl.process.limits import Limits
from spec2rtl.process.sandbox import Rlimits
from tests.evals.small import (
    BROKEN,
    COMPOSE,
    ENV,
    RIGHT,
    RUNNER,
    TESTS,
    WRONG,
    cvdp,
    cvdp_file,
)

OLD_RUNNER = RUNNER.replace("cocotb_tools.runner", "cocotb.runner")
OLD_TESTS = TESTS.replace("UNIT", "units").replace("int(dut.sum.value)", "dut.sum.value.integer")


async def judged(bench: Workbench, folder: Path, row: dict[str, Any], rtl: str | None) -> Score:
    (problem,), _ = data.read(cvdp_file(folder / "d.jsonl", row), bench)
    return await score(problem, None if rtl is None else dict.fromkeys(problem.task.writes, rtl))


@pytest.mark.parametrize(
    ("rtl", "verdict", "reason"),
    [
        (RIGHT, "passed", "ok"),
        (WRONG, "failed", "quokka_adds: AssertionError: 0 + 9 is 10111"),
        (BROKEN, "failed", "compile_error: line 2: syntax error"),
        (RIGHT.replace("half", "halve"), "failed", "compile_error"),
        (RIGHT.replace("sum", "total"), "failed", "sum"),
        (RIGHT + "module w; initial $finish; endmodule", "passed", "ok"),
        (RIGHT.replace("endmodule", "initial #3 $finish;\nendmodule"), "failed", "quokka_adds"),
        (
            RIGHT.replace("endmodule", 'integer f; initial f = $fopen("results.xml");\nendmodule'),
            "failed",
            "refused: the design calls $fopen",
        ),
        (
            "`define N fopen\n"
            + RIGHT.replace("endmodule", "integer f; initial f = $`N (1);\nendmodule"),
            "failed",
            "refused: the design calls a system task whose name macros make up",
        ),
        (None, "errored", "no candidate: rtl/half.sv"),
    ],
)
async def test_a_harness_judges(
    bench: Workbench, tmp_path: Path, rtl: str | None, verdict: str, reason: str
) -> None:
    found = await judged(bench, tmp_path, cvdp(), rtl)
    assert found.verdict == verdict, found
    assert reason in found.reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (cvdp(runner="import nonesuch\n"), "No module named 'nonesuch'"),
        (cvdp(runner="def test_x(:\n"), "SyntaxError"),
        (cvdp(tests="import nonesuch\n"), "No module named 'nonesuch'"),
        (cvdp(tests="def x(:\n"), "SyntaxError"),
        (cvdp(runner="x = 1\n"), "the harness is broken"),
        (cvdp(compose=COMPOSE.replace("pytest -s", "nonesuch -s")), "nonesuch: no such program"),
        (cvdp(compose=COMPOSE.replace("command", "commands")), "docker-compose.yml"),
        (cvdp(compose="services: 3"), "docker-compose.yml"),
        (cvdp(compose="a: [b"), "docker-compose.yml"),
        (cvdp(writes="../half.sv"), "leads out of the problem"),
        (cvdp(writes="/etc/half.sv"), "leads out of the problem"),
        (cvdp("../half_0001"), "leads out of the problem"),
        (cvdp("/tmp/half_0001"), "leads out of the problem"),
    ],
)
async def test_a_broken_harness_is_no_verdict(
    bench: Workbench, tmp_path: Path, row: dict[str, Any], reason: str
) -> None:
    found = await judged(bench, tmp_path, row, RIGHT)
    assert found.verdict == "errored"
    assert reason in found.reason


@pytest.mark.parametrize("away", ["{}", "/code/../../../../../..{}", "code/../..{}", "code/src{}"])
async def test_a_harness_makes_no_folder_elsewhere(
    bench: Workbench, tmp_path: Path, away: str
) -> None:
    folder = away.format(tmp_path / "elsewhere")
    row = cvdp(compose=COMPOSE.replace("/code/rundir\n", f"{folder}\n"))
    found = await judged(bench, tmp_path, row, RIGHT)
    why = f"docker-compose.yml: working_dir {folder} is not in /code, /src or /rundir: refused"
    assert (found.verdict, found.reason) == ("errored", why)
    assert not (tmp_path / "elsewhere").exists()


async def test_a_report_that_the_log_denies_is_not_believed(
    bench: Workbench, tmp_path: Path
) -> None:
    """The runner reads what somebody has written over cocotb's own."""
    forged = "<testsuites><testsuite><testcase name='quokka_adds' classname='a' time='1'/>"
    forged += "</testsuite></testsuites>"
    over = f"lambda: open(os.environ['COCOTB_RESULTS_FILE'], 'w').write({forged!r})"
    tests = f"import atexit, os\n\natexit.register({over})\n{TESTS.replace('UNIT', 'unit')}"
    found = await judged(bench, tmp_path, cvdp(tests=tests), WRONG)
    assert found.verdict == "failed", found


async def test_a_harness_may_set_its_own_path(bench: Workbench, tmp_path: Path) -> None:
    compose = COMPOSE.replace("pytest -s", "env PYTHONPATH=/src pytest -s")
    found = await judged(bench, tmp_path, cvdp(compose=compose), RIGHT)
    assert (found.verdict, found.reason) == ("passed", "ok")


ENDLESS = """
  function automatic [4:0] f(input integer n); f = f(n + 1) + 1; endfunction
  assign sum = a == 3 ? f(0) : a + b;"""


async def test_a_design_that_crashes_the_simulator_twice_has_failed(
    bench: Workbench, tmp_path: Path
) -> None:
    found = await judged(bench, tmp_path, cvdp(), RIGHT.replace("\n  assign sum = a + b;", ENDLESS))
    why = "test_failed: vvp crashes on this design (signal 11), twice"
    assert (found.verdict, found.reason) == ("failed", why)


async def test_a_simulator_that_crashes_once_is_run_again(bench: Workbench, tmp_path: Path) -> None:
    mark = tmp_path / "crashed"
    once = f"import os, pathlib, signal\n\nMARK = pathlib.Path({str(mark)!r})\n"
    once += "if not MARK.exists():\n    MARK.touch()\n    os.kill(os.getpid(), signal.SIGSEGV)\n\n"
    row = cvdp(tests=once + TESTS.replace("UNIT", "unit"))
    found = await judged(replace(bench, sandbox=Rlimits()), tmp_path, row, RIGHT)
    assert (found.verdict, found.reason) == ("passed", "ok")
    assert mark.exists()


async def test_a_simulator_that_is_killed_is_no_verdict(bench: Workbench, tmp_path: Path) -> None:
    kill = "import os, signal\n\nos.kill(os.getpid(), signal.SIGKILL)\n\n"
    row = cvdp(tests=kill + TESTS.replace("UNIT", "unit"))
    found = await judged(bench, tmp_path, row, RIGHT)
    assert (found.verdict, found.reason) == (
        "errored",
        "the harness was killed, or got no processor; run it again",
    )


async def test_a_harness_that_never_ends_is_ended(bench: Workbench, tmp_path: Path) -> None:
    row = cvdp(tests=TESTS.replace("range(16)", "iter(int, 1)").replace("UNIT", "unit"))
    short = replace(bench, harness=Limits(seconds=120, cpu=4))
    found = await judged(short, tmp_path, row, RIGHT)
    assert (found.verdict, found.reason) == (
        "failed",
        "timeout: the harness does not end within 4 s",
    )


def folders(row: dict[str, Any]) -> dict[str, Any]:
    """A harness that names the image's folders wherever it can."""
    compose = COMPOSE.replace("/code/rundir\n", "/rundir\n").replace(
        "pytest -s", '/bin/sh -c "test -f /src/test_runner.py && cd /code/rtl && pytest -s'
    )
    row["harness"]["files"]["docker-compose.yml"] = compose.replace("-v\n", '-v"\n')
    row["harness"]["files"]["src/test_runner.py"] = RUNNER.replace(
        "def test_runner", 'assert open("/code/rtl/half.sv").read()\n\n\ndef test_runner'
    )
    return row


async def test_the_folders_of_the_image_are_there(bench: Workbench, tmp_path: Path) -> None:
    assert (await judged(bench, tmp_path, folders(cvdp()), RIGHT)).verdict == "passed"


async def test_a_harness_without_pytest(bench: Workbench, tmp_path: Path) -> None:
    command = COMPOSE.replace("pytest -s -o cache_dir=/rundir/harness/.cache", "python3")
    row = cvdp(compose=command, runner=RUNNER + "\n\ntest_runner()\n")
    assert (await judged(bench, tmp_path, row, RIGHT)).verdict == "passed"
    assert (await judged(bench, tmp_path, row, WRONG)).verdict == "failed"


async def test_options_that_only_the_harness_knows(bench: Workbench, tmp_path: Path) -> None:
    row = cvdp(runner=RUNNER.replace("always=True", 'always=True, defines={"PLUS": "+"}'))
    rtl = RIGHT.replace("a + b", "a `PLUS b")
    assert (await judged(bench, tmp_path, row, rtl)).verdict == "passed"
    assert (await judged(bench, tmp_path, cvdp(), rtl)).reason.startswith("compile_error")


async def test_values_in_the_environment(bench: Workbench, tmp_path: Path) -> None:
    env = ENV.replace("TOPLEVEL        = half", '# a comment\nTOPLEVEL="half" ')
    assert (await judged(bench, tmp_path, cvdp(env=env), RIGHT)).verdict == "passed"


@pytest.fixture
async def with_old_cocotb(bench: Workbench) -> Workbench:
    """The machine's own environment for older harnesses, set up once where there is a network."""
    import os

    environments = Environments(cache_dir(os.environ) / "environments")
    try:
        await environments.old()
    except Exception as error:
        pytest.skip(f"no environment with cocotb 1.9.2: {error}")
    return replace(bench, environments=environments)


@pytest.mark.parametrize(("rtl", "verdict"), [(RIGHT, "passed"), (WRONG, "failed")])
async def test_a_harness_for_an_older_cocotb(
    with_old_cocotb: Workbench, tmp_path: Path, rtl: str, verdict: str
) -> None:
    row = cvdp(runner=OLD_RUNNER, tests=OLD_TESTS)
    found = await judged(with_old_cocotb, tmp_path, row, rtl)
    assert found.verdict == verdict
    assert "with cocotb 1.9.2" in found.reason


@pytest.mark.parametrize(
    "row",
    [
        cvdp(runner="import cocotb.nonesuch\n"),
        cvdp(tests=TESTS.replace("UNIT", "unit") + "\n\nOLD = cocotb.fork\n"),
    ],
    ids=["import", "interface"],
)
async def test_a_harness_for_no_cocotb(
    with_old_cocotb: Workbench, tmp_path: Path, row: dict[str, Any]
) -> None:
    found = await judged(with_old_cocotb, tmp_path, row, RIGHT)
    assert found.verdict == "errored"
    assert "the harness runs with neither cocotb" in found.reason


def test_bad_lines_are_named_and_the_rest_goes_on(bench: Workbench, tmp_path: Path) -> None:
    path = cvdp_file(
        tmp_path / "d.jsonl", "{not json", cvdp("a"), "", '{"id": 3}', cvdp("b"), cvdp("a")
    )
    problems, bad = data.read(path, bench)
    assert [p.task.id for p in problems] == ["a", "b"]
    assert [line.split(": ")[0] for line in bad] == [f"{path}:{n}" for n in (1, 4, 6)]
    assert "a is there already" in bad[2]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "can't be read"),
        (lambda path: path.write_text(""), "is empty"),
        (lambda path: path.write_text('{"prompt": "x"}\n'), ":1: not a CVDP problem"),
        (lambda path: path.write_bytes(b"\xff\xfe\n"), "CVDP data set"),
        (lambda path: path.mkdir(), "can't be read"),
    ],
)
def test_a_data_set_of_the_wrong_kind(
    bench: Workbench, tmp_path: Path, make: Callable[[Path], object], said: str
) -> None:
    path = tmp_path / "d.jsonl"
    make(path)
    with pytest.raises(InputError, match=said):
        data.read(path, bench)


def test_what_a_designer_is_told(bench: Workbench, tmp_path: Path) -> None:
    row = cvdp()
    row["input"]["context"] = {"rtl/full.sv": "module full; endmodule", "docs/a.md": "text"}
    (problem,), _ = data.read(cvdp_file(tmp_path / "d.jsonl", row), bench)
    task = problem.task
    assert (task.writes, task.language, task.difficulty) == (
        ("rtl/half.sv",),
        "systemverilog",
        "easy",
    )
    assert [source.path for source in task.context] == ["rtl/full.sv"]
    assert task.module is None
