import pytest

from spec2rtl.syntax.conditionals import if_at
from spec2rtl.syntax.modules import modules
from spec2rtl.syntax.scope import Scope, scope_of


def scope(body: str, header: str = "module m(input a);") -> Scope:
    text = f"// first\n{header}\n{body}\nendmodule\n"
    return scope_of(text, modules(text)[0])


def check(body: str, procedural: str, continuous: str) -> None:
    drivers = scope(body).drivers
    assert drivers.procedural() == set(procedural.split())
    assert drivers.continuous() == set(continuous.split())


@pytest.mark.parametrize(
    ("body", "procedural", "continuous"),
    [
        ("always @(posedge c) q <= a;", "q", ""),
        ("always @* begin x = a; {y, z[1:0]} = b; end", "x y z", ""),
        ("always @(posedge c) if (a <= b) q <= c; else r[i] <= #1 d; assign s = q;", "q r", "s"),
        ("always_comb case (s) A: x = 1; B, C: begin : l y = 2; end endcase\nassign z = 1;", "x y", "z"),
        ("initial for (i = 0; i < 4; i = i + 1) m[i] = 0;", "i m", ""),
        ("always @* begin integer k; reg t = 1; x = t ? y : z; end", "x", ""),
        ("assign #2 x = a ? b : c, {y, z} = f(a, b);", "", "x y z"),
        ("always #5 clk = ~clk;", "clk", ""),
        ("initial begin $display(\"x = 1\"); f(x); v++; w += 2; end", "v w", ""),
        ("always @(posedge c) begin q <= a\nend", "q", ""),
    ],
)  # fmt: skip
def test_drivers(body: str, procedural: str, continuous: str) -> None:
    check(body, procedural, continuous)


@pytest.mark.parametrize(
    ("text", "then", "otherwise"),
    [
        ("if (a) x = 1; else y = 2;", "x = 1 ;", "else y = 2 ;"),
        ("if (a) if (b) x = 1; else y = 2;", "if ( b ) x = 1 ; else y = 2 ;", ""),
        ("if (a) for (i = 0; i < 4; i++) x = i; else y = 2;", "for ( i = 0 ; i < 4 ; i ++ ) x = i ;", "else y = 2 ;"),
        ("if (a) while (b) if (c) x = 1; else y = 2; else z = 3;", "while ( b ) if ( c ) x = 1 ; else y = 2 ;", "else z = 3 ;"),
        ("if (a) fork x = 1; y = 2; join_none else z = 3;", "fork x = 1 ; y = 2 ; join_none", "else z = 3 ;"),
        ("if (a) begin : l x = 1; end : l else case (b) 1: x = 1; endcase", "begin : l x = 1 ; end : l", "else case ( b ) 1 : x = 1 ; endcase"),
        ("if (a) x = 1;" + " else if (a) x = 1;" * 3000, "x = 1 ;", " ".join(["else if ( a ) x = 1 ;"] * 3000)),
    ],
)  # fmt: skip
def test_the_branches_of_an_if(text: str, then: str, otherwise: str) -> None:
    found = scope(f"always @* begin {text} w = 0; end")
    one = if_at(found, found.drivers.processes[0].body + 1)
    assert one is not None
    split = one.otherwise or one.after
    words = [t.text for t in found.tokens]
    assert " ".join(words[one.then : split]) == then
    assert " ".join(words[split : one.after]) == otherwise


def test_processes_end_where_they_should() -> None:
    found = scope(
        "always @* if (a) x = 1; else begin y = 2; end : l\nalways_ff @(posedge c) z <= 1;"
    )
    texts = [[t.text for t in found.tokens[p.body : p.end]] for p in found.drivers.processes]
    assert [text[-3:] for text in texts] == [["end", ":", "l"], ["<=", "1", ";"]]


def test_declarations() -> None:
    found = scope(
        "wire signed [3:0] t, u = 1;\nreg [7:0] mem [0:15];\nlocalparam L = W;\n"
        "function f; input z; f = z; endfunction\n"
        "if (W) begin : g wire h; end : g\n"
        "typedef struct packed { bit i; bit j; union { bit l; bit n; } o; bit p; } s;\nwire k;",
        "module m #(parameter W = 2) (input [W-1:0] a, b, output reg q);",
    )
    shown = {
        name: (sorted(d.words), found.range_text(d), d.in_header)
        for name, declared in found.declarations.items()
        for d in declared
    }
    assert shown == {
        "W": (["parameter"], "", True),
        "a": (["input"], "[W-1:0]", True),
        "b": (["input"], "[W-1:0]", True),
        "q": (["output", "reg"], "", True),
        "t": (["signed", "wire"], "signed [3:0]", False),
        "u": (["signed", "wire"], "signed [3:0]", False),
        "mem": (["reg"], "[7:0]", False),
        "L": (["localparam"], "", False),
        "h": (["wire"], "", False),
        "k": (["wire"], "", False),
    }


def test_reads() -> None:
    found = scope("reg x, y;\nalways @* begin x = a; y[x] = 1; end")
    assert [name for name in ("a", "x", "y") if found.reads(name)] == ["a", "x"]
