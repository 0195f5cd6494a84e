from hypothesis import given
from hypothesis import strategies as st

from spec2rtl.repair.edits import EditFailure, apply_edits
from spec2rtl.repair.rules import diagnose
from spec2rtl.rtl import Diagnostic, TestResult
from spec2rtl.spec.model import Reset, Spec

CODES = ["syntax-error", "not-an-lvalue", "undeclared-identifier", "assign-to-reg",
         "duplicate-declaration", "port-not-found", "unknown-module", "missing-genvar",
         "input-is-reg", "multiple-drivers", "width-mismatch"]  # fmt: skip
PIECES = st.sampled_from(
    ["module m(input a, rst, output y, z);", "module m(a, y);", "endmodule", "always @(posedge a",
     "or negedge rst)", "always @(a)", "begin", "end", "if (rst)", "if (!rst)", "else", "y <= a;",
     "z = y", "assign y = q;", "wire y, t = 1;", "reg [3:0] y;", "output y;", "input a", "(", ")",
     "case (a)", "endcase", "sub u(.a(a));", "for (i = 0; i < 2; i = i + 1)", "{y, z} = 2;", "```",
     "prose", "elsif", "automatic logic t;", "function f; input logic x;", ";", ",", "assign"]
)  # fmt: skip
SPEC = Spec(
    "", resets=(Reset("rst", "high", synchronous=True), Reset("a", None, synchronous=False))
)


@given(
    st.lists(PIECES, max_size=25).map("\n".join),
    st.sampled_from(CODES),
    st.sampled_from(["y", "q", "i", "a", "sub", "Y"]),
    st.integers(0, 30),
    st.booleans(),
)
def test_never_raises_and_edits_apply(
    text: str, code: str, name: str, line: int, compiles: bool
) -> None:
    message = f"`{name}` is not a valid l-value"
    error = Diagnostic("m.v", line, 1, line, 2, "error", code, message, "iverilog")
    failed = TestResult("t", "failed", "Logic('X') expected 1, got 2")
    found = diagnose(
        text,
        () if compiles else [error],
        [failed],
        module="m",
        language="verilog",
        spec=SPEC,
    )
    if found and found.edits:
        mended = apply_edits(text, found.edits)
        assert not isinstance(mended, EditFailure)
        assert mended != text


def test_a_text_full_of_faults_takes_no_minutes() -> None:
    wires = "".join(f"wire r{i};\nalways @(posedge c) r{i} <= 1;\n" for i in range(1000))
    text = f"module m(input c);\n{wires}" + "```\n" * 1000 + "endmodule\n"
    codes = {"not-an-lvalue": "r0 is not a valid l-value in m.", "syntax-error": "syntax error"}
    for code, message in codes.items():
        error = Diagnostic("m.v", 2, 1, 2, 2, "error", code, message, "iverilog")
        found = diagnose(text, [error] * 1000, (), module="m", language="verilog", spec=None)
        assert found
        assert found.edits
        assert isinstance(apply_edits(text, found.edits), str)


def test_nothing_wrong_is_no_diagnosis() -> None:
    text = "module m(input a, output q);\nassign q = a;\nendmodule\n"
    assert diagnose(text, (), (), module="m", language="verilog", spec=None) is None


def test_warnings_alone_are_no_fault() -> None:
    text = "module m(input c, output q);\nalways @(posedge c) q <= 1;\nendmodule\n"
    warning = Diagnostic("m.v", 2, 1, 2, 2, "warning", "not-an-lvalue", "q", "iverilog")
    assert diagnose(text, [warning], (), module="m", language="verilog", spec=None) is None
