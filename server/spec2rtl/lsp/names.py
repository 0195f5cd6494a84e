"""What the name at a place stands for: where that is declared, and in what words."""

import re
from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types
from msgspec import Struct

from spec2rtl.eda.includes import header_of
from spec2rtl.errors import Spec2rtlError
from spec2rtl.lsp.analysis import (
    Word,
    connection_at,
    declared_text,
    local_at,
    name_at,
    port_text,
    port_texts,
    scope_at,
    sized,
    word_at,
)
from spec2rtl.lsp.companions import kind, rtl_of, spec_of
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.skim import declared, included
from spec2rtl.lsp.units import Unit, members, units
from spec2rtl.rtl import Parameter, Port
from spec2rtl.spec.parse import parse
from spec2rtl.syntax.constants import parameter_values, width
from spec2rtl.syntax.modules import Module, modules
from spec2rtl.syntax.scope import Scope, scope_of

_START = types.Position(0, 0)


class Found(Struct, frozen=True):
    """A declaration: where its name is, and its words; none of an included file and a spec's line."""

    location: types.Location
    words: str = ""


def meant(ls: Server, document: Document, offset: int) -> Iterator[Found]:
    """What the name at a place stands for, the nearest first."""
    find = _from_spec if kind(document.path) == "spec" else _from_rtl
    return find(ls, document, offset)


def find_module(ls: Server, name: str, document: Document) -> tuple[Path, Scope] | None:
    """A module of that name: in the document, else in its design, else in the workspace."""
    for file, text in _declaring(ls, name, document):
        for one in modules(text):
            if one.name == name:
                return file, scope_of(text, one)
    return None


def _find_unit(ls: Server, name: str, document: Document) -> tuple[Path, Unit] | None:
    """The same for a package, an interface or a program."""
    found = ((file, one) for file, text in _declaring(ls, name, document) for one in units(text))
    return next(((file, one) for file, one in found if one.name == name), None)


def _declaring(ls: Server, name: str, document: Document) -> Iterator[tuple[Path, str]]:
    """The files that may declare a name for all, the nearest to the document first."""
    yield document.path, document.source
    design = ls.checker.design(document.path)
    files = [
        Path(source.path)
        for source in (design.sources if design else ())
        if name in source.text and name in declared(source.text)
    ]
    if near := ls.index.locate(name, document.path):
        files.append(near)
    for file in files:
        if text := ls.documents.peek(file):
            yield file, text


def _from_rtl(ls: Server, document: Document, offset: int) -> Iterator[Found]:
    text = document.source
    if header := _included(ls, document, offset):
        yield Found(types.Location(ls.documents.uri(header), types.Range(_START, _START)))
    name = name_at(text, offset)
    if name is None:
        return
    if name.behind == "`":
        yield from _macro(ls, document, name.word.text)
    elif name.behind == ".":
        yield from _connected(ls, document, name.word)
    elif name.behind == "::":
        yield from _in_package(ls, document, name.of, name.word.text)
    else:
        yield from _alone(ls, document, name.word)


def _alone(ls: Server, document: Document, word: Word) -> Iterator[Found]:
    """What a name that stands alone is: of the function, the module or the workspace around it."""
    scope = scope_at(document.source, word.start)
    if scope and (local := local_at(scope, word.start, word.text)):
        token, words = local
        place = document.text.range(token.start, token.end)
        yield Found(types.Location(document.uri, place), words)
        return
    own = scope.declarations.get(word.text, ()) if scope else ()
    port = scope and next((p for p in scope.module.interface.ports if p.name == word.text), None)
    for one in own:
        assert scope is not None
        token = scope.tokens[one.at]
        place = types.Location(document.uri, document.text.range(token.start, token.end))
        bits = _bits(port, scope.module) if port and one.direction and sized(scope, one) else ""
        yield Found(place, declared_text(scope, one) + bits)
    if port:
        yield from _in_spec(ls, document.path, port.name)
    if not own:
        yield from _of_all(ls, document, word)


def _of_all(ls: Server, document: Document, word: Word) -> Iterator[Found]:
    """A module, a package or an interface, or what one of the latter declares."""
    name = word.text
    around = [u for u in units(document.source) if u.start <= word.start < u.end]
    if own := [m for u in around for m in u.members if m.name == name]:
        for member in own:
            yield from _span(ls, document.path, member.start, name, member.words)
    elif found := find_module(ls, name, document):
        yield from _at(ls, found[0], found[1].module.line, name, _header(found[1]))
    elif unit := _find_unit(ls, name, document):
        yield from _span(ls, unit[0], unit[1].named, name, unit[1].words)
    else:
        imported = re.compile(rf"\b([A-Za-z_]\w*)\s*::\s*(?:\*|{re.escape(name)}\b)")
        for package in dict.fromkeys(imported.findall(document.source)):
            yield from _in_package(ls, document, package, name)
        yield from _in_headers(ls, document, document.path, name)


def _in_package(ls: Server, document: Document, package: str, name: str) -> Iterator[Found]:
    if found := _find_unit(ls, package, document):
        file, unit = found
        for member in unit.members:
            if member.name == name:
                words = f"{member.words}  // of {package}"
                yield from _span(ls, file, member.start, name, words)
        yield from _in_headers(ls, document, file, name)


