"""Designs meet real cocotb tests."""

import asyncio
import os
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest
from msgspec import structs

from spec2rtl.eda.sources import load_design
from spec2rtl.eda.testbench import load_testbench, narrowed
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.errors import InputError, ToolError
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.process.limits import MIB, Limits
from spec2rtl.rtl import DataFile, Design, SimulationReport, SourceFile, Testbench

TOOLS = find_tools()
LIMITS = Limits(seconds=60)
COUNTER = """\
module counter(input clk, input rst, input en, output reg [3:0] count);
  always @(posedge clk) if (rst) count <= 0; else if (en) count <= count + 1;
endmodule
"""
TESTS = """\
import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge


async def start(dut):
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    dut.en.value = 0
    dut.rst.value = 1
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)
    dut.rst.value = 0


@cocotb.test()
async def counts(dut):
    await start(dut)
    dut.en.value = 1
    for i in range(20):
        assert dut.count.value == i % 16
        await FallingEdge(dut.clk)


@cocotb.test()
async def holds(dut):
    await start(dut)
    for i in range(5):
        assert dut.count.value == 0, f"count moved in cycle {i}"
        await FallingEdge(dut.clk)
"""
SETTLE = "from cocotb.triggers import Timer; await Timer(1)"
ONE = "import cocotb\n\n\n@cocotb.test()\nasync def one(dut):\n    {}\n"


def counter(text: str = COUNTER, top: str | None = "counter") -> Design:
    return Design((SourceFile("/rtl/counter.v", text),), top=top)


def with_initial(statement: str) -> Design:
    return counter(COUNTER.replace("endmodule", f"  initial begin {statement} end\nendmodule"))


def bench(text: str = TESTS, folder: str = "/user/tests", tests: tuple[str, ...] = ()) -> Testbench:
    return Testbench("test_counter", f"{folder}/test_counter.py", text, tests=tests)


async def simulated(
    design: Design, testbench: Testbench | None = None, limits: Limits = LIMITS
) -> SimulationReport:
    async with aclosing(IcarusToolchain(TOOLS, simulating=limits)) as toolchain:
        return await toolchain.simulate(design, testbench or bench())


def statuses(report: SimulationReport) -> dict[str, str]:
    return {test.name: test.status for test in report.tests}


async def test_a_right_design_passes() -> None:
    report = await simulated(counter(), bench(tests=("counts", "holds")))
    assert (report.status, report.reason, report.diagnostics) == ("passed", "ok", ())
    assert statuses(report) == {"counts": "passed", "holds": "passed"}
    assert [test.time_ns for test in report.tests] == [215.0, 65.0]
    assert (report.sandbox, report.cached) == ("rlimits", False)


async def test_a_failure_tells_actual_and_expected() -> None:
    report = await simulated(counter(COUNTER.replace("+ 1", "+ 2")))
    assert (report.status, report.reason) == ("failed", "test_failed")
    assert statuses(report) == {"counts": "failed", "holds": "passed"}
    failed = report.tests[0]
    assert (failed.file, failed.line) == ("/user/tests/test_counter.py", 20)
    assert "0010" in failed.message
    assert "== (1 % 16)" in failed.message
    assert "counter.count" in failed.message
    (fault,) = report.diagnostics
    assert (fault.code, fault.source, fault.severity) == ("test-failed", "cocotb", "error")
    assert (fault.file, fault.line, fault.column) == ("/user/tests/test_counter.py", 20, 9)
    assert fault.message == f"counts: {failed.message}"
    assert "spec2rtl-" not in fault.message + report.log
    assert "source0" not in fault.message


async def test_the_tests_own_words_are_the_message() -> None:
    report = await simulated(counter(COUNTER.replace("else if (en)", "else")))
    assert report.tests[1].message.startswith("count moved in cycle 1")


async def test_python_objects_that_held_a_value_are_no_part_of_the_message() -> None:
    model = "\nclass Model:\n    zero = 0\n\n\nMODEL = Model()\n"
    text = TESTS.replace("== 0, f", "== MODEL.zero, f").replace(
        "\n\n@cocotb", f"{model}\n@cocotb", 1
    )
    report = await simulated(counter(COUNTER.replace("else if (en)", "else")), bench(text))
    message = report.tests[1].message
    assert "PackedObject(counter.count)" in message
    assert "Model" not in message


