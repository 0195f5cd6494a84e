"""Mutants: what each operator makes of RTL, and how they are drawn."""

import pytest

from spec2rtl.rtl import Design, SourceFile
from spec2rtl.testgen.mutants import changes, mutants

RTL = """\
module m #(parameter WIDTH = 4) (
    input wire clk, input wire rst_n, input wire en, input wire go,
    output reg [WIDTH-1:0] q, output wire full
);
    localparam LAST = 9;
    reg [3:0] spare;
    wire [3:0] sum = q + 4'd1;
    initial spare = 4'd3;
    assign full = (q == LAST) & sum[3];
    always @(posedge clk or negedge rst_n)
        if (!rst_n) q <= 0;
        else if (en && !go) q <= sum;
    integer i;
    always @(posedge clk)
        for (i = 0; i < 4; i = i + 1) spare[i] <= {2{q[0]}} == 2'b11;
endmodule
"""


def check(kind: str, *expected: tuple[str, str], rtl: str = RTL) -> None:
    """The operator of that kind makes these of the text: what it says, and the line afterwards."""
    design = Design((SourceFile("/m.v", rtl),))
    made = [m for m in mutants(design, ["/m.v"], 0) if m.kind == kind]
    assert sorted((m.what, m.after) for m in made) == sorted(expected)


def test_constant_outputs() -> None:
    check(
        "constant-output",
        ("`q` is always 0", "else if (en && !go) q <= 0;"),
        ("`q` is always all ones", "if (!rst_n) q <= ~0;"),
        ("`full` is always 0", "assign full = 0;"),
        ("`full` is always all ones", "assign full = ~0;"),
    )


def test_an_ignored_reset() -> None:
    check("ignored-reset", ("the reset `rst_n` is ignored", "if (1'b0) q <= 0;"))


def test_ignored_enables() -> None:
    check(
        "ignored-enable",
        ("`en` does not count", "else if (!go) q <= sum;"),
        ("`!go` does not count", "else if (en) q <= sum;"),
    )


def test_negated_conditions() -> None:
    check(
        "negated-condition",
        ("`if (!rst_n)` asks the opposite", "if (rst_n) q <= 0;"),
        ("`if (en && !go)` asks the opposite", "else if (!(en && !go)) q <= sum;"),
    )


def test_operators_leave_loops_and_parameters_alone() -> None:
    check(
        "operator",
        ("`+` is `-`", "wire [3:0] sum = q - 4'd1;"),
        ("`==` is `!=`", "assign full = (q != LAST) & sum[3];"),
        ("`&` is `|`", "assign full = (q == LAST) | sum[3];"),
        ("`&&` is `||`", "else if (en || !go) q <= sum;"),
        ("`==` is `!=`", "for (i = 0; i < 4; i = i + 1) spare[i] <= {2{q[0]}} != 2'b11;"),
    )


def test_constants_keep_their_size_and_base() -> None:
    loop = "for (i = 0; i < 4; i = i + 1) spare[i] <= {2{q[0]}} == "
    check(
        "constant",
        ("`9` is `10`", "localparam LAST = 10;"),
        ("`9` is `8`", "localparam LAST = 8;"),
        ("`4'd1` is `4'd2`", "wire [3:0] sum = q + 4'd2;"),
        ("`4'd1` is `4'd0`", "wire [3:0] sum = q + 4'd0;"),
        ("`0` is `1`", "if (!rst_n) q <= 1;"),
        ("`2'b11` is `2'b10`", f"{loop}2'b10;"),
    )


def test_a_constant_of_no_size_becomes_all_ones() -> None:
    rtl = "module m(output logic [3:0] a, b);\nassign a = '0;\nassign b = 'x;\nendmodule"
    check("constant", ("`'0` is `'1`", "assign a = '1;"), rtl=rtl)


def test_widths_but_not_of_inputs() -> None:
    check(
        "width",
        ("`q` has one bit less", "output reg [WIDTH-1-1:0] q, output wire full"),
        ("`spare` has one bit less", "reg [2:0] spare;"),
        ("`sum` has one bit less", "wire [2:0] sum = q + 4'd1;"),
    )


def test_bits_edges_and_lost_assignments() -> None:
    check("bit-select", ("`sum[3]` is `sum[2]`", "assign full = (q == LAST) & sum[2];"))
    check(
        "clock-or-reset-edge",
        ("`posedge clk` is `negedge`", "always @(negedge clk or negedge rst_n)"),
        ("`negedge rst_n` is `posedge`", "always @(posedge clk or posedge rst_n)"),
        ("`posedge clk` is `negedge`", "always @(negedge clk)"),
    )
    check(
        "lost-assignment",
        ("`q <= 0` is missing", "if (!rst_n) ;"),
        ("`q <= sum` is missing", "else if (en && !go) ;"),
        (
            "`spare[i] <= {2{q[0]}} == 2'b11` is missing",
            "for (i = 0; i < 4; i = i + 1) ;",
        ),
    )


def test_a_seed_draws_the_same_and_kinds_take_turns() -> None:
    design = Design((SourceFile("/m.v", RTL),))
    drawn = [list(mutants(design, ["/m.v"], seed)) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    kinds = [m.kind for m in drawn[0]]
    assert len(set(kinds)) == len(set(kinds[: len(set(kinds))]))
    assert len({m.design for m in drawn[0]}) == len(drawn[0])


def test_only_the_files_named_change() -> None:
    other = SourceFile("/other.v", RTL.replace("module m", "module n"))
    design = Design((SourceFile("/m.v", RTL), other))
    for mutant in mutants(design, ["/m.v"], 0):
        assert mutant.file == "/m.v"
        assert mutant.design.sources[1] == other
        assert mutant.before in " ".join(RTL.split())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "module",
        "module m(",
        "module m(input a); assign",
        "if (a) b <= c;",
        "module t; endmodule",
    ],
)
def test_broken_text_has_no_or_some_changes_but_no_error(text: str) -> None:
    assert list(changes(text)) == []
