"""What iverilog printed, as diagnostics: pure, total, and no line is lost.

A line begins a message, continues the one before it (`FILE:LINE:      : it was declared here`),
or closes the log (`2 error(s) during elaboration.`). Messages that only repeat the one before
them (`Unable to elaborate` after `Unable to bind`, one message per generate iteration) are
folded into it: one diagnostic per cause.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import structs

from spec2rtl.eda import columns
from spec2rtl.eda.codes import CODES, classify
from spec2rtl.eda.columns import Page
from spec2rtl.rtl import Diagnostic, Related, Severity
from spec2rtl.syntax.lexer import Kind
from spec2rtl.syntax.modules import find_module, modules

_UNKNOWN_FILE = re.compile(r"((?!\s)(?:(?!: ).)+?):(\d+)(?=[:\s])")
_LINE = re.compile(r":(\d+)(?=[:\s]|$)")
_CONTINUED = re.compile(r":?\s{2,}:\s*(.*)")
_MESSAGE = re.compile(
    r"(?::|^)\s*(?:vvp\.tgt:?\s+)?"
    r"(?:(internal error|error|warning|sorry|assert|debug)\s*[:,]\s*)?(.*)",
    re.IGNORECASE,
)
_LOOSE_NOTE = re.compile(r"\s+(?::\s*)?(.*)|(confusing timing results.*)")
_LOOSE_MESSAGE = re.compile(
    r"(?::0:\s*)?(?:vvp\.tgt:?\s+)?(internal error|error|warning|sorry)\s*[:,]\s*(.*)",
    re.IGNORECASE,
)
_MISSING = re.compile(r"\s+(\S.*?) referenced \d+ times?\.")
_MISSING_FENCE = re.compile(r"\*\*\*(?: These modules were missing:)?\s*$")
_SUMMARY = re.compile(
    r"\d+ error\(s\) (?:during|in post-)\s?elaboration"
    r"|Elaboration failed|Preprocessor failed with \d+ errors|I give up\."
    r"|error: Code generation had \d+ error|Aborted|Segmentation"
)
_ELSEWHERE = re.compile(r"\b(?:here|at|from):? (\S.*:\d+)\.?$")
_HARMLESS_SORRY = re.compile(r"ignored|will be (?:included|sensitive)|only be evaluated once")
_FATAL = re.compile(
    r"error|fail|abort|assert|fatal|cannot|unable|no such|denied|no top", re.IGNORECASE
)
_UNSIZED = re.compile(r"(?<![\w'])'sd(\d+)\b")
_INDEX = re.compile(r"\[[^\]]*\]")
_SYNTAX_TAIL = re.compile(r"syntax (?:error )?in ", re.IGNORECASE)
_NOTHING_LEFT = frozenset(("no-top-module", "top-not-found"))
_SHARED_CAUSE = frozenset(("not-constant", "always-kind", "duplicate-declaration"))
_PORT_CAUSE = frozenset(
    (
        "not-an-lvalue",
        "undeclared-identifier",
        "not-constant",
        "assign-to-reg",
        "index-out-of-range",
    )
)
_ECHOES = {
    "duplicate-declaration": "enum-value-overflow",
    "multiple-drivers": "index-out-of-range",
    "not-constant": "unknown-function",
    "port-unconnected": "port-not-found",
    "width-mismatch": "parameter-not-found",
}
"""Faults that come of another one on the line that iverilog names."""
_EATS = re.compile(r"(?:close|closing) quote|lacks an `endif")
"""What takes the text behind it along, where the parser then stops."""
_NOT_BEFORE_END = frozenset(("else", "endcase", "endfunction", "endgenerate", "endtask"))
"""Where the parser stops that still waits for an `end`."""


class _Place(NamedTuple):
    """A file as iverilog named it, known or not, and a line."""

    file: str
    line: int


@dataclass
class _Entry:
    """A message and the lines that continue it; `place` None: it names none."""

    place: _Place | None
    severity: Severity
    code: str
    message: str
    notes: list[tuple[_Place | None, str]] = field(default_factory=list[tuple[_Place | None, str]])

    def note(self, place: _Place | None, text: str) -> None:
        """Add a line that continues the message; a generate loop says it each time."""
        note = (place, _plain(text))
        if text and note not in self.notes:
            self.notes.append(note)

    @property
    def key(self) -> tuple[_Place | None, str, str]:
        """What all messages of one generate loop have in common."""
        return self.place, self.code, _INDEX.sub("[]", self.message)


def parse(log: str, files: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Read iverilog's output; `files` maps each path as given to iverilog to its text.

    A message that names no place, or no known one, is put on line 1 of the first file.
    """
    reader = _Reader(files)
    for line in log.split("\n"):
        reader.read(line.rstrip())
    placer = _Placer(files)
    found = [placer.diagnostic(entry) for entry in _causes(reader.close())]
    return tuple(placer.without_end(found))


