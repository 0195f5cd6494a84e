import pytest

from spec2rtl.evidence.condition import holds

VALUES = {"a": "1", "b": "0", "n": "0101", "u": "0x", "sub.state": "010", "RUN": f"{2:032b}"}

ROWS = {
    "a && !b": True,
    "!a || b": False,
    "~a": False,
    "n == 5 && n[3] == 0": True,
    "n[2:1] == 2'b10": True,
    "n[7]": None,
    "{a, b} == 2'b10": True,
    "^n": False,
    "&n[0]": True,
    "n - 4'd6 == 4'hF": True,
    "n - 4'd6 == 32'hFFFFFFFF": True,
    "n - 6 == 4'hF": False,
    "n + n + n == 15": True,
    "n + 4'd12 == 4'd1": True,
    "n + 4'd12 == 17": True,
    "{n + 4'd12} == 1": True,
    "~n == 8'hFA": True,
    "n - 4'd6 > 5'd20": True,
    "(n + 4'd12) >> 1": None,
    "n + 4'd11 && a": False,
    "q + 99999999999'd1 == 1": None,
    "n + 99999999999'd1 == 1": None,
    "n < 6 && 6 > n && n <= 5 && n >= 5 && n != 4": True,
    "n << 1 == 4'd10": True,
    "n << 999999999 == 0": None,
    "n >> 999999999 == 0": True,
    "sub.state == RUN": True,
    "u == 1": None,
    "u[1] == 0": True,
    "u[0] && b": False,
    "u[0] || a": True,
    "nowhere": None,
    "a ? b : a": None,
    "a &&": None,
    "": None,
}


@pytest.mark.parametrize(("text", "expected"), ROWS.items(), ids=str)
def test_conditions(text: str, expected: bool | None) -> None:
    assert holds(text, VALUES.get) is expected
