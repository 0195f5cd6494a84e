"""Mutants of a design: RTL made wrong in one place, drawn by a seed so that each kind comes up."""

import random
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from msgspec import Struct, structs

from spec2rtl.repair.edits import Splice, splice
from spec2rtl.repair.operators import OPERATORS, Change, Site
from spec2rtl.rtl import Design, SourceFile
from spec2rtl.syntax.lexer import code, join
from spec2rtl.syntax.modules import modules
from spec2rtl.syntax.scope import scope_of


class Mutant(Struct, frozen=True):
    """A design with one fault; `what` says which, `before` and `after` are the source there."""

    kind: str
    what: str
    file: str
    line: int
    before: str
    after: str
    design: Design


def changes(rtl: str) -> Iterator[Change]:
    """Every change of every module of a text that has ports; one without is a test bench."""
    for module in modules(rtl):
        if module.interface.ports and module.finished:
            site = Site(scope_of(rtl, module))
            for operator in OPERATORS:
                yield from operator(site)


def mutants(design: Design, files: Sequence[str], seed: int) -> Iterator[Mutant]:
    """Mutants of some files of a design, each different from all before, kind by kind in turn."""
    rng = random.Random(seed)
    kinds: dict[str, list[tuple[SourceFile, Change]]] = {}
    for source in (s for s in design.sources if s.path in files):
        for change in changes(source.text):
            kinds.setdefault(change.kind, []).append((source, change))
    for places in kinds.values():
        rng.shuffle(places)
    seen = {_meaning(source.text) for source in design.sources}
    for turn in zip_longest(*kinds.values()):
        for source, change in filter(None, turn):
            rtl = splice(source.text, change.splices)
            if (meaning := _meaning(rtl)) not in seen:
                seen.add(meaning)
                yield _mutant(design, source, change, rtl)


def _meaning(rtl: str) -> str:
    return join(code(rtl))


def _mutant(design: Design, source: SourceFile, change: Change, rtl: str) -> Mutant:
    first = next(
        s for s in change.splices if source.text[s.start : s.end].strip() != s.text.strip()
    )
    before, after = _shown(source.text, first)
    changed = SourceFile(source.path, rtl)
    sources = tuple(changed if s == source else s for s in design.sources)
    return Mutant(
        kind=change.kind,
        what=" ".join(change.what.split()),
        file=source.path,
        line=source.text.count("\n", 0, first.start) + 1,
        before=before,
        after=after,
        design=structs.replace(design, sources=sources),
    )


def _shown(text: str, change: Splice) -> tuple[str, str]:
    """The lines that a change touches, as they were and as they are, each as one line."""
    start = text.rfind("\n", 0, change.start) + 1
    end = text.find("\n", change.end)
    end = len(text) if end < 0 else end
    after = text[start : change.start] + change.text + text[change.end : end]
    return " ".join(text[start:end].split()), " ".join(after.split())
