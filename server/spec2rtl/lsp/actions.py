"""Code actions: repairs of the rules at once, of the reflector when resolved, results to accept."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from lsprotocol import types
from msgspec import structs

from spec2rtl.errors import Spec2rtlError
from spec2rtl.lsp import convert, wire
from spec2rtl.lsp.companions import kind, tests_for
from spec2rtl.lsp.delivery import workspace_edit
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.offers import Offer
from spec2rtl.lsp.reflect import headline, reflect, tried
from spec2rtl.lsp.server import Server
from spec2rtl.repair.edits import EditFailure, apply_edits
from spec2rtl.repair.rules import diagnose
from spec2rtl.rtl import Design, Diagnostic
from spec2rtl.spec.comments import comment_at
from spec2rtl.spec.lint import lint, mends, with_sentence
from spec2rtl.spec.parse import parse
from spec2rtl.syntax.dialect import SYSTEMVERILOG
from spec2rtl.syntax.modules import modules

FIX_ALL = "source.fixAll.spec2rtl"
QUICKFIX = types.CodeActionKind.QuickFix
REWRITE = types.CodeActionKind.RefactorRewrite
_ROUNDS = 5
"""Repairs made one after the other by "fix all": each may bring the next to light."""

Answer = list[types.CodeAction | types.Command]


async def actions(ls: Server, document: Document, params: types.CodeActionParams) -> Answer:
    """What can be done at a place."""
    path = document.path
    found = await _commands(ls, document, params.range)
    if not ls.client.action_literals:
        return [action.command for action in found if action.command]
    if kind(path) == "spec":
        found = [*await asyncio.to_thread(_settling, ls, document, params), *found]
    if kind(path) == "rtl":
        found = [*await _repairs(ls, document, params), *found]
    found = [*(_accept(ls, document, offer) for offer in ls.offers.at(path)), *found]
    shown = (a for a in found if ls.client.disabled_actions or not a.disabled)
    return [a for a in shown if _wanted(params, a.kind or "")]


async def resolve(ls: Server, action: types.CodeAction) -> types.CodeAction:
    """Ask the reflector now; where it has no repair that helps, say so."""
    uri = action.data
    if not isinstance(uri, str):
        return action
    proposals = await reflect(ls, wire.ReflectArgs(uri), None)
    document = ls.documents.get(uri)
    if not proposals.proposals or document is None:
        ls.tell(f"Spec2RTL: {proposals.message or 'no repair was found'}")
        return action
    best = proposals.proposals[0]
    action.edit = workspace_edit(
        ls, document.path, document.source, best.rtl, f"{best.title}, by {best.by}", confirm=True
    )
    return action


def _wanted(params: types.CodeActionParams, of: str) -> bool:
    """Does the client want actions of a kind?"""
    only = params.context.only
    return not only or any(of == one or of.startswith(f"{one}.") for one in only)


# Repairs


async def _repairs(
    ls: Server, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    path = document.path
    checked = await ls.checker.compiled(path)
    said = [*(checked.iverilog or ()), *(checked.lint or ())] if checked else []
    said = [d for d in said if d.file == str(path)]
    errors = [d for d in said if d.severity == "error"]
    here = [d for d in errors if _touches(d, params.range)]
    foreign = [d for d in said if d.code == SYSTEMVERILOG and _touches(d, params.range)]
    again = await _simulation(ls, document)
    found: list[types.CodeAction] = []
    for diagnostic in (*here, *foreign):
        fixed = _ruled(document.source, path, [diagnostic])
        evidence = fixed and await tried(ls, path, document.uri, fixed[1])
        if fixed and evidence:
            cause, (words, verified) = headline(fixed[0]), evidence
            fix = _change(ls, document, f"Fix: {cause} ({words})", fixed[1], label=cause)
            fix.diagnostics, fix.command = _shown(params, diagnostic), again
            fix.is_preferred = verified or None
            found.append(fix)
    if errors and checked and _wanted(params, FIX_ALL):
        found += await _fix_all(ls, document, checked.design, errors)
    failing = [d for d in params.context.diagnostics if d.source in {"iverilog", "cocotb"}]
    if (here or failing) and (asking := await _ask(ls, document, params)):
        found.append(asking)
    return list({(a.title, a.kind): a for a in found}.values())


def _ruled(text: str, path: Path, found: list[Diagnostic]) -> tuple[str, str] | None:
    """The cause of what was found, and the text with it mended, where the rules are certain."""
    held = [module.name for module in modules(text)]
    reflection = diagnose(
        text,
        found,
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
    ls: Server, document: Document, design: Design, errors: list[Diagnostic]
) -> list[types.CodeAction]:
    """All certain repairs as one edit, as long as each leaves fewer errors."""
    path = document.path
    try:
        tools = await ls.workspaces.tools(await ls.workspaces.settings(path))
        text = document.source
        for _ in range(_ROUNDS):
            fixed = _ruled(text, path, errors)
            if fixed is None:
                break
            sources = tuple(
                structs.replace(s, text=fixed[1]) if s.path == str(path) else s
                for s in design.sources
            )
            report = await tools.compile(structs.replace(design, sources=sources))
            now = [d for d in report.diagnostics if d.severity == "error"]
            if not report.ok and len(now) >= len(errors):
                break
            text, errors = fixed[1], [d for d in now if d.file == str(path)]
            if report.ok:
                break
    except Spec2rtlError:
        return []
    evidence = text != document.source and await tried(ls, path, document.uri, text)
    if not evidence:
        return []
    title = f"Fix all that are certain ({evidence[0]})"
    return [_change(ls, document, title, text, kind=FIX_ALL)]


def _change(
    ls: Server,
    document: Document,
    title: str,
    after: str,
    *,
    kind: str = QUICKFIX,
    label: str | None = None,
) -> types.CodeAction:
    """The action that makes a document's text another one."""
    edit = workspace_edit(ls, document.path, document.source, after, label or title)
    return types.CodeAction(title, kind, edit=edit)


