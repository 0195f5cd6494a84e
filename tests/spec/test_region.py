import pytest

from spec2rtl.spec.comments import comment_at, spec_comments
from spec2rtl.spec.region import module_below, place_of, put_region, region_text

RTL = "module m;\nendmodule\n"
REGION = f"// spec2rtl: begin m\n{RTL}// spec2rtl: end m\n"


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("// spec: x\nwire y;\n", 1, f"// spec: x\n{REGION}wire y;\n"),
        ("// spec: x", 1, f"// spec: x\n{REGION}"),
        (f"// spec: x\n{REGION}z\n", 1, f"// spec: x\n{REGION}z\n"),
        ("a\fb\n// spec: x\nc\n", 2, f"a\fb\n// spec: x\n{REGION}c\n"),
        ("// spec: x\r\nc\r\n", 1, f"// spec: x\n{REGION}c\n".replace("\n", "\r\n")),
    ],
)
def test_put_region(text: str, line: int, expected: str) -> None:
    comment = comment_at(text, line)
    assert comment
    assert put_region(text, comment, "m", RTL) == expected
    start, end = place_of(expected, comment, "m")
    assert expected[start:end].startswith("// spec2rtl: begin m")


@pytest.mark.parametrize("char", ["\u2028", "\f", "\x1c", "\x85"])
def test_only_line_ends_end_lines(char: str) -> None:
    rtl = f'module m;{char}\n  initial $display("a{char}b");\nendmodule'
    text = "// spec: x\n"
    (comment,) = spec_comments(text)
    put = put_region(text, comment, "m", rtl)
    assert region_text(put, "m") == f"{rtl}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("// spec: x\n// spec2rtl: begin m\n// spec2rtl: end m\n", "m"),
        ("/* spec: x */\r\n\r\n// spec2rtl: begin m\r\n// spec2rtl: end m\r\n", "m"),
        ("// spec: x\n// spec2rtl: begin m\n", None),
        ("// spec: x\nwire a;\n// spec2rtl: begin m\n// spec2rtl: end m\n", None),
        ("// spec: x", None),
    ],
)
def test_module_below(text: str, expected: str | None) -> None:
    (comment,) = spec_comments(text)
    assert module_below(text, comment) == expected