def _causes(entries: list[_Entry]) -> list[_Entry]:
    """Leave out what follows from another message, whichever came first."""
    said = {(entry.place, entry.code) for entry in entries}
    unread = {e.place.file for e in entries if e.code == "syntax-error" and e.place}
    return [
        entry
        for entry in entries
        if (entry.place, _ECHOES.get(entry.code)) not in said
        and not (entry.code == "implicit-net" and entry.place and entry.place.file in unread)
    ]


class _Reader:
    """Gathers a log's lines into messages."""

    def __init__(self, files: Iterable[str]) -> None:
        # The longest first: one path may begin another, and both may hold blanks and colons.
        self._files = sorted(files, key=len, reverse=True)
        self._entries: list[_Entry] = []
        self._errors: list[_Entry] = []
        self._seen: dict[tuple[_Place | None, str, str], _Entry] = {}
        self._current: _Entry | None = None
        self._summary = ""

    def read(self, line: str) -> None:
        """Take the next line."""
        if not line.strip() or _MISSING_FENCE.match(line):
            return
        if located := self._locate(line):
            self._located(*located)
        elif _SUMMARY.match(line):
            self._summary = self._summary or line
        elif missing := _MISSING.fullmatch(line):
            self._missing(missing[1])
        elif self._current and (note := _LOOSE_NOTE.fullmatch(line)):
            self._current.note(None, note[1] or note[2] or "")
        else:
            self._loose(line.strip())

    def close(self) -> list[_Entry]:
        """Give the messages; a log that closes with errors holds at least one."""
        if self._summary and not self._errors:
            self._entries.append(_Entry(None, "error", classify(self._summary), self._summary))
        return self._entries

    def _locate(self, line: str) -> tuple[_Place, str] | None:
        """Split a line into its place and the rest."""
        for file in self._files:
            if line.startswith(file) and (match := _LINE.match(line, len(file))):
                return _Place(file, int(match[1])), line[match.end() :]
        if (match := _UNKNOWN_FILE.match(line)) and not match[1].isdigit():
            return _Place(self._known(match[1]), int(match[2])), line[match.end() :]
        return None

    def _known(self, file: str) -> str:
        """The known file that a differently written path means, else the path."""
        plain = posixpath.normpath(file)
        return next((f for f in self._files if posixpath.normpath(f) == plain), file)

    def _located(self, place: _Place, rest: str) -> None:
        if self._current and (note := _CONTINUED.fullmatch(rest)):
            self._current.note(place, note[1])
        elif match := _MESSAGE.match(rest):
            self._add(place, (match[1] or "").lower(), match[2].strip())

    def _missing(self, module: str) -> None:
        """Note a module of the closing list that no message spoke of."""
        known = (e.message.endswith(f": {module}") for e in self._entries)
        if not any(known):
            message = f"Unknown module type: {module}"
            self._add(None, "error", message)

    def _loose(self, line: str) -> None:
        """Take a message without a place."""
        if match := _LOOSE_MESSAGE.fullmatch(line):
            self._add(None, match[1].lower(), match[2])
            return
        code = classify(line)
        crashed = code == "internal-error" and self._errors
        place = self._errors[-1].place if crashed else None
        self._add(place, "error" if _FATAL.search(line) else "warning", line)

    def _add(self, place: _Place | None, word: str, text: str) -> None:
        message = _plain(text)
        match = _ELSEWHERE.search(message)
        other = self._locate(f"{match[1]}:") if match else None
        entry = _Entry(place, _severity(word, message), _code(word, message), message)
        if other and other[0] != place:
            entry.note(other[0], "The other one is here.")
        earlier = self._seen.get(entry.key) or self._repeated(entry)
        self._current = earlier or entry
        if earlier:
            if entry.code in _NOTHING_LEFT:  # what it advises is beside the point
                self._current = entry
            return
        self._seen[entry.key] = entry
        self._entries.append(entry)
        if entry.severity == "error":
            self._errors.append(entry)

    def _repeated(self, entry: _Entry) -> _Entry | None:
        """Find the earlier error that a message only repeats."""
        if not self._errors or entry.severity != "error":
            return None
        last = self._errors[-1]
        if match := re.match(r"no wire/reg (\S+) in module", entry.message):
            name = re.compile(rf"\b{re.escape(match[1])}\b")
            return next((e for e in self._errors if name.search(e.message)), None)
        if entry.code == "syntax-error" and (last.code == entry.code or _EATS.search(last.message)):
            explained = _same_file(last, entry) and _explain(last, entry.message)
            return last if explained else None
        same = last.place == entry.place and _same_cause(last, entry)
        if entry.code == "redefinition":
            twice = (e for e in self._errors if e.code == "duplicate-declaration")
            return next(
                (e for e in twice if e.message.split("'")[1:2] == entry.message.split()[1:2]), None
            )
        return last if same or entry.code in _NOTHING_LEFT else None


