"""What vvp itself says of a design: files asked for in vain, system tasks that are none. Pure."""

import re
from collections.abc import Iterator
from itertools import islice

from spec2rtl.eda.columns import Page, Span, trimmed
from spec2rtl.rtl import Design, Diagnostic

_UNOPENED = re.compile(
    r"^(?:ERROR|WARNING): source(\d+)\.s?v:(\d+): (\$\w+): Unable to open (.+) for reading",
    re.MULTILINE,
)
_UNKNOWN = re.compile(
    r"^source(\d+)\.s?v:(\d+): Error: System task/function (\$[\w$]+)\(\) is not defined",
    re.MULTILINE,
)
_MOST = 20


def unopened(log: str, design: Design) -> tuple[Diagnostic, ...]:
    """A warning for each data file, at its name: the memory that it should fill stays X."""
    return tuple(dict.fromkeys(islice(_unopened(log, design), _MOST)))


def unknown_tasks(log: str, design: Design) -> tuple[Diagnostic, ...]:
    """An error for each system task that vvp lacks: it begins no simulation then."""
    return tuple(dict.fromkeys(islice(_unknown(log, design), _MOST)))


def _unknown(log: str, design: Design) -> Iterator[Diagnostic]:
    for match in _UNKNOWN.finditer(log):
        number, line, task = int(match[1]), int(match[2]), match[3]
        if number < len(design.sources):
            source = design.sources[number]
            place = _place(Page(source.text), line, task)
            message = f"the simulator knows no `{task}`"
            yield Diagnostic(source.path, *place, "error", "unknown-task", message, "iverilog")


def _unopened(log: str, design: Design) -> Iterator[Diagnostic]:
    for match in _UNOPENED.finditer(log):
        number, line, task, name = int(match[1]), int(match[2]), match[3], match[4]
        if number < len(design.sources):
            source = design.sources[number]
            message = (
                f"`{task}` can't read `{name}`, so nothing is loaded: the project holds no such "
                "file, and no other is shown to a simulation"
            )
            place = _place(Page(source.text), line, f'"{name}"')
            yield Diagnostic(source.path, *place, "warning", "data-not-found", message, "iverilog")


def _place(page: Page, line: int, words: str) -> Span:
    """Where the words stand, else the whole line."""
    line = page.clamp(line)
    at = page.source(line).find(words)
    if at < 0:
        return trimmed(page, line)
    return Span(line, at + 1, line, at + len(words) + 1)
