"""The order in which the sources of a design are compiled: pure.

Each file is read after what it needs: packages are declared before they are used. A list that
names files keeps its order, as macros pass from file to file in it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from msgspec import structs

from spec2rtl.eda.includes import INCLUDE
from spec2rtl.rtl import Design, Diagnostic, SourceFile
from spec2rtl.syntax.lexer import NOISE, plain

DECLARED_LATER = "is declared below this or in a later file: put it first"
"""What is said of a package that is used before it is known."""

_PACKAGE = re.compile(r"\bpackage\s+(?:automatic\s+|static\s+)?([A-Za-z_]\w*)\s*;")
_LAST_WORD = re.compile(r"([A-Za-z_]\w*+)\s*\Z")
_NAME_CHARS = 1000
"""Of a name and the blanks after it."""
_UNIT = re.compile(r"\bend(?:module|interface|package|program|primitive|class)\b")


def compile_order(design: Design) -> tuple[int, ...]:
    """The places in `design.sources` of the sources, in the order to compile them."""
    headers = dict(design.headers)
    texts = [list(_texts(source, headers)) for source in design.sources]
    before = _packages_before(texts)
    places = {source.path: at for at, source in enumerate(design.sources)}
    listed = [places[path] for path in dict.fromkeys(design.listed) if path in places]
    ranks = {at: rank for rank, at in enumerate(listed)}
    for at, needed in enumerate(before):
        if at in ranks:
            needed[:] = [other for other in needed if other not in ranks]
    for earlier, later in pairwise(listed):
        before[later].insert(0, earlier)
    silent = [at for at in listed if not any(map(_UNIT.search, texts[at]))]
    for at, needed in enumerate(before):
        if silent and at not in ranks:
            needed.insert(0, silent[-1])  # macros count for all that is not listed
    return _sorted(before)


def _texts(source: SourceFile, headers: dict[str, SourceFile]) -> Iterator[str]:
    """A source's text and those of the headers that it reaches."""
    pending, seen = [source.text], set[str]()
    while pending:
        text = pending.pop()
        yield text
        if not headers or "`include" not in text:
            continue
        for quoted, system in INCLUDE.findall(text):
            name = quoted or system
            if name in headers and name not in seen:
                seen.add(name)
                pending.append(headers[name].text)


def _packages_before(texts: Sequence[Sequence[str]]) -> list[list[int]]:
    """For each source the others that declare packages it uses: of several, the first."""
    declared: dict[str, int] = {}
    own: list[set[str]] = []
    for at, group in enumerate(texts):
        with_any = (plain(text) for text in group if "package" in text)
        own.append({name for text in with_any for name in _PACKAGE.findall(text)})
        for name in sorted(own[-1]):
            declared.setdefault(name, at)
    if not declared:
        return [[] for _ in texts]
    return [
        sorted({declared[name] for name in _used(group, declared.keys() - own[at])})
        for at, group in enumerate(texts)
    ]


def _used(texts: Sequence[str], packages: set[str]) -> set[str]:
    """The packages that some texts name, comments and strings left out."""
    found: set[str] = set()
    for text in texts:
        if "::" in text and packages.intersection(_scopes(text)):
            found |= packages.intersection(_scopes(plain(text)))
    return found


def _scopes(text: str) -> Iterator[str]:
    """The names before each `::`."""
    for part in text.split("::")[:-1]:
        if match := _LAST_WORD.search(part[-_NAME_CHARS:]):
            yield match[1]


def told(found: Iterable[Diagnostic], design: Design) -> tuple[Diagnostic, ...]:
    """Say of syntax errors what they are where a package is used above what declares it."""
    found = tuple(found)
    if all(one.code != "syntax-error" for one in found):
        return found
    late = dict(_late(design))
    return tuple(
        structs.replace(one, message=f"{one.message}; package `{name}` {DECLARED_LATER}")
        if one.code == "syntax-error" and (name := late.get((one.file, one.line)))
        else one
        for one in found
    )


def _late(design: Design) -> Iterator[tuple[tuple[str, int], str]]:
    """The lines that use a package before it is declared, each with its name."""
    headers, sources = dict(design.headers), [design.sources[at] for at in compile_order(design)]
    texts = ["\n".join(map(plain, _texts(source, headers))) for source in sources]
    ahead = Counter(name for text in texts for name in _PACKAGE.findall(text))
    for source, text in zip(sources, texts, strict=True):
        own = NOISE.sub(lambda noise: "\n" * noise[0].count("\n") or " ", source.text)
        for number, line in enumerate(own.split("\n"), 1):
            for name in _scopes(line):
                if ahead[name] and name not in _PACKAGE.findall(line):
                    yield (source.path, number), name
            for name in _PACKAGE.findall(line):
                ahead[name] = 0
        for name in _PACKAGE.findall(text):
            ahead[name] = 0


def _sorted(before: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Keep the order, but put before each what it needs; a circle has no right order."""
    done: dict[int, None] = {}
    begun: set[int] = set()
    for first in range(len(before)):
        pending = [first]
        while pending:
            here = pending[-1]
            begun.add(here)
            other = next((one for one in before[here] if one not in begun), None)
            if other is None:
                done[pending.pop()] = None
            else:
                pending.append(other)
    return tuple(done)
