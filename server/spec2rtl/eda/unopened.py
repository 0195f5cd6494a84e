"""The data files that a simulated design asked for in vain, as vvp's log names them: pure."""

import re
from collections.abc import Iterator
from itertools import islice

from spec2rtl.eda.columns import Page, Span, trimmed
from spec2rtl.rtl import Design, Diagnostic

_UNOPENED = re.compile(
    r"^(?:ERROR|WARNING): source(\d+)\.s?v:(\d+): (\$\w+): Unable to open (.+) for reading",
    re.MULTILINE,
)
_MOST = 20


def unopened(log: str, design: Design) -> tuple[Diagnostic, ...]:
    """A warning for each, at its name: the memory that it should fill stays X."""
    return tuple(dict.fromkeys(islice(_faults(log, design), _MOST)))


def _faults(log: str, design: Design) -> Iterator[Diagnostic]:
    for match in _UNOPENED.finditer(log):
        number, line, task, name = int(match[1]), int(match[2]), match[3], match[4]
        if number < len(design.sources):
            source = design.sources[number]
            message = (
                f"`{task}` can't read `{name}`, so nothing is loaded: the project holds no such "
                "file, and no other is shown to a simulation"
            )
            place = _place(Page(source.text), line, name)
            yield Diagnostic(source.path, *place, "warning", "data-not-found", message, "iverilog")


def _place(page: Page, line: int, name: str) -> Span:
    """The literal with the name, else the whole line."""
    line = page.clamp(line)
    at = page.source(line).find(f'"{name}"')
    if at < 0:
        return trimmed(page, line)
    return Span(line, at + 1, line, at + len(name) + 3)
