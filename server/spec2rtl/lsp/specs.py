"""What became of each spec: its last run, and what has changed in it since."""

import asyncio
from pathlib import Path

import msgspec
from msgspec import Struct

from spec2rtl.errors import InputError, Spec2rtlError
from spec2rtl.journal.runs import RunSummary
from spec2rtl.journal.store import Journal
from spec2rtl.lsp import wire
from spec2rtl.lsp.analysis import port_text
from spec2rtl.lsp.companions import rtl_of, stem
from spec2rtl.lsp.history import in_journal
from spec2rtl.lsp.index import is_spec
from spec2rtl.lsp.progress import Token
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.sync import refresh_lenses
from spec2rtl.session import Order
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse

_CHANGED = "The specification has changed."
"""What the instruction of an update begins with."""


class _Known(Struct, frozen=True):
    """What the journal holds of a spec: its newest run, and the order that its RTL came from."""

    last: RunSummary | None = None
    asked: Order | None = None
    made: Order | None = None


async def specs(ls: Server, _: None, __: Token) -> wire.SpecList:
    """All specs of the workspace."""
    await ls.surveyed.wait()
    paths = ls.index.others(is_spec)
    found = [await state(ls, path) for path in paths]
    return wire.SpecList(tuple(one for one in found if one))


async def state(ls: Server, path: Path) -> wire.SpecState | None:
    """A spec's state; None where it can't be read."""
    try:
        spec, rtl, known = await _look_up(ls, path)
    except Spec2rtlError:
        return None
    last, order = known.last, known.made or known.asked
    before = known.made.job.spec if known.made else None
    outdated = before is not None and _differs(before, spec)
    return wire.SpecState(
        uri=ls.documents.uri(path),
        module=order.job.module if order else spec.module or stem(path),
        target=ls.documents.uri(rtl or path.with_name(f"{stem(path)}.v")),
        last_run=last.run_id if last else None,
        status=last.status if last else None,
        outdated=outdated,
        changed=tuple(_new(before, spec)) if before and outdated else (),
    )


async def tell(ls: Server, path: Path) -> None:
    """Tell a client that asks for such news what became of a spec."""
    if ls.client.options.events and (found := await state(ls, path)):
        ls.emit(wire.SPEC_CHANGED, found)


async def changes(ls: Server, path: Path) -> tuple[Path | None, str | None]:
    """The RTL made from a spec, and an instruction that says what has changed since.

    Raises `InputError`.
    """
    spec, rtl, known = await _look_up(ls, path)
    before = known.made.job.spec if known.made else None
    if rtl is None or before is None:
        return rtl, None
    return rtl, _instruction(before, spec) if _differs(before, spec) else None


async def unanswered(ls: Server, path: Path) -> bool:
    """Was RTL made from another text of a spec, and has no run been made from this one?"""
    try:
        spec, _, known = await _look_up(ls, path)
    except Spec2rtlError:
        return False
    orders = [order.job.spec for order in (known.made, known.asked) if order and order.job.spec]
    return known.made is not None and all(_differs(before, spec) for before in orders)


async def accepted(ls: Server, path: Path) -> None:
    """Where a document has become what an update proposes, its RTL is made from that spec."""
    document = ls.documents.at(path)
    for offer in ls.offers.at(path):
        if document is None or document.source != offer.after:
            continue
        ls.offers.accepted(path, offer.after)
        found = await in_journal(lambda journal, run=offer.run_id: _note(journal, path, run))
        if found:
            await tell(ls, found)
            await refresh_lenses(ls)


def _note(journal: Journal, rtl: Path, run_id: str) -> Path | None:
    """Note that an update is in its file, which is not ours for that; the spec it was made from."""
    order = _order(journal, run_id)
    if order is None or not (order.job.instruction or "").startswith(_CHANGED):
        return None
    journal.wrote(rtl, "", run_id)
    return next((Path(i.path) for i in order.job.inputs if i.role == "spec"), None)


async def _look_up(ls: Server, path: Path) -> tuple[Spec, Path | None, _Known]:
    """A spec as it is now, its RTL, and what the journal holds; raises `InputError`."""
    text = ls.documents.read(path)
    spec = await asyncio.to_thread(parse, text)
    rtl = rtl_of(path, spec.front_matter.language)
    return spec, rtl, await in_journal(lambda journal: _known(journal, path, rtl))


def _known(journal: Journal, path: Path, rtl: Path | None) -> _Known:
    last = next(iter(journal.runs(1, title=str(path))), None)
    writer = journal.last_writer(rtl) if rtl else None
    asked = _order(journal, last.run_id) if last else None
    return _Known(last, asked, _order(journal, writer) if writer else None)


def _order(journal: Journal, run_id: str) -> Order | None:
    try:
        return msgspec.json.decode(journal.frozen(run_id), type=Order)
    except InputError:  # the run was deleted
        return None


def _differs(before: Spec, now: Spec) -> bool:
    return before.text.split() != now.text.split()


def _new(before: Spec, now: Spec) -> list[str]:
    """The requirements and ports that are new or worded anew."""
    known = {" ".join(r.text.split()) for r in before.requirements}
    ports = {port_text(p) for p in before.ports}
    texts = [" ".join(r.text.split()) for r in now.requirements]
    return [t for t in texts if t not in known] + [
        text for p in now.ports if (text := port_text(p)) not in ports
    ]


def _instruction(before: Spec, now: Spec) -> str:
    parts = [f"{_CHANGED} Change the module accordingly, and nothing else."]
    if new := _new(before, now):
        parts.append("New or changed:\n" + "\n".join(f"- {text}" for text in new))
    if gone := _new(now, before):
        parts.append("No longer said:\n" + "\n".join(f"- {text}" for text in gone))
    return "\n\n".join(parts)