async def _ask(
    ls: Server, document: Document, params: types.CodeActionParams
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
            command=await _simulation(ls, document),
        )
    return _command(title, wire.REFLECT, {"uri": document.uri}, kind=QUICKFIX)


async def _simulation(ls: Server, document: Document) -> types.Command | None:
    """What follows an accepted repair, where there are tests."""
    if not ls.workspaces.trusted or not await tests_for(ls, document.path):
        return None
    return types.Command("Simulate", wire.SIMULATE, arguments=[{"uri": document.uri}])


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
    ls: Server, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """Sentences that settle what is unclear at a place of a spec."""
    spec = parse(document.source)
    found: list[types.CodeAction] = []
    for issue in lint(spec):
        if not params.range.start.line <= issue.line - 1 <= params.range.end.line:
            continue
        shown = [d for d in params.context.diagnostics if d.message == issue.message]
        for sentence in mends(spec, issue):
            if after := with_sentence(document.source, issue, sentence):
                mend = _change(ls, document, f"Add: {sentence}", after)
                mend.diagnostics = shown or None
                found.append(mend)
    return found


# Results to accept


def _accept(ls: Server, document: Document, offer: Offer) -> types.CodeAction:
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
        action.edit = workspace_edit(ls, document.path, offer.before, offer.after, offer.title)
        action.command = types.Command("Simulate", wire.SIMULATE, arguments=[{"uri": document.uri}])
    return action


# Commands


async def _commands(ls: Server, document: Document, area: types.Range) -> list[types.CodeAction]:
    of, given = kind(document.path), {"uri": document.uri}
    if not ls.workspaces.trusted or of not in {"spec", "rtl"}:
        return []
    if of == "spec":
        return [_command("Generate RTL", wire.GENERATE, given)]
    found: list[types.CodeAction] = []
    here = given | {"range": msgspec.to_builtins(convert.area(area))}
    if comment_at(document.source, area.start.line + 1):
        found.append(_command("Generate RTL from this comment", wire.GENERATE, here))
    if await tests_for(ls, document.path):
        found.append(_command("Repair until tests pass", wire.REPAIR, given))
    if wire.EDIT_RTL in ls.client.options.commands:
        found.append(_command("Edit RTL…", wire.EDIT_RTL, here))
    return found


def _command(
    title: str, name: str, argument: dict[str, Any], *, kind: str = REWRITE
) -> types.CodeAction:
    command = types.Command(title, name, arguments=[argument])
    return types.CodeAction(title, kind, command=command)
