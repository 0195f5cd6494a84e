"""Failing tests as diagnostics, as long as what they ran on stays as it was."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from lsprotocol.types import Position, PositionEncodingKind
from msgspec import Struct, structs

from spec2rtl.checks import SimulationResult
from spec2rtl.eda.sources import loaded
from spec2rtl.lsp.text import Text
from spec2rtl.rtl import Design, Diagnostic, Related, Testbench, TestResult, digest
from spec2rtl.syntax.modules import find_module
from spec2rtl.syntax.scope import scope_of

_WORD = re.compile(r"[A-Za-z_]\w*")
_FILE = re.compile(r"[\w./-]+\.\w+")
"""A name in a string that may be a file's: what else stands in strings is not watched."""


Digest = Callable[[Path, bool], str | None]
"""The digest of a file as it is now: of its bytes, or else of its text; None: it is gone."""


class Outcome(Struct, frozen=True):
    """What simulations found in the tests of one module, what they ran on, and by which tools.

    `asked` counts the simulations: of two, the later one holds, whichever ends first. `read` are the files, each with whether it was taken as bytes and its digest, None: it was not
    there.
    """

    asked: int
    design: Design
    by: object
    bench: Testbench
    read: tuple[tuple[Path, bool, str | None], ...]
    found: tuple[tuple[str, Diagnostic], ...]

    @property
    def files(self) -> set[Path]:
        """The files that it finds something in."""
        return {Path(diagnostic.file) for _, diagnostic in self.found}


class Failures:
    """The failing tests of the last simulation of each test module."""

    def __init__(self) -> None:
        self._outcomes: dict[Path, Outcome] = {}
        self._asked = 0
        self.inputs: frozenset[Path] = frozenset()
        """All that they ran on."""

    def ask(self) -> int:
        """A simulation is about to freeze what it runs on: its number."""
        self._asked += 1
        return self._asked

    def put(
        self,
        asked: int,
        design: Design,
        bench: Testbench,
        result: SimulationResult,
        by: object = None,
    ) -> set[Path]:
        """Take a simulation's result; returns the files whose diagnostics may have changed.

        `by` are the tools that gave it. Of tests that did not run this time, an earlier result on the same inputs still holds.
        """
        path = Path(bench.path)
        both = _linked(design, bench, result.tests, result.diagnostics)
        before = self._outcomes.get(path)
        if before and before.asked > asked:
            return set()
        same = before and (before.design, before.by) == (design, by)
        if bench.only and before and same and _same(before.bench, bench):
            ran = {test.name for test in result.tests}
            both = (*(one for one in before.found if one[0] and one[0] not in ran), *both)
        self._keep(path, Outcome(asked, design, by, bench, tuple(_read(design, bench)), both))
        return self._outcomes[path].files | (before.files if before else set())

    def _keep(self, path: Path, outcome: Outcome | None) -> None:
        self._outcomes.pop(path, None)
        if outcome:
            self._outcomes[path] = outcome
        self.inputs = frozenset(file for o in self._outcomes.values() for file, _, _ in o.read)

    def simulated(self) -> tuple[tuple[Path, Outcome], ...]:
        """What was found in each test module."""
        return tuple(self._outcomes.items())

    def drop(self, tests: Path, outcome: Outcome) -> set[Path]:
        """Forget an outcome unless another took its place; returns the files that showed it."""
        if self._outcomes.get(tests) is not outcome:
            return set()
        self._keep(tests, None)
        return outcome.files

    def at(self, path: Path, current: Digest) -> tuple[Diagnostic, ...]:
        """What fails at a file."""
        return tuple(
            diagnostic
            for outcome in self._outcomes.values()
            if path in outcome.files
            and all(current(file, raw) == was for file, raw, was in outcome.read)
            for _, diagnostic in outcome.found
            if Path(diagnostic.file) == path
        )

    def touching(self, path: Path) -> set[Path]:
        """The files that show failures which a change of `path` takes back."""
        return {
            file
            for outcome in self._outcomes.values()
            if any(read == path for read, _, _ in outcome.read)
            for file in outcome.files
        }