def _plain(text: str) -> str:
    """Write iverilog's unsized numbers as they stand in a source: `'sd3` is 3."""
    return _UNSIZED.sub(r"\1", text.strip())


def _severity(word: str, message: str) -> Severity:
    if word == "warning":
        return "warning"
    if word == "debug":
        return "info"
    harmless = word == "sorry" and _HARMLESS_SORRY.search(message)
    harmless = harmless or (not word and re.search(r"\b[Ii]gnor(ed|ing)\b", message))
    return "warning" if harmless else "error"


def _code(word: str, message: str) -> str:
    if word == "sorry":
        return "unsupported-construct"
    if word in ("assert", "internal error"):
        return "internal-error"
    return classify(message)


def _same_file(a: _Entry, b: _Entry) -> bool:
    return a.place is not None and b.place is not None and a.place.file == b.place.file


def _explain(error: _Entry, tail: str) -> bool:
    """Add to a bare `syntax error` what the parser was reading; False for a fresh one."""
    if error.code != "syntax-error":
        return True
    if tail == "syntax error":
        return False
    if error.message == "syntax error":
        text = tail.removesuffix(".")
        rest = _SYNTAX_TAIL.sub("in ", text, count=1)
        fresh = rest == text
        error.message += f": {text[0].lower()}{text[1:]}" if fresh else f" {rest}"
    return True


def _same_cause(last: _Entry, entry: _Entry) -> bool:
    """Is the second of two errors on one line a consequence of the first?"""
    if entry.code in ("not-elaborated", "internal-error"):
        return True
    if entry.code == "port-output-not-net":
        return last.code in _PORT_CAUSE
    if entry.code == last.code == "duplicate-declaration":
        return entry.message == last.message
    return entry.code == last.code and entry.code in _SHARED_CAUSE


