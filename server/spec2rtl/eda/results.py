"""What cocotb left behind, as test results: pure; reads the forms of cocotb 2.0 and 2.1."""

import posixpath
import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple
from xml.etree import ElementTree as Xml

from msgspec import structs

from spec2rtl.rtl import Diagnostic, Testbench, TestResult, TestStatus, split_lines

_FRAME = re.compile(r'^\s*File "(?P<file>[^"\n]+)", line (?P<line>\d+)', re.MULTILINE)
_ERROR = re.compile(r"^[A-Za-z_][\w.]*(?:: .*)?$", re.MULTILINE)
_NO_CHILD = re.compile(r"contains no (?:child )?object named|has no attribute")
_NOISE = re.compile(
    r" with definition \S+ \(at [^()\n]*\)| at 0x[0-9a-f]+(?=>)"
    r"|\n *\+ +(?:where|and) [^\n]* = <[\w.]+ object(?: at 0x[0-9a-f]+)?>\.\w+(?=\n|$)"
)
"""The name of our own file for a module, addresses, which differ each time, and from which Python
object a value was read."""
_RUNNING = re.compile(r"^ *[\d.]+ns INFO +cocotb\.regression +running ", re.MULTILINE)

_TOTALS = re.compile(r"\*\* TESTS=(\d+) PASS=(\d+) FAIL=(\d+) SKIP=(\d+)")


class Frozen(NamedTuple):
    """Where the frozen test files lie, and the folder that the user knows them in."""

    folder: str
    testbench: Testbench

    def user_path(self, path: str) -> str | None:
        """Turn a path in the scratch folder into the user's; None for any other file."""
        if not path.startswith(f"{self.folder}/"):
            return None
        name = path[len(self.folder) + 1 :]
        if name == f"{self.testbench.module.replace('.', '/')}.py":
            return self.testbench.path
        return posixpath.join(posixpath.dirname(self.testbench.path), name)

    def in_user_terms(self, text: str) -> str:
        """Put the user's folder in place of the scratch folder; leave out what says nothing."""
        text = _NOISE.sub("", text)
        return text.replace(self.folder, posixpath.dirname(self.testbench.path))


class Broken(NamedTuple):
    """A test module that can't be run: where and why; `design` where the RTL is to blame."""

    file: str
    line: int
    why: str
    design: bool


def read_results(xml: str, log: str, frozen: Frozen) -> tuple[TestResult, ...] | None:
    """Read `results.xml`; None where it is not one. `log` fills in what cocotb 2.0 leaves out."""
    try:
        root = Xml.fromstring(xml)
    except (Xml.ParseError, ValueError):
        return None
    if root.tag != "testsuites":
        return None
    return tuple(_result(case, log, frozen) for case in root.iter("testcase"))


def agree(tests: tuple[TestResult, ...], log: str) -> bool:
    """Does the report say what cocotb itself printed at its end?

    A test shares its process with both, so this catches only plain forgery.
    """
    totals = _TOTALS.findall(log)
    count = Counter(test.status for test in tests)
    failed = count["failed"] + count["errored"]
    told = (len(tests), count["passed"], failed, count["skipped"])
    return bool(totals) and all(tuple(map(int, printed)) == told for printed in totals)


def _result(case: Xml.Element, log: str, frozen: Frozen) -> TestResult:
    facts = {p.get("name", ""): p.get("value", "") for p in case.iter("property")} | case.attrib
    name = case.get("name", "")
    nanoseconds = facts.get("sim_time_duration") or facts.get("sim_time_ns")
    result = TestResult(
        name,
        "passed",
        time_ns=_number(nanoseconds),
        file=frozen.user_path(facts.get("file", "")),
        line=_whole(facts.get("line") or facts.get("lineno")),
        seconds=_number(facts.get("time")),
    )
    statuses: Mapping[str, TestStatus] = {
        "failure": "failed",
        "error": "errored",
        "skipped": "skipped",
    }
    for child in case:
        if child.tag in statuses:
            trace = child.text or _log_of(f"{case.get('classname')}.{name}", log)
            return _unhappy(result, statuses[child.tag], child, trace, frozen)
    return result


