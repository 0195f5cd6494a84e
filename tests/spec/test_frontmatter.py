"""The YAML block at a spec's head."""

import pytest

from spec2rtl.spec.frontmatter import read
from spec2rtl.spec.model import FrontMatter
from spec2rtl.spec.parse import parse
from spec2rtl.spec.require import Require, read_require

GOOD = [
    ("no front matter\n", FrontMatter()),
    ("---\nmodule: m\n---\nbody\n", FrontMatter(module="m")),
    ("---\nlanguage: SystemVerilog\n---\n", FrontMatter(language="systemverilog")),
    ("---\nsources: a.v\nrequire: [cells < 40, no-latches]\n---\n",
     FrontMatter(sources=("a.v",), require=(Require("cells < 40", "cells", "<", 40), Require("no-latches", "no-latches")))),
    ("---\nrequire: [latency(go, done) <= 8, no-latches]\n---\n",
     FrontMatter(require=(Require("latency(go, done) <= 8", "latency", "<=", 8, False, "go", "done"),
                          Require("no-latches", "no-latches")))),
    ("\ufeff---\r\ntests: test_m.py\r\n---\r\nbody", FrontMatter(tests="test_m.py")),
    ("---\nmodule:\n---\n", FrontMatter()),
    ("---\n\n---\nbody", FrontMatter()),
    ("---\nA rule above, no key.\n---\n", FrontMatter()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_front_matter(text: str, expected: FrontMatter) -> None:
    head = read(text)
    assert head.front_matter == expected
    assert head.issues == ()


BAD = [
    ("---\nmodul: m\n---\n", "front-matter-unknown-key", 2, "did you mean `module`?"),
    ("---\nmodule: m\ncolour: red\n---\n", "front-matter-unknown-key", 3, "known are module"),
    ("---\nmodule: 4 bits\n---\n", "front-matter-bad-value", 2, "`module` must be a Verilog"),
    ("---\nlanguage: vhdl\n---\n", "front-matter-bad-language", 2, "verilog or systemverilog"),
    ("---\nsources: [1]\n---\n", "front-matter-bad-value", 2, "list of paths"),
    ("---\nrequire: [1]\n---\n", "front-matter-bad-budget", 2, "each in quotes"),
    (
        "---\nrequire:\n- cells <= 9\n- area <= 1\n---\n",
        "front-matter-bad-budget",
        4,
        "`area <= 1` is no",
    ),
    ("---\na: [\n---\n", "front-matter-invalid", 2, "not valid YAML"),
    ("---\n- a: b\n---\n", "front-matter-invalid", 1, "`key: value` lines"),
    ("---\na: !!bool maybe\n---\n", "front-matter-invalid", 1, "not valid YAML"),
    (f"---\na: {'x' * 30_000}\n---\n", "front-matter-invalid", 1, "too long"),
]


@pytest.mark.parametrize(("text", "code", "line", "message"), BAD)
def test_issues(text: str, code: str, line: int, message: str) -> None:
    (issue,) = read(text).issues
    assert (issue.code, issue.line) == (code, line)
    assert message in issue.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no-latches", ("no-latches", "<=", 0, False, "", "")),
        ("cells<=120", ("cells", "<=", 120, False, "", "")),
        ("flip_flops == 9", ("flip_flops", "==", 9, False, "", "")),
        ("cells <= 110% of previous", ("cells", "<=", 110, True, "", "")),
        ("latency(start, u0.done) < 8", ("latency", "<", 8, False, "start", "u0.done")),
    ],
)
def test_budgets(text: str, expected: tuple[object, ...]) -> None:
    assert read_require(text) == Require(text, *expected)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "text", ["", "cells", "cells <= -1", "cells <= 1.5", "latency(start) <= 8", "no-latches <= 1",
             "cells >= 3", "cells <= 110 % of", "latency(start <= 8", "cells <= 9" + "9" * 9]
)  # fmt: skip
def test_no_budgets(text: str) -> None:
    assert read_require(text) is None


def test_the_body_is_what_follows() -> None:
    head = read("---\nmodule: m\n---\n# M\n")
    assert (head.body, head.first_line) == ("# M\n", 4)
    assert parse("---\nmodul: m\n---\n# M\n").issues[0].code == "front-matter-unknown-key"
