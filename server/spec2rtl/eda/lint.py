"""What is wrong with a design that compiles: warnings of our own walkers and of yosys."""

import re

from msgspec import structs

from spec2rtl.eda import yosys
from spec2rtl.eda.columns import Page
from spec2rtl.process.limits import Limits
from spec2rtl.process.sandbox import Sandbox
from spec2rtl.rtl import Design, Diagnostic, Related, SourceFile
from spec2rtl.syntax.lint import Fault, lint
from spec2rtl.syntax.modules import modules

_NOT_BLANK = re.compile(r"\S")
LINTING = Limits(seconds=20.0)
_NO_HARDWARE = frozenset(("not-synthesizable", "system-task", "reaches-out", "latch"))
"""Faults at which yosys may give up, so that they are the cause to speak of."""
_NOT_LOOKED_AT = "latches, several drivers and combinational loops are not looked at"


async def lint_design(design: Design, sandbox: Sandbox) -> tuple[Diagnostic, ...]:
    """Look through a design that compiles; what could not be looked at is said."""
    found = [placed(fault, source) for source in design.sources for fault in lint(source.text)]
    hardware = _hardware(design)
    if hardware is None:
        return tuple(found)
    looked = await yosys.look(hardware, limits=LINTING, sandbox=sandbox)
    found += looked.diagnostics
    if looked.note and not any(d.code in _NO_HARDWARE for d in found):
        message = f"{_NOT_LOOKED_AT}: {looked.note}"
        path = design.sources[0].path
        found.append(Diagnostic(path, 1, 1, 1, 1, "info", "lint-incomplete", message, "yosys"))
    return tuple(found)


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


def _hardware(design: Design) -> Design | None:
    """A design with blanks for its test benches, the modules without ports; None if all are."""
    held = [module for source in design.sources for module in modules(source.text)]
    benches = {module.name for module in held if not module.interface.ports}
    if all(module.name in benches for module in held):
        return None
    sources = tuple(_without_benches(source) for source in design.sources)
    top = None if design.top in benches else design.top
    return structs.replace(design, sources=sources, top=top)


def _without_benches(source: SourceFile) -> SourceFile:
    text = source.text
    for module in modules(text):
        if not module.interface.ports:
            blank = _NOT_BLANK.sub(" ", text[module.start : module.end])
            text = text[: module.start] + blank + text[module.end :]
    return structs.replace(source, text=text)
