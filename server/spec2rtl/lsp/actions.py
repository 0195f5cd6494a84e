"""Code actions: repairs of the rules at once, of the reflector when resolved, results to accept."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types
from msgspec import structs

from spec2rtl.errors import Spec2rtlError
from spec2rtl.lsp import convert, wire
from spec2rtl.lsp.companions import kind, tests_for
from spec2rtl.lsp.delivery import workspace_edit
from spec2rtl.lsp.documents import Document, path_of
from spec2rtl.lsp.offers import Offer
from spec2rtl.lsp.reflect import headline, reflect
from spec2rtl.repair.edits import EditFailure, apply_edits
from spec2rtl.repair.rules import diagnose
from spec2rtl.rtl import Diagnostic
from spec2rtl.spec.comments import comment_at
from spec2rtl.spec.lint import lint, mends, with_sentence
from spec2rtl.spec.parse import parse
from spec2rtl.syntax.modules import modules

if TYPE_CHECKING:
    from spec2rtl.lsp.server import Server

FIX_ALL = "source.fixAll.spec2rtl"
QUICKFIX = types.CodeActionKind.QuickFix
REWRITE = types.CodeActionKind.RefactorRewrite
_ROUNDS = 5
"""Repairs made one after the other by "fix all": each may bring the next to light."""

Answer = list[types.CodeAction | types.Command]


async def actions(ls: "Server", params: types.CodeActionParams) -> Answer:
    """What can be done at a place."""
    document = ls.documents.get(params.text_document.uri)
    if document is None or document.path is None:
        return []
    path = document.path
    found = await _commands(ls, document, path, params.range)
    if not ls.client.action_literals:
        return [action.command for action in found if action.command]
    if kind(path) == "spec":
        found = [*await asyncio.to_thread(_settling, ls, document, path, params), *found]
    if kind(path) == "rtl":
        found = [*await _repairs(ls, document, path, params), *found]
    found = [*(_accept(ls, document, offer) for offer in ls.offers.at(path)), *found]
    only = params.context.only
    return [a for a in found if _wanted(a, only) and (ls.client.disabled_actions or not a.disabled)]


async def resolve(ls: "Server", action: types.CodeAction) -> types.CodeAction:
    """Ask the reflector now; where it has no repair that helps, say so."""
    uri = action.data
    if not isinstance(uri, str):
        return action
    proposals = await reflect(ls, wire.ReflectArgs(uri), None)
    path = path_of(uri)
    document = ls.documents.get(uri)
    if not proposals.proposals or path is None or document is None:
        ls.tell(f"Spec2RTL: {proposals.message or 'no repair was found'}")
        return action
    best = proposals.proposals[0]
    action.edit = workspace_edit(
        ls, path, document.source, best.rtl, f"{best.title}, by {best.by}", confirm=True
    )
    return action


def _wanted(action: types.CodeAction, only: Any) -> bool:
    of = action.kind or ""
    if only:
        return any(of == one or of.startswith(f"{one}.") for one in only)
    return True


# Repairs


async def _repairs(
    ls: "Server", document: Document, path: Path, params: types.CodeActionParams
) -> list[types.CodeAction]:
    checked = await ls.checker.compiled(path)
    errors = [d for d in (checked.iverilog if checked else None) or () if d.file == str(path)]
    errors = [d for d in errors if d.severity == "error"]
    here = [d for d in errors if _touches(d, params.range)]
    again = await _simulation(ls, document, path)
    found: list[types.CodeAction] = []
    for diagnostic in here:
        fixed = _ruled(document.source, path, [diagnostic])
        if fixed is None:
            continue
        cause, text = fixed
        found.append(
            types.CodeAction(
                title=f"Fix: {headline(cause)}",
                kind=QUICKFIX,
                diagnostics=_shown(params, diagnostic),
                edit=workspace_edit(ls, path, document.source, text, headline(cause)),
                command=again,
            )
        )
    if errors and _asked_for(params, FIX_ALL):
        found += await _fix_all(ls, document, path, errors)
    failing = [d for d in params.context.diagnostics if d.source in {"iverilog", "cocotb"}]
    if (here or failing) and (asking := await _ask(ls, document, path, params)):
        found.append(asking)
    return list({(a.title, a.kind): a for a in found}.values())


def _ruled(text: str, path: Path, errors: list[Diagnostic]) -> tuple[str, str] | None:
    """The cause of some errors, and the text with them mended, where the rules are certain."""
    held = [module.name for module in modules(text)]
    reflection = diagnose(
        text,
        errors,
        (),
        module=held[-1] if held else path.stem,
        language="systemverilog" if path.suffix == ".sv" else "verilog",
        spec=None,
    )
    if reflection is None or not reflection.edits:
        return None
    mended = apply_edits(text, reflection.edits)
    if isinstance(mended, EditFailure) or mended == text:
        return None
    return reflection.root_cause, mended


async def _fix_all(
    ls: "Server", document: Document, path: Path, errors: list[Diagnostic]
) -> list[types.CodeAction]:
    """All certain repairs as one edit, as long as each leaves fewer errors."""
    checked = await ls.checker.compiled(path)
    if checked is None or not ls.workspaces.trusted:
        return []
    try:
        tools = await ls.workspaces.tools(await ls.workspaces.settings(path))
        text, left = document.source, len(errors)
        for _ in range(_ROUNDS):
            fixed = _ruled(text, path, errors)
            if fixed is None:
                break
            sources = tuple(
                structs.replace(s, text=fixed[1]) if s.path == str(path) else s
                for s in checked.design.sources
            )
            report = await tools.compile(structs.replace(checked.design, sources=sources))
            now = [d for d in report.diagnostics if d.severity == "error"]
            if not report.ok and len(now) >= len(errors):
                break
            text, errors, left = fixed[1], [d for d in now if d.file == str(path)], len(now)
            if report.ok:
                break
    except Spec2rtlError:
        return []
    if text == document.source:
        return []
    evidence = f"{left} error{'s' if left != 1 else ''} left" if left else "compiles"
    title = f"Fix all that are certain ({evidence})"
    edit = workspace_edit(ls, path, document.source, text, title)
    return [types.CodeAction(title=title, kind=FIX_ALL, edit=edit)]


async def _ask(
    ls: "Server", document: Document, path: Path, params: types.CodeActionParams
) -> types.CodeAction | None:
    """The reflector's repair: asked for only when the action is chosen."""
    if not ls.workspaces.trusted:
        return None
    title = "Find a repair and try it"
    if ls.client.resolves_edits:
        return types.CodeAction(
            title=title,
            kind=QUICKFIX,
            diagnostics=list(params.context.diagnostics) or None,
            data=document.uri,
            command=await _simulation(ls, document, path),
        )
    command = types.Command(title, wire.REFLECT, arguments=[{"uri": document.uri}])
    return types.CodeAction(title=title, kind=QUICKFIX, command=command)


