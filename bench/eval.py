"""An evaluation on all cores, against the benchmark's own runner, natively, one by one."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.eda import RTL, TESTS
from bench.measure import Row, compare
from spec2rtl.config.settings import Settings
from spec2rtl.evals.record import Record
from spec2rtl.evals.runner import evaluate
from spec2rtl.evals.setup import Request, prepared

PROBLEMS = 6
ROUNDS = 2
RUNNER = """\
import os

from cocotb_tools.runner import get_runner


def test_runner():
    runner = get_runner("icarus")
    runner.build(
        sources=os.environ["VERILOG_SOURCES"].split(),
        hdl_toplevel="counter",
        always=True,
        timescale=("1ns", "1ps"),
        log_file="sim.log",
    )
    runner.test(hdl_toplevel="counter", test_module="test_counter")
"""
ENV = """\
VERILOG_SOURCES = /code/rtl/counter.v
TOPLEVEL = counter
MODULE = test_counter
PYTHONPATH = /src
"""
COMPOSE = """\
services:
  direct:
    working_dir: /code/rundir
    env_file: ./src/.env
    command: pytest -s -o cache_dir=/rundir/harness/.cache /src/test_runner.py -v
"""


def rows() -> list[Row]:
    """Measure everything here."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name, asyncio.Runner() as loop:
        folder = Path(name).resolve()
        ours, theirs = _ours(folder, loop, cores), _theirs(folder)
        target = 1 / (0.9 * cores)
        return [compare(f"evaluation of {PROBLEMS} problems", target, ours, theirs, ROUNDS)]


def _ours(folder: Path, loop: asyncio.Runner, cores: int) -> Callable[[], None]:
    files = {
        "docker-compose.yml": COMPOSE,
        "src/.env": ENV,
        "src/test_runner.py": RUNNER,
        "src/test_counter.py": TESTS,
    }
    dataset, candidates = folder / "counter.jsonl", folder / "candidates"
    with dataset.open("w") as lines:
        for number in range(PROBLEMS):
            name = f"counter_{number}"
            problem = {
                "id": name,
                "input": {"prompt": "A counter.", "context": {}},
                "output": {"context": {"rtl/counter.v": ""}},
                "harness": {"files": files},
            }
            lines.write(json.dumps(problem) + "\n")
            rtl = candidates / name / "rtl" / "counter.v"
            rtl.parent.mkdir(parents=True)
            rtl.write_text(RTL)
    count = 0

    async def run() -> None:
        nonlocal count
        count += 1
        request = Request("cvdp", dataset, candidates, out=folder / f"out-{count}")
        records: list[Record] = []
        async with prepared(request, Settings(), lambda _: None) as evaluation:
            await evaluate(
                evaluation.problems,
                evaluation.designer,
                evaluation.store,
                samples=1,
                jobs=cores,
                show=records.append,
            )
        assert [r.verdict for r in records] == ["passed"] * PROBLEMS, records

    return lambda: loop.run(run())


def _theirs(folder: Path) -> Callable[[], None]:
    """The harness's command in a folder of its own, a problem after the other."""
    root = folder / "natively"
    source, rtl, work = root / "src", root / "rtl", root / "work"
    for place in (source, rtl, work):
        place.mkdir(parents=True)
    (source / "test_runner.py").write_text(RUNNER)
    (source / "test_counter.py").write_text(TESTS)
    (rtl / "counter.v").write_text(RTL)
    argv = [sys.executable, "-m", "pytest", "-s", "-o", f"cache_dir={root}/.cache"]
    argv += [str(source / "test_runner.py"), "-v"]
    # Whatever plugins are installed here are not in the benchmark's own image.
    values = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    values |= {"VERILOG_SOURCES": str(rtl / "counter.v"), "PYTHONPATH": str(source)}

    def run() -> None:
        for _ in range(PROBLEMS):
            subprocess.run(argv, cwd=work, env=os.environ | values, check=True, capture_output=True)

    return run
