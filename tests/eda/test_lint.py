"""What lint keeps quiet about, what it can't look at, and that it always comes back."""

import time
from pathlib import Path

import pytest

from spec2rtl.eda.lint import lint_design
from spec2rtl.eda.synthesis import synthesize
from spec2rtl.eda.yosys import look
from spec2rtl.eda.yosys_faults import faults
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.process.limits import Limits
from spec2rtl.process.sandbox import Rlimits
from spec2rtl.rtl import DataFile, Design, SourceFile
from spec2rtl.syntax.lint import lint
from spec2rtl.syntax.modules import Module, modules

SANDBOX = best_sandbox() or Rlimits()
FOLDER = Path(__file__).parents[1] / "examples" / "references"
REFERENCES = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.*v"))}
BENCH = "module tb; reg a; initial begin #5 a = 1; $finish; end endmodule\n"
BOMB = (
    "".join(f"`define A{i} {f' `A{i + 1}' * 8}\n" for i in range(20))
    + "`define A20 x\nmodule m(input a); `A0 endmodule\n"
)


async def check(text: str, *expected: str, **options: object) -> None:
    """Each finding as `LINE:COLUMN severity code`."""
    design = Design((SourceFile("/w/a b.sv", text),), **options)  # pyright: ignore[reportArgumentType]
    found = await lint_design(design, SANDBOX)
    assert [f"{d.line}:{d.column} {d.severity} {d.code}" for d in found] == list(expected)
    assert {d.file for d in found} <= {"/w/a b.sv"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        BENCH,
        # A temporary that one branch sets is no latch where nobody reads it elsewhere.
        "module m(input c, d, output reg q); reg t;\n"
        "  always @* begin q = 0; if (c) begin t = d; q = t; end end\nendmodule\n",
        # One clocked block may compute with `=` for itself.
        "module m(input c, d, output reg q); reg t;\n"
        "  always @(posedge c) begin t = ~d; q <= t; end\nendmodule\n",
        # Only one of two generate branches is there.
        "module m #(parameter N = 1) (input a, b, output y);\n"
        "  generate if (N) assign y = a; else assign y = b; endgenerate\nendmodule\n",
        "module m(input c, r, d, output reg q);\n"
        "  always @(posedge c or negedge r) if (!r) q <= #1 0; else q <= #1 d;\nendmodule\n",
        # A `case` may leave values out: a register keeps its value, and what was assigned before
        # the `case`, or for each value there is, is no latch.
        "module m(input c, input [1:0] s, input d, output reg q);\n"
        "  always @(posedge c) case (s) 2'd0: q <= d; 2'd1: q <= ~d; endcase\nendmodule\n",
        "module m(input [1:0] s, input d, output reg q);\n"
        "  always @* begin q = d; case (s) 2'd0: q = ~d; endcase end\nendmodule\n",
        "module m(input [1:0] s, input d, output reg q);\n"
        "  always @* case (s) 2'd0, 2'd1: q = d; 2'd2: q = ~d; 2'd3: q = 0; endcase\nendmodule\n",
        # Its own parts are no foreign parts.
        "module s(output y); assign y = 1; endmodule\n"
        "module m(output y, z); s u(.y(y)); if (1) begin : g wire w = 1; end\n"
        "  assign z = g.w & u.y; endmodule\n",
    ],
)
async def test_no_false_alarm(text: str) -> None:
    await check(text)


async def test_a_memory_is_loaded() -> None:
    text = (
        'module m(input [1:0] a, output y); reg r [0:3]; initial $readmemb("t.mem", r);\n'
        "  assign y = r[a]; endmodule\n"
    )
    await check(text, data=(DataFile("t.mem", b"0 1 0 1\n"),))
    await check(text, "1:67 warning data-not-found")


@pytest.mark.parametrize(
    ("case", "notes"),
    [
        ("case (s) 2'd0: q = d; 2'd1: q = ~d; endcase", ["2:13 this `case` has no `default`"]),
        (
            "casez (s) 2'b0?: case (d) 0: q = d; endcase default: q = 0; endcase",
            ["2:30 this `case` has no `default`"],
        ),
        ("case (s) 2'd0: q = d; 2'd1: ; default: q = 0; endcase", []),
    ],
)
async def test_the_case_that_makes_a_latch_is_named(case: str, notes: list[str]) -> None:
    text = f"module m(input [1:0] s, input d, output reg q);\n  always @* {case}\nendmodule\n"
    (latch,) = await lint_design(Design((SourceFile("/w/m.v", text),)), SANDBOX)
    assert latch.code == "latch"
    assert [f"{r.line}:{r.column} {r.message}" for r in latch.related] == notes


@pytest.mark.parametrize("name", REFERENCES)
async def test_the_examples_references_are_clean(name: str) -> None:
    await check(REFERENCES[name])


async def test_a_parametrized_module_is_looked_at_once() -> None:
    text = (
        "module s #(parameter W = 1) (input e, input [W-1:0] d, output reg [W-1:0] q);\n"
        "  always @* if (e) q = d;\nendmodule\n"
        "module m(input e, input [5:0] d, output [5:0] q);\n"
        "  s #(2) a(e, d[1:0], q[1:0]);\n  s #(4) b(e, d[5:2], q[5:2]);\nendmodule\n"
    )
    await check(text, "2:20 warning latch")
    await check(BENCH + text, "3:20 warning latch", top="tb")


async def test_what_yosys_cannot_read_is_said() -> None:
    text = "module m(input a, output q);\n  struct { logic b; } s;\n  assign q = a;\nendmodule\n"
    await check(text, "2:3 info lint-incomplete")
    (note,) = await lint_design(Design((SourceFile("/w/m.v", text),)), SANDBOX)
    assert note.message == (
        "latches, several drivers and combinational loops are not looked at: "
        "yosys can't read this: Only PACKED supported at this time"
    )


async def test_a_macro_that_yosys_can_not_be_given_is_said() -> None:
    source = SourceFile("/w/m.v", "module m(output y); assign y = `ONE; endmodule\n")
    figures = await synthesize(Design((source,), defines=(("ONE", "1 + 0"),)), SANDBOX)
    assert "can't be given the macro `ONE`" in (figures.why or "")


async def test_a_macro_bomb_ends_in_time() -> None:
    began = time.monotonic()
    design = Design((SourceFile("/w/m.v", BOMB),))
    looked = await look(design, limits=Limits(seconds=2), sandbox=SANDBOX)
    assert looked.diagnostics == ()
    assert looked.note
    assert time.monotonic() - began < 15


def test_thousands_of_blocks_are_looked_through_in_no_time() -> None:
    blocks = "".join(f"  reg r{n}; always @(posedge c) r{n} = r{n + 1};\n" for n in range(4_000))
    began = time.process_time()
    found = lint(f"module m(input c);\n{blocks}endmodule\n")
    assert {fault.code for fault in found} == {"blocking-in-clocked"}
    assert len(found) == 3_999  # nobody reads the first
    assert time.process_time() - began < 5  # each held against all others takes three times that


def test_what_a_module_shows_is_read_once_however_many_files_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    def counted(text: str) -> tuple[Module, ...]:
        read.append(text)
        return modules(text)

    monkeypatch.setattr("spec2rtl.eda.yosys_faults.modules", counted)
    faults("", "", {f"{n}.v": f"module m{n}(input a); endmodule\n" for n in range(50)})
    assert len(read) <= 3 * 50
