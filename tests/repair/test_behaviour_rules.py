from collections.abc import Callable

import pytest

from spec2rtl.repair.edits import apply_edits
from spec2rtl.repair.reflection import Reflection
from spec2rtl.repair.rules import diagnose
from spec2rtl.rtl import Diagnostic, TestResult
from spec2rtl.spec.model import Clock, Reset, Spec

Compiler = Callable[[str], tuple[Diagnostic, ...]]


def counter(event: str, condition: str, rest: str = "count <= count + 1") -> str:
    return f"""module counter(input clk, rst, en, output reg [3:0] count);
  always @({event}) begin
    if ({condition})
      count <= 0;
    else if (en)
      {rest};
  end
endmodule
"""


def reflect(text: str, message: str = "wrong", spec: Spec | None = None) -> Reflection | None:
    failed = TestResult("test_it", "failed", message)
    return diagnose(text, (), [failed], module="counter", language="verilog", spec=spec)


def check(
    text: str, spec: Spec | None, cause: str, expected: str, compiler: Compiler, message: str = ""
) -> None:
    found = reflect(text, message, spec)
    assert found is not None
    assert cause in found.root_cause
    assert found.edits
    assert apply_edits(text, found.edits) == expected
    assert not compiler(expected)


@pytest.mark.parametrize(
    ("reset", "wrong", "right", "cause"),
    [
        (
            Reset("rst", "high", synchronous=True),
            ("posedge clk or posedge rst", "rst"),
            ("posedge clk", "rst"),
            "must be synchronous",
        ),
        (
            Reset("rst", None, synchronous=True),
            ("negedge rst, posedge clk", "~rst"),
            ("posedge clk", "~rst"),
            "must be synchronous",
        ),
        (
            Reset("rst", "low", synchronous=False),
            ("posedge clk", "!rst"),
            ("posedge clk or negedge rst", "!rst"),
            "must be asynchronous",
        ),
        (
            Reset("rst", "high", synchronous=True),
            ("posedge clk", "rst == 1'b0"),
            ("posedge clk", "rst"),
            "is active high, but the RTL takes it as active low",
        ),
        (
            Reset("rst", "low", synchronous=False),
            ("posedge clk or posedge rst", "rst"),
            ("posedge clk or negedge rst", "!rst"),
            "is active low, but the RTL takes it as active high",
        ),
        (
            Reset("rst", "high", synchronous=True),
            ("posedge clk", "!(rst)"),
            ("posedge clk", "rst"),
            "is active high, but the RTL takes it as active low",
        ),
        (
            Reset("rst", "low", synchronous=False),
            ("posedge clk", "rst"),
            ("posedge clk or negedge rst", "!rst"),
            "must be asynchronous",
        ),
        (
            Reset("rst", "low", synchronous=True),
            ("posedge clk or posedge rst", "rst"),
            ("posedge clk", "!rst"),
            "must be synchronous",
        ),
    ],
)
def test_reset_against_the_spec(
    reset: Reset,
    wrong: tuple[str, str],
    right: tuple[str, str],
    cause: str,
    errors_of: Compiler,
) -> None:
    spec = Spec("", resets=(reset,))
    check(counter(*wrong), spec, cause, counter(*right), errors_of)


@pytest.mark.parametrize(
    "reset", [Reset("rst"), Reset("rst", "high", synchronous=False), Reset("other", "low")]
)
def test_a_reset_as_the_spec_says_is_left_alone(reset: Reset) -> None:
    text = counter("posedge clk or posedge rst", "rst")
    assert reflect(text, spec=Spec("", resets=(reset,))) is None


RISING = Spec("`clk`: at its rising edge `count` grows.", clocks=(Clock("clk", "rising"),))
FALLING = Spec(
    "- clk: clock\n\nAll on the negative edge of clk.", clocks=(Clock("clk", "falling"),)
)


@pytest.mark.parametrize(
    ("spec", "wrong", "right"),
    [
        (RISING, "negedge clk", "posedge clk"),
        (RISING, "posedge rst or negedge clk", "posedge rst or posedge clk"),
        (FALLING, "posedge clk", "negedge clk"),
    ],
)
def test_the_other_edge_of_the_clock(
    spec: Spec, wrong: str, right: str, errors_of: Compiler
) -> None:
    cause = "but the specification says the"
    check(counter(wrong, "rst"), spec, cause, counter(right, "rst"), errors_of)


@pytest.mark.parametrize(
    "spec",
    [
        Spec("A counter.", clocks=(Clock("clk"),)),
        Spec("Rising and falling edge of clk.", clocks=(Clock("clk"),)),
        Spec("Detects the rising edge of `a` with clk.", clocks=(Clock("clk"),)),
        Spec("A clock.", clocks=(Clock("other"),)),
    ],
)
def test_an_edge_that_the_spec_does_not_name_is_left_alone(spec: Spec) -> None:
    assert reflect(counter("negedge clk", "rst"), spec=spec) is None


