"""Code actions: repairs of the rules at once, of the reflector when resolved, results to accept."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import msgspec
from lsprotocol import types
from msgspec import Struct

from spec2rtl.lsp import convert, wire
from spec2rtl.lsp.companions import kind, tests_for
from spec2rtl.lsp.delivery import workspace_edit
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.evidence import Evidence
from spec2rtl.lsp.fixes import PATIENCE_SECONDS, Repair
from spec2rtl.lsp.offers import Offer
from spec2rtl.lsp.reflect import reflect
from spec2rtl.lsp.server import Server
from spec2rtl.rtl import Diagnostic, digest
from spec2rtl.spec.comments import comment_at
from spec2rtl.spec.lint import lint, mends, with_sentence
from spec2rtl.spec.parse import parse

FIX_ALL = "source.fixAll.spec2rtl"
QUICKFIX = types.CodeActionKind.QuickFix
REWRITE = types.CodeActionKind.RefactorRewrite
MENU_SECONDS = 0.3
"""What a menu waits for the compiler."""

_T = TypeVar("_T")

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
    """Try the repair that was chosen, or ask the reflector for one; say so where none helps."""
    try:
        chosen = msgspec.json.decode(str(action.data), type=_Choice)
    except msgspec.DecodeError:
        return action
    document = ls.documents.get(chosen.uri)
    if document is None:
        return action
    find = _tried(ls, document, chosen, action.title) if chosen.text else _reflected(ls, document)
    after, why = await find
    now = ls.documents.get(chosen.uri)
    if now is None or now.source != document.source:
        kept = "it is offered there again" if after else "choose it again"
        after, why = (
            None,
            f"{document.path.name} changed meanwhile: nothing was put into it: {kept}",
        )
    if after is None:
        ls.tell(f"Spec2RTL: {why}")
        return action
    action.edit = workspace_edit(
        ls, document.path, document.source, after, why, confirm=not chosen.text
    )
    return action


class _Choice(Struct, frozen=True):
    """What an action without an edit is for: a repair of the text with a digest, by its number.

    `text` None: the reflector's.
    """

    uri: str
    text: str | None = None
    repair: int = 0


async def _tried(
    ls: Server, document: Document, chosen: _Choice, title: str
) -> tuple[str | None, str]:
    """The text with a repair made, and what was found out of it; None: why there is none."""
    checked = await ls.checker.compiled(document.path)
    if checked is None or digest(document.source) != chosen.text:
        return None, f"{document.path.name} changed meanwhile: choose the repair again"
    repair = dict(enumerate(await ls.fixes.of(document.path, checked))).get(chosen.repair)
    if repair and repair.title == title:  # else they are other ones by now
        await repair.settle(patience=PATIENCE_SECONDS)
        words = repair.evidence.words if repair.evidence else "still being tried"
        if repair.evidence or not repair.tried:
            return repair.after, f"{repair.title} ({words})"
    return None, f"{document.path.name}: the repair could not be tried, or does not help"


async def _reflected(ls: Server, document: Document) -> tuple[str | None, str]:
    """The same of what the reflector proposes."""
    answer = await reflect(ls, wire.RepairArgs(document.uri), None)
    if not answer.proposals:
        return None, answer.message or "no repair was found"
    best = answer.proposals[0]
    return best.rtl, f"{best.title}, by {best.by}"


def _wanted(params: types.CodeActionParams, of: str) -> bool:
    """Does the client want actions of a kind?"""
    only = params.context.only
    return not only or any(of == one or of.startswith(f"{one}.") for one in only)


# Repairs


async def _repairs(
    ls: Server, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    path = document.path
    checked = await _within(MENU_SECONDS, ls.checker.compiled(path), ls)
    found: list[types.CodeAction] = []
    said = [d for d in (checked.iverilog or ()) if d.file == str(path)] if checked else []
    here = any(d.severity == "error" and _touches(d, params.range) for d in said)
    if checked and ls.workspaces.trusted:
        for number, repair in enumerate(await ls.fixes.of(path, checked)):
            if repair.of is None or _touches(repair.of, params.range):
                found += await _fix(ls, document, params, number, repair)
    failing = [d for d in params.context.diagnostics if d.source in {"iverilog", "cocotb"}]
    if (here or failing) and (asking := _ask(ls, document, params)):
        found.append(asking)
    return list({(a.title, a.kind): a for a in found}.values())


async def _within(seconds: float, work: Awaitable[_T], ls: Server) -> _T | None:
    """What work leads to; None where that takes too long: then it goes on in the background."""
    task = ls.background(work)
    await asyncio.wait([task], timeout=seconds)
    return task.result() if task.done() else None


async def _fix(
    ls: Server, document: Document, params: types.CodeActionParams, number: int, repair: Repair
) -> list[types.CodeAction]:
    """The action that mends something: with its evidence, or while that is being found out."""
    kind = QUICKFIX if repair.of else FIX_ALL
    if not _wanted(params, kind):
        return []
    if FIX_ALL in (params.context.only or ()):  # who asks for just that waits for it
        await repair.settle()
    shown = _shown(params, repair.of) if repair.of else None
    action = types.CodeAction(repair.title, kind, diagnostics=shown)
    if not repair.tried and ls.client.resolves_edits:
        choice = _Choice(document.uri, digest(document.source), number)
        action.data = msgspec.json.encode(choice).decode()
        return [action]
    if repair.after is None or (repair.tried and repair.evidence is None):
        return []
    known = repair.evidence or Evidence("not tried yet", verified=False)
    action.title = f"{repair.title} ({known.words})"
    action.is_preferred = (known.verified and repair.of is not None) or None
    action.edit = workspace_edit(ls, document.path, document.source, repair.after, action.title)
    return [action]


def _ask(ls: Server, document: Document, params: types.CodeActionParams) -> types.CodeAction | None:
    """The reflector's repair: asked for only when the action is chosen."""
    if not ls.workspaces.trusted:
        return None
    title = "Find a repair and try it"
    if not ls.client.resolves_edits:
        return _command(title, wire.REFLECT, {"uri": document.uri}, kind=QUICKFIX)
    return types.CodeAction(
        title,
        QUICKFIX,
        diagnostics=list(params.context.diagnostics) or None,
        data=msgspec.json.encode(_Choice(document.uri)).decode(),
    )


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
                title = f"Add: {sentence}"
                edit = workspace_edit(ls, document.path, document.source, after, title)
                found.append(
                    types.CodeAction(title, QUICKFIX, diagnostics=shown or None, edit=edit)
                )
    return found


# Results to accept


def _accept(ls: Server, document: Document, offer: Offer) -> types.CodeAction:
    action = types.CodeAction(
        title=offer.title,
        kind=QUICKFIX if offer.quickfix else REWRITE,
        is_preferred=True if offer.verified and offer.quickfix else None,
    )
    if document.source == offer.before:
        action.edit = workspace_edit(ls, document.path, offer.before, offer.after, offer.title)
    else:
        action.is_preferred = None
        action.disabled = types.CodeActionDisabled("the file has changed since")
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
