"""Hover: a name's declaration and width, and what the spec says of it."""

import asyncio
import re
from pathlib import Path

from lsprotocol import types

from spec2rtl.lsp.analysis import (
    declared_text,
    instance_at,
    modules_of,
    port_text,
    scope_at,
    word_at,
)
from spec2rtl.lsp.companions import kind, rtl_of, spec_of
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.server import Server
from spec2rtl.rtl import Port
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse
from spec2rtl.syntax.constants import parameter_values, width
from spec2rtl.syntax.modules import Module

SENTENCES = 5
"""Of the spec, at most."""


async def hover(ls: Server, document: Document, params: types.HoverParams) -> types.Hover | None:
    """What is known of the name at a place."""
    offset = document.text.offset(params.position)
    found = await asyncio.to_thread(_describe, ls, document, offset)
    if found is None:
        return None
    text, start, end = found
    markup = types.MarkupContent(types.MarkupKind.Markdown, text)
    return types.Hover(markup, document.text.range(start, end))


def _describe(ls: Server, document: Document, offset: int) -> tuple[str, int, int] | None:
    word = word_at(document.source, offset)
    if word is None:
        return None
    if kind(document.path) == "spec":
        spec, rtl = parse(document.source), rtl_of(document.path)
        code = _port_of_rtl(ls, rtl, word.text) if rtl else None
        code = code or next((port_text(p) for p in spec.ports if p.name == word.text), None)
    else:
        code = _declaration(ls, document, word.text, offset)
        companion = spec_of(document.path)
        text = ls.documents.peek(companion) if companion else None
        spec = None if text is None else parse(text)
    said = sentences(spec, word.text) if spec else []
    if code is None:
        return None
    parts = [f"```verilog\n{code}\n```", *(f"- {sentence}" for sentence in said)]
    return "\n".join(parts), word.start, word.end


def _declaration(ls: Server, document: Document, name: str, offset: int) -> str | None:
    text = document.source
    if port_of := connected_port(ls, document, offset):
        file_module, port = port_of
        return f"{port_text(port)}  // of {file_module[1].name}"
    scope = scope_at(text, offset)
    if scope and (declared := scope.declarations.get(name)):
        lines = dict.fromkeys(declared_text(scope, one) for one in declared)
        port = next((p for p in scope.module.interface.ports if p.name == name), None)
        bits = _bits(port, scope.module) if port else ""
        return "\n".join(lines) + bits
    module = find_module(ls, name, document)
    return _header(module[1]) if module else None


def connected_port(
    ls: Server, document: Document, offset: int
) -> tuple[tuple[Path, Module], Port] | None:
    """The port that `.NAME(` in an instantiation names, with its module and that one's file."""
    word = word_at(document.source, offset)
    instance = instance_at(document.source, offset)
    if word is None or instance is None or document.source[word.start - 1 : word.start] != ".":
        return None
    found = find_module(ls, instance.module, document)
    if found is None:
        return None
    port = next((p for p in found[1].interface.ports if p.name == word.text), None)
    return (found, port) if port else None


def _bits(port: Port, module: Module) -> str:
    bits = width(port, parameter_values(module.interface.parameters))
    return f"  // {bits} bit{'s' if bits != 1 else ''}" if bits else ""


def _header(module: Module) -> str:
    ports = ",\n".join(f"  {port_text(p)}" for p in module.interface.ports)
    values = [
        f"{p.name} = {p.default}" if p.default else p.name for p in module.interface.parameters
    ]
    parameters = f" #({', '.join(values)})" if values else ""
    return f"module {module.name}{parameters} (\n{ports}\n);"


def find_module(ls: Server, name: str, document: Document) -> tuple[Path, Module] | None:
    """A module of that name: in the document, else in the workspace."""
    own = next((m for m in modules_of(document.source) if m.name == name), None)
    if own:
        return document.path, own
    file = ls.index.locate(name, document.path)
    text = ls.documents.peek(file) if file else None
    found = next((m for m in modules_of(text or "") if m.name == name), None)
    return (file, found) if file and found else None


def _port_of_rtl(ls: Server, rtl: Path, name: str) -> str | None:
    text = ls.documents.peek(rtl) or ""
    ports = (p for m in modules_of(text) for p in m.interface.ports)
    return next((port_text(p) for p in ports if p.name == name), None)


def sentences(spec: Spec, name: str) -> list[str]:
    """What a spec says of a name."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    said = [p.description for p in spec.ports if p.name == name and p.description]
    said += [r.text for r in spec.requirements if word.search(r.text)]
    return [" ".join(text.split()) for text in dict.fromkeys(said)][:SENTENCES]
