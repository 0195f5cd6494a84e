import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec2rtl.rtl import Parameter, Port
from spec2rtl.syntax.constants import evaluate, parameter_values, width


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("7", 7),
        ("2 * W - 1", 15),
        ("1 + 2 * 3 ** 2", 19),
        ("(1 + 2) * 3", 9),
        ("10 - 3 - 2", 5),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("$clog2(W)", 3),
        ("$clog2(W + 1) - 1", 3),
        ("W > 4 ? 1 : 2", 1),
        ("W < 4 ? 1 : W < 9 ? 2 : 3", 2),
        ("8'hF_F + 'b11 + 4'd2", 260),
        ("1 << 3 | 1", 9),
        ("W == 8 && W != 9", 1),
        ("1 / 0", None),
        ("2 ** 100", None),
        ("UNKNOWN + 1", None),
        ("f(3)", None),
        ("4'bxx", None),
        ("1 +", None),
        ("", None),
        ("(" * 1000 + "1" + ")" * 1000, None),
    ],
)
def test_evaluate(expression: str, value: int | None) -> None:
    assert evaluate(expression, {"W": 8}) == value


def test_widths_follow_the_parameters() -> None:
    values = parameter_values((Parameter("W", "4"), Parameter("D", "W*2"), Parameter("X")))
    assert values == {"W": 4, "D": 8}
    assert width(Port("a", "input"), values) == 1
    assert width(Port("a", "input", "D-1", "0"), values) == 8
    assert width(Port("a", "input", "0", "7"), values) == 8
    assert width(Port("a", "input", "X-1", "0"), values) is None


@given(st.text(alphabet="1W+-*/%()<>=&|?:$'hb ", max_size=40))
def test_never_raises(expression: str) -> None:
    evaluate(expression, {"W": 3})
