import pytest

from spec2rtl.loop.runaway import repeats_itself

LINE = "    reg [WIDTH-1:0] next_period;\n"
TABLE = "".join(f"            4'd{n}: y = 8'h{n * 7:02x};\n" for n in range(64))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        (LINE * 10, False),
        ("module m;\n" + LINE * 40, True),
        ("module m;\n" + LINE * 40 + "endmodule\n", False),
        ("module m;\n" + ("// the state before, with shift and load\n" * 6 + LINE) * 5, True),
        ("module m;\n" + ("Next" * 300), True),
        ("if (a) begin\n  x <= 1;\nend else " * 30, True),
        (TABLE, False),
        ("".join(" " * (80 - n) + "end\n" for n in range(80)), False),
    ],
)
def test_repetition(text: str, expected: bool) -> None:
    assert repeats_itself(text) is expected
