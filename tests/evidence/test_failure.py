from textwrap import dedent

import pytest

from spec2rtl.evidence.failure import read_failure
from spec2rtl.rtl import Port, Testbench, TestResult

PORTS = tuple(
    Port(name, "output" if name in ("count", "full", "done") else "input")
    for name in ("clk", "rst", "en", "count", "full", "done")
)

ROWS = {
    "a value, explained": (
        "assert dut.count.value == 5",
        "assert LogicArray('0100', Range(3, 'downto', 0)) == 5\n +  where …",
        ("5", "0100", ("count",)),
    ),
    "the other way round": (
        "assert 1 == dut.full.value",
        "assert 1 == Logic('0')",
        ("1", "0", ("full",)),
    ),
    "in the test's own words": (
        'assert ok, f"count is {a}, expected {b}"',
        "cycle 3: count is 0110, expected 0111 with en=1\nassert False",
        ("0111", "0110", ("count",)),
    ),
    "a number with a sign": (
        "assert ok",
        "count: expected 5, got -3",
        ("5", "-3", ("count",)),
    ),
    "expected to be": (
        "assert ok",
        "q is expected to be 5, but was 4'd7",
        ("5", "4'd7", ("count", "full", "done")),
    ),
    "no value is expected": (
        "assert ok",
        "count is expected to hold, but it's gone; it was x",
        (None, "x", ("count",)),
    ),
    "by way of a variable": (
        "seen = dut.done.value\nassert seen == 1",
        "assert Logic('X') == 1",
        ("1", "x", ("done",)),
    ),
    "in a helper": (
        "assert await finished(dut)",
        "assert False",
        (None, None, ("done",)),
    ),
    "a sum": (
        "assert dut.full.value == (n // 3 % 2 < 1)",
        "assert Logic('0') == (((7 // 3) % 2) < 1)",
        ("1", "0", ("full",)),
    ),
    "a limit": (
        "assert int(dut.count.value) < 4",
        "assert 7 < 4",
        ("< 4", "7", ("count",)),
    ),
    "a range": (
        "assert 5 <= dut.count.value < 9",
        "assert 5 <= LogicArray('0100', Range(3, 'downto', 0))",
        (">= 5", "0100", ("count",)),
    ),
    "one value instead of another": (
        "raise AssertionError(text)",
        "count is 0001 instead of 2 after pulse 1",
        ("2", "0001", ("count",)),
    ),
    "no assertion at all": (
        "int(dut.count.value)",
        "ValueError: Cannot convert to int: xxxx",
        (None, None, ("count",)),
    ),
    "says nothing": ("raise AssertionError", "", (None, None, ("count", "full", "done"))),
}


@pytest.mark.parametrize("row", ROWS)
def test_failures(row: str) -> None:
    body, message, expected = ROWS[row]
    text = dedent("""\
        async def finished(dut):
            return dut.done.value == 1


        async def t(dut):
        """) + "".join(f"    {line}\n" for line in body.splitlines())
    line = text.count("\n")
    test = TestResult("t", "failed", message, 10.0, "/t/test_m.py", line)
    failure = read_failure(test, Testbench("test_m", "/t/test_m.py", text), PORTS)
    assert (failure.expected, failure.actual, failure.signals) == expected
    assert failure.statement == body.splitlines()[-1].partition(",")[0]


def test_a_statement_that_is_nested_too_deeply() -> None:
    text = f"assert {'-' * 900}1 == 1\n"
    test = TestResult("t", "failed", "assert -1 == 1", 10.0, "/t/test_m.py", 1)
    failure = read_failure(test, Testbench("test_m", "/t/test_m.py", text), PORTS)
    assert (failure.expected, failure.actual) == ("1", "-1")


def test_a_file_that_is_not_there() -> None:
    test = TestResult("t", "failed", "count is 1", 10.0, "/elsewhere.py", 7)
    failure = read_failure(test, Testbench("test_m", "/t/test_m.py", ""), PORTS)
    assert failure.signals == ("count",)


INTERNAL = {
    "assert dut.state.value == 2": ("state",),
    "assert dut.bank[0].unit.level.value == n": ("bank[0].unit.level",),
    "assert (self.dut.state.value, dut.full.value) == (1, 2)": ("full", "state"),
    "assert self.count == state": ("count",),
}


@pytest.mark.parametrize("statement", INTERNAL)
def test_names_within_the_design(statement: str) -> None:
    test = TestResult("t", "failed", "", 10.0, "/t/test_m.py", 1)
    bench = Testbench("test_m", "/t/test_m.py", f"{statement}\n")
    inside = ("state", "clk", "bank[0].unit.level", "bank[1].unit.level", "full")
    assert read_failure(test, bench, PORTS, inside).signals == INTERNAL[statement]
