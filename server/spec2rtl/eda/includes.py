"""What `include directives name, and headers that share a name: pure."""

import re
from collections import defaultdict

from msgspec import structs

from spec2rtl.rtl import Design, SourceFile

INCLUDE = re.compile(r'`include\s*(?:"([^"\n]+)"|<([^>\n]+)>)')
_BY_MACRO = re.compile(r"`include\s*`(\w+)")
_NAMED = re.compile(r'`define\s+(\w+)[ \t]+"([^"\n]+)"')
NEARER = "spec2rtl-nearer"
"""Begins the folder of a header whose name another one has already."""


def included_by_macros(text: str) -> list[str]:
    """The names that `include directives give by macros of the same text."""
    macros = frozenset(_BY_MACRO.findall(text))
    return [name for macro, name in _NAMED.findall(text) if macro in macros] if macros else []


def header_of(design: Design, reader: str, name: str) -> SourceFile | None:
    """The header that a file of a design reaches by a name."""
    known = {(file, called): own for file, called, own in design.nearer}
    return dict(design.headers).get(known.get((reader, name), name))


def distinct(design: Design) -> Design:
    """The same design, each header under a name of its own: a compiler looks in one place."""
    if not design.nearer:
        return design
    names: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for reader, name, own in design.nearer:
        names[reader][name] = own

    def renamed(file: SourceFile) -> SourceFile:
        known = names.get(file.path)
        return _including(file, known) if known else file

    return structs.replace(
        design,
        sources=tuple(map(renamed, design.sources)),
        headers=tuple((name, renamed(header)) for name, header in design.headers),
        nearer=(),
    )


def _including(file: SourceFile, names: dict[str, str]) -> SourceFile:
    """A file that includes headers under other names, on the same lines."""

    def replaced(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return found[0].replace(name, names[name]) if name in names else found[0]

    return structs.replace(file, text=INCLUDE.sub(replaced, file.text))
