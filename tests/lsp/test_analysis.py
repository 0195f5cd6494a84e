import pytest

from spec2rtl.lsp.analysis import declared_text, instance_at, scope_at, word_at

TEXT = """module top #(parameter W = 4) (input clk, output reg [W-1:0] q, input signed [7:0] a, b);
  wire [3:0] x, y;
  counter #(.N(2)) u1 (.clk(clk), .q(x), .|);
endmodule
"""
AT = TEXT.index("|")
PLAIN = TEXT.replace("|", "")


def test_the_instance_around_a_place() -> None:
    found = instance_at(PLAIN, AT)
    assert found
    assert (found.module, found.name) == ("counter", "u1")
    assert {"clk", "q"} <= found.connected


def test_an_instance_deep_in_a_long_text() -> None:
    far = "module far;\n" + "  wire w; // (\n" * 5_000 + "endmodule\n"
    found = instance_at(far + PLAIN + far, len(far) + AT)
    assert found == instance_at(PLAIN, AT)


@pytest.mark.parametrize("needle", ["wire", "input clk", ".N(2)", "endmodule"])
def test_no_instance(needle: str) -> None:
    assert instance_at(PLAIN, PLAIN.index(needle) + 1) is None


def test_an_unclosed_instance() -> None:
    text = "module t;\n  leaf u (.a(1),\n    .\nendmodule"
    found = instance_at(text, text.index("\nendmodule"))
    assert found
    assert found.module == "leaf"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("clk", "input clk"),
        ("q", "output reg [W-1:0] q"),
        ("b", "input signed [7:0] b"),
        ("y", "wire [3:0] y"),
        ("W", "parameter W = 4"),
    ],
)
def test_declarations(name: str, expected: str) -> None:
    scope = scope_at(PLAIN, AT)
    assert scope
    assert declared_text(scope, scope.declarations[name][0]) == expected


def test_words() -> None:
    found = word_at("a bcd e", 5)
    assert found
    assert (found.text, found.start, found.end) == ("bcd", 2, 5)
    assert word_at("a + b", 2) is None