def clocked(body: str) -> str:
    head = "module counter(input clk, rst, en, output reg [3:0] count);\n"
    return f"{head}  always @(posedge clk) {body}\nendmodule\n"


RESET_LATE = [
    (
        "if (en)\n    if (rst) count <= 0;\n    else count <= count + 1;",
        "if (rst) count <= 0;\n    else if (en) count <= count + 1;",
    ),
    (
        "begin\n    if (en == 1) begin\n      if (rst) begin count <= 0; end\n"
        "      else begin count <= count + 1; end\n    end\n  end",
        "begin\n    if (rst) begin count <= 0; end\n"
        "      else if (en == 1) begin count <= count + 1; end\n  end",
    ),
    (
        "if (en) count <= count + 1;\n    else if (rst) count <= 0;",
        "if (rst) count <= 0;\n    else if (en) count <= count + 1;",
    ),
    (
        "if (en) begin count <= count + 1; end else if (rst) count <= 0; else count <= count;",
        "if (rst) count <= 0; else if (en) begin count <= count + 1; end else count <= count;",
    ),
    ("if (en) begin if (rst) count <= 0; end", "if (rst) count <= 0;"),
]


@pytest.mark.parametrize(("wrong", "right"), RESET_LATE)
def test_a_reset_that_waits_for_an_enable(wrong: str, right: str, errors_of: Compiler) -> None:
    cause = "The reset `rst` waits for another condition"
    check(clocked(wrong), None, cause, clocked(right), errors_of, "count is 5 though rst is 1")
    spec = Spec("- rst: has priority over en", resets=(Reset("rst"),))
    check(clocked(wrong), spec, cause, clocked(right), errors_of, "count is 7")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (RESET_LATE[0][0], "count is 7"),
        (RESET_LATE[0][1], "wrong after reset"),
        ("if (en) begin if (rst) count <= 0; count <= count + en; end", "wrong after reset"),
        ("if (en) if (rst && count[0]) count <= 0; else count <= 1;", "wrong after reset"),
        ("if (en) if (rst", "wrong after reset"),
    ],
)
def test_a_reset_is_left_where_it_is(body: str, message: str) -> None:
    found = reflect(clocked(body), message)
    assert found is None or "waits for another" not in found.root_cause


def test_an_enable_that_is_never_read(errors_of: Compiler) -> None:
    right = counter("posedge clk", "rst")
    wrong = right.replace("else if (en)", "else")
    check(wrong, None, "`en` is never read", right, errors_of)


def test_a_register_that_no_reset_reaches(errors_of: Compiler) -> None:
    wrong = """module counter(input clk, rst, en, output reg [3:0] count, output reg full);
  always @(posedge clk) begin
    if (rst) begin
      count <= 0;
    end else if (en) begin
      count <= count + 1;
      full <= full | &count;
    end
  end
endmodule
"""
    right = wrong.replace("count <= 0;", "count <= 0;\n      full <= 0;")
    message = "Cannot convert Logic('X') to bool"
    check(wrong, None, "`full` is unknown (X) after reset", right, errors_of, message)


@pytest.mark.parametrize("condition", ["(rst)", "rst == (1'b1)"])
def test_a_reset_in_brackets_reaches_what_it_resets(condition: str) -> None:
    body = f"begin\n    if ({condition}) begin count <= 0; end\n    else count <= 1;\n  end"
    found = reflect(clocked(body), "Cannot convert Logic('X') to bool")
    assert found is None or "doesn't reset" not in found.root_cause


def test_a_register_is_reset_before_the_end_of_the_branch(errors_of: Compiler) -> None:
    body = """begin
    if ((rst)) begin : first
      case (en) 1: count <= 0; default: count <= 1; endcase
    end : first
    else full <= 1;
  end"""
    wrong = clocked(body).replace("count);", "count, output reg full);")
    right = wrong.replace("endcase", "endcase\n      full <= 0;")
    cause = "`full` is unknown (X) after reset"
    check(wrong, None, cause, right, errors_of, "Cannot convert Logic('X') to bool")


def test_an_unknown_value_without_a_reset() -> None:
    text = "module counter(input clk, output reg q);\nalways @(posedge clk) q <= ~q;\nendmodule\n"
    found = reflect(text, "assert LogicArray('XXXX', Range(3, 'downto', 0)) == 4\nmore")
    assert found is not None
    assert "unknown value (X): assert LogicArray" in found.root_cause
    assert "more" not in found.root_cause
    assert found.edits is None


def test_an_incomplete_sensitivity_list(errors_of: Compiler) -> None:
    text = """module counter(input a, b, output reg y, z);
  parameter P = 1;
  always @(a) begin y = a & b & P; z = y; end
endmodule
"""
    check(text, None, "reads `b` but doesn't wait", text.replace("@(a)", "@(*)"), errors_of)


def test_nonblocking_in_combinational_logic(errors_of: Compiler) -> None:
    text = "module counter(input a, output reg y);\nalways @(*) if (a <= 1) y <= a;\nendmodule\n"
    check(text, None, "assigns with `<=`", text.replace("y <= a", "y = a"), errors_of)


