"""Whole explanations, on recordings made by hand."""

from textwrap import dedent

import pytest
from msgspec import structs

from spec2rtl.evidence.explain import Explanation, explain
from spec2rtl.evidence.queries import answers
from spec2rtl.evidence.show import text
from spec2rtl.evidence.wave import Recording, Trace, Wave
from spec2rtl.repair.reflection import Query
from spec2rtl.rtl import Design, SourceFile, Testbench, TestResult


def recorded(values: dict[str, dict[int, str]]) -> Recording:
    """A test of 25 ns."""
    traces = [
        Trace(f"m.{name}", len(seen[0]), tuple(seen), tuple(seen.values()))
        for name, seen in values.items()
    ]
    return Recording.of("t", Wave(1.0, 0, 20, tuple(traces)), 0.0, 25.0)


def explained(rtl: str, assertion: str, **values: dict[int, str]) -> Explanation:
    """The test fails at an assertion."""
    bench = Testbench("test_m", "/t/test_m.py", f"{assertion}\n", top="m")
    failed = TestResult("t", "failed", "", 25.0, bench.path, 1)
    found = explain(recorded(values), failed, Design((SourceFile("/m.sv", rtl),)), bench)
    assert found
    return found


DECODER = dedent("""\
    module m(input [1:0] op, input [7:0] d, output reg [7:0] q);
      always @* begin
        q = 8'd0;
        casez (op)
          2'b0?: q = d;
          2'b10: q = ~d;
          default: q = d + 8'd1;
        endcase
      end
    endmodule
    """)


def test_of_the_assignments_that_ran_the_last_one_counts() -> None:
    found = explained(
        DECODER, "assert dut.q.value == 3", op={0: "01"}, d={0: "10000001"}, q={0: "10000001"}
    )
    assert found.driving
    assert found.driving.text.strip() == "2'b0?: q = d;"
    other = explained(
        DECODER, "assert dut.q.value == 3", op={0: "11"}, d={0: "10000001"}, q={0: "10000010"}
    )
    assert other.driving
    assert other.driving.text.strip() == "default: q = d + 8'd1;"
    assert "never changed in this test: q=0x82, d=0x81" in text(other)


@pytest.mark.parametrize(
    ("expected", "actual", "says"),
    [
        ("16", "00010001", "expected 16, actual 00010001 (17)"),
        ("-3", "1110", "expected -3, actual 1110 (-2)"),
        ("101", "100", "expected 101, actual 100"),
        ("5", "0xx1", "expected 5, actual 0xx1"),
        ("1", "0", "expected 1, actual 0"),
        ("0x10", "00010001", "expected 0x10, actual 00010001"),
    ],
)
def test_bits_are_told_as_the_number_that_was_expected(
    expected: str, actual: str, says: str
) -> None:
    why = explained(DECODER, "assert dut.q.value == 3", op={0: "01"}, d={0: "1"}, q={0: "1"})
    failure = structs.replace(why.failure, expected=expected, actual=actual)
    assert f"q: {says}" in text(structs.replace(why, failure=failure)).splitlines()


MEMORY = dedent("""\
    module m(input clk, input [0:0] wa, ra, input [3:0] d, output reg [3:0] q);
      reg [3:0] words [0:1];
      always @(posedge clk) begin
        words[wa] <= d;
        if (wa == 0) words[0] <= 4'd3;
        q <= words[ra];
      end
    endmodule
    """)


def test_a_memory_is_followed_word_by_word() -> None:
    values: dict[str, dict[int, str]] = {
        "clk": {0: "1", 5: "0", 10: "1", 15: "0", 20: "1"},
        "wa": {0: "1", 11: "0"},
        "ra": {0: "1"},
        "d": {0: "0111", 11: "0101"},
        "words[0]": {0: "xxxx", 20: "0011"},
        "words[1]": {0: "xxxx", 10: "0111"},
        "q": {0: "xxxx", 20: "0111"},
    }
    found = explained(MEMORY, "assert dut.q.value == 5", **values)
    assert "m.words[1]" in [row.name for row in found.table.rows]
    assert "m.words[0]" not in [row.name for row in found.table.rows]
    ran = {line.line for line in found.lines if line.ran is not None}
    assert ran == {4, 6}, "what went into the other word has no say"
    queries = [Query("count", "m.words[1] == 7 && d[2]"), Query("count", "words[2] == 7")]
    assert answers(recorded(values), found, queries).splitlines() == [
        "- m.words[1] == 7 && d[2]: holds at 1 of 3 clock edges",
        "- words[2] == 7: nothing is recorded of words",
    ]