class _Placer:
    """Finds the columns of messages."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._main = next(iter(files), "")
        self._pages: dict[str, Page] = {}

    def diagnostic(self, entry: _Entry) -> Diagnostic:
        """Make a diagnostic of a message, with an exact range."""
        place = entry.place if entry.place and entry.place.line else None
        message, related = self._notes(entry, place)
        if place is None and related:
            place = _Place(related[0].file, related[0].line)
        code = entry.code
        if any("declaration after use" in note.message for note in related):
            code = "declared-after-use"
        file, span = self._span(place, message, code)
        if code == "syntax-error" and (unclosed := _unclosed(self._page(file), span.line)):
            code, message = unclosed, _told(message, unclosed)
        return Diagnostic(
            file, *span, entry.severity, code, message, "iverilog", related=tuple(related)
        )

    def without_end(self, found: list[Diagnostic]) -> Iterator[Diagnostic]:
        """Say of a `begin` without an `end` once: where that is first missed."""
        late = {d.file for d in found if d.code == "missing-end"}
        first = {d.file: d for d in reversed(found) if d.file in late and self._misses_end(d)}
        for one in found:
            if one is first.get(one.file):
                message = _told(one.message, "missing-end")
                yield structs.replace(one, code="missing-end", message=message)
            elif one.code != "missing-end" or one.file not in first:
                yield one

    def _misses_end(self, stopped: Diagnostic) -> bool:
        page = self._page(stopped.file)
        word = re.match(r"\w+", page.source(page.clamp(stopped.line))[stopped.column - 1 :])
        return stopped.code == "syntax-error" and word is not None and word[0] in _NOT_BEFORE_END

    def _notes(self, entry: _Entry, place: _Place | None) -> tuple[str, list[Related]]:
        """Join the notes that have no place of their own; the others are related."""
        message, related = entry.message, list[Related]()
        for other, text in (self._elsewhere(*note) for note in entry.notes):
            if other is None or (other == place and "declared here" not in text):
                stop = "." if message[-1:].isalnum() and text[:1].isupper() else ""
                message += f"{stop} {text}"
                continue
            file, span = self._span(other, f"{text}\n{entry.message}", "")
            related.append(Related(file, span.line, span.column, text))
        return message, related

    def _elsewhere(self, place: _Place | None, text: str) -> tuple[_Place | None, str]:
        """Take the place that a note without one names at its end."""
        for file in self._files if place is None else ():
            head, found, line = text.rpartition(f"{file}:")
            if found and file and line.isdigit():
                return _Place(file, int(line)), head.rstrip(" :").removeprefix("-- ")
        return place, text

    def _span(self, place: _Place | None, message: str, code: str) -> tuple[str, columns.Span]:
        if place is None:
            return self._loose_span(message, code)
        if place.file not in self._files:
            return place.file, columns.Span(place.line, 1, place.line, 1)
        page = self._page(place.file)
        return place.file, columns.locate(page, place.line, message, code)

    def _loose_span(self, message: str, code: str) -> tuple[str, columns.Span]:
        if code == "unknown-module":
            module = message.rpartition(": ")[2]
            for file in self._files:
                if span := columns.instantiation(self._page(file), module):
                    return file, span
        if code == "no-top-module":
            for file, text in self._files.items():
                around = next((m.name for m in modules(text) if m.name in m.instantiates), None)
                if around and (span := columns.instantiation(self._page(file), around)):
                    return file, span
        if code == "parameter-not-found":
            module = message.rstrip(".").rpartition(" ")[2]
            for file, text in self._files.items():
                if found := find_module(text, module):
                    return file, columns.locate(self._page(file), found.line, f"`{module}'")
        named = (f for f in self._files if f and message.startswith(f"{f}: "))
        return next(named, self._main), columns.Span(1, 1, 1, 1)

    def _page(self, file: str) -> Page:
        if file not in self._pages:
            self._pages[file] = Page(self._files.get(file, ""))
        return self._pages[file]


def _told(message: str, code: str) -> str:
    """A message with what its fault means."""
    meaning = CODES[code].removesuffix(".")
    return f"{message}: {meaning[0].lower()}{meaning[1:]}"


def _unclosed(page: Page, line: int) -> str | None:
    """Say whether a syntax error is that of a module or a block that nothing closes."""
    opened, depth = False, 0
    for token in page.tokens:
        if token.line > line:
            return None
        if token.kind is not Kind.KEYWORD:
            continue
        if token.text == "endmodule" and token.line == line and depth > 0:
            return "missing-end"
        if token.text in ("module", "macromodule", "endmodule"):
            opened, depth = token.text != "endmodule", 0
        depth += (token.text == "begin") - (token.text == "end")
    if depth > 0:
        return "missing-end"
    return "missing-endmodule" if opened else None
