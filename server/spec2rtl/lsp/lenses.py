"""Code lenses: what can be done with a spec, a spec comment or a module, one click away."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from lsprotocol import types

from spec2rtl.errors import Spec2rtlError
from spec2rtl.lsp import convert, wire
from spec2rtl.lsp.companions import kind, rtl_of, spec_of, tests_for
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.journal import in_journal
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.specs import states
from spec2rtl.spec.frontmatter import read as read_front_matter
from spec2rtl.syntax.modules import modules


async def lenses(ls: Server, document: Document, _: types.CodeLensParams) -> list[types.CodeLens]:
    """The lenses of a document; where nothing may be run, their commands say so."""
    of = {"spec": _of_spec, "rtl": _of_rtl}.get(kind(document.path) or "")
    return await of(ls, document) if of else []


async def _of_spec(ls: Server, document: Document) -> list[types.CodeLens]:
    path = document.path
    head = read_front_matter(document.source)
    line = max(head.first_line - 1, 0)
    given = {"uri": document.uri}
    found = [_lens(line, "▷ Generate RTL", wire.GENERATE, given)]
    known = next(iter(await states(ls, path)), None)
    if known:
        found += _update(line, known, given)
    if rtl_of(path) and await tests_for(ls, path):
        found.append(_lens(line, "Simulate", wire.SIMULATE, given))
    if known and known.last_run:
        found += _last_run(ls, line, known.last_run)
    return found


def _update(line: int, known: wire.SpecState, given: dict[str, Any]) -> list[types.CodeLens]:
    if not known.outdated:
        return []
    return [_lens(line, f"Update RTL: {known.difference}", wire.UPDATE, given)]


async def _of_rtl(ls: Server, document: Document) -> list[types.CodeLens]:
    given = {"uri": document.uri}
    found: list[types.CodeLens] = []
    for known in await states(ls, document.path):
        assert known.range  # of a comment
        line, at = known.range.start.line, given | {"range": msgspec.to_builtins(known.range)}
        found.append(_lens(line, "▷ Generate RTL", wire.GENERATE, at))
        found += _update(line, known, at)
    held = await asyncio.to_thread(modules, document.source)
    tests = await tests_for(ls, document.path)
    edits = wire.EDIT_RTL in ls.client.options.commands
    for index, module in enumerate(held):
        line = module.line - 1
        if tests and index == 0:
            found.append(_lens(line, "Repair until tests pass", wire.REPAIR, given))
            found.append(_lens(line, "Simulate", wire.SIMULATE, given))
        if edits:
            area = msgspec.to_builtins(convert.area(document.text.range(module.start, module.end)))
            found.append(_lens(line, "Edit RTL…", wire.EDIT_RTL, given | {"range": area}))
    if held:
        found += await _rtl_run(ls, document.path, held[0].line - 1)
    return found


async def _rtl_run(ls: Server, path: Path, line: int) -> list[types.CodeLens]:
    try:
        title = str(spec_of(path) or path)
        runs = await in_journal(lambda journal: journal.runs(1, title=title))
    except Spec2rtlError:
        return []
    return _last_run(ls, line, runs[0].run_id) if runs else []


def _last_run(ls: Server, line: int, run_id: str) -> list[types.CodeLens]:
    if wire.SHOW_RUN not in ls.client.options.commands:
        return []
    return [_lens(line, "Show last run", wire.SHOW_RUN, {"run_id": run_id})]


def _lens(line: int, title: str, command: str, argument: dict[str, Any]) -> types.CodeLens:
    place = types.Position(line, 0)
    return types.CodeLens(
        types.Range(place, place), types.Command(title, command, arguments=[argument])
    )
