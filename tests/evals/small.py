"""Small problems of our own in the formats of the benchmarks, and what scores them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from spec2rtl.eda.cache import Cache
from spec2rtl.eda.slang import Slang
from spec2rtl.eda.toolchain import COMPILING, find_tools
from spec2rtl.evals.bench import Workbench
from spec2rtl.evals.environments import Environments
from spec2rtl.process.confinement import best_sandbox, choose_sandbox
from spec2rtl.process.limits import Limits

PROMPT = """\
Write a module named `half` with these ports.

- `input [3:0] a`
- `input [3:0] b`
- `output [4:0] sum`

The output `sum` is the sum of `a` and `b`.
"""
RIGHT = """\
module half(input [3:0] a, input [3:0] b, output [4:0] sum);
  assign sum = a + b;
endmodule
"""
WRONG = RIGHT.replace("a + b", "a - b")
REFLECTION = json.dumps(
    {"root_cause": "it subtracts", "lines": [2], "edits": None, "instruction": "add"}
)
BROKEN = RIGHT.replace("assign sum", "assign")
RUNNER = """\
import os

from cocotb_tools.runner import get_runner


def test_runner():
    runner = get_runner(os.getenv("SIM"))
    top = os.getenv("TOPLEVEL")
    sources = os.getenv("VERILOG_SOURCES").split()
    runner.build(
        sources=sources,
        hdl_toplevel=top,
        always=True,
        timescale=("1ns", "1ns"),
        log_file="sim.log",
    )
    runner.test(hdl_toplevel=top, test_module=os.getenv("MODULE"))
"""
TESTS = """\
import cocotb
from cocotb.triggers import Timer


@cocotb.test()
async def quokka_adds(dut):
    for a in range(16):
        dut.a.value, dut.b.value = a, 9
        await Timer(1, UNIT="ns")
        assert int(dut.sum.value) == a + 9, f"{a} + 9 is {dut.sum.value}"
"""
ENV = """\
SIM             = icarus
TOPLEVEL_LANG   = verilog
VERILOG_SOURCES = /code/rtl/half.sv
TOPLEVEL        = half
MODULE          = test_half
PYTHONPATH      = /src
"""
COMPOSE = """\
services:
  direct:
    image: __OSS_SIM_IMAGE__
    volumes:
      - ./src/:/src/:ro
    working_dir : /code/rundir
    env_file    : ./src/.env
    command     : pytest -s -o cache_dir=/rundir/harness/.cache /src/test_runner.py -v
"""


def cvdp(name: str = "half_0001", **files: str) -> dict[str, Any]:
    """A CVDP problem; `files` replace some of the harness's by their stems."""
    harness = {
        "docker-compose.yml": files.get("compose", COMPOSE),
        "src/.env": files.get("env", ENV),
        "src/test_runner.py": files.get("runner", RUNNER),
        "src/test_half.py": files.get("tests", TESTS.replace("UNIT", "unit")),
    }
    return {
        "id": name,
        "categories": ["cid003", "easy"],
        "input": {"prompt": PROMPT, "context": {}},
        "output": {"response": "", "context": {files.get("writes", "rtl/half.sv"): ""}},
        "harness": {"files": harness},
    }


def cvdp_file(path: Path, *rows: dict[str, Any] | str) -> Path:
    """Write a data set; a string is a line as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(lines) + "\n")
    return path


VE_PROMPT = PROMPT.replace("`half`", "`TopModule`")
VE_REFERENCE = RIGHT.replace("half", "RefModule")
VE_RIGHT = RIGHT.replace("half", "TopModule")
VE_WRONG = WRONG.replace("half", "TopModule")
VE_TEST = """\
`timescale 1 ps/1 ps

module stimulus_gen (input clk, output logic [3:0] a, b);
  initial begin
    repeat(100) @(posedge clk, negedge clk) {a, b} <= $random;
    #1 $finish;
  end
endmodule

module tb();
  typedef struct packed {
    int errors;
    int errors_sum;
    int errortime_sum;
    int clocks;
  } stats;
  stats stats1;

  reg clk = 0;
  initial forever #5 clk = ~clk;

  logic [3:0] a, b;
  logic [4:0] sum_ref, sum_dut;

  stimulus_gen stim1 (.clk, .*, .a, .b);
  RefModule good1 (.a, .b, .sum(sum_ref));
  TopModule top_module1 (.a, .b, .sum(sum_dut));

  wire quokka_match = {sum_ref} === ({sum_ref} ^ {sum_dut} ^ {sum_ref});

  final begin
    if (stats1.errors_sum)
      $display("Hint: Output '%s' has %0d mismatches. First mismatch occurred at time %0d.", "sum",
               stats1.errors_sum, stats1.errortime_sum);
    else $display("Hint: Output '%s' has no mismatches.", "sum");
    $display("Mismatches: %1d in %1d samples", stats1.errors, stats1.clocks);
  end

  always @(posedge clk, negedge clk) begin
    stats1.clocks++;
    if (!quokka_match) begin
      if (stats1.errors_sum == 0) stats1.errortime_sum = $time;
      stats1.errors++;
      stats1.errors_sum++;
    end
  end

  initial begin
    #1000000 $display("TIMEOUT");
    $finish();
  end
endmodule
"""


def verilog_eval_folder(folder: Path, *names: str) -> Path:
    """Write a data set of the same problem under several names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}_prompt.txt").write_text(VE_PROMPT)
        (folder / f"{name}_ref.sv").write_text(VE_REFERENCE)
        (folder / f"{name}_test.sv").write_text(VE_TEST)
    return folder


def fenced(rtl: str) -> str:
    """A model's reply."""
    return f"```verilog\n{rtl}```\n"


@asynccontextmanager
async def workbench(folder: Path, *, seconds: float = 60.0) -> AsyncIterator[Workbench]:
    """Tools with a harness's limit of so many seconds; environments are made in `folder`."""
    limits = Limits(seconds=seconds)
    bench = Workbench(
        tools=find_tools(),
        compiling=COMPILING,
        simulating=limits,
        harness=limits,
        sandbox=choose_sandbox("auto", best_sandbox()),
        slang=Slang(),
        environments=Environments(folder),
        seed=1,
    )
    yield bench
    await bench.aclose()


def references() -> Cache:
    """A place for what references come to."""
    return Cache()
