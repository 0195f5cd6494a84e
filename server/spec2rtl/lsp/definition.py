"""Go to definition: across files, and between the RTL and the line of its spec."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types

from spec2rtl.errors import Spec2rtlError
from spec2rtl.lsp.analysis import modules_of, scope_at, word_at
from spec2rtl.lsp.companions import kind, rtl_of, spec_of
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.hover import connected_port, find_module
from spec2rtl.lsp.index import included
from spec2rtl.lsp.server import Server
from spec2rtl.spec.parse import parse


async def definition(
    ls: Server, document: Document, params: types.DefinitionParams
) -> list[types.Location]:
    """Where the name at a place comes from."""
    offset = document.text.offset(params.position)
    find = _from_spec if kind(document.path) == "spec" else _from_rtl
    return await asyncio.to_thread(lambda: list(find(ls, document, offset)))


def _from_rtl(ls: Server, document: Document, offset: int) -> Iterator[types.Location]:
    path, text = document.path, document.source
    if header := _included(ls, document, offset):
        yield types.Location(ls.documents.uri(header), types.Range(_START, _START))
        return
    word = word_at(text, offset)
    if word is None:
        return
    if connected := connected_port(ls, document, offset):
        (file, _), port = connected
        yield from _at(ls, file, port.line, port.name)
        return
    scope = scope_at(text, offset)
    for declared in scope.declarations.get(word.text, ()) if scope else ():
        assert scope is not None
        token = scope.tokens[declared.at]
        area = document.text.range(token.start, token.end)
        yield types.Location(document.uri, area)
    if scope and any(p.name == word.text for p in scope.module.interface.ports):
        yield from _in_spec(ls, path, word.text)
    local = scope is not None and word.text in scope.declarations
    if not local and (found := find_module(ls, word.text, document)):
        yield from _at(ls, found[0], found[1].line, word.text)


def _in_spec(ls: Server, path: Path, name: str) -> Iterator[types.Location]:
    spec = spec_of(path)
    text = ls.documents.peek(spec) if spec else None
    for port in parse(text).ports if text else ():
        if spec and port.name == name and port.line:
            yield from _at(ls, spec, port.line, name)


def _from_spec(ls: Server, document: Document, offset: int) -> Iterator[types.Location]:
    word, rtl = word_at(document.source, offset), rtl_of(document.path)
    if word is None or rtl is None:
        return
    for module in modules_of(ls.documents.peek(rtl) or ""):
        if module.name == word.text:
            yield from _at(ls, rtl, module.line, module.name)
        for port in module.interface.ports:
            if port.name == word.text:
                yield from _at(ls, rtl, port.line, port.name)


def _included(ls: Server, document: Document, offset: int) -> Path | None:
    line = document.text.line(document.text.position(offset).line)
    for name in included(line):
        beside = document.path.parent / name
        return beside if beside.is_file() else ls.index.header(name, document.path)
    return None


def _at(ls: Server, path: Path, line: int, name: str) -> Iterator[types.Location]:
    """The name on a line of a file; its first occurrence there."""
    try:
        text = ls.documents.text(path)
    except Spec2rtlError:
        return
    match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text.line(line - 1))
    start, end = match.span() if match else (0, 0)
    area = types.Range(text.place(line, start + 1), text.place(line, end + 1))
    yield types.Location(ls.documents.uri(path), area)


_START = types.Position(0, 0)
