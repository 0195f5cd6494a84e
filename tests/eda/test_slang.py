import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec import structs

from spec2rtl.eda.logs import parse
from spec2rtl.eda.slang import Slang, place
from spec2rtl.rtl import Design, Diagnostic, Related, SourceFile

BOMB = (
    "".join(f"`define A{i} {f' `A{i + 1}' * 8}\n" for i in range(20))
    + "`define A20 x\nmodule m; `A0 endmodule\n"
)
WRONG = "module m; wire a = nope; endmodule\n"


def design(text: str, **changes: object) -> Design:
    return structs.replace(Design((SourceFile("/a: 1/b.sv", text),)), **changes)


@asynccontextmanager
async def worker(seconds: float = 10.0) -> AsyncIterator[Slang]:
    slang = Slang(seconds=seconds)
    try:
        yield slang
    finally:
        await slang.aclose()


def show(diagnostics: tuple[Diagnostic, ...] | None) -> list[str]:
    assert diagnostics is not None
    assert all(d.source == "slang" for d in diagnostics)
    return [
        f"{d.file}:{d.line}:{d.column}-{d.end_line}:{d.end_column} {d.severity} {d.code}"
        for d in diagnostics
    ]


async def test_what_it_finds():
    async with worker() as slang:
        # Columns are code points, not bytes; a path may hold colons and blanks.
        found = await slang.check(design("/* é */module m; /* ééé */ wire a = nope; endmodule"))
        assert show(found) == ["/a: 1/b.sv:1:37-1:41 error undeclared-identifier"]
        found = await slang.check(
            design(
                '`include "x.vh"\nmodule m; wire a = `M + `N; endmodule\nmodule n; `GONE endmodule\n',
                headers=(("x.vh", SourceFile("/h/x.vh", "`define M nope\nwire w\n")),),
                defines=(("N", "3"),),
            )
        )
        assert show(found) == [
            "/a: 1/b.sv:2:20-2:22 error undeclared-identifier",
            "/a: 1/b.sv:3:11-3:16 error undefined-macro",
            "/h/x.vh:2:7-2:7 error expected-token",
        ]
        found = await slang.check(design('`include "gone.vh"\nmodule m; endmodule'))
        assert [line.split()[-1] for line in show(found)] == ["include-not-found"]
        assert show(await slang.check(design("module m; endmodule"))) == []


@pytest.mark.parametrize("folder", ["../inc/", "inc/", "./", "/h/inc/", ""])
async def test_a_header_is_found_whatever_folder_is_named(folder: str):
    headers = (
        (f"{folder}x.vh", SourceFile("/h/inc/x.vh", '`include "y.vh"\n')),
        ("y.vh", SourceFile("/h/inc/y.vh", "`define M nope\nwire w\n")),
    )
    text = f'`include "{folder}x.vh"\nmodule m; wire a = `M; endmodule\n'
    async with worker() as slang:
        assert show(await slang.check(design(text, headers=headers))) == [
            "/a: 1/b.sv:2:20-2:22 error undeclared-identifier",
            "/h/inc/y.vh:2:7-2:7 error expected-token",
        ]


async def test_latch_and_second_driver():
    text = (
        "module m (input clk, input a, output logic y, output logic z);\n"
        "  always_comb if (a) y = 1;\n"
        "  always @* if (a) z = 1;\n"
        "  always_ff @(posedge clk) z <= a;\n"
        "endmodule\n"
    )
    async with worker() as slang:
        found = await slang.check(design(text))
        assert show(found) == [
            "/a: 1/b.sv:2:22-2:23 warning latch",
            "/a: 1/b.sv:4:28-4:29 warning multiple-drivers",
        ]
        assert found
        assert found[1].related == (Related("/a: 1/b.sv", 3, 20, "also assigned here"),)


async def test_parsing_elaborates_nothing():
    async with worker() as slang:
        assert show(await slang.parse(design(WRONG))) == []
        assert show(await slang.parse(design("module m\nendmodule"))) == [
            "/a: 1/b.sv:1:9-1:9 error expected-token"
        ]


async def test_a_warning_on_each_of_50_000_lines_is_told_in_time():
    wires = "".join(f"  wire w{n} = a;\n" for n in range(50_000))
    async with worker() as slang:
        found = await slang.check(design(f"module m(input a);\n{wires}endmodule\n"))
    assert found
    assert [d.line for d in found] == list(range(2, 50_002))


