"""Designs and tests that mean harm: each ends within its limits, for the reason that is true.

Whatever they try, nothing outside of their scratch folder changes and no process is left.
"""

import asyncio
import os
import socket
from collections.abc import Iterator, Set
from contextlib import aclosing
from pathlib import Path
from typing import Literal

import pytest
from msgspec import Struct, structs

from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.errors import Spec2rtlError
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.process.limits import MIB, Limits
from spec2rtl.rtl import CompileReport, Design, SimulationReport, SourceFile, Testbench

TOOLS = find_tools()
LIMITS = Limits(seconds=3, memory=512 * MIB, output=MIB, file_size=4 * MIB, processes=40)
PATIENT = structs.replace(LIMITS, seconds=30)
"""For what must end by another limit, however busy the machine."""
SLACK = 15.0
"""Seconds that starting and ending may take on a busy machine."""

BENIGN = """\
import cocotb
from cocotb.triggers import Timer


@cocotb.test()
async def one(dut):
    await Timer(10, "ns")
    assert dut.y.value == 1
"""

pytestmark = pytest.mark.skipif(best_sandbox() is None, reason="no sandbox works on this machine")


class Outside(Struct, frozen=True):
    """What the hostile reach for: a folder, a secret file in it, and a server's port."""

    folder: Path
    secret: Path
    port: int


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    folder = tmp_path / "outside"
    folder.mkdir()
    secret = folder / "secret.hex"
    secret.write_text("1\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Outside(folder, secret, server.getsockname()[1])


def design(body: str, ports: str = "output wire y") -> Design:
    return Design((SourceFile("/rtl/m.v", f"module m({ports});\n{body}\nendmodule\n"),), "m")


def bench(statements: str, name: str = "one") -> Testbench:
    indented = "\n".join(f"    {line}" for line in statements.splitlines())
    text = (
        f"import os, sys\nimport cocotb\n\n\n@cocotb.test()\nasync def {name}(dut):\n{indented}\n"
    )
    return Testbench("test_m", "/user/test_m.py", text, tests=(name,))


def left() -> list[str]:
    """The programs that still have a scratch folder of ours in their environment."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"spec2rtl-{os.getpid()}-".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


async def ran(
    given: Design, reasons: Set[str], tests: Testbench | None = None
) -> CompileReport | SimulationReport:
    """Compile, then simulate where it compiles; it ends for one of these reasons, in time."""
    limits = LIMITS if "timeout" in reasons else PATIENT
    tools = IcarusToolchain(TOOLS, compiling=limits, simulating=limits, sandbox=best_sandbox())
    began = asyncio.get_running_loop().time()
    async with aclosing(tools):
        report: CompileReport | SimulationReport = await tools.compile(given)
        if report.reason == "ok":
            fallback = Testbench("test_m", "/user/test_m.py", BENIGN, tests=("one",))
            report = await tools.simulate(given, tests or fallback)
    assert asyncio.get_running_loop().time() - began < 4 * limits.seconds + SLACK
    assert left() == []
    assert report.reason in reasons
    return report


LOOP: dict[str, str] = {
    "while": "initial while (1) ;",
    "forever": "initial forever #0 ;",
    "always": "reg a; always begin a = 1; end",
    "repeat": "initial repeat (2147483647) ;",
    "fork": "initial fork forever #0 ; forever #0 ; join",
    "zero delay": "reg a = 0; always #0 a = ~a;",
    "ring": "reg a; initial begin a = 0; forever begin #0 ; a = ~a; end end",
    "for": "integer i; initial for (i = 0; i >= 0; i = 0) ;",
}


@pytest.mark.parametrize("body", LOOP.values(), ids=LOOP)
async def test_an_endless_design(body: str) -> None:
    # iverilog sees some by itself.
    await ran(design(f"{body}\nassign y = 1;"), {"timeout", "compile_error"})


FLOOD: dict[str, tuple[str, set[str]]] = {
    "$display": ('initial forever $display("flood");', {"output_limit"}),
    "$write": ('initial forever $write("%09999d", 1);', {"output_limit"}),
    "standard output": ('initial forever $fdisplay(1, "flood");', {"output_limit"}),
    "file": (
        'integer f; initial begin f = $fopen("f"); forever $fdisplay(f, "%09999d", 1); end',
        {"output_limit", "timeout"},
    ),
    "memory": (
        "reg [31:0] m [0:1073741823]; integer i;\n"
        "initial for (i = 0; i < 1073741823; i = i + 1) m[i] = i;",
        {"memory"},
    ),
    "queue": ("int q[$]; initial forever q.push_back(1);", {"memory", "timeout"}),
    "string": ('string s; initial begin s = "x"; forever s = {s, s}; end', {"memory", "timeout"}),
}


@pytest.mark.parametrize(("body", "reasons"), FLOOD.values(), ids=FLOOD)
async def test_a_flood(body: str, reasons: set[str]) -> None:
    await ran(design(f"{body}\nassign y = 1;"), reasons)


REACHING: dict[str, str] = {
    "$fopen": 'integer f; initial begin f = $fopen("{folder}/new", "w"); $fdisplay(f, 1); end',
    "$fopen a": 'integer f; initial begin f = $fopen("{secret}", "a"); $fdisplay(f, 0); end',
    "$dumpfile": 'initial begin $dumpfile("{folder}/new.vcd"); $dumpvars; end',
    "$writememh": 'reg [3:0] m [0:1]; initial $writememh("{folder}/new.hex", m);',
    "climbing": 'integer f; initial f = $fopen("../../../../../../..{folder}/new", "w");',
}


@pytest.mark.parametrize("body", REACHING.values(), ids=REACHING)
async def test_a_design_that_writes_elsewhere(body: str, outside: Outside) -> None:
    await ran(design(f"{_aimed(body, outside)}\nassign y = 1;"), {"ok"})
    assert [path.name for path in outside.folder.iterdir()] == ["secret.hex"]
    assert outside.secret.read_text() == "1\n"


async def test_a_design_that_reads_elsewhere(outside: Outside) -> None:
    body = f'reg [3:0] m [0:0]; initial $readmemh("{outside.secret}", m); assign y = m[0];'
    report = await ran(design(body), {"test_failed"})
    assert "data-not-found" in {found.code for found in report.diagnostics}


@pytest.mark.parametrize(("file", "mode"), [("environ", "r"), ("mem", "r+"), ("fd/1", "w")])
async def test_a_design_that_reaches_into_its_process(file: str, mode: str) -> None:
    body = f'integer f; initial f = $fopen("/proc/self/{file}", "{mode}"); assign y = f == 0;'
    await ran(design(body), {"ok"})


def _aimed(text: str, outside: Outside) -> str:
    return (
        text.replace("{folder}", str(outside.folder))
        .replace("{secret}", str(outside.secret))
        .replace("{port}", str(outside.port))
    )


COMPILING: dict[str, tuple[str, set[str]]] = {
    "include a file of the user's": ('`include "{secret}"', {"compile_error"}),
    "include the system's": ('`include "/etc/shadow"', {"compile_error"}),
    "include without end": ('`include "/dev/zero"', {"compile_error", "timeout", "memory"}),
    "macro that names itself": ("`define A `A\n`A", {"compile_error", "timeout", "memory"}),
    "macro bomb": (
        "\n".join(f"`define A{n + 1} `A{n} `A{n}" for n in range(40)).replace("`A0", ";")
        + "\n`A40",
        {"timeout", "memory", "output_limit", "compile_error"},
    ),
    "generate bomb": (
        "genvar i; generate for (i = 0; i < 100000000; i = i + 1) begin : g wire w; end\n"
        "endgenerate",
        {"timeout", "memory"},
    ),
    "a module within itself": ("m inner(y);", {"compile_error", "timeout", "memory"}),
    "wide vector": (
        "reg [1073741823:0] v; initial v = ~v;",
        {"memory", "timeout", "compile_error"},
    ),
    "replication": (
        "wire [7:0] w = {1000000000{1'b1}};",
        {"memory", "timeout", "compile_error", "ok"},
    ),
    "brackets": (
        "assign y = " + "(" * 200_000 + "1" + ")" * 200_000 + ";",
        {"compile_error", "memory", "timeout"},
    ),
    "constant function without end": (
        "function integer f(input integer n); begin f = n; while (1) f = f + 1; end endfunction\n"
        "localparam P = f(1);\nwire [P:0] w;",
        {"timeout", "memory", "compile_error"},
    ),
}


@pytest.mark.parametrize(("body", "reasons"), COMPILING.values(), ids=COMPILING)
async def test_a_bomb_for_the_compiler(body: str, reasons: set[str], outside: Outside) -> None:
    await ran(design(_aimed(body, outside)), reasons)


End = Literal["untrusted", "test_failed", "timeout", "memory", "output_limit", "killed"]

TESTS: dict[str, tuple[str, set[End]]] = {
    "endless": ("while True: pass", {"timeout"}),
    "fork bomb": ("while True: os.fork()", {"memory", "timeout"}),
    "daemon": (
        "import subprocess\n"
        "subprocess.Popen(['sh', '-c', 'sleep 1000;'], start_new_session=True)\n"
        "assert False",
        {"test_failed"},
    ),
    "kills its parent": ("os.kill(os.getppid(), 9)\nassert False", {"test_failed", "killed"}),
    "kills its group": ("os.killpg(0, 9)", {"killed"}),
    "hangs at exit": ("import atexit, time\natexit.register(time.sleep, 1000)", {"timeout"}),
    "leaves a thread": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()",
        {"timeout"},
    ),
    "memory": (
        "hoard = []\nwhile True: hoard.append(bytearray(1 << 24))",
        {"memory", "test_failed"},
    ),
    "prints without end": ("while True: print('flood')", {"output_limit"}),
    "writes without end": (
        "with open('f', 'wb') as f:\n    while True: f.write(bytes(1 << 20))",
        {"output_limit", "test_failed"},
    ),
    "writes many files": (
        "for n in range(10**9):\n    with open(f'f{n}', 'wb') as f: f.write(bytes(1 << 20))",
        {"output_limit"},
    ),
    "makes many folders": (
        "for n in range(10**9): os.mkdir(f'd{n}')",
        {"output_limit"},
    ),
    "opens a socket": (
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)",
        {"test_failed"},
    ),
    "looks for a key": ("assert os.environ.get('ANTHROPIC_API_KEY')", {"test_failed"}),
    "looks for a key elsewhere": (
        "import glob\n"
        "found = [open(p, 'rb').read() for p in glob.glob('/proc/[0-9]*/environ')]\n"
        "assert any(b'ANTHROPIC_API_KEY' in text for text in found)",
        {"test_failed"},
    ),
    "reads the user's": ("assert open('{secret}').read()", {"test_failed"}),
    "writes the user's": ("open('{secret}', 'w').write('0')", {"test_failed"}),
    "writes beside it": (
        "open('{folder}/../hostile', 'w').write('0')",
        {"test_failed"},
    ),
    "links to the user's": (
        "os.symlink('{secret}', 'link')\nopen('link', 'w').write('0')",
        {"test_failed"},
    ),
    "exits early": ("os._exit(0)", {"untrusted"}),
    "forges a report": (
        "xml = \"<testsuites><testsuite><testcase name='one'/></testsuite></testsuites>\"\n"
        "open(os.environ['COCOTB_RESULTS_FILE'], 'w').write(xml)\nos._exit(0)",
        {"untrusted"},
    ),
    "forges a report and its totals, and crashes": (
        "xml = \"<testsuites><testsuite><testcase name='one'/></testsuite></testsuites>\"\n"
        "open(os.environ['COCOTB_RESULTS_FILE'], 'w').write(xml)\n"
        "print('** TESTS=1 PASS=1 FAIL=0 SKIP=0', flush=True)\nos.kill(os.getpid(), 11)",
        {"untrusted"},
    ),
    "forges a report and its totals at the end": (
        "import atexit\ndef forge():\n"
        "    xml = \"<testsuites><testsuite><testcase name='one'/></testsuite></testsuites>\"\n"
        "    open(os.environ['COCOTB_RESULTS_FILE'], 'w').write(xml)\n"
        "    print('** TESTS=1 PASS=1 FAIL=0 SKIP=0', flush=True)\n"
        "atexit.register(forge)\nassert False",
        {"untrusted"},
    ),
    "leaves a link for a report": (
        "os.symlink('/dev/zero', os.environ['COCOTB_RESULTS_FILE'])\nos._exit(0)",
        {"untrusted"},
    ),
    "leaves a pipe for a report": (
        "os.mkfifo(os.environ['COCOTB_RESULTS_FILE'])\nos._exit(0)",
        {"untrusted"},
    ),
    "prints a verdict": (
        "print('** TESTS=1 PASS=1 FAIL=0 SKIP=0', flush=True)\nos._exit(0)",
        {"untrusted"},
    ),
}


@pytest.mark.parametrize(("statements", "ends"), TESTS.values(), ids=TESTS)
async def test_a_hostile_test(
    statements: str, ends: set[str], outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    await ran(design("assign y = 1;"), ends, bench(_aimed(statements, outside)))
    assert [path.name for path in outside.folder.iterdir()] == ["secret.hex"]
    assert outside.secret.read_text() == "1\n"
    assert not (outside.folder.parent / "hostile").exists()


FORGING: dict[str, str] = {
    "prints the verdict and ends": (
        'initial begin $display("** TESTS=1 PASS=1 FAIL=0 SKIP=0"); $finish; end'
    ),
    "ends in the middle": "initial #5 $finish;",
    "stops in the middle": "initial #5 $stop;",
    "ends at once": "initial $finish;",
    "fails fatally": "initial #5 $fatal(0);",
}


async def test_a_system_task_that_is_none() -> None:
    report = await ran(design("assign y = 1;\ninitial $system(1);"), {"compile_error"})
    shown = [(d.line, d.column, d.end_column, d.code) for d in report.diagnostics]
    assert shown == [(3, 9, 16, "unknown-task")]


@pytest.mark.parametrize("body", FORGING.values(), ids=FORGING)
async def test_a_design_that_ends_the_tests_has_not_passed(body: str) -> None:
    try:
        await ran(design(f"{body}\nassign y = 0;"), {"test_failed", "untrusted"})
    except Spec2rtlError as error:
        pytest.fail(f"no tool is to blame: {error}")
