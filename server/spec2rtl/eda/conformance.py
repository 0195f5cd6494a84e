"""The differences of RTL and spec as diagnostics, on the RTL and the other way round: pure."""

import re

from spec2rtl.eda.columns import Page, Span, trimmed
from spec2rtl.rtl import Diagnostic, Related, SourceFile
from spec2rtl.spec.model import Spec, SpecIssue
from spec2rtl.syntax.conformance import Difference, differences

_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s|$)|$)")
_WORD = re.compile(r"\w+")


def against_spec(
    rtl: SourceFile, spec: SourceFile, understood: Spec, module: str
) -> tuple[Diagnostic, ...]:
    """What is wrong with both files, as warnings: which of them is right, we can't know."""
    code, prose = Page(rtl.text), Page(spec.text)
    return tuple(
        diagnostic
        for found in differences(rtl.text, understood, module)
        for diagnostic in (
            _on_rtl(found, rtl, code, spec, prose),
            _on_spec(found, rtl, code, spec, prose),
        )
    )


def _said(found: Difference, prose: Page) -> Span:
    """The sentence that says it: a line of prose may hold a whole paragraph."""
    line = trimmed(prose, found.spec_line)
    text = prose.source(line.line)
    wanted = {word.strip("`").lower() for word in found.wanted.split()}
    sentences = list(_SENTENCE.finditer(text, line.column - 1, len(text.rstrip())))
    if len(sentences) < 2:
        return line
    best = max(sentences, key=lambda one: len(wanted & {*_WORD.findall(one[0].lower())}))
    return Span(line.line, best.start() + 1, line.line, best.end() + 1)


def unclear(issue: SpecIssue, spec: SourceFile) -> Diagnostic:
    """What is unclear in a spec, as a warning on its line."""
    place = trimmed(Page(spec.text), issue.line)
    return Diagnostic(spec.path, *place, "warning", issue.code, issue.message, "spec")


def _on_rtl(
    found: Difference, rtl: SourceFile, code: Page, spec: SourceFile, prose: Page
) -> Diagnostic:
    said = _said(found, prose)
    note = Related(spec.path, said.line, said.column, f"the spec says here: {found.wanted}")
    place = code.span(found.start, found.end)
    return Diagnostic(rtl.path, *place, "warning", found.code, found.message, "spec", (note,))


def _on_spec(
    found: Difference, rtl: SourceFile, code: Page, spec: SourceFile, prose: Page
) -> Diagnostic:
    place = code.span(found.start, found.end)
    note = Related(rtl.path, place.line, place.column, found.message)
    message = f"{found.wanted}, but the RTL differs: {found.message}"
    said = _said(found, prose)
    return Diagnostic(spec.path, *said, "warning", found.code, message, "spec", (note,))
