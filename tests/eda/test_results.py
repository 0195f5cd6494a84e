"""What cocotb leaves behind is read in both of its forms."""

import pytest

from spec2rtl.eda.results import Frozen, broken_module, read_results, running_test
from spec2rtl.rtl import Testbench

TEXT = "import cocotb\n\n@cocotb.test()\nasync def t(dut):\n    assert dut.y.value == 1\n"
FROZEN = Frozen("/scratch/tests", Testbench("test_m", "/user/test_m.py", TEXT))
LOG_20 = """\
     0.00ns INFO     cocotb.regression                  running test_m.other (1/2)
    10.00ns WARNING  cocotb.Test other.other            boom
                      Traceback (most recent call last):
                        File "/scratch/tests/test_m.py", line 99, in other
    10.00ns WARNING  cocotb.regression                  test_m.other failed
    10.00ns INFO     cocotb.regression                  running test_m.t (2/2)
    25.00ns WARNING  cocotb.Test t.t                    assert 0 == 1
                      Traceback (most recent call last):
                        File "/usr/lib/python3/cocotb/task.py", line 7, in run
                        File "/scratch/tests/test_m.py", line 5, in t
                      AssertionError: assert 0 == 1
    25.00ns WARNING  cocotb.regression                  test_m.t failed
"""


def suite(case: str) -> str:
    return f'<testsuites name="x"><testsuite name="all">{case}</testsuite></testsuites>'


def check(xml: str, expected: list[tuple[str, str, str, float | None, int | None]]) -> None:
    tests = read_results(xml, LOG_20, FROZEN)
    assert tests is not None
    assert [(t.name, t.status, t.message, t.time_ns, t.line) for t in tests] == expected
    assert {t.file for t in tests} <= {"/user/test_m.py"}
    assert {t.seconds for t in tests} <= {0.1}


def case_20(inner: str, name: str = "t") -> str:
    return suite(
        f'<testcase name="{name}" classname="test_m" file="/scratch/tests/test_m.py" lineno="3" '
        f'time="0.1" sim_time_ns="25.000001" ratio_time="1">{inner}</testcase>'
    )


def case_21(inner: str) -> str:
    properties = {
        "file": "/scratch/tests/test_m.py",
        "line": "3",
        "sim_time_duration": "64.99999999999997",
    }
    listed = "".join(f'<property name="{k}" value="{v}"/>' for k, v in properties.items())
    return suite(
        f'<testcase classname="test_m" name="t" time="0.1">{inner}'
        f"<properties>{listed}</properties></testcase>"
    )


TRACE = 'File "/scratch/tests/test_m.py", line 5, in t\nFile "/x/handle.py", line 1, in y'


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (case_20(""), ("t", "passed", "", 25.000001, 3)),
        (case_20("<skipped/>"), ("t", "skipped", "", 25.000001, 3)),
        (
            case_20('<failure error_type="AssertionError" error_msg="assert 0 == 1"/>'),
            ("t", "failed", "assert 0 == 1", 25.000001, 5),
        ),
        (
            case_20('<failure msg="Test initialization failed"/>', "unknown"),
            ("unknown", "failed", "Test initialization failed", 25.000001, 3),
        ),
        (case_21(""), ("t", "passed", "", 65.0, 3)),
        (
            case_21(f'<failure message="0 at 0xff>" type="AssertionError">{TRACE}</failure>'),
            ("t", "failed", "0>", 65.0, 5),
        ),
        (
            case_21(f'<failure message="no y" type="AttributeError">{TRACE}</failure>'),
            ("t", "failed", "AttributeError: no y", 65.0, 5),
        ),
        (
            case_21(f'<failure message="" type="AssertionError">{TRACE}</failure>'),
            ("t", "failed", "assert dut.y.value == 1", 65.0, 5),
        ),
        (case_21('<error message="broken"/>'), ("t", "errored", "broken", 65.0, 5)),
    ],
)
def test_results(xml: str, expected: tuple[str, str, str, float, int]) -> None:
    check(xml, [expected])


@pytest.mark.parametrize("xml", ["", "<", "nonsense", "<html></html>", "\0"])
def test_what_is_no_report(xml: str) -> None:
    assert read_results(xml, "", FROZEN) is None


def test_a_report_of_nothing() -> None:
    check("<testsuites/>", [])


@pytest.mark.parametrize(
    ("log", "expected"), [("", None), (LOG_20, "t"), ("running away (1/2)", None)]
)
def test_the_running_test(log: str, expected: str | None) -> None:
    assert running_test(log) == expected


IMPORT = """\
Traceback (most recent call last):
  File "/cocotb/regression.py", line 255, in discover_tests
  File "/scratch/tests/test_m.py", line 2, in <module>
    {statement}
{deeper}{error}
Traceback (most recent call last):
  File "/cocotb/_init.py", line 117, in _sim_event
AttributeError: 'RegressionManager' object has no attribute '_running_test'
"""


@pytest.mark.parametrize(
    ("deeper", "error", "design"),
    [
        ("", "ModuleNotFoundError: No module named 'x'", False),
        ("", "KeyError", False),
        ("", "ValueError: one\n  two: more\nthree", False),
        (
            '  File "/lib/cocotb/handle.py", line 9, in get\n',
            "AttributeError: m contains no child object named WIDTH",
            True,
        ),
    ],
)
def test_a_module_that_does_not_import(deeper: str, error: str, design: bool) -> None:
    broken = broken_module(IMPORT.format(statement="x", deeper=deeper, error=error), FROZEN)
    assert broken == ("/user/test_m.py", 2, " ".join(error.split()), design)


def test_other_tracebacks_are_not_about_the_module() -> None:
    assert broken_module("Traceback (most recent call last):\nValueError: x\n", FROZEN) is None
