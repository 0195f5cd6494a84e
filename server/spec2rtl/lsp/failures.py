"""Failing tests as diagnostics, as long as what they ran on stays as it was: pure."""

import re
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, structs

from spec2rtl.rtl import Design, Diagnostic, Related, Testbench, TestResult, digest
from spec2rtl.syntax.modules import find_module

_WORD = re.compile(r"[A-Za-z_]\w*")


class _Outcome(Struct, frozen=True):
    """What simulations found in the tests of one module, and the texts that they ran on."""

    texts: tuple[tuple[Path, str], ...]
    found: tuple[tuple[str, Diagnostic], ...]

    @property
    def files(self) -> set[Path]:
        """The files that it finds something in."""
        return {Path(diagnostic.file) for _, diagnostic in self.found}


class Failures:
    """The failing tests of the last simulation of each test module."""

    def __init__(self) -> None:
        self._outcomes: dict[Path, _Outcome] = {}

    def put(
        self,
        design: Design,
        bench: Testbench,
        tests: tuple[TestResult, ...],
        found: tuple[Diagnostic, ...],
    ) -> set[Path]:
        """Take a simulation's result; returns the files whose diagnostics may have changed.

        Of tests that did not run this time, an earlier result on the same texts still holds.
        """
        path = Path(bench.path)
        read = (*design.sources, *(header for _, header in design.headers))
        texts = [(Path(s.path), digest(s.text)) for s in read]
        texts.append((path, digest(bench.text)))
        both = _linked(design, bench, tests, found)
        before = self._outcomes.get(path, _Outcome((), ()))
        if bench.only and before.texts == tuple(texts):
            ran = {test.name for test in tests}
            both = (*(one for one in before.found if one[0] and one[0] not in ran), *both)
        self._outcomes[path] = _Outcome(tuple(texts), both)
        return self._outcomes[path].files | before.files

    def at(self, path: Path, current: Callable[[Path], str | None]) -> tuple[Diagnostic, ...]:
        """What fails at a file; `current` is the digest of a file's text as it is now."""
        return tuple(
            diagnostic
            for outcome in self._outcomes.values()
            if path in outcome.files and all(current(file) == was for file, was in outcome.texts)
            for _, diagnostic in outcome.found
            if Path(diagnostic.file) == path
        )

    def touching(self, path: Path) -> set[Path]:
        """The files that show failures which a change of `path` takes back."""
        return {
            file
            for outcome in self._outcomes.values()
            if any(read == path for read, _ in outcome.texts)
            for file in outcome.files
        }


def _linked(
    design: Design,
    bench: Testbench,
    tests: tuple[TestResult, ...],
    found: tuple[Diagnostic, ...],
) -> tuple[tuple[str, Diagnostic], ...]:
    """Each failure, by its test, at its line there and at the RTL it speaks of.

    Each of the two names the other; what is no test's own has no name.
    """
    failed = [t for t in tests if t.status in {"failed", "errored"}]
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
    """Where the RTL is that a failure speaks of: a port that it names, else the module."""
    top = bench.top or design.top
    for source in design.sources:
        module = find_module(source.text, top) if top else None
        if module is None:
            continue
        named = set(_WORD.findall(message))
        port = next((p for p in module.interface.ports if p.name in named and p.line), None)
        line, name = (port.line, port.name) if port else (module.line, module.name)
        text = source.text.split("\n")[line - 1]
        match = re.search(rf"\b{re.escape(name)}\b", text)
        column = match.start() + 1 if match else 1
        return Diagnostic(
            source.path,
            line,
            column,
            line,
            column + len(name),
            "error",
            "test-failed",
            "",
            "cocotb",
        )
    return None