async def _simulation(ls: "Server", document: Document, path: Path) -> types.Command | None:
    """What follows an accepted repair, where there are tests."""
    if not ls.workspaces.trusted or not await tests_for(ls, path):
        return None
    return types.Command("Simulate", wire.SIMULATE, arguments=[{"uri": document.uri}])


def _asked_for(params: types.CodeActionParams, of: str) -> bool:
    only = params.context.only
    return not only or any(of == one or of.startswith(f"{one}.") for one in only)


def _touches(diagnostic: Diagnostic, area: types.Range) -> bool:
    return area.start.line <= diagnostic.end_line - 1 and diagnostic.line - 1 <= area.end.line


def _shown(params: types.CodeActionParams, one: Diagnostic) -> list[types.Diagnostic] | None:
    """The client's own words for a diagnostic."""
    same = [
        d
        for d in params.context.diagnostics
        if d.range.start.line == one.line - 1 and d.source == one.source
    ]
    return same or None


# Sentences for a spec


def _settling(
    ls: "Server", document: Document, path: Path, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """Sentences that settle what is unclear at a place of a spec."""
    spec = parse(document.source)
    found: list[types.CodeAction] = []
    for issue in lint(spec):
        if not params.range.start.line <= issue.line - 1 <= params.range.end.line:
            continue
        shown = [d for d in params.context.diagnostics if d.message == issue.message]
        for sentence in mends(spec, issue):
            after = with_sentence(document.source, issue, sentence)
            if after:
                title = f"Add: {sentence}"
                edit = workspace_edit(ls, path, document.source, after, title)
                found.append(types.CodeAction(title, QUICKFIX, shown or None, edit=edit))
    return found


# Results to accept


def _accept(ls: "Server", document: Document, offer: Offer) -> types.CodeAction:
    action = types.CodeAction(
        title=offer.title,
        kind=QUICKFIX if offer.quickfix else REWRITE,
        is_preferred=True if offer.verified and offer.quickfix else None,
    )
    if document.source == offer.after:
        action.disabled = types.CodeActionDisabled("it is applied already")
    elif document.source != offer.before:
        action.disabled = types.CodeActionDisabled("the file has changed since")
    else:
        assert document.path is not None
        action.edit = workspace_edit(ls, document.path, offer.before, offer.after, offer.title)
        action.command = types.Command("Simulate", wire.SIMULATE, arguments=[{"uri": document.uri}])
    return action


# Commands


async def _commands(
    ls: "Server", document: Document, path: Path, area: types.Range
) -> list[types.CodeAction]:
    of, uri = kind(path), document.uri
    if not ls.workspaces.trusted:
        return []
    if of == "spec":
        return [_command("Generate RTL", wire.GENERATE, {"uri": uri})]
    found: list[types.CodeAction] = []
    if of == "rtl":
        if comment_at(document.source, area.start.line + 1):
            given = {"uri": uri, "range": msgspec.to_builtins(convert.area(area))}
            found.append(_command("Generate RTL from this comment", wire.GENERATE, given))
        if await tests_for(ls, path):
            found.append(_command("Repair until tests pass", wire.REPAIR, {"uri": uri}))
        if wire.EDIT_RTL in ls.client.options.commands:
            given = {"uri": uri, "range": msgspec.to_builtins(convert.area(area))}
            found.append(_command("Edit RTL…", wire.EDIT_RTL, given))
    return found


def _command(title: str, name: str, argument: dict[str, Any]) -> types.CodeAction:
    command = types.Command(title, name, arguments=[argument])
    return types.CodeAction(title=title, kind=REWRITE, command=command)