async def test_unknown_values_fail() -> None:
    report = await simulated(counter(COUNTER.replace("if (rst) count <= 0; else ", "")))
    assert statuses(report) == {"counts": "failed", "holds": "failed"}
    assert "XXXX" in report.tests[0].message


@pytest.mark.parametrize("statement", ["dut.nothing.value = 1", "assert int(dut.nothing.value)"])
async def test_a_missing_port_is_named(statement: str) -> None:
    report = await simulated(counter(), bench(ONE.format(statement)))
    assert (report.status, report.reason) == ("failed", "test_failed")
    assert "nothing" in report.tests[0].message
    assert report.tests[0].line == 6


async def test_a_missing_top_is_named() -> None:
    report = await simulated(counter(top=None), Testbench("t", "/t.py", ONE, top="nothing"))
    assert (report.status, report.reason) == ("failed", "compile_error")
    assert "nothing" in report.diagnostics[0].message


async def test_a_design_that_does_not_compile_fails() -> None:
    report = await simulated(counter("module counter; nonsense"))
    assert (report.status, report.reason) == ("failed", "compile_error")
    assert report.diagnostics[0].file == "/rtl/counter.v"


@pytest.mark.parametrize(
    ("statement", "limits", "reason"),
    [
        ("while (1) ;", Limits(seconds=2), "timeout"),
        ("forever #0 ;", Limits(seconds=2), "timeout"),
        ('forever $display("flood");', Limits(seconds=30, output=MIB), "output_limit"),
        ('$display("%d", f(0));', LIMITS, "test_failed"),
    ],
)
async def test_a_design_without_an_end_fails(statement: str, limits: Limits, reason: str) -> None:
    recursion = "function automatic integer f(input integer n); f = f(n + 1) + 1; endfunction\n"
    given = with_initial(statement)
    text = given.sources[0].text.replace("  initial", f"  {recursion}  initial")
    report = await simulated(counter(text), limits=limits)
    assert (report.status, report.reason) == ("failed", reason)
    assert report.diagnostics


async def test_a_huge_memory_fails() -> None:
    text = with_initial("for (i = 0; i < 1073741823; i = i + 1) huge[i] = i;").sources[0].text
    text = text.replace("  initial", "  reg [31:0] huge [0:1073741823]; integer i;\n  initial")
    report = await simulated(counter(text), limits=Limits(seconds=30, memory=256 * MIB))
    assert (report.status, report.reason) == ("failed", "memory")


@pytest.mark.parametrize("statement", ["$finish;", "#12 $finish;", "#12 $stop;", "#12 $fatal;"])
async def test_a_design_that_ends_the_simulation_fails(statement: str) -> None:
    report = await simulated(with_initial(statement))
    assert (report.status, report.reason) == ("failed", "test_failed")
    assert "passed" not in statuses(report).values()


async def test_garbage_is_collected_as_ever_but_in_what_was_loaded_before() -> None:
    text = ONE.format("import gc, os; assert gc.isenabled() and gc.get_freeze_count() > 10_000")
    text += "    assert 'PYGPI_USERS' not in os.environ\n"
    report = await simulated(counter(), bench(text))
    assert report.status == "passed", report.tests


async def test_a_timeout_names_the_test() -> None:
    text = ONE.format("import time; time.sleep(1000)")
    report = await simulated(counter(), bench(text), Limits(seconds=3))
    assert (report.status, report.reason) == ("failed", "timeout")
    assert report.diagnostics[0].message == "one: the simulation does not end within 3 s"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("import nosuch\n" + ONE, 1, "ModuleNotFoundError: No module named 'nosuch'"),
        ("x = 1\ny = (\n", 2, "SyntaxError: '(' was never closed"),
        ("\nraise ValueError('a: b')\n", 2, "ValueError: a: b"),
        ("import helper\n", 3, "NameError: name 'qqqqqqqq' is not defined"),
        ("x = 1\n", 1, "no tests; a test is an async function under @cocotb.test()"),
    ],
)
async def test_a_test_module_that_cannot_be_run(text: str, line: int, why: str) -> None:
    helper = DataFile("helper.py", b"a = 1\n\nb = qqqqqqqq\n")
    testbench = Testbench("test_it", "/user/t t/test_it.py", text, files=(helper,))
    with pytest.raises(InputError) as error:
        await simulated(counter(), testbench)
    file = "helper.py" if "helper" in text else "test_it.py"
    assert str(error.value) == f"/user/t t/{file}:{line}: the tests can't be run: {why}"