def _same(one: Testbench, other: Testbench) -> bool:
    """Are two test benches the same but for which of their tests are run?"""
    return structs.replace(one, only=(), tests=()) == structs.replace(other, only=(), tests=())


def _read(design: Design, bench: Testbench) -> Iterator[tuple[Path, bool, str | None]]:
    """All files that a simulation reads, or would read if they were there."""
    readers = [*design.sources, *(header for _, header in design.headers)]
    for source in readers:
        yield Path(source.path), False, digest(source.text)
    yield Path(bench.path), False, digest(bench.text)
    data = {file.name: hashlib.sha256(file.data).hexdigest() for file in design.data}
    for source in readers:
        for name in loaded(source.text):
            place = Path(os.path.normpath(Path(source.path).parent / name))
            if name in data and place.is_file():
                yield place, True, data[name]
            elif _FILE.fullmatch(name):
                yield place, True, None
    for file in bench.files:
        yield Path(bench.path).parent / file.name, True, hashlib.sha256(file.data).hexdigest()


def _linked(
    design: Design,
    bench: Testbench,
    tests: tuple[TestResult, ...],
    found: tuple[Diagnostic, ...],
) -> tuple[tuple[str, Diagnostic], ...]:
    """Each failure, by its test, at its line there and at the RTL it speaks of.

    Each of the two names the other; what is no test's own has no name.
    """
    failed = [t for t in tests if t.failed]
    at_tests = [d for d in found if d.source == "cocotb"]
    linked: list[tuple[str, Diagnostic]] = []
    for test, diagnostic in zip(failed, at_tests, strict=False):
        at_test, place = diagnostic, _driving(design, diagnostic)
        if place is None and (place := _place(design, bench, test.message)):
            there = Related(place.file, place.line, place.column, "the RTL under test")
            at_test = structs.replace(diagnostic, related=(*diagnostic.related, there))
        linked.append((test.name, at_test))
        if place is not None:
            here = Related(diagnostic.file, diagnostic.line, diagnostic.column, f"test {test.name}")
            at_rtl = structs.replace(place, message=diagnostic.message, related=(here,))
            linked.append((test.name, at_rtl))
    return (*linked, *(("", d) for d in at_tests[len(failed) :]))


def _driving(design: Design, diagnostic: Diagnostic) -> Diagnostic | None:
    """Where the RTL is that a failure was led back to."""
    texts = {source.path: source.text.split("\n") for source in design.sources}
    for note in diagnostic.related:
        if note.file in texts:
            end = len(texts[note.file][note.line - 1].rstrip()) + 1
            return structs.replace(
                diagnostic,
                file=note.file,
                line=note.line,
                column=note.column,
                end_line=note.line,
                end_column=end,
            )
    return None


def _place(design: Design, bench: Testbench, message: str) -> Diagnostic | None:
    """Where the RTL is that a failure speaks of: what drives a port that it names, else the module.

    An output is suspect before an input, and what is named first before the rest.
    """
    top = bench.top or design.top
    for source in design.sources:
        module = find_module(source.text, top) if top else None
        if module is None:
            continue
        named = {m[0]: -m.start() for m in reversed([*_WORD.finditer(message)])}
        ports = [port for port in module.interface.ports if port.name in named and port.line]
        port = max(ports, key=lambda p: (p.direction != "input", named[p.name]), default=None)
        name, line = (port.name, port.line or 1) if port else (module.name, module.line)
        text = Text(source.text, PositionEncodingKind.Utf32)
        start = text.offset(Position(line - 1, 0))
        declared = re.compile(rf"\b{re.escape(name)}\b").search(source.text, start)
        inner = scope_of(source.text, module)
        driven = (inner.tokens[a.at].start for a in inner.drivers.assignments if a.name == name)
        at = text.position(next(driven, declared.start() if declared else start))
        place = (at.line + 1, at.character + 1)
        return Diagnostic(source.path, *place, *place, "error", "test-failed", "", "cocotb")
    return None
