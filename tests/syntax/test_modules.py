import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec2rtl.rtl import Parameter, Port
from spec2rtl.syntax.modules import find_module, modules, top_module


def ports(text: str) -> list[str]:
    """The ports of the only module, as `direction [signed] [msb:lsb] name`."""
    (module,) = modules(text)
    return [shown(port) for port in module.interface.ports]


def shown(port: Port) -> str:
    words = (port.direction, "signed" if port.signed else "", port.range, port.name)
    return " ".join(word for word in words if word)


def check(text: str, expected: list[str]) -> None:
    assert ports(text) == expected


def test_ansi_ports() -> None:
    check(
        """module m (
            input  wire clk, rst_n,   // two
            input  signed [W - 1 : 0] a, b,
            (* keep *) output reg [7:0] y = 0,
            output logic done, inout tri [3:0] io
        ); endmodule""",
        [
            "input clk",
            "input rst_n",
            "input signed [W-1:0] a",
            "input signed [W-1:0] b",
            "output [7:0] y",
            "output done",
            "inout [3:0] io",
        ],
    )


def test_ports_declared_in_the_body() -> None:
    check(
        """module m (a, b, y);
            input [3:0] a; input b;
            output y; reg y;
            function f; input z; f = z; endfunction
        endmodule""",
        ["input [3:0] a", "input b", "output y"],
    )


def test_packed_dimensions_and_types() -> None:
    check(
        "module m (input [1:0][7:0] a, input int n, input pkg::t s, input u v); endmodule",
        ["input [((1)+1)*((7)+1)-1:0] a", "input signed [31:0] n", "input s", "input v"],
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("#(parameter W = 8, D = W*2)", [("W", "8"), ("D", "W*2")]),
        ("#(parameter int W = 8, localparam L = 2, parameter Z)", [("W", "8"), ("Z", None)]),
        ("#(parameter signed [3:0] S = -1, parameter A [2] = 1)", [("S", "-1"), ("A", "1")]),
        ("import p::*; #(W = 3)", [("W", "3")]),
    ],
)
def test_parameters(header: str, expected: list[tuple[str, str | None]]) -> None:
    (module,) = modules(f"module m {header} (input a); endmodule")
    assert [(p.name, p.default) for p in module.interface.parameters] == expected


def test_parameters_in_the_body() -> None:
    (module,) = modules("module m (a);\n parameter N = 4, M = N;\n input [N-1:0] a;\nendmodule")
    assert module.interface.parameters == (Parameter("N", "4", 2), Parameter("M", "N", 2))


def test_where_a_module_is() -> None:
    text = "// first\n(* top *) module m (input a);\n  wire b;\nendmodule : m\n// last\n"
    (module,) = modules(text)
    assert text[module.start : module.end] == text[9:-9]
    assert text[: module.header_end].endswith("(input a);")
    assert (module.line, module.finished, module.clean) == (2, True, True)


def test_what_is_no_module() -> None:
    assert not modules(
        "// module a (b);\nThe module counts.\n`define X module y(z)\nextern module q(a);"
    )
    assert not modules("package p; endpackage interface i(input a); endinterface")


def test_several_and_unfinished() -> None:
    text = "module a(input x);\nmacromodule b; endmodule\nmodule automatic c (input y);\n wire z;"
    assert [(m.name, m.finished, text[m.start : m.start + 8]) for m in modules(text)] == [
        ("a", False, "module a"),
        ("b", True, "macromod"),
        ("c", False, "module a"),
    ]


@pytest.mark.parametrize(
    ("text", "header_ends"),
    [
        ("module m (input a (2 bits), output y); assign y = a; endmodule", "output y);"),
        ("module m (input a, output y\nassign y = a;\nendmodule", "output y"),
        ("module m (input a, output y)\nreg t;\nendmodule", "output y)"),
        ("module m (input [3:0 a, output y);\nalways @* t = 1;\nendmodule", "output y);"),
    ],
)
def test_broken_headers_end_where_the_body_begins(text: str, header_ends: str) -> None:
    (module,) = modules(text)
    assert not module.clean
    assert text[: module.header_end].endswith(header_ends)


def test_instances() -> None:
    module = find_module(
        """module m (input a, output y);
            sub #(.W(f(2))) u0 (.a(a));
            leaf u1[3:0] (a);
            generate if (1) begin : g other #(3) u2 (a); end endgenerate
            and g1 (y, a, a);
            assign y = fun(a) ? b : c;
            function integer fun (input z); fun = z; endfunction
        endmodule""",
        "m",
    )
    assert module is not None
    assert module.instantiates == ("sub", "leaf", "other")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["module a; b u(); endmodule", "module b; endmodule"], "a"),
        (["module a; endmodule", "module b; endmodule"], None),
        (["module a; a u(); endmodule"], "a"),
        (["module a; b u(); endmodule module b; a u(); endmodule"], None),
        (["nothing"], None),
    ],
)
def test_top_module(texts: list[str], expected: str | None) -> None:
    assert top_module(texts) == expected


SHAPES = """module endmodule m ( ) [ ] { } ; , # input output reg wire parameter = 1 : function
begin end (* *) . import // /* `x"""
WORDS = st.sampled_from(SHAPES.split())


@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_never_raises(text: str) -> None:
    for module in modules(text):
        assert 0 <= module.start < module.header_end <= module.end <= len(text)


def test_hostile_text_takes_linear_time() -> None:
    for piece in ("a b(", "module m (", "m #( u ( ", "input [", "function input a; "):
        modules("module m (input a); " + piece * 20_000)


def test_the_modules_of_a_whole_project_are_remembered() -> None:
    texts = [f"module m{n}(input a, output y);\nendmodule\n" for n in range(200)]
    first = [modules(text) for text in texts]
    assert all(modules(text) is found for text, found in zip(texts, first, strict=True))