def test_an_output_is_given_the_register_that_was_written_for_it(errors_of: Compiler) -> None:
    body = "reg [3:0] count_reg, count_next;\nalways @(posedge clk) begin\n"
    body += "count_next = count_reg; count_reg <= rst ? 0 : count_next + en;\nend\n"
    head = "module counter(input clk, rst, en, output wire [3:0] count);\n"
    check(
        f"{head}{body}endmodule\n".replace("count_next", "following"),
        None,
        "The output `count` is never driven",
        f"{head}{body}    assign count = count_reg;\nendmodule\n".replace(
            "count_next", "following"
        ),
        errors_of,
    )
    two = reflect(f"{head}{body}endmodule\n")
    assert two
    assert two.edits is None


@pytest.mark.parametrize(
    "message", ["assert 1 == 0", "y is 1, expected 0", "q is 0011, expected 0101"]
)
def test_values_that_are_not_off_by_one(message: str) -> None:
    assert reflect(counter("posedge clk", "rst"), message) is None


@pytest.mark.parametrize(
    ("text", "message", "cause", "instruction"),
    [
        (
            "module counter(input a, b, output y);\nassign y = a;\nendmodule\n",
            "",
            "The input `b` is never read",
            "depend on `b`",
        ),
        (
            "module counter(input a, output y, z);\nassign y = a;\nendmodule\n",
            "",
            "The output `z` is never driven",
            "Drive `z`",
        ),
        (
            counter("posedge clk", "rst"),
            "count: expected 4, got 3 (cycle 7)",
            "`test_it` sees a value one beside the right one: count: expected 4, got 3",
            "one clock cycle off",
        ),
        (
            counter("posedge clk", "rst"),
            "cycle 7: count is 0011, expected 0100 after a rising edge with rst=0",
            "`test_it` sees a value one beside the right one: cycle 7: count is 0011",
            "one clock cycle off",
        ),
        (
            counter("posedge clk", "rst"),
            "assert 3 == 4",
            "one beside",
            "one clock cycle off",
        ),
        (
            "module counter(input c, output reg y, z);\n"
            "always @(posedge c) begin y = ~y; z = y; end\nendmodule\n",
            "",
            "clocked always block assigns with `=`",
            "Use `<=`",
        ),
    ],
)
def test_not_certain(text: str, message: str, cause: str, instruction: str) -> None:
    found = reflect(text, message)
    assert found is not None
    assert cause in found.root_cause
    assert found.edits is None
    assert instruction in (found.instruction or "")


def test_an_output_that_an_instance_drives_is_driven() -> None:
    text = """module sub(input a, output y);
  assign y = a;
endmodule
module counter(input a, output y);
  sub u(.a(a), .y(y));
endmodule
"""
    assert reflect(text) is None


def test_tests_that_pass_need_no_diagnosis() -> None:
    passed = TestResult("test_it", "passed")
    text = "module counter(input a, output y);\nendmodule\n"
    assert diagnose(text, (), [passed], module="counter", language="verilog", spec=None) is None


def test_a_module_that_is_not_there_is_no_diagnosis() -> None:
    assert reflect("module other(input a); endmodule\n") is None


@pytest.mark.parametrize("wait", ["@*", "@(*)", "@ ( * )"])
def test_a_process_that_nothing_starts(wait: str, errors_of: Compiler) -> None:
    text = f"module counter(output reg [3:0] q); always {wait} begin q = 4'd5; end endmodule\n"
    verilog = reflect(text)
    assert verilog is not None
    assert (verilog.edits, verilog.instruction) == (None, "Drive constants by `assign`.")
    failed = [TestResult("test_it", "failed", "wrong")]
    found = diagnose(text, (), failed, module="counter", language="systemverilog", spec=None)
    assert found is not None
    assert found.edits
    mended = apply_edits(text, found.edits)
    assert mended == text.replace(f"always {wait}", "always_comb")
    assert not errors_of(mended)


def test_a_process_that_a_signal_starts() -> None:
    text = "module counter(input a, output reg q); always @* begin q = a; end endmodule\n"
    assert reflect(text) is None


MEMORY = """module counter(input clk, input [7:0] d, input [1:0] i, output reg [7:0] q);
  {declared}
  always @(posedge clk) begin
    m[i] <= d;
    q <= m[i];
  end
endmodule
"""


def test_a_memory_declared_as_a_vector(errors_of: Compiler) -> None:
    right = MEMORY.format(declared="reg [7:0] m [3:0];")
    check(MEMORY.format(declared="reg [3:0] m;"), None, "single bits", right, errors_of)


@pytest.mark.parametrize("declared", ["reg [7:0] m [0:3];", "reg [3:0] m, n;", "reg [7:0] m;"])
def test_a_memory_of_words_stays(declared: str) -> None:
    found = reflect(MEMORY.format(declared=declared))
    assert found is None or "single bits" not in found.root_cause
