"""What is wrong with a design that compiles: warnings of our own walkers and of yosys."""

import asyncio
import re
from collections.abc import Container

from msgspec import structs

from spec2rtl.eda import yosys
from spec2rtl.eda.columns import Page
from spec2rtl.process.limits import Limits
from spec2rtl.process.sandbox import Sandbox
from spec2rtl.rtl import Design, Diagnostic, Related, SourceFile
from spec2rtl.syntax.lint import Fault, lint, parts
from spec2rtl.syntax.modules import modules

_NOT_BLANK = re.compile(r"\S")
LINTING = Limits(seconds=20.0)
_ASSERTED = re.compile(
    r"(?<=\))\s*else\s*\$(?:error|fatal|warning|info)\b(?:\s*\((?:[^()\"]|\"[^\"]*\")*\))?(?=\s*;)"
)
"""What an assertion says when it fails; yosys reads the assertion without it."""
_NO_HARDWARE = frozenset(
    ("not-synthesizable", "system-task", "reaches-out", "latch", "data-not-found")
)
"""Faults at which yosys may give up, so that they are the cause to speak of."""
_NOT_LOOKED_AT = "latches, several drivers and combinational loops are not looked at"


async def lint_design(design: Design, sandbox: Sandbox) -> tuple[Diagnostic, ...]:
    """Look through a design that compiles; what could not be looked at is said."""
    found, hardware = await asyncio.to_thread(_read, design)
    if hardware is None:
        return tuple(found)
    looked = await yosys.look(hardware, limits=LINTING, sandbox=sandbox)
    found += looked.diagnostics
    if looked.note and not any(d.code in _NO_HARDWARE for d in found):
        path = design.sources[0].path
        start = Diagnostic(path, 1, 1, 1, 1, "info", "lint-incomplete", looked.note, "yosys")
        stopped = looked.stopped or start
        message = f"{_NOT_LOOKED_AT}: {stopped.message}"
        found.append(structs.replace(stopped, message=message))
    return tuple(found)


def _read(design: Design) -> tuple[list[Diagnostic], Design | None]:
    """What our own rules say of a design, and what of it is hardware."""
    inside = parts(source.text for source in design.sources)
    found = [
        placed(fault, source) for source in design.sources for fault in lint(source.text, inside)
    ]
    return found, _hardware(design, inside)


def placed(fault: Fault, source: SourceFile) -> Diagnostic:
    """A fault of a text as a diagnostic of its file."""
    page = Page(source.text)
    return Diagnostic(
        source.path,
        *page.span(fault.start, fault.end),
        fault.severity,
        fault.code,
        fault.message,
        "lint",
        tuple(_related(page, source, *note) for note in fault.related),
    )


def _related(page: Page, source: SourceFile, start: int, message: str) -> Related:
    span = page.span(start, start)
    return Related(source.path, span.line, span.column, message)


def _hardware(design: Design, inside: Container[str]) -> Design | None:
    """A design with blanks for its test benches; None if that is all there is."""
    held = [module for source in design.sources for module in modules(source.text)]
    if all(module.name not in inside for module in held):
        return None
    sources = tuple(_without_benches(source, inside) for source in design.sources)
    top = design.top if design.top and design.top in inside else None
    return structs.replace(design, sources=sources, top=top)


def _without_benches(source: SourceFile, inside: Container[str]) -> SourceFile:
    text = _ASSERTED.sub(lambda found: _NOT_BLANK.sub(" ", found[0]), source.text)
    for module in modules(text):
        if module.name not in inside:
            blank = _NOT_BLANK.sub(" ", text[module.start : module.end])
            text = text[: module.start] + blank + text[module.end :]
    return structs.replace(source, text=text)
