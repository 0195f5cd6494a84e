"""Our diagnostics in the protocol's terms: pure."""

from collections.abc import Callable
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path

from lsprotocol import types

from spec2rtl.lsp import wire
from spec2rtl.lsp.text import Text
from spec2rtl.rtl import Diagnostic, Related, Severity

SEVERITIES: dict[Severity, types.DiagnosticSeverity] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}


def diagnostic(
    found: Diagnostic,
    text: Text,
    *,
    uri_of: Callable[[Path], str],
    text_of: Callable[[Path], Text],
    related: bool,
) -> types.Diagnostic:
    """Put a diagnostic of `text` in the protocol's terms; `related`: the client shows notes."""
    return types.Diagnostic(
        range=range_in(found, text),
        message=found.message,
        severity=SEVERITIES[found.severity],
        code=found.code,
        source=found.source,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(uri_of(Path(note.file)), range_in(note, text_of(Path(note.file)))),
                note.message,
            )
            for note in (found.related if related else ())
        ]
        or None,
    )


def range_in(found: Diagnostic | Related, text: Text) -> types.Range:
    """Where it is; a place without an extent covers the word or character there."""
    start = text.place(found.line, found.column)
    end = start
    if isinstance(found, Diagnostic):
        end = text.place(found.end_line, found.end_column)
    if (end.line, end.character) <= (start.line, start.character):
        line = text.line(start.line)
        end = text.place(start.line + 1, min(_word_end(line, found.column), len(line)) + 1)
    return types.Range(start, end)


def area(given: types.Range) -> wire.Range:
    """A range as our own messages carry it."""
    return wire.Range(
        wire.Position(given.start.line, given.start.character),
        wire.Position(given.end.line, given.end.character),
    )


def edits(before: Text, after: str) -> list[types.TextEdit]:
    """The line-wise edits that make one text into the other; nothing else is touched."""
    old, new = before.text.splitlines(keepends=True), after.splitlines(keepends=True)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    starts = [0, *accumulate(map(len, old))]
    inner = SequenceMatcher(
        None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False
    )
    return [
        types.TextEdit(
            before.range(starts[head + i1], starts[head + i2]), "".join(new[head + j1 : head + j2])
        )
        for tag, i1, i2, j1, j2 in inner.get_opcodes()
        if tag != "equal"
    ]


def _common(one: list[str], other: list[str]) -> int:
    """How many lines two texts share at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _word_end(line: str, column: int) -> int:
    """The 0-based end of the word that begins at a 1-based column, at least one character."""
    index = max(column - 1, 0)
    while index < len(line) and (line[index].isalnum() or line[index] in "_$"):
        index += 1
    return max(index, column)