BANKS = dedent("""\
    module m(input clk, input [1:0] en, output [1:0] full);
      for (genvar i = 0; i < 2; i++) begin : bank
        wire go = en[i];
        unit u(.clk(clk), .en(go), .full(full[i]));
      end
    endmodule
    module unit(input clk, en, output reg full);
      reg [1:0] n = 0;
      always @(posedge clk) begin
        if (en) n <= n + 1;
        full <= n == 2;
      end
    endmodule
    """)


def test_generate_blocks_are_looked_into() -> None:
    clock = {0: "0", 5: "1", 10: "0", 15: "1", 20: "0"}
    inner = {
        f"bank[{i}].{name}": values
        for i, bit in enumerate("10")
        for name, values in {
            "go": {0: bit},
            "u.clk": clock,
            "u.en": {0: bit},
            "u.full": {0: "x", 5: "0"},
            "u.n": {0: "00", 5: f"0{bit}", 15: f"{bit}0"},
        }.items()
    }
    found = explained(
        BANKS,
        "assert dut.full.value == 1",
        clk=clock,
        en={0: "01"},
        full={0: "xx", 5: "00"},
        **inner,
    )
    assert found.clock == "m.bank[0].u.clk"
    assert found.driving
    assert found.driving.text.strip() == "full <= n == 2;"
    assert {line.line for line in found.lines if line.ran is not None} == {3, 10, 11}
    rows = {row.name: row.values for row in found.table.rows}
    assert rows["m.bank[0].u.n"] == ("00", "01", "10")
    assert rows["m.bank[1].u.n"] == ("00", "00", "00")
    assert {"m.bank[0].u.en", "m.en"} <= rows.keys()
    inside = explained(BANKS, "assert dut.bank[1].u.n.value == 1", **inner)
    assert inside.failure.signals == ("bank[1].u.n",)
    assert inside.failure.actual == "00"
    assert "m.bank[0].u.n" not in {row.name for row in inside.table.rows}
    assert inside.unread == ()
    asked = [
        Query("first", "bank[0].u.n == 2 || m.bank[1].u.n[1:0] == 1"),
        Query("count", "bank[0].u.n[0] && bank[1].full == 0"),
    ]
    assert answers(recorded(inner), inside, asked).splitlines() == [
        "- bank[0].u.n == 2 || m.bank[1].u.n[1:0] == 1: never holds at a clock edge",
        "- bank[0].u.n[0] && bank[1].full == 0: nothing is recorded of bank[1].full",
    ]
    seen = answers(recorded(inner), inside, [Query("first", "bank[0].u.n == 1")])
    assert seen == "- bank[0].u.n == 1: first holds at 15 ns"


def test_times_of_a_test_in_which_nothing_changes() -> None:
    recording = Recording.of("t", Wave(1.0, 0, 10, ()), 15.0, 65.0)
    assert recording.nanoseconds(recording.failed) == 50.0


def test_what_a_register_begins_with_is_not_what_gave_it_a_value() -> None:
    rtl = dedent("""\
        module m(input clk, output reg a = 1, output reg b);
          initial b = 1;
          always @(posedge clk) begin
            a <= 0;
            b <= 0;
          end
        endmodule
        """)
    for name in "ab":
        seen = {0: "1", 5: "0"}
        found = explained(
            rtl, f"assert dut.{name}.value == 1", clk={0: "0", 5: "1"}, a=seen, b=seen
        )
        assert found.driving
        assert found.driving.text.strip() == f"{name} <= 0;"
        assert {line.line for line in found.lines} > {found.driving.line, 1 if name == "a" else 2}


def test_an_unknown_value_comes_from_the_word_that_nothing_wrote() -> None:
    values: dict[str, dict[int, str]] = {
        "clk": {0: "1", 5: "0", 10: "1", 15: "0", 20: "1"},
        "wa": {0: "0"},
        "ra": {0: "1"},
        "d": {0: "0111"},
        "words[0]": {0: "0011"},
        "words[1]": {0: "xxxx"},
        "q": {0: "xxxx"},
    }
    told = explained(MEMORY, "assert dut.q.value == 5", **values).unknown
    assert told
    assert (told.signal, told.value, told.driven) == ("m.words[1]", "xxxx", True)
