import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec2rtl.eda.logs import parse

MODULE = "module m (input a, output y);\n  assign y = missing;\n  assign y = gone;\nendmodule\n"
FILES = {"m.v": MODULE}


def check(log: str, *expected: str, files: dict[str, str] | None = None):
    """Each diagnostic as `FILE:LINE:COLUMN severity code`."""
    got = [
        f"{d.file}:{d.line}:{d.column} {d.severity} {d.code}" for d in parse(log, files or FILES)
    ]
    assert got == list(expected)


BIND = "error: Unable to bind wire/reg/memory `missing' in `m'"


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("", []),
        ("\n \n", []),
        (f"m.v:2: {BIND}", ["m.v:2:14 error undeclared-identifier"]),
        (f"m.v:2: {BIND}\r\n", ["m.v:2:14 error undeclared-identifier"]),
        # The closing lines are no diagnostics of their own, but none is swallowed either.
        (
            f"m.v:2: {BIND}\n1 error(s) during elaboration.",
            ["m.v:2:14 error undeclared-identifier"],
        ),
        ("2 error(s) during elaboration.", ["m.v:1:1 error unclassified"]),
        ("Elaboration failed", ["m.v:1:1 error unclassified"]),
        ("I give up.", ["m.v:1:1 error syntax-error"]),
        ("Segmentation fault (core dumped)", ["m.v:1:1 error internal-error"]),
        # Unknown lines.
        ("something odd", ["m.v:1:1 warning unclassified"]),
        ("cannot open the pod bay doors", ["m.v:1:1 error unclassified"]),
        ("m.v:3: utterly new wording", ["m.v:3:3 error unclassified"]),
        ("m.v:3: warning: utterly new wording", ["m.v:3:3 warning unclassified"]),
        ("other.v:7: error: new", ["other.v:7:1 error unclassified"]),
        ("./m.v:3: syntax error", ["m.v:3:3 error syntax-error"]),
        ("m.v:999: syntax error", ["m.v:5:1 error syntax-error"]),
        (":0: warning: parameter N not found in b.", ["m.v:1:1 warning parameter-not-found"]),
        (":0: warning: parameter N not found in m.", ["m.v:1:8 warning parameter-not-found"]),
        ("x.v: No such file or directory", ["m.v:1:1 error file-not-found"]),
        (
            'error: Unable to find the root module "top" in the Verilog source.\n'
            "     : Perhaps ``-s top'' is incorrect?\n1 error(s) during elaboration.",
            ["m.v:1:1 error top-not-found"],
        ),
        ("m.v:3: Unable to elaborate r-value: gone", ["m.v:3:14 error not-elaborated"]),
        (
            "m.v:3: error: Output port expression must support a continuous assignment.",
            ["m.v:3:3 error port-output-not-net"],
        ),
        # A crash after errors is the design's; alone it is the compiler's.
        (
            f"m.v:2: {BIND}\nivl: pform.cc:2076: void f(): Assertion `t' failed.\nAborted",
            ["m.v:2:14 error undeclared-identifier"],
        ),
        (
            "ivl: pform.cc:2076: void f(): Assertion `t' failed.\nAborted",
            ["m.v:1:1 error internal-error"],
        ),
        # The list of missing modules, where no message named them.
        (
            "*** These modules were missing:\n        gone referenced 2 times.\n***",
            ["m.v:3:14 error unknown-module"],
        ),
    ],
)
def test_lines(log: str, expected: list[str]):
    check(log, *expected)


@pytest.mark.parametrize(
    "path",
    ["/a b/m.v", "/a:3: b/m.v", "/a/größe/计数.v", "C:\\rtl\\m.v", "/a: error: b/m.v", "/m.v:2"],
)
def test_paths_come_back_verbatim(path: str):
    check(f"{path}:2: {BIND}", f"{path}:2:14 error undeclared-identifier", files={path: MODULE})


def test_the_longer_of_two_paths_counts():
    files = {"/a": "", "/a:2: b/m.v": MODULE}
    check(f"/a:2: b/m.v:2: {BIND}", "/a:2: b/m.v:2:14 error undeclared-identifier", files=files)


def test_generate_iterations_are_one_cause():
    log = "".join(
        f"m.v:2: error: Unable to bind wire/reg/memory `missing[i]' in `m.g[{i}]'\n"
        f"m.v:2: error: Unable to elaborate r-value: missing[i]\n"
        for i in range(50)
    )
    check(log + "100 error(s) during elaboration.", "m.v:2:14 error undeclared-identifier")


def test_no_file_at_all():
    check(
        "error: odd\nx: y", ":1:1 error unclassified", ":1:1 warning unclassified", files={"": ""}
    )
    assert parse("odd", {})[0].file == ""


def test_a_flood_is_read_in_time():
    log = "".join(f"m.v:{n}: error: odd thing {n}\n" for n in range(20_000))
    assert len(parse(log, FILES)) == 20_000


MARK = st.integers(0, 10**6).map("mark{}".format)
SHAPES = (
    "m.v:2: error: {}",
    "m.v:3: {}",
    "m.v:3: warning: the {} thing",
    "m.v:1: sorry: {} not supported.",
    "m.v:2:      : {} is declared here",
    "       : {}",
    "{}",
    "    {}",
    "error: {}",
    "{}: No such file or directory",
    "x y/z.v:12: error: {}",
    "m.v:0: {}",
    "*** {}",
)
LINE = st.tuples(st.sampled_from(SHAPES), MARK).map(lambda x: x[0].format(x[1]))


@given(st.lists(LINE, max_size=12))
def test_no_line_is_lost(lines: list[str]):
    diagnostics = parse("\n".join(lines), FILES)
    shown = " ".join(
        text for d in diagnostics for text in (d.message, *(r.message for r in d.related))
    )
    for line in lines:
        mark = re.search(r"mark\d+", line)
        assert mark
        assert mark[0] in shown


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text(), max_size=3))
def test_never_raises(before: str, after: str, files: dict[str, str]):
    for path in [*files, "x.v"]:
        for line in (f"{before}{path}:2:{after}", f"{path}:1: error: `{before}' {after}"):
            for d in parse(line, files):
                assert d.line >= 1
                assert (d.end_line, d.end_column) >= (d.line, d.column)
