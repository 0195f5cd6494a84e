"""Brings a result into the editor, and never over a text that it was not made for."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from lsprotocol import types
from msgspec import Struct

from spec2rtl.errors import InputError, Spec2rtlError
from spec2rtl.events import Input, Result
from spec2rtl.lsp import convert, wire
from spec2rtl.lsp.evidence import Evidence
from spec2rtl.lsp.journal import in_journal
from spec2rtl.lsp.offers import Offer
from spec2rtl.lsp.protocol import attribute
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.text import Text
from spec2rtl.outlet import KeepOutlet, write_atomically
from spec2rtl.process.locks import alone
from spec2rtl.rtl import digest
from spec2rtl.session import Order
from spec2rtl.spec.comments import SpecComment, comment_at, spec_comments
from spec2rtl.spec.region import (
    BEGIN,
    find_region,
    gap_before,
    place_of,
    put_region,
    region_text,
)
from spec2rtl.wiring import open_journal

LABEL = "spec2rtl"
"""Of the change annotation."""


class EditorOutlet(KeepOutlet):
    """Delivers nothing during the run; inputs that are open count as the editor shows them."""

    def __init__(self, ls: Server, inputs: tuple[Input, ...]) -> None:
        super().__init__(inputs)
        self._documents = ls.documents

    def changed(self) -> tuple[str, ...]:
        """Inputs whose text is no longer what the run read."""
        on_disk = set(super().changed())
        return tuple(i.path for i in self._inputs if self._differs(i, on_disk))

    def _differs(self, one: Input, on_disk: set[str]) -> bool:
        text = self._documents.overlay(Path(one.path))
        return one.path in on_disk if text is None else digest(text) != one.sha256


class Target(Struct, frozen=True):
    """A file as it was when the run began; `before` is None where there was none.

    `place` is the name under which the journal remembers what we wrote.
    """

    path: Path
    before: str | None
    version: int | None
    place: str


def is_delivered(result: Result) -> bool:
    """Does a result go to its file by itself? Changes of the user's own RTL are offered."""
    return result.good and result.task == "generate"


def target_of(ls: Server, path: Path, order: Order) -> Target:
    """Look at the file that the result of an order is meant for."""
    document = ls.documents.at(path)
    place = f"{path}#{order.job.module}" if order.comment else str(path)
    return Target(path, _text_now(ls, path), document.version if document else None, place)


def _room_of(target: Target, order: Order) -> str | None:
    """The part of a file that makes room for a result; None where nothing has to."""
    return region_text(target.before or "", order.job.module) if order.comment else target.before


def _is_ours(ls: Server, target: Target, room: str | None) -> bool:
    """Is what makes room nothing, or what we last wrote there ourselves?"""
    if room is None or not room.strip():
        # A file that was made meanwhile, perhaps for the draft, is no obstacle; one that is no text is.
        return not target.path.exists() or _text_now(ls, target.path) is not None
    with open_journal() as journal:
        written = journal.last_written(Path(target.place))
    return written in (digest(room), digest(room.replace("\r\n", "\n")))  # an editor's line ends


def room_in_sight(ls: Server, seen: Target, order: Order) -> wire.Room | None:
    """Where a draft may be shown in its file as it is now; None where it is not what was seen."""
    now = target_of(ls, seen.path, order)
    if now.before != seen.before or not _is_ours(ls, now, _room_of(now, order)):
        return None
    if order.comment is None:
        return wire.Room(None, "", now.version)
    text, module = Text(now.before or "", ls.documents.encoding), order.job.module
    comment = _found_again(text.text, order.comment)
    if comment is None:
        return None
    start, end = place_of(text.text, comment, module)
    head = f"{gap_before(text.text, start)}{BEGIN.format(module=module)}\n"
    return wire.Room(convert.area(text.range(start, end)), head, now.version)


def _text_now(ls: Server, path: Path) -> str | None:
    text = ls.documents.overlay(path)
    return _on_disk(path) if text is None else text


class Parcel(Struct, frozen=True):
    """A result on its way; it is offered where it can't be put into its file.

    `owned` is the part of the old text that makes room, `new` what stands there afterwards;
    `words` say what speaks for it.
    """

    target: Target
    offer: Offer
    owned: str | None
    new: str
    words: str


def parcel(
    target: Target, order: Order, rtl: str, *, run_id: str, known: Evidence | None = None
) -> Parcel:
    """Wrap up a text for the place that an order names; raises `InputError` where that is gone."""
    before, module = target.before or "", order.job.module
    text, owned, new = rtl, _room_of(target, order), rtl
    if order.comment:
        comment = _found_again(before, order.comment)
        if comment is None and find_region(before, module) is None:
            raise InputError(
                f"{target.path}: the spec comment of run {run_id} is gone: put it back, or generate anew"
            )
        text = put_region(before, comment or order.comment, module, rtl)
        new = region_text(text, module) or ""
    words, verified = (f" ({known.words})", known.verified) if known else ("", False)
    title = f"Accept {module} of run {run_id}{words}"
    offer = Offer(run_id, target.path, before, text, title, verified, quickfix=False)
    return Parcel(target, offer, owned, new, words)


