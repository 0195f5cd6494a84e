"""Designs meet the real iverilog."""

import asyncio
import subprocess
import sys
import tempfile
import time
from contextlib import aclosing
from pathlib import Path

import pytest
from msgspec import structs

from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.errors import ConfigError, InputError, ToolError
from spec2rtl.process.limits import MIB, Limits
from spec2rtl.rtl import CompileReport, Design, SourceFile

TOOLS = find_tools()
ADDER = "module adder(input [3:0] a, b, output [4:0] y);\n  assign y = a + b;\nendmodule\n"
USER = "/home/me/my: ünïcode 设计/a b.v"


def design(*texts: str, top: str | None = None, path: str = USER) -> Design:
    paths = [path, *(f"/rtl/file{n}.sv" for n in range(1, len(texts)))]
    sources = tuple(SourceFile(p, text) for p, text in zip(paths, texts, strict=True))
    return Design(sources, top=top)


async def compiled(given: Design, limits: Limits | None = None) -> CompileReport:
    tools = IcarusToolchain(TOOLS, compiling=limits or Limits(seconds=30))
    async with aclosing(tools):
        return await tools.compile(given)


def broken(report: CompileReport) -> list[tuple[str, int, str]]:
    return [(d.file, d.line, d.message) for d in report.diagnostics if d.severity == "error"]


def test_a_start_sweeps_what_a_killed_process_left() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as dead:
        dead.wait()
    stale = Path(tempfile.mkdtemp(prefix=f"spec2rtl-{dead.pid}-"))
    (stale / "design").write_text("x")
    IcarusToolchain(TOOLS)
    assert not stale.exists()


def test_tools_are_found() -> None:
    assert Path(TOOLS.iverilog).is_absolute()
    assert TOOLS.iverilog_version[0].isdigit()
    assert TOOLS.cocotb_version.startswith("2.")


