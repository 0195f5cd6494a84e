"""Document symbols: modules, packages and interfaces with their names; what a spec asks for."""

import asyncio

import msgspec
from lsprotocol import types

from spec2rtl.lsp.analysis import declared_text, port_text
from spec2rtl.lsp.companions import kind
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.text import Text
from spec2rtl.lsp.units import Unit, units
from spec2rtl.spec.parse import parse
from spec2rtl.syntax.modules import Module, modules
from spec2rtl.syntax.scope import Declaration, Scope, scope_of

Symbols = list[types.DocumentSymbol]

_UNITS = {
    "package": types.SymbolKind.Package,
    "interface": types.SymbolKind.Interface,
    "program": types.SymbolKind.Module,
}
_DECLARES = {
    "port": types.SymbolKind.Interface,
    "constant": types.SymbolKind.Constant,
    "type": types.SymbolKind.Struct,
    "function": types.SymbolKind.Function,
    "modport": types.SymbolKind.Interface,
    "variable": types.SymbolKind.Variable,
}


async def symbols(ls: Server, document: Document, _: types.DocumentSymbolParams) -> msgspec.Raw:
    """What a document holds; as a plain list where the client knows no tree."""

    def find() -> msgspec.Raw:
        of = {"rtl": _of_rtl, "spec": _of_spec}.get(kind(document.path) or "")
        found = of(document) if of else []
        return ls.protocol.written(found if ls.client.symbol_trees else _listed(document, found))

    return await asyncio.to_thread(find)


def _listed(document: Document, found: Symbols) -> list[types.SymbolInformation]:
    return [
        types.SymbolInformation(types.Location(document.uri, one.range), one.name, one.kind)
        for top in found
        for one in (top, *(top.children or ()))
    ]


def _of_rtl(document: Document) -> Symbols:
    found = [_module(document, module) for module in modules(document.source)]
    found += [_unit(document.text, unit) for unit in units(document.source)]
    return sorted(found, key=lambda one: _order(one.range.start))


def _unit(text: Text, unit: Unit) -> types.DocumentSymbol:
    children: Symbols = []
    for member in unit.members:
        area = text.range(member.start, member.start + len(member.name))
        kind = _DECLARES[member.declares]
        children.append(types.DocumentSymbol(member.name, kind, area, area, detail=member.words))
    return types.DocumentSymbol(
        name=unit.name,
        kind=_UNITS[unit.kind],
        range=text.range(unit.start, unit.end),
        selection_range=text.range(unit.named, unit.named + len(unit.name)),
        children=children,
    )


def _module(document: Document, module: Module) -> types.DocumentSymbol:
    inner = scope_of(document.source, module)
    children = [
        _declared(document.text, inner, found[0])
        for found in inner.declarations.values()
        if found[0].name
    ]
    area = document.text.range(module.start, module.end)
    name = document.text.range(module.start, module.header_end)
    return types.DocumentSymbol(
        name=module.name or "(unnamed)",
        kind=types.SymbolKind.Module,
        range=area,
        selection_range=types.Range(name.start, min(name.end, area.end, key=_order)),
        children=sorted(children, key=lambda child: _order(child.range.start)),
    )


def _declared(text: Text, inner: Scope, declared: Declaration) -> types.DocumentSymbol:
    token = inner.tokens[declared.at]
    area = text.range(token.start, token.end)
    return types.DocumentSymbol(
        name=declared.name,
        detail=declared_text(inner, declared),
        kind=_kind(declared),
        range=area,
        selection_range=area,
    )


def _kind(declared: Declaration) -> types.SymbolKind:
    if declared.direction:
        return types.SymbolKind.Interface
    if declared.constant:
        return types.SymbolKind.Constant
    return types.SymbolKind.Variable


def _of_spec(document: Document) -> Symbols:
    spec = parse(document.source)
    found = [_line(document.text, p.line, port_text(p), "port") for p in spec.ports if p.line]
    found += [
        _line(document.text, r.line, " ".join(r.text.split())[:80], "requirement")
        for r in spec.requirements
    ]
    return found


def _line(text: Text, line: int, name: str, detail: str) -> types.DocumentSymbol:
    area = types.Range(text.place(line, 1), text.place(line, len(text.line(line - 1)) + 1))
    of = types.SymbolKind.Interface if detail == "port" else types.SymbolKind.String
    return types.DocumentSymbol(name=name, detail=detail, kind=of, range=area, selection_range=area)


def _order(position: types.Position) -> tuple[int, int]:
    return position.line, position.character
