"""Failing tests as diagnostics, as long as what they ran on stays as it was: pure."""

import re
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, structs

from spec2rtl.rtl import Design, Diagnostic, Related, Testbench, TestResult, digest
from spec2rtl.syntax.modules import find_module

_WORD = re.compile(r"[A-Za-z_]\w*")


class _Outcome(Struct, frozen=True):
    """What one simulation found, and the texts it ran on."""

    texts: tuple[tuple[Path, str], ...]
    found: tuple[Diagnostic, ...]


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
        """Take a simulation's result; returns the files whose diagnostics may have changed."""
        path = Path(bench.path)
        before = self._outcomes.get(path)
        texts = [(Path(s.path), digest(s.text)) for s in design.sources]
        texts.append((path, digest(bench.text)))
        both = _linked(design, bench, tests, found)
        self._outcomes[path] = _Outcome(tuple(texts), both)
        files = {Path(d.file) for d in both}
        return files | ({Path(d.file) for d in before.found} if before else set())

    def at(self, path: Path, current: Callable[[Path], str | None]) -> tuple[Diagnostic, ...]:
        """What fails at a file; `current` is the digest of a file's text as it is now."""
        return tuple(
            diagnostic
            for outcome in self._outcomes.values()
            if any(Path(d.file) == path for d in outcome.found)
            and all(current(file) == was for file, was in outcome.texts)
            for diagnostic in outcome.found
            if Path(diagnostic.file) == path
        )

    def touching(self, path: Path) -> set[Path]:
        """The files that show failures which a change of `path` takes back."""
        return {
            Path(d.file)
            for outcome in self._outcomes.values()
            if any(file == path for file, _ in outcome.texts)
            for d in outcome.found
        }


def _linked(
    design: Design,
    bench: Testbench,
    tests: tuple[TestResult, ...],
    found: tuple[Diagnostic, ...],
) -> tuple[Diagnostic, ...]:
    """Each failure at its line of the tests, and at the RTL it speaks of; each names the other."""
    failed = [t for t in tests if t.status in {"failed", "errored"}]
    at_tests = [d for d in found if d.source == "cocotb"]
    linked: list[Diagnostic] = []
    for test, diagnostic in zip(failed, at_tests, strict=False):
        place = _place(design, bench, test.message)
        if place is None:
            linked.append(diagnostic)
            continue
        there = Related(place.file, place.line, place.column, "the RTL under test")
        here = Related(diagnostic.file, diagnostic.line, diagnostic.column, f"test {test.name}")
        linked.append(structs.replace(diagnostic, related=(*diagnostic.related, there)))
        linked.append(structs.replace(place, message=diagnostic.message, related=(here,)))
    return (*linked, *(d for d in at_tests[len(failed) :]))


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
