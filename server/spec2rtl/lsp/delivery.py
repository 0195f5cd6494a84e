"""Brings a result into the editor, and never over a text that it was not made for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
from lsprotocol import types
from msgspec import Struct

from spec2rtl.errors import Spec2rtlError
from spec2rtl.events import Input, Status
from spec2rtl.lsp import convert, wire
from spec2rtl.lsp.offers import Offer
from spec2rtl.lsp.text import Text
from spec2rtl.outlet import KeepOutlet, write_atomically
from spec2rtl.rtl import digest
from spec2rtl.wiring import open_journal

if TYPE_CHECKING:
    from spec2rtl.lsp.server import Server

LABEL = "spec2rtl"
"""Of the change annotation."""


class EditorOutlet(KeepOutlet):
    """Delivers nothing during the run; inputs that are open count as the editor shows them."""

    def __init__(self, ls: "Server", inputs: tuple[Input, ...]) -> None:
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


def target_of(ls: "Server", path: Path, place: str | None = None) -> Target:
    """Look at a file that a result is meant for."""
    document = ls.documents.at(path)
    before = document.source if document else _on_disk(path)
    return Target(path, before, document.version if document else None, place or str(path))


def obstacle(ls: "Server", target: Target, owned: str | None) -> str | None:
    """Why a result must not go to its file unseen; `owned` is what we would replace there."""
    now = target_of(ls, target.path).before
    if now != target.before and not ls.client.options.events:
        # A client that streams changes the text itself, and looks after the rest.
        return f"{target.path.name} changed during the run"
    if owned is None or not owned.strip():
        return None
    with open_journal() as journal:
        written = journal.last_written(Path(target.place))
    return None if digest(owned) == written else f"{target.path.name} holds edits that are not ours"


class Parcel(Struct, frozen=True):
    """A result on its way: `text` is the whole file's.

    `owned` is the part of the old text that makes room, `new` what stands there afterwards where
    that is not all of it.
    """

    target: Target
    text: str
    run_id: str
    status: Status
    title: str
    owned: str | None
    new: str | None = None


async def deliver(ls: "Server", parcel: Parcel) -> bool:
    """Put a result into its file in one step; what can't be put there is kept and offered."""
    target, text = parcel.target, parcel.text
    why = obstacle(ls, target, parcel.owned)
    verified = parcel.status == "verified"
    before = target.before or ""
    ls.offers.put(
        Offer(parcel.run_id, target.path, before, text, parcel.title, verified, quickfix=False)
    )
    if ls.client.options.events:
        applied = await _stream(ls, parcel, why)
    elif why is None:
        applied = await _apply(ls, target, text, parcel.title)
    else:
        applied = False
    if applied:
        remember(target.place, digest(text if parcel.new is None else parcel.new), parcel.run_id)
        ls.offers.accepted(target.path, text)
    else:
        reason = why or f"the editor did not take the change of {target.path.name}"
        ls.tell(
            f"Spec2RTL: {reason}: the result is kept; accept it by a code action there",
            types.MessageType.Warning,
        )
    return applied


def remember(place: str, sha256: str, run_id: str) -> None:
    """Note in the journal what we wrote."""
    with open_journal() as journal:
        journal.wrote(Path(place), sha256, run_id)


async def _stream(ls: "Server", parcel: Parcel, why: str | None) -> bool:
    target = parcel.target
    before = Text(target.before or "", ls.documents.encoding)
    delivery = wire.Delivery(
        run_id=parcel.run_id,
        uri=ls.documents.uri(target.path),
        range=_range(before.whole),
        text=parcel.text,
        label=parcel.title,
        status=parcel.status,
        create=target.before is None,
        version=target.version,
        confirm=why,
    )
    answer = await ls.protocol.ask(wire.DELIVER, msgspec.to_builtins(delivery))
    return bool(_attribute(answer, "applied"))


async def _apply(ls: "Server", target: Target, text: str, title: str) -> bool:
    """One `workspace/applyEdit`; a file that the client can't edit is written by us."""
    client, creates = ls.client, target.before is None
    is_open = ls.documents.at(target.path) is not None
    if not client.applies_edits or (creates and not client.creates_files):
        if is_open:
            return False
        try:
            write_atomically(target.path, text)
        except Spec2rtlError as error:
            ls.tell(f"Spec2RTL: {error}", types.MessageType.Error)
            return False
        return True
    edit = workspace_edit(ls, target.path, target.before, text, title)
    answer = await ls.protocol.ask(
        types.WORKSPACE_APPLY_EDIT, types.ApplyWorkspaceEditParams(edit, label=title)
    )
    return bool(_attribute(answer, "applied"))


def workspace_edit(
    ls: "Server",
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


def _attribute(answer: Any, name: str) -> Any:
    """A field of an answer, whatever pygls has made of it."""
    if isinstance(answer, dict):
        return cast("dict[str, Any]", answer).get(name)
    return getattr(answer, name, None)


def _range(area: types.Range) -> wire.Range:
    return wire.Range(
        wire.Position(area.start.line, area.start.character),
        wire.Position(area.end.line, area.end.character),
    )


def _on_disk(path: Path) -> str | None:
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode()
    except (OSError, UnicodeDecodeError):
        return None
