"""What became of each spec: its last run, and what has changed in it since."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types

from spec2rtl.errors import Spec2rtlError
from spec2rtl.journal.runs import RunSummary
from spec2rtl.journal.store import Journal
from spec2rtl.lsp import wire
from spec2rtl.lsp.analysis import port_text
from spec2rtl.lsp.companions import rtl_of, stem
from spec2rtl.lsp.history import in_journal
from spec2rtl.lsp.index import is_spec
from spec2rtl.session import Order
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse

if TYPE_CHECKING:
    from spec2rtl.lsp.server import Server

_LOOKED_AT = 20
"""Of a spec's newest runs, to find the last good one."""


async def specs(ls: "Server", _: types.ProgressToken | None) -> wire.SpecList:
    """All specs of the workspace."""
    await ls.surveyed.wait()
    paths = ls.index.others(is_spec)
    found = [await state(ls, path) for path in paths]
    return wire.SpecList(tuple(one for one in found if one))


async def state(ls: "Server", path: Path) -> wire.SpecState | None:
    """A spec's state; None where it can't be read."""
    try:
        text = ls.documents.read(path)
        last, order = await in_journal(lambda journal: _last(journal, path))
    except Spec2rtlError:
        return None
    spec = await asyncio.to_thread(parse, text)
    rtl = rtl_of(path, spec.front_matter.language)
    before = order.job.spec if order and rtl else None
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


async def tell(ls: "Server", path: Path) -> None:
    """Tell a client that asks for such news what became of a spec."""
    if ls.client.options.events and (found := await state(ls, path)):
        ls.emit(wire.SPEC_CHANGED, found)


async def changes(ls: "Server", path: Path) -> tuple[Path | None, str | None]:
    """The RTL made from a spec, and an instruction that says what has changed since.

    Raises `InputError`.
    """
    text = ls.documents.read(path)
    _, order = await in_journal(lambda journal: _last(journal, path))
    spec = await asyncio.to_thread(parse, text)
    rtl = rtl_of(path, spec.front_matter.language)
    if rtl is None or order is None or order.job.spec is None:
        return rtl, None
    before = order.job.spec
    return rtl, _instruction(before, spec) if _differs(before, spec) else None


def _last(journal: Journal, path: Path) -> tuple[RunSummary | None, Order | None]:
    """A spec's newest run, and the order of the newest that was good."""
    runs = journal.runs(_LOOKED_AT, title=str(path))
    good = next((run for run in runs if run.status in {"verified", "compiled"}), None)
    order = msgspec.json.decode(journal.frozen(good.run_id), type=Order) if good else None
    return next(iter(runs), None), order


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
    parts = ["The specification has changed. Change the module accordingly, and nothing else."]
    if new := _new(before, now):
        parts.append("New or changed:\n" + "\n".join(f"- {text}" for text in new))
    if gone := _new(now, before):
        parts.append("No longer said:\n" + "\n".join(f"- {text}" for text in gone))
    return "\n\n".join(parts)