def _in_headers(ls: Server, document: Document, reader: Path, name: str) -> Iterator[Found]:
    """What a file has from those that it includes."""
    for path, text in _reached(ls, document, reader):
        if path != reader and name in text:
            for member in members(text):
                if member.name == name:
                    yield from _span(ls, path, member.start, name, member.words)


def _connected(ls: Server, document: Document, word: Word) -> Iterator[Found]:
    """The port or the parameter of an instance's module that `.NAME` names."""
    connection = connection_at(document.source, word)
    found = find_module(ls, connection[0], document) if connection else None
    if connection is None or found is None:
        return
    file, scope = found
    parameters = ((p, f"parameter {_value(p)}") for p in scope.module.interface.parameters)
    for one, words in parameters if connection[1] else port_texts(scope):
        if one.name == word.text:
            yield from _at(ls, file, one.line, one.name, f"{words}  // of {scope.module.name}")


def _macro(ls: Server, document: Document, name: str) -> Iterator[Found]:
    """Where a macro is defined: in the file and what it includes, in its design or elsewhere."""
    define = re.compile(rf"^[ \t]*`define[ \t]+({re.escape(name)})(?![\w$]).*", re.MULTILINE)

    def defined(path: Path, text: str) -> Iterator[Found]:
        for match in define.finditer(text):
            yield from _span(ls, path, match.start(1), name, match[0].strip())

    reached = dict(_reached(ls, document, document.path))
    found = [one for path, text in reached.items() for one in defined(path, text)]
    design = None if found else ls.checker.design(document.path)
    if design:
        for file in (*design.sources, *(header for _, header in design.headers)):
            found += defined(Path(file.path), file.text)
    elsewhere = [] if found else ls.index.defining(name, document.path)[:1]
    for path in elsewhere:
        found += defined(path, ls.documents.peek(path) or "")
    yield from found


def _reached(ls: Server, document: Document, reader: Path) -> Iterator[tuple[Path, str]]:
    """A file of a document's design and all that it includes."""
    pending, seen = [reader], set[Path]()
    while pending:
        path = pending.pop(0)
        text = ls.documents.peek(path)
        if path not in seen and text is not None:
            seen.add(path)
            yield path, text
            headers = (_header_file(ls, document, path, header) for header in included(text))
            pending += [header for header in headers if header]


def _in_spec(ls: Server, path: Path, name: str) -> Iterator[Found]:
    spec = spec_of(path)
    text = ls.documents.peek(spec) if spec else None
    for port in parse(text).ports if text else ():
        if spec and port.name == name:
            yield from _at(ls, spec, port.line, name)


def _from_spec(ls: Server, document: Document, offset: int) -> Iterator[Found]:
    word, rtl = word_at(document.source, offset), rtl_of(document.path)
    if word is None:
        return
    text = (rtl and ls.documents.peek(rtl)) or ""
    held = [scope_of(text, module) for module in modules(text)]
    code = [(s.module.line, _header(s)) for s in held if s.module.name == word.text]
    ported = (one for scope in held for one in port_texts(scope))
    code += [(port.line, words) for port, words in ported if port.name == word.text]
    if not code:
        rtl, ports = document.path, parse(document.source).ports
        code = [(port.line, port_text(port)) for port in ports if port.name == word.text]
    for line, words in code:
        if rtl:
            yield from _at(ls, rtl, line, word.text, words)


def _included(ls: Server, document: Document, offset: int) -> Path | None:
    line = document.text.line(document.text.position(offset).line)
    named = included(line)
    return next((_header_file(ls, document, document.path, name) for name in named), None)


def _header_file(ls: Server, document: Document, reader: Path, name: str) -> Path | None:
    """What a file of a document's design includes by a name."""
    design = ls.checker.design(document.path)
    known = header_of(design, str(reader), name) if design else None
    return Path(known.path) if known else ls.index.header(name, reader)


def _at(ls: Server, path: Path, line: int | None, name: str, words: str = "") -> Iterator[Found]:
    """The name on a line of a file; its first occurrence there."""
    try:
        text = ls.documents.text(path)
    except Spec2rtlError:
        return
    if line is None:
        return
    match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text.line(line - 1))
    start, end = match.span() if match else (0, 0)
    area = types.Range(text.place(line, start + 1), text.place(line, end + 1))
    yield Found(types.Location(ls.documents.uri(path), area), words)


def _span(ls: Server, path: Path, start: int, name: str, words: str) -> Iterator[Found]:
    """The name at an offset of a file."""
    try:
        area = ls.documents.text(path).range(start, start + len(name))
    except Spec2rtlError:
        return
    yield Found(types.Location(ls.documents.uri(path), area), words)


def _bits(port: Port, module: Module) -> str:
    bits = width(port, parameter_values(module.interface.parameters))
    return f"  // {bits} bit{'s' if bits != 1 else ''}" if bits else ""


def _header(scope: Scope) -> str:
    module = scope.module
    ports = ",\n".join(f"  {words}" for _, words in port_texts(scope))
    values = ", ".join(_value(p) for p in module.interface.parameters)
    parameters = f" #({values})" if values else ""
    return f"module {module.name}{parameters} (\n{ports}\n);"


def _value(parameter: Parameter) -> str:
    return f"{parameter.name} = {parameter.default}" if parameter.default else parameter.name