def _found_again(text: str, comment: SpecComment) -> SpecComment | None:
    """The comment where it stands now: at its old line, or wherever it has moved to."""
    candidates = (comment_at(text, comment.line), *spec_comments(text))
    return next((c for c in candidates if c and c.text == comment.text), None)


async def deliver(ls: Server, parcel: Parcel, *, made_from: str = "", shown: bool = False) -> bool:
    """Put a result into its file in one step; what can't be put there is kept and offered.

    `made_from` is what the user gave to change; `shown`: a client that streams has shown it.
    """
    target, offer = parcel.target, parcel.offer
    why = await asyncio.to_thread(_obstacle, ls, parcel, made_from)
    if ls.client.options.events and (why or shown):
        applied = await _stream(ls, parcel, why)
    else:
        applied = why is None and await _apply(ls, target, offer)
    if applied:
        place, text = Path(target.place), digest(parcel.new)
        await in_journal(lambda journal: journal.wrote(place, text, offer.run_id))
        ls.offers.accepted(target.path, offer.after)
    else:
        ls.offers.put(offer)
        reason = why or f"the editor did not take the change of {target.path.name}"
        is_there = _text_now(ls, target.path) is not None
        way = "accept it by a code action there" if is_there else f"apply run {offer.run_id}"
        ls.tell(f"Spec2RTL: {reason}: the result is kept; {way}", types.MessageType.Warning)
    return applied


def _obstacle(ls: Server, parcel: Parcel, made_from: str) -> str | None:
    """Why a result must not go to its file unseen."""
    target, owned = parcel.target, parcel.owned
    now = _text_now(ls, target.path)
    if now != target.before and not ls.client.options.events:
        # A client that streams changes the text itself, and looks after the rest.
        return f"{target.path.name} changed during the run"
    if owned in (made_from, parcel.new) or _is_ours(ls, target, owned):
        return None
    return f"{target.path.name} holds edits that are not ours"


async def _stream(ls: Server, parcel: Parcel, why: str | None) -> bool:
    target, offer = parcel.target, parcel.offer
    delivery = wire.Delivery(
        run_id=offer.run_id,
        uri=ls.documents.uri(target.path),
        text=offer.after,
        create=target.before is None,
        version=target.version,
        before=target.before,
        confirm=why and why + parcel.words,
    )
    answer = await ls.protocol.ask(wire.DELIVER, msgspec.to_builtins(delivery))
    return bool(attribute(answer, "applied"))


async def _apply(ls: Server, target: Target, offer: Offer) -> bool:
    """One `workspace/applyEdit`; a file that the client can't edit is written by us."""
    client, creates = ls.client, target.before is None
    is_open = ls.documents.at(target.path) is not None
    if not client.applies_edits or (creates and not client.creates_files):
        if is_open:
            return False
        try:
            return await asyncio.to_thread(_write, target, offer.after)
        except Spec2rtlError as error:
            ls.tell(f"Spec2RTL: {error}", types.MessageType.Error)
            return False
    edit = workspace_edit(ls, target.path, target.before, offer.after, offer.title)
    answer = await ls.protocol.ask(
        types.WORKSPACE_APPLY_EDIT, types.ApplyWorkspaceEditParams(edit, label=offer.title)
    )
    return bool(attribute(answer, "applied"))


def _write(target: Target, text: str) -> bool:
    with alone(target.path.parent):  # another window may have the same folder open
        if unchanged := _on_disk(target.path) == target.before:
            write_atomically(target.path, text)
    return unchanged


def workspace_edit(
    ls: Server,
    path: Path,
    before: str | None,
    after: str,
    title: str,
    *,
    confirm: bool = False,
) -> types.WorkspaceEdit:
    """The edit from one text to another, as well guarded as the client understands."""
    uri, document = ls.documents.uri(path), ls.documents.at(path)
    edits = convert.edits(Text(before or "", ls.documents.encoding), after)
    if not ls.client.versioned_edits:
        return types.WorkspaceEdit(changes={uri: edits})
    notes = None
    if ls.client.annotates_edits:
        notes = {LABEL: types.ChangeAnnotation(title, needs_confirmation=confirm)}
        edits = [types.AnnotatedTextEdit(LABEL, one.range, one.new_text) for one in edits]
    versioned = types.OptionalVersionedTextDocumentIdentifier(
        uri, document.version if document else None
    )
    changes: list[Any] = [types.TextDocumentEdit(versioned, edits)]
    if before is None:
        options = types.CreateFileOptions(overwrite=False, ignore_if_exists=True)
        changes.insert(0, types.CreateFile(uri, options=options))
    return types.WorkspaceEdit(document_changes=changes, change_annotations=notes)


def _on_disk(path: Path) -> str | None:
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode()
    except (OSError, UnicodeDecodeError):
        return None
