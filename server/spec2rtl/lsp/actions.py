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
from spec2rtl.lsp.fixes import Fix, Trials
from spec2rtl.lsp.offers import Offer
from spec2rtl.lsp.reflect import headline, reflect
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
    find = _tried(ls, document, chosen) if chosen.text else _reflected(ls, document)
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
    """What an action without an edit is for: a repair of a text, by their digests.

    `fix` None: all that are certain; `text` None: the reflector's.
    """

    uri: str
    title: str = ""
    text: str | None = None
    fix: str | None = None


async def _tried(ls: Server, document: Document, chosen: _Choice) -> tuple[str | None, str]:
    """The text with a repair made, and what was found out of it; None: why there is none."""
    checked = await ls.checker.compiled(document.path)
    if checked is None or digest(document.source) != chosen.text:
        return None, f"{document.path.name} changed meanwhile: choose the repair again"
    trials = await ls.fixes.of(document.path, checked)
    texts = (fix.after for _, fix in trials.fixes)
    after = next((t for t in texts if digest(t) == chosen.fix), None)
    after = after if chosen.fix else await trials.all()
    evidence = await trials.soon(after) if after else None
    if evidence is None:
        return None, f"{document.path.name}: the repair could not be tried, or does not help"
    return after, f"{chosen.title} ({evidence.words})"


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
        trials = await ls.fixes.of(path, checked)
        for diagnostic, fix in trials.fixes:
            if _touches(diagnostic, params.range):
                found += await _fix(ls, document, trials, fix, _shown(params, diagnostic))
        if trials.every and _wanted(params, FIX_ALL):
            found += await _fix_all(ls, document, trials, params)
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
    ls: Server,
    document: Document,
    trials: Trials,
    fix: Fix,
    of: list[types.Diagnostic] | None,
) -> list[types.CodeAction]:
    """The action that mends something: with its evidence, or while that is being found out."""
    cause = headline(fix.cause)
    if not trials.ready(fix.after):
        found = _untried(ls, document, f"Fix: {cause}", fix.after)
    elif evidence := await trials.of(fix.after):
        found = [_change(ls, document, f"Fix: {cause} ({evidence.words})", fix.after, label=cause)]
        found[0].is_preferred = evidence.verified or None
    else:
        found = []
    for action in found:
        action.diagnostics = of
    return found


async def _fix_all(
    ls: Server, document: Document, trials: Trials, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """All certain repairs as one edit: who asks for just that waits for it."""
    title = "Fix all that are certain"
    if not trials.all_ready and FIX_ALL not in (params.context.only or ()):
        return _untried(ls, document, title, None, kind=FIX_ALL)
    after = await trials.all()
    evidence = await trials.of(after) if after else None
    if after is None or evidence is None:
        return []
    return [_change(ls, document, f"{title} ({evidence.words})", after, kind=FIX_ALL)]


def _untried(
    ls: Server, document: Document, title: str, after: str | None, *, kind: str = QUICKFIX
) -> list[types.CodeAction]:
    """A repair that is still being tried: what comes of that is waited for when it is chosen."""
    if ls.client.resolves_edits:
        fix = digest(after) if after else None
        return [_lazy(kind, _Choice(document.uri, title, digest(document.source), fix))]
    return [_change(ls, document, f"{title} (not tried yet)", after, kind=kind)] if after else []


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


def _lazy(kind: str, choice: _Choice) -> types.CodeAction:
    """An action whose edit is found when it is chosen."""
    return types.CodeAction(choice.title, kind, data=msgspec.json.encode(choice).decode())


def _ask(ls: Server, document: Document, params: types.CodeActionParams) -> types.CodeAction | None:
    """The reflector's repair: asked for only when the action is chosen."""
    if not ls.workspaces.trusted:
        return None
    title = "Find a repair and try it"
    if not ls.client.resolves_edits:
        return _command(title, wire.REFLECT, {"uri": document.uri}, kind=QUICKFIX)
    action = _lazy(QUICKFIX, _Choice(document.uri, title))
    action.diagnostics = list(params.context.diagnostics) or None
    return action


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
