import os

import pytest

from spec2rtl.config.settings import describe
from spec2rtl.config.values import read

SETTINGS = {setting.name: setting for setting in describe()}


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("seed", 3, 3),
        ("max_seconds", 30, 30.0),
        ("remote", False, False),
        ("generator", "embedded", "embedded"),
        ("include_dirs", ["a", "b"], ("a", "b")),
        ("defines", {"A": 1, "B": "x y", "C": True}, (("A", "1"), ("B", "x y"), ("C", "1"))),
        ("defines", ["A=1", "B", "C=a=b", "D="], (("A", "1"), ("B", "1"), ("C", "a=b"), ("D", ""))),
    ],
)
def test_from_a_file(name: str, written: object, expected: object) -> None:
    assert read(SETTINGS[name], written, text=False) == expected


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("seed", "3", 3),
        ("max_cost", "0.5", 0.5),
        ("remote", "0", False),
        ("remote", "TRUE", True),
        ("remote", "Off", False),
        ("max_cost", "null", None),
        ("include_dirs", os.pathsep.join(["a", "", "b c"]), ("a", "b c")),
        ("parameters", "W=8 'N=\"a b\"'", (("W", "8"), ("N", '"a b"'))),
        ("parameters", ["W=8'd3"], (("W", "8'd3"),)),
    ],
)
def test_from_text(name: str, written: object, expected: object) -> None:
    assert read(SETTINGS[name], written, text=True) == expected


@pytest.mark.parametrize(
    ("name", "written", "text", "expected"),
    [
        ("seed", "3", False, "a whole number from 0 to"),
        ("seed", True, False, "a whole number"),
        ("seed", -1, False, "a whole number from 0"),
        ("seed", "x", True, "a whole number"),
        ("max_seconds", 0, False, "a number above 0"),
        ("max_seconds", float("inf"), False, "a number above 0"),
        ("max_seconds", "nan", True, "a number above 0"),
        ("parameters", ["W=eight"], True, 'a Verilog number or a "string"'),
        ("parameters", ["W="], True, "a Verilog number"),
        ("parameters", {"W": "8'hzz"}, False, "a Verilog number"),
        ("remote", "maybe", True, "true or false"),
        ("sandbox", "on", False, "auto, off or require"),
        ("include_dirs", "a", False, "a list of paths"),
        ("generator", "", False, "a backend"),
        ("generator", "a\0b", False, "a backend without control characters"),
        ("include_dirs", ["a\nb"], False, "without control characters"),
        ("defines", {"A": "1\n-v"}, False, "without control characters"),
        ("defines", {"A-B": 1}, False, "Verilog identifier"),
        ("defines", {"A": [1]}, False, "a value is text or a number"),
        ("defines", "A=1", False, "NAME = VALUE pairs"),
        ("defines", "A='1", True, "quotes closed"),
    ],
)
def test_of_another_type(name: str, written: object, text: bool, expected: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read(SETTINGS[name], written, text=text)
    assert expected in str(caught.value)
