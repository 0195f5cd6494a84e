"""What a harness printed and reported, as values: pure."""

import re
from xml.etree import ElementTree as Xml

from spec2rtl.rtl import TestResult

_OUTDATED = re.compile(
    r"""
      ModuleNotFoundError:\ No\ module\ named\ 'cocotb[^\n]*
    | ImportError:\ cannot\ import\ name\ '\w+'\ from\ '?(?:partially\ initialized\ module\ ')?cocotb[^\n]*
    | AttributeError:\ (?:partially\ initialized\ )?module\ 'cocotb[^\n]*
    | AttributeError:\ '(?:Logic|LogicArray|Array|Range|BinaryValue|Clock|Task|Event|Lock|Join
        |(?:Logic|LogicArray|Array|Integer|Enum|Real|String|Modifiable|NonHierarchyIndexable)Object)'
        \ object\ has\ no\ attribute[^\n]*
    | TypeError:\ [^\n]*\bgot\ an\ unexpected\ keyword\ argument\ 'units?'[^\n]*
    """,
    re.VERBOSE,
)
"""The faults by which a harness for another cocotb shows itself."""
_TEST = re.compile(
    r"cocotb\.regression[\w.]*\s+(?:\w+\.)*(?P<name>\w+) (?P<status>passed|failed)\b[^\n]*"
    r"(?P<trace>(?:\n(?! *-?[\d.]+[a-z]*s )[^\n]*)*)"
)
_ERROR = re.compile(
    r"^\s*(?:E\s+)?(\w[\w.]*(?:Error|Exception|Failure|Failed|Exit)\b.*)$", re.MULTILINE
)
_IMPORT = re.compile(r"\b(?:ModuleNotFoundError|ImportError|SyntaxError|IndentationError): [^\n]*")
_CRASH = re.compile(r"(?:return code: -|exit status -|died with <Signals\.\w+: )(\d+)")
_SORRY = re.compile(r"^[^\n]*sorry: (?![^\n]*all bits will be included)[^\n]*", re.MULTILINE)


def outdated(log: str) -> str | None:
    """The first sign that a harness was written for another cocotb."""
    match = _OUTDATED.search(log)
    return " ".join(match[0].split()) if match else None


def not_imported(log: str) -> str | None:
    """Why a module of the harness can't be imported."""
    match = _IMPORT.search(log)
    return match[0] if match else None


def sorry(log: str) -> str | None:
    """The first construct that the compiler says it doesn't support."""
    match = _SORRY.search(log)
    return match[0].strip() if match else None


def crashed(log: str) -> int | None:
    """The signal by which the simulator died, where no cocotb test had failed before."""
    match = _CRASH.search(log)
    return int(match[1]) if match and none_failed(log) else None


def last_error(log: str) -> str:
    """The last exception that was printed, else the last line."""
    errors = _ERROR.findall(log)
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return (errors or lines or ["no word"])[-1][:200]


def all_passed(xml: str | None) -> bool:
    """Does pytest's report hold a test, and none that failed?"""
    cases = _cases(xml)
    return bool(cases) and all(_case(case).status == "passed" for case in cases)


def none_failed(log: str) -> bool:
    """Has no cocotb test failed?"""
    return all(test.status == "passed" for test in _cocotb(log))


def tests(log: str, xml: str | None) -> tuple[TestResult, ...]:
    """The cocotb tests by their log, one result a name, else pytest's own tests.

    A test that ran with several parameters has failed if one of its runs has.
    """
    found: dict[str, TestResult] = {}
    for test in _cocotb(log):
        if test.name not in found or found[test.name].status == "passed":
            found[test.name] = test
    failed = any(t.status == "failed" for t in found.values())
    own = tuple(map(_case, _cases(xml)))
    unseen = not failed and any(t.status != "passed" for t in own)
    return own if unseen or not found else tuple(found.values())


def _cocotb(log: str) -> list[TestResult]:
    return [_test(match) for match in _TEST.finditer(log)]


def _test(match: re.Match[str]) -> TestResult:
    if match["status"] == "passed":
        return TestResult(match["name"], "passed")
    errors = _ERROR.findall(match["trace"])
    return TestResult(match["name"], "failed", errors[-1].strip() if errors else "")


def _cases(xml: str | None) -> list[Xml.Element]:
    try:
        return list(Xml.fromstring(xml or "").iter("testcase"))
    except Xml.ParseError:
        return []


def _case(case: Xml.Element) -> TestResult:
    name = case.get("name", "")
    for kind in ("failure", "error"):
        if (found := case.find(kind)) is not None:
            return TestResult(name, "failed", found.get("message", "").split("\n")[0])
    return TestResult(name, "passed")
