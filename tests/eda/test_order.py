"""Sources are compiled after what they need, whatever order they are named in."""

import pytest

from spec2rtl import checks
from spec2rtl.eda.order import DECLARED_LATER, compile_order
from spec2rtl.eda.slang import Slang
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.rtl import Design, SourceFile

P = "package p;\n  parameter int N = 4;\nendpackage\n"
Q = "package q;\n  parameter int M = p::N;\nendpackage\n"
TOP = "module top(input [q::M-1:0] a, output [q::M-1:0] y);\n  assign y = a;\nendmodule\n"
LEAF = "module leaf(input a);\nendmodule\n"
MACROS = "// no module of its own\n`define W 4\n`define F(x) (x-1)\n`define Z 1\n`undef Z\n"
WIDE = "module wide(input [`F(`W):0] a, output [`F(`W):0] y);\n  assign y = a;\nendmodule\n"


def design(listed: str = "", **texts: str) -> Design:
    sources = tuple(SourceFile(f"/{name}.sv", text) for name, text in texts.items())
    return Design(sources, listed=tuple(f"/{name}.sv" for name in listed.split()))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (design(leaf=LEAF, top=TOP), "leaf top"),
        (design(top=TOP, leaf=LEAF, q=Q, p=P), "p q top leaf"),
        (design(top="import p::*;\n" + LEAF, p=P.replace(" ", " automatic ", 1)), "p top"),
        (design(top="// p::N\n" + LEAF, p=P), "top p"),
        (design(a=P + "import q::*;\n", b=Q), "b a"),  # a circle: as well as can be
        (design("b a", a=LEAF, b=LEAF), "b a"),
        (design("q p", top=TOP, q=Q, p=P), "q top p"),  # the list is what is wrong
        (design("wide macros", wide=WIDE, macros=MACROS), "wide macros"),
        (design("macros wide", wide=WIDE, macros=MACROS), "macros wide"),
        (design("macros none", wide=WIDE, macros=MACROS, leaf=LEAF), "macros wide leaf"),
        (design("leaf p", wide=LEAF, p=P, leaf=LEAF), "wide leaf p"),
    ],
)
def test_order(given: Design, expected: str) -> None:
    assert [given.sources[at].path[1:-3] for at in compile_order(given)] == expected.split()


def test_a_package_that_a_header_needs() -> None:
    header = SourceFile("/inc.svh", "localparam int K = p::N;\n")
    sources = (SourceFile("/m.sv", '`include "inc.svh"\n'), SourceFile("/p.sv", P))
    assert compile_order(Design(sources, headers=(("inc.svh", header),))) == (1, 0)


def test_a_long_list() -> None:
    names = [f"m{n}" for n in range(2000)]
    given = design(" ".join(reversed(names)), **dict.fromkeys(names, LEAF))
    assert compile_order(given) == tuple(range(1999, -1, -1))


@pytest.mark.parametrize(
    "given",
    [design(top=TOP.replace("q::M", "p::N"), p=P), design("macros wide", wide=WIDE, macros=MACROS)],
)
async def test_every_tool_reads_it(given: Design) -> None:
    slang, tools = Slang(), IcarusToolchain(find_tools())
    try:
        await read_by(tools, slang, given)
    finally:
        await slang.aclose()
        await tools.aclose()


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (design("top p", top=TOP.replace("q::M", "p::N"), p=P), 1),
        (design(top="/* p::N\n*/ module m(output y);\nassign y = p::N;\nendmodule\n" + P), 3),
    ],
)
async def test_a_package_that_comes_too_late(given: Design, line: int) -> None:
    tools = IcarusToolchain(find_tools())
    try:
        found = (await checks.check(tools, given)).diagnostics
    finally:
        await tools.aclose()
    assert ("syntax-error", line) in [(d.code, d.line) for d in found]
    assert any(f"package `p` {DECLARED_LATER}" in d.message for d in found)
    assert not any("not simulated" in d.message for d in found)


async def read_by(tools: IcarusToolchain, slang: Slang, given: Design) -> None:
    assert await slang.check(given) == ()
    report = await tools.compile(given)
    assert report.ok and report.diagnostics == ()
    assert [d.code for d in await tools.lint(given)] == []
    wrong = given.sources[0].text.replace("= a", "= nowhere")
    broken = Design((SourceFile("/top.sv", wrong), *given.sources[1:]), listed=given.listed)
    assert {d.file for d in (await tools.compile(broken)).diagnostics} == {"/top.sv"}
    assert (await checks.check(tools, given)).ok