def _unhappy(
    result: TestResult, status: TestStatus, element: Xml.Element, trace: str, frozen: Frozen
) -> TestResult:
    """A test that did not pass: its message, and the deepest line of the test's own files."""
    kind = element.get("type") or element.get("error_type") or ""
    said = element.get("message") or element.get("error_msg") or element.get("msg") or ""
    file, line = result.file, result.line
    if status == "skipped":
        return structs.replace(result, status=status, message=said)
    if place := _deepest(trace, frozen):
        file, line = place
    if kind not in {"", "AssertionError", "Failed", "SimFailure"}:
        said = f"{kind}: {said}" if said else kind
    message = frozen.in_user_terms(said.strip()) or _statement(file, line, frozen) or kind
    return structs.replace(result, status=status, message=message, file=file, line=line)


def _deepest(trace: str, frozen: Frozen) -> tuple[str, int] | None:
    """The last frame of a traceback that lies in the test's own files."""
    place: tuple[str, int] | None = None
    for frame in _FRAME.finditer(trace):
        if path := frozen.user_path(frame["file"]):
            place = path, int(frame["line"])
    return place


def _statement(file: str | None, line: int | None, frozen: Frozen) -> str | None:
    """The text of a line of the test module, for an assertion that says nothing."""
    lines = split_lines(frozen.testbench.text)
    if file != frozen.testbench.path or not line or line > len(lines):
        return None
    return lines[line - 1].strip()


def _log_of(test: str, log: str) -> str:
    """What was printed while a test ran: cocotb 2.0 leaves the traceback there only."""
    sections = (part for part in _RUNNING.split(log) if part.startswith(f"{test} ("))
    return next(sections, "")


def broken_module(stderr: str, frozen: Frozen) -> Broken | None:
    """Find out why the test module was not run, from the traceback of its import."""
    traces = stderr.split("Traceback (most recent call last):")[1:]
    trace = next((trace for trace in reversed(traces) if "in discover_tests" in trace), None)
    if trace is None:
        return None
    *_, after = _FRAME.split(trace)
    said = _ERROR.search(after)
    why = "does not import"
    if said:  # a message of several lines is told as one
        why = frozen.in_user_terms(" ".join(after[said.start() :].split()))
    if "No tests were discovered" in why:
        why = "no tests; a test is an async function under @cocotb.test()"
        return Broken(frozen.testbench.path, 1, why, design=False)
    file, line = _deepest(trace, frozen) or (frozen.testbench.path, 1)
    blame = "/cocotb/handle.py" in trace and _NO_CHILD.search(why) is not None
    return Broken(file, line, why, design=blame)


def running_test(log: str) -> str | None:
    """The test that was running when the log ended."""
    *_, last = _RUNNING.split(log)
    started = re.match(r"(?:[\w.]+\.)?(\S+) \(\d+/\d+\)", last)
    return started[1] if started else None


def diagnostics_of(tests: tuple[TestResult, ...], testbench: Testbench) -> tuple[Diagnostic, ...]:
    """Show each test that did not pass at its line."""
    lines = split_lines(testbench.text)
    found: list[Diagnostic] = []
    for test in tests:
        if test.failed:
            file, line = test.file or testbench.path, test.line or 1
            known = file == testbench.path and line <= len(lines)
            text = lines[line - 1] if known else ""
            column = len(text) - len(text.lstrip()) + 1
            end = max(len(text.rstrip()) + 1, column)
            message = f"{test.name}: {test.message}"
            found.append(
                Diagnostic(file, line, column, line, end, "error", "test-failed", message, "cocotb")
            )
    return tuple(found)


def _number(text: str | None) -> float | None:
    try:
        return round(float(text), 6) if text else None
    except ValueError:
        return None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