@pytest.mark.parametrize(
    ("iverilog", "message"),
    [
        ("/nowhere/iverilog", "^/nowhere/iverilog is missing; install it with: "),
        ("/bin/true", "^/bin/true is broken: .*names no version; install it with: "),
    ],
)
def test_tools_that_are_not_there(iverilog: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        find_tools(iverilog)


async def test_a_design_that_compiles() -> None:
    report = await compiled(design(ADDER, top="adder"))
    assert report.ok
    assert (report.reason, report.diagnostics, report.cached) == ("ok", (), False)
    assert report.seconds > 0


async def test_a_fault_is_placed_in_the_users_file() -> None:
    report = await compiled(design(ADDER.replace("a + b", "a + c")))
    (fault,) = report.diagnostics
    assert (report.ok, report.reason) == (False, "compile_error")
    assert (fault.file, fault.line, fault.column) == (USER, 2, 18)
    assert (fault.source, fault.severity) == ("iverilog", "error")
    assert "source0" not in fault.message + report.log


async def test_a_warning_is_a_diagnostic_of_a_design_that_compiles() -> None:
    top = "module top(output [4:0] y);\n  adder add(.a(4'd1), .y(y));\nendmodule\n"
    report = await compiled(design(ADDER, top))
    assert report.ok
    assert [(d.file, d.line, d.severity) for d in report.diagnostics] == [
        ("/rtl/file1.sv", 2, "warning")
    ]


async def test_a_fault_in_a_header_is_placed_there() -> None:
    header = SourceFile("/rtl/inc/defs.vh", "`define W 4\nwire [`W-1:0] nonsense = nope;\n")
    text = 'module m;\n`include "../inc/defs.vh"\nendmodule\n'
    given = Design((SourceFile("/rtl/src/m.v", text),), headers=(("../inc/defs.vh", header),))
    assert [fault[:2] for fault in broken(await compiled(given))] == [("/rtl/inc/defs.vh", 2)]


async def test_headers_under_the_names_that_are_used() -> None:
    headers = {
        "a.vh": "`define A 1\n",
        "./sub/b.vh": "`define B 2\n",
        "../../up.vh": "`define C 3\n",
    }
    text = "".join(f'`include "{name}"\n' for name in headers)
    text += "module m(output [3:0] y); assign y = `A + `B + `C; endmodule\n"
    files = tuple((name, SourceFile(f"/h/{name}", text)) for name, text in headers.items())
    report = await compiled(Design((SourceFile("/rtl/m.v", text),), headers=files))
    assert (report.ok, report.diagnostics) == (True, ())


async def test_defines_and_parameters() -> None:
    text = (
        'module m #(parameter N = 1, parameter S = "no")();\n'
        "`ifdef GO\n"
        '  if (N != 7 || S != "a b" || `W != 12) nothing oops();\n'
        "`else\n  nothing oops();\n`endif\nendmodule\n"
    )
    given = Design(
        (SourceFile("/m.v", text),),
        top="m",
        defines=(("GO", ""), ("W", "3 * 4")),
        parameters=(("N", "7"), ("S", '"a b"')),
    )
    report = await compiled(given)
    assert (report.ok, report.diagnostics) == (True, ())


async def test_a_parameter_needs_a_top() -> None:
    given = Design((SourceFile("/m.v", ADDER),), parameters=(("N", "7"),))
    with pytest.raises(ConfigError, match="--top"):
        await compiled(given)


async def test_a_header_that_leads_out_is_refused() -> None:
    header = SourceFile("/x", "")
    given = Design((SourceFile("/m.v", ADDER),), headers=(("a/../../../../x", header),))
    report = await compiled(given)
    assert report.ok
    with pytest.raises(InputError, match="must lie below"):
        await compiled(Design((SourceFile("/m.v", ADDER),), headers=(("a\0b", header),)))


async def test_a_top_that_is_not_there() -> None:
    report = await compiled(design(ADDER, top="nothing"))
    assert report.reason == "compile_error"
    assert "nothing" in report.diagnostics[0].message


@pytest.mark.parametrize("count", [1, 127, 134, 137, 152, 256])
async def test_the_exit_status_counts_errors(count: int) -> None:
    lines = "".join(f"  assign u{n}[0] = nope{n};\n" for n in range(count))
    report = await compiled(design(f"module m;\n{lines}endmodule\n"))
    assert (report.ok, report.reason) == (False, "compile_error")
    assert len({line for _, line, _ in broken(report)}) == count


async def test_a_compiler_that_aborts_on_a_wrong_design() -> None:
    text = (
        "module sub(input [7:0] a [0:3], output o); assign o = a[0][0]; endmodule\n"
        "module m; wire [7:0] v; wire o; sub s(.a(v), .o(o)); endmodule\n"
    )
    report = await compiled(design(text, top="m"))
    assert (report.ok, report.reason) == (False, "compile_error")
    assert broken(report)


@pytest.mark.parametrize(
    ("text", "limits", "reason"),
    [
        (
            "module m; genvar i; generate for (i=0; i<200000000; i=i+1) begin: g\n"
            "wire [63:0] w = i; end endgenerate endmodule",
            Limits(seconds=20, memory=128 * MIB),
            "memory",
        ),
        (
            "module m; genvar i; generate for (i=0; i<200000000; i=i+1) begin: g\n"
            "wire [63:0] w = i; end endgenerate endmodule",
            Limits(seconds=0.3),
            "timeout",
        ),
        (
            "module m; genvar i; generate for (i=0; i<100000; i=i+1) begin: g\n"
            'initial $display("%d", nope); end endgenerate endmodule',
            Limits(seconds=20, output=MIB // 16),
            "output_limit",
        ),
    ],
)
async def test_a_design_that_asks_too_much(text: str, limits: Limits, reason: str) -> None:
    report = await compiled(design(text), limits)
    assert (report.ok, report.reason) == (False, reason)
    assert any(d.code == f"compile-{reason.replace('_', '-')}" for d in report.diagnostics)


def faked(script: str, path: Path) -> IcarusToolchain:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return IcarusToolchain(structs.replace(TOOLS, iverilog=str(path)))


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("sh -c no-such-ivl", "is broken: it ends with: sh: .*no-such-ivl: not found; install it"),
        ("exit 0", "is broken: it ends without a word; install it"),
        ("exit 1", "is broken: it ends without a word; install it"),
        ("kill -KILL $$", "was killed by another program"),
    ],
)
async def test_a_broken_compiler_is_not_the_designs_fault(
    script: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ToolError, match=message):
        await faked(script, tmp_path / "iverilog").compile(design(ADDER))


async def test_a_compiler_that_dies_once_is_asked_again(tmp_path: Path) -> None:
    once = f'[ -e {tmp_path}/died ] && exec {TOOLS.iverilog} "$@"; : > {tmp_path}/died'
    toolchain = faked(f"{once}; kill -SEGV $$", tmp_path / "iverilog")
    assert (await toolchain.compile(design(ADDER))).ok


async def test_a_compiler_that_dies_twice_does_so_of_the_design(tmp_path: Path) -> None:
    report = await faked("kill -SEGV $$", tmp_path / "iverilog").compile(design(ADDER))
    assert (report.ok, report.reason) == (False, "compile_error")
    assert "SIGSEGV" in report.diagnostics[0].message


async def test_several_at_once() -> None:
    toolchain = IcarusToolchain(TOOLS)
    texts = [ADDER.replace("a + b", f"a + {'b' if n % 2 else 'c'} + {n}") for n in range(8)]
    reports = await asyncio.gather(*(toolchain.compile(design(text)) for text in texts))
    assert [report.ok for report in reports] == [bool(n % 2) for n in range(8)]


async def test_of_a_macro_that_grows_no_more_is_read_than_anybody_reads() -> None:
    grows = "`define A(x) x x x x x x x x x x\n`define B(x) `A(`A(`A(x)))\n"
    text = f"{grows}module m; `B(`A(wire;)) endmodule\n"
    began = time.process_time()
    report = await compiled(design(text), Limits(seconds=30, memory=512 * MIB))
    assert not report.ok
    assert time.process_time() - began < 3  # ours: 16 MiB of one message is too much to read
    assert all(d.message for d in report.diagnostics)
