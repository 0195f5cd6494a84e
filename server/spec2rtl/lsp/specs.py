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
from spec2rtl.lsp.index import is_rtl, is_spec
from spec2rtl.lsp.progress import Token
from spec2rtl.lsp.server import Server
from spec2rtl.session import Order
from spec2rtl.spec.comments import SpecComment, spec_comments
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse
from spec2rtl.spec.region import module_below

CHANGED = "The specification has changed."
"""What the instruction of an update begins with."""


class _Known(Struct, frozen=True):
    """What the journal holds of a spec: its newest run, and the order that its RTL came from."""

    last: RunSummary | None = None
    asked: Order | None = None
    made: Order | None = None


class _Source(Struct, frozen=True):
    """A spec as it is now, in a file or a comment, and the RTL that it has led to, if any.

    `place` is the name under which the journal remembers what was written there.
    """

    spec: Spec
    rtl: Path | None
    place: Path | None
    comment: SpecComment | None = None
    module: str | None = None


async def specs(ls: Server, _: None, __: Token) -> wire.SpecList:
    """All spec files of the workspace, and the spec comments of what is open."""
    await ls.surveyed.wait()
    commented = (document.path for document in ls.documents.all() if is_rtl(document.path))
    paths = dict.fromkeys((*ls.index.others(is_spec), *commented))
    return wire.SpecList(tuple([one for path in paths for one in await states(ls, path)]))


async def states(ls: Server, path: Path) -> list[wire.SpecState]:
    """The state of each spec in a file; none of what can't be read."""
    try:
        return [await _state(ls, path, source) for source in await _sources(ls, path)]
    except Spec2rtlError:
        return []


async def _state(ls: Server, path: Path, source: _Source) -> wire.SpecState:
    known = await in_journal(lambda journal: _known(journal, path, source))
    last, order = known.last, known.made or known.asked
    before = known.made.job.spec if known.made else None
    outdated = before is not None and _differs(before, source.spec)
    comment = source.comment
    here = wire.Position(comment.line - 1, 0) if comment else None
    return wire.SpecState(
        uri=ls.documents.uri(path),
        module=source.module or (order.job.module if order else source.spec.module or stem(path)),
        target=ls.documents.uri(source.rtl or path.with_name(f"{stem(path)}.v")),
        last_run=last.run_id if last else None,
        status=last.status if last else None,
        outdated=outdated,
        changed=tuple(_new(before, source.spec)) if before and outdated else (),
        range=wire.Range(here, here) if here else None,
    )


async def tell(ls: Server, path: Path) -> None:
    """Tell a client that asks for such news what became of the specs in a file."""
    if ls.client.options.events:
        for found in await states(ls, path):
            ls.emit(wire.SPEC_CHANGED, found)


class Change(Struct, frozen=True):
    """RTL made from a spec, and an instruction that says what has changed since."""

    rtl: Path | None
    instruction: str | None
    comment: SpecComment | None
    module: str | None


async def changes(ls: Server, path: Path, line: int | None) -> Change:
    """What has changed in a spec, which may be a comment at a line; raises `InputError`."""
    sources = await _sources(ls, path)
    at = [s for s in sources if s.comment and line and s.comment.line <= line <= s.comment.end_line]
    if not at and len(sources) != 1:
        raise InputError(f"{path.name}: no spec comment there; put the cursor into one")
    source = (at or sources)[0]
    known = await in_journal(lambda journal: _known(journal, path, source))
    before = known.made.job.spec if known.made else None
    differs = before is not None and _differs(before, source.spec)
    instruction = _instruction(before, source.spec) if before and differs else None
    return Change(source.rtl, instruction, source.comment, source.module)


async def unanswered(ls: Server, path: Path) -> bool:
    """Was RTL made from another text of a spec, and has no run been made from this one?"""
    try:
        (source,) = await _sources(ls, path)
        known = await in_journal(lambda journal: _known(journal, path, source))
    except Spec2rtlError:
        return False
    orders = [order.job.spec for order in (known.made, known.asked) if order and order.job.spec]
    return known.made is not None and all(_differs(before, source.spec) for before in orders)


async def _sources(ls: Server, path: Path) -> list[_Source]:
    """The specs that a file holds; raises `InputError`."""
    text = ls.documents.read(path)
    if not is_rtl(path):
        spec = await asyncio.to_thread(parse, text)
        rtl = rtl_of(path, spec.front_matter.language)
        return [_Source(spec, rtl, rtl)]
    found: list[_Source] = []
    for comment in await asyncio.to_thread(spec_comments, text) if "spec" in text else ():
        module = module_below(text, comment)
        place = path.with_name(f"{path.name}#{module}") if module else None
        found.append(_Source(parse(comment.text), path if module else None, place, comment, module))
    return found


def _known(journal: Journal, path: Path, source: _Source) -> _Known:
    writer = journal.last_writer(source.place) if source.place else None
    made = order_of(journal, writer) if writer else None
    if source.comment:  # runs of a file that holds one are not told apart by it
        return _Known(journal.summary(writer) if made and writer else None, None, made)
    last = next(iter(journal.runs(1, title=str(path))), None)
    return _Known(last, order_of(journal, last.run_id) if last else None, made)


def order_of(journal: Journal, run_id: str) -> Order | None:
    """What a run was asked; None where it was deleted."""
    try:
        return msgspec.json.decode(journal.frozen(run_id), type=Order)
    except InputError:
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
    parts = [f"{CHANGED} Change the module accordingly, and nothing else."]
    if new := _new(before, now):
        parts.append("New or changed:\n" + "\n".join(f"- {text}" for text in new))
    if gone := _new(now, before):
        parts.append("No longer said:\n" + "\n".join(f"- {text}" for text in gone))
    return "\n\n".join(parts)
