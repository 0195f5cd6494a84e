"""The module's name."""

import pytest

from spec2rtl.spec.parse import parse

PORTS = "\n\n- input a\n- output y\n"
ROWS = [
    ("Write a module named gray_code that counts.", "gray_code"),
    ('Design a module named "`gray_code` that counts.', "gray_code"),
    ("Write a Verilog module called `gray` please.", "gray"),
    ("The module must be named `gray`.", "gray"),
    ("### Module Name:\n`gray_code`", "gray_code"),
    ("**Module Name**:\n`gray_code`", "gray_code"),
    ("Module name:\n    gray_code", "gray_code"),
    ("Module name: gray_code.sv", "gray_code"),
    ("The `gray` Verilog module counts.", "gray"),
    ("Design the RTL module `gray` that counts.", "gray"),
    ("Implement a module for `gray` module, a counter.", "gray"),
    ("## Design Specification of `gray` module:", "gray"),
    ("Module: gray", "gray"),
    ("- **Module:** gray_code.sv", "gray_code"),
    ("Top-level module: gray", "gray"),
    ("Count. Call the module gray.", "gray"),
    ("The name of the module is gray.", "gray"),
    ("Design a module gray_code with two ports.", "gray_code"),
    ("The gray_code module shall count.", "gray_code"),
    ("Module: a counter that counts", None),
    ("The module: it counts.", None),
    ("# gray_code\n\nIt instantiates the sub_unit module.", "gray_code"),
    ("# gray_code\n\nCounts.", "gray_code"),
    ("# Gray code counter\n\nCounts.", None),
    ("# Gray code counter `gray`\n\nCounts.", "gray"),
    ("# A counter of `W` bits\n\nCounts.", None),
    ("Module gray\n\n- input clk", "gray"),
    ("## Module Overview\n\nIt counts.", None),
    ("gray code counter `gray`\n  input clk\n", "gray"),
    ("gray\n\ninput clk\n", "gray"),
    ("Output `y` is 0.\n", None),
    ("Write a module that counts.", None),
    ("The module named in the tests counts.", None),
    ("---\nmodule: mine\n---\nA module named other.", "mine"),
    ("```verilog\nmodule ours (input a, output y);\n```\nA module named other.", "ours"),
]


@pytest.mark.parametrize(("text", "name"), ROWS)
def test_module_name(text: str, name: str | None) -> None:
    assert parse(text + PORTS).module == name


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("## Module: alpha\n- input a\n\n## Module `beta`\n- input b\n", [4]),
        ("# alpha\n\n### `alpha` module\n\n### The `beta` module\n\n### `gamma` module\n", [5]),
        ("## Module: alpha\n- input a\n\n## Module alpha\nIt follows `a`.\n", []),
        ("## Module: alpha\n\n## Module overview\n\n## Ports\n- input a\n", []),
        ("# alpha\nIt is used by the module `beta`.\n", []),
    ],
)
def test_several_modules_are_told(text: str, lines: list[int]) -> None:
    issues = parse(text).issues
    assert [i.line for i in issues if i.code == "several-modules"] == lines
