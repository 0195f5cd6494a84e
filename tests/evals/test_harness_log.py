"""What a harness's log tells."""

import pytest

from spec2rtl.evals import harness_log as logs

LOG = """\
     0.00ns INFO     cocotb.regression                  running t.adds (1/2)
    10.00ns INFO     cocotb.regression                  t.adds passed
    10.00ns INFO     cocotb.regression                  running t.wraps (2/2)
    41.00ns WARNING  cocotb.regression                  t.wraps failed
                                                        Traceback (most recent call last):
                                                          File "/src/t.py", line 9, in wraps
                                                        AssertionError: Expected 1, but got 10
    41.00ns INFO     cocotb.regression                  *****
"""


def xml(body: str) -> str:
    return f"<testsuites><testsuite>{body}</testsuite></testsuites>"


PASSED = xml('<testcase name="test_runner"/>')
FAILED = xml('<testcase name="test_runner"><failure message="SystemExit: 1"/></testcase>')


@pytest.mark.parametrize(
    ("log", "sign"),
    [
        ("ModuleNotFoundError: No module named 'cocotb.runner'", "ModuleNotFoundError"),
        ("E   ImportError: cannot import name 'Join' from 'cocotb.triggers' (x)", "ImportError"),
        ("AttributeError: module 'cocotb' has no attribute 'fork'", "AttributeError"),
        ("AttributeError: 'LogicArray' object has no attribute 'integer'", "AttributeError"),
        ("TypeError: Timer.__init__() got an unexpected keyword argument 'units'", "TypeError"),
        ("ModuleNotFoundError: No module named 'numpy'", None),
        ("AttributeError: 'HierarchyObject' object has no attribute 'data'", None),
        ("AttributeError: cocotb.handle.HierarchyObject object contains no child 'q'", None),
        ("AssertionError: expected 1", None),
    ],
)
def test_the_wrong_cocotb_shows_itself(log: str, sign: str | None) -> None:
    found = logs.outdated(f"Traceback:\n{log}\nmore")
    assert (found.split(":")[0] if found else None) == sign


def test_cocotb_tests_are_read_with_their_message() -> None:
    found = logs.tests(LOG, FAILED)
    assert [(t.name, t.status) for t in found] == [("adds", "passed"), ("wraps", "failed")]
    assert found[1].message == "AssertionError: Expected 1, but got 10"


def test_a_failure_in_one_of_several_runs_is_a_failure() -> None:
    again = LOG.replace("WARNING", "INFO").replace("wraps failed", "wraps passed")
    assert [t.status for t in logs.tests(LOG + again, FAILED)] == ["passed", "failed"]


def test_where_cocotb_said_nothing_the_report_of_pytest_counts() -> None:
    (test,) = logs.tests("", FAILED)
    assert (test.name, test.status, test.message) == ("test_runner", "failed", "SystemExit: 1")


@pytest.mark.parametrize(
    ("report", "passed"),
    [(PASSED, True), (FAILED, False), (xml(""), False), ("<testsuites", False), (None, False)],
)
def test_only_a_report_with_tests_that_pass_is_good(report: str | None, passed: bool) -> None:
    assert logs.all_passed(report) is passed


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("/code/rtl/a.sv:4: sorry: casts are not supported", "/code/rtl/a.sv:4: sorry: casts"),
        ("a.sv:4: sorry: constant selects (all bits will be included).", None),
    ],
)
def test_what_the_compiler_does_not_support(log: str, said: str | None) -> None:
    found = logs.sorry(log)
    assert found == said or (found and said and found.startswith(said))


def test_a_crash_counts_only_where_no_test_had_failed() -> None:
    crash = "RuntimeError: Command failed with return code: -11"
    assert logs.crashed(crash) == 11
    assert logs.crashed("Command '['vvp']' died with <Signals.SIGABRT: 6>.") == 6
    assert logs.crashed(LOG + crash) is None