async def test_a_macro_bomb_is_killed_and_the_next_question_answered():
    async with worker(seconds=2) as slang:
        assert await slang.check(design(BOMB)) is None
        assert len(await slang.check(design(WRONG)) or ()) == 1


async def test_a_dead_worker_is_replaced():
    async with worker() as slang:
        await slang.check(design(WRONG))
        assert slang.pid
        os.killpg(slang.pid, signal.SIGKILL)
        answers = [await slang.check(design(WRONG)) for _ in range(2)]
        assert len(answers[1] or ()) == 1


async def test_a_cancelled_question_leaves_no_answer_behind():
    async with worker() as slang:
        await slang.check(design(WRONG))
        asking = asyncio.create_task(slang.check(design(BOMB)))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await asking
        assert show(await slang.check(design("module m; endmodule"))) == []


async def test_a_question_cancelled_while_the_worker_starts_leaves_no_answer_behind():
    async with worker() as slang:
        for milliseconds in range(0, 300, 60):
            asking = asyncio.create_task(slang.check(design(WRONG)))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(milliseconds / 1000):
                    await asking
            assert show(await slang.check(design("module m; endmodule"))) == []
            await slang.aclose()


def test_a_loop_may_end_while_the_worker_starts():
    async def begin(seconds: float) -> None:
        asking = asyncio.create_task(Slang().check(design(WRONG)))
        await asyncio.sleep(seconds)
        assert not asking.done()

    for milliseconds in (0, 1, 10, 50):
        asyncio.run(begin(milliseconds / 1000))


async def test_many_at_once():
    async with worker() as slang:
        texts = [f"module m; wire a = n{i}; endmodule" for i in range(8)]
        answers = await asyncio.gather(*(slang.check(design(text)) for text in texts))
        assert [a[0].message for a in answers if a] == [
            f"use of undeclared identifier 'n{i}'" for i in range(8)
        ]


@pytest.mark.parametrize(
    ("text", "log", "expected"),
    [
        # The line after a missing semicolon is where iverilog stops.
        (
            "module m (input a, output reg y);\n  always @*\n    y = a\nendmodule\n",
            "m.v:4: syntax error\nI give up.",
            ["3:10 syntax-error syntax error; expected ';'"],
        ),
        (
            "module m (input a, output reg y);\n  always @* begin\n    y = a;\nendmodule\n",
            "m.v:4: syntax error\nI give up.",
            ["3:11 missing-end syntax error: a `begin` has no `end`; expected 'end'"],
        ),
        (
            "module m (input a, output y);\n  assign y = (a;\n  assign y a;\nendmodule\n",
            "m.v:2: syntax error\nm.v:2: error: syntax error in continuous assignment\n"
            "m.v:3: syntax error\nm.v:3: error: syntax error in continuous assignment\n",
            [
                "2:16 syntax-error syntax error in continuous assignment; expected ')'",
                "3:10 syntax-error syntax error in continuous assignment;"
                " expected continuous assignment",
            ],
        ),
        # What slang takes and iverilog doesn't stays where it was.
        (
            "interface i; endinterface\nmodule m (i.x b);\nendmodule\n",
            "m.v:2: syntax error\nm.v:2: Errors in port declarations.\n",
            ["2:1 syntax-error syntax error: errors in port declarations"],
        ),
        # Faults of other kinds stay too.
        (
            "module m;\n  wire a = b\nendmodule\n",
            "m.v:2: error: Unable to bind wire/reg/memory `b' in `m'\n",
            ["2:12 undeclared-identifier Unable to bind wire/reg/memory `b' in `m'"],
        ),
    ],
)
async def test_place(text: str, log: str, expected: list[str]):
    async with worker() as slang:
        found = await slang.parse(Design((SourceFile("m.v", text),)))
    assert found is not None
    placed = place(parse(log, {"m.v": text}), found)
    assert [f"{d.line}:{d.column} {d.code} {d.message}" for d in placed] == expected
    assert all(d.source == "iverilog" for d in placed)


async def test_latches_in_what_a_loop_assigns_are_not_guessed_at():
    looped = "integer k; always_comb for (k = 0; k < 2; k++) y[k] = a[k];"
    partly = "always_comb if (a[0]) y[1:0] = a;"
    async with worker() as slang:
        for body, expected in ((looped, []), (partly, ["/a: 1/b.sv:2:23-2:29 warning latch"])):
            text = f"module m(input [1:0] a, output logic [1:0] y);\n{body}\nendmodule\n"
            assert show(await slang.check(design(text))) == expected