async def test_skipped_tests_prove_nothing() -> None:
    with pytest.raises(InputError, match="every test is skipped"):
        await simulated(counter(), bench(ONE.format("pass").replace("test()", "test(skip=True)")))


@pytest.mark.parametrize(
    ("statement", "tests"),
    [
        ("import os; os._exit(0)", ("one",)),
        ("pass", ("one", "another")),
        (
            "import os; f = os.environ['COCOTB_RESULTS_FILE']; "
            "open(f, 'w').write('<nonsense'); os._exit(0)",
            ("one",),
        ),
    ],
)
async def test_a_report_that_is_not_whole_is_not_trusted(
    statement: str, tests: tuple[str, ...]
) -> None:
    report = await simulated(counter(), bench(ONE.format(statement), tests=tests))
    assert (report.status, report.reason) == ("errored", "untrusted")


async def test_a_simulation_that_is_killed_is_no_failure() -> None:
    text = ONE.format("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    report = await simulated(counter(), bench(text))
    assert (report.status, report.reason) == ("errored", "killed")


async def test_a_broken_simulator_is_no_failure(tmp_path: Path) -> None:
    fake = tmp_path / "vvp"
    fake.write_text("#!/bin/sh\nexit 0\n")
    fake.chmod(0o755)
    tools = type(TOOLS)(TOOLS.iverilog, str(fake), TOOLS.iverilog_version, TOOLS.cocotb)
    with pytest.raises(ToolError, match=r"vvp is broken: it ends without a word; install it"):
        await IcarusToolchain(tools).simulate(counter(), bench())


async def test_the_files_beside_are_there(tmp_path: Path) -> None:
    folder = tmp_path / "a b: 试验"
    (folder / "vectors").mkdir(parents=True)
    (folder / "vectors" / "v.txt").write_text("7")
    (folder / "helper.py").write_text("def value(path):\n    return int(open(path).read())\n")
    (folder / "test_it.py").write_text(
        "import cocotb, helper\nfrom cocotb.triggers import Timer\n\n\n@cocotb.test()\n"
        "async def reads(dut):\n    await Timer(1, 'ns')\n"
        "    assert dut.y.value == helper.value('vectors/v.txt')\n"
        "    assert helper.value('vectors/v.txt') == 8\n"
    )
    text = (
        "module rom(output [3:0] y); reg [3:0] m [0:0];\n"
        '  initial $readmemh("init.hex", m);\n  assign y = m[0];\nendmodule\n'
    )
    design = Design(
        (SourceFile(str(folder / "rom.v"), text),), "rom", data=(DataFile("init.hex", b"7\n"),)
    )
    report = await simulated(design, load_testbench(folder / "test_it.py"))
    assert [test.line for test in report.tests] == [9]
    assert report.tests[0].file == str(folder / "test_it.py")
    assert "7 == 8" in report.tests[0].message


@pytest.mark.skipif(best_sandbox() is None, reason="no sandbox works on this machine")
async def test_a_memory_is_filled_from_the_files_of_the_project(tmp_path: Path) -> None:
    secret = tmp_path / "secret.hex"
    names = ["below.hex", "../hex/up.hex", str(tmp_path / "p/hex/whole.hex"), str(secret), "none"]
    for file in (secret, *(tmp_path / "p/rtl" / name for name in names[:3])):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("1\n")
    (tmp_path / "p" / "spec2rtl.toml").touch()
    rtl = tmp_path / "p" / "rtl" / "m.v"
    rtl.write_text(
        "module m(output [4:0] y);\n"
        + "".join(
            f'  reg m{i} [0:0]; assign y[{i}] = m{i}[0];\n  initial $readmemh("{name}", m{i});\n'
            for i, name in enumerate(names)
        )
        + "endmodule\n"
    )
    tools = IcarusToolchain(TOOLS, sandbox=best_sandbox())
    tests = bench(ONE.format(f'{SETTLE}; assert str(dut.y.value) == "XX111"'))
    report = await tools.simulate(structs.replace(load_design([rtl]), top="m"), tests)
    assert report.status == "passed"
    assert [(d.line, d.column, d.severity, d.code) for d in report.diagnostics] == [
        (9, 21, "warning", "data-not-found"),
        (11, 21, "warning", "data-not-found"),
    ]
    message = "`$readmemh` can't read `none`, so nothing is loaded: the project holds no such file"
    assert report.diagnostics[1].message.startswith(message)


async def test_random_numbers_are_the_same_every_time() -> None:
    text = ONE.format("import random; assert random.random() > 2")
    first, second = await asyncio.gather(
        simulated(counter(), bench(text)), simulated(counter(), bench(text))
    )
    assert [t.message for t in first.tests] == [t.message for t in second.tests]


async def test_two_at_once() -> None:
    toolchain = IcarusToolchain(TOOLS)
    wrong = counter(COUNTER.replace("+ 1", "+ 2"))
    good, bad = await asyncio.gather(
        toolchain.simulate(counter(), bench()), toolchain.simulate(wrong, bench())
    )
    assert (good.status, bad.status) == ("passed", "failed")


def holding(fifo: Path) -> Design:
    return with_initial(f'$fwrite($fopen("{fifo}", "w"), "started"); $fflush; while (1) ;')


async def opened(reader: int) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(reader, ready.set)
    await asyncio.wait_for(ready.wait(), 60)
    loop.remove_reader(reader)


async def test_cancelling_leaves_no_simulator(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    task = asyncio.create_task(simulated(holding(fifo)))
    await opened(reader)
    assert os.read(reader, 100) == b"started"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await opened(reader)
    assert os.read(reader, 1) == b""


async def test_our_own_death_leaves_no_simulator(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from msgspec import structs\n"
        "from spec2rtl.eda.testbench import load_testbench\n"
        "from spec2rtl.eda.sources import load_design\n"
        "from spec2rtl.eda.toolchain import IcarusToolchain, find_tools\n"
        "design = structs.replace(load_design([Path(sys.argv[1])]), top='counter')\n"
        "tests = load_testbench(Path(sys.argv[2]))\n"
        "asyncio.run(IcarusToolchain(find_tools()).simulate(design, tests))\n"
    )
    rtl, tests = tmp_path / "counter.v", tmp_path / "test_counter.py"
    rtl.write_text(holding(fifo).sources[0].text)
    tests.write_text(TESTS)
    with subprocess.Popen([sys.executable, "-c", script, str(rtl), str(tests)]) as ours:  # noqa: ASYNC220
        await opened(reader)
        assert os.read(reader, 100) == b"started"
        ours.kill()
    await opened(reader)
    assert os.read(reader, 1) == b""


PARAMETRIZED = """
@cocotb.test()
@cocotb.parametrize(n=[1, 2])
async def holds_longer(dut, n):
    pass
"""


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (("holds",), {"holds"}),
        (("counts", "holds"), {"counts", "holds"}),
        (("holds_longer",), {"holds_longer/n=1", "holds_longer/n=2"}),
        (("holds_longer/n=2",), {"holds_longer/n=2"}),
    ],
)
async def test_only_some_tests(tmp_path: Path, only: tuple[str, ...], expected: set[str]):
    (tmp_path / "test_counter.py").write_text(TESTS + PARAMETRIZED)
    every = load_testbench(tmp_path / "test_counter.py")
    some = narrowed(every, only)
    report = await simulated(counter(), some)
    assert (report.status, set(statuses(report))) == ("passed", expected)


def test_a_test_that_is_not_there(tmp_path: Path):
    (tmp_path / "test_counter.py").write_text(TESTS)
    every = load_testbench(tmp_path / "test_counter.py")
    with pytest.raises(
        InputError, match=r"test_counter.py: no test `hold`; there are counts, holds"
    ):
        narrowed(every, ("hold",))
