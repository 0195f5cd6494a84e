"""What became of each spec: its last run, and what has changed in it since."""

import asyncio
import contextlib
from pathlib import Path

from msgspec import Struct, structs

from spec2rtl.errors import InputError, Spec2rtlError
from spec2rtl.journal.runs import RunSummary
from spec2rtl.journal.store import Journal
from spec2rtl.lsp import wire
from spec2rtl.lsp.analysis import port_text
from spec2rtl.lsp.companions import rtl_of, stem
from spec2rtl.lsp.index import is_rtl, is_spec
from spec2rtl.lsp.journal import in_journal
from spec2rtl.lsp.progress import Token
from spec2rtl.lsp.server import Server
from spec2rtl.session import Order, read_order
from spec2rtl.spec.comments import SpecComment, spec_comments
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse
from spec2rtl.spec.region import module_below
from spec2rtl.syntax.modules import modules

CHANGED = "The specification has changed."
"""What the instruction of an update begins with."""


_RUNS = 20
"""Of a file that are looked through for the last one of a spec comment."""


class Source(Struct, frozen=True):
    """A spec as it is now, in a file or a comment, and what the journal holds of it.

    `rtl` is what it has led to, if anything, and `place` the name under which the journal
    remembers what was written there. `last` is its newest run, `asked` and `made` are what that
    and the run behind its RTL were asked.
    """

    spec: Spec
    rtl: Path | None
    place: Path | None
    comment: SpecComment | None = None
    module: str | None = None
    last: RunSummary | None = None
    asked: Order | None = None
    made: Order | None = None

    @property
    def range(self) -> wire.Range | None:
        """Where it begins, for a comment."""
        if self.comment is None:
            return None
        here = wire.Position(self.comment.line - 1, 0)
        return wire.Range(here, here)

    @property
    def before(self) -> Spec | None:
        """The spec that its RTL was made from, where it has changed since."""
        before = self.made.job.spec if self.made else None
        return before if before and _differs(before, self.spec) else None


async def specs(ls: Server, _: None, __: Token) -> wire.SpecList:
    """All spec files of the workspace, and the spec comments of what is open."""
    await ls.surveyed.wait()
    commented = (document.path for document in ls.documents.all() if is_rtl(document.path))
    paths = dict.fromkeys((*ls.index.others(is_spec), *commented))
    return wire.SpecList(tuple([one for path in paths for one in await states(ls, path)]))


async def states(ls: Server, path: Path) -> list[wire.SpecState]:
    """The state of each spec in a file; none of what can't be read."""
    try:
        return [_state(ls, path, source) for source in await _sources(ls, path)]
    except Spec2rtlError:
        return []


def _state(ls: Server, path: Path, source: Source) -> wire.SpecState:
    last, order = source.last, source.made or source.asked
    changed = tuple(_new(source.before, source.spec)) if source.before else ()
    return wire.SpecState(
        uri=ls.documents.uri(path),
        module=source.module or (order.job.module if order else source.spec.module or stem(path)),
        target=ls.documents.uri(source.rtl or path.with_name(f"{stem(path)}.v")),
        last_run=last.run_id if last else None,
        status=last.status if last else None,
        outdated=source.before is not None,
        changed=changed,
        difference=_difference(len(changed)) if source.before is not None else "",
        range=source.range,
    )


def _difference(count: int) -> str:
    """In words; only prose, or what the spec no longer says, may differ."""
    requirements = f", {count} requirement{'s differ' if count != 1 else ' differs'}"
    return f"spec changed{requirements if count else ''}"


async def tell(ls: Server, path: Path) -> None:
    """Tell a client that asks for such news what became of the specs in a file."""
    if ls.client.options.events:
        found = tuple(await states(ls, path))
        ls.emit(wire.SPEC_CHANGED, wire.SpecStates(ls.documents.uri(path), found))


async def changes(ls: Server, path: Path, line: int | None) -> tuple[Source, str | None]:
    """A spec, which may be a comment at a line, and an instruction that says what has changed.

    Raises `InputError`.
    """
    sources = await _sources(ls, path)
    at = [s for s in sources if s.comment and line and s.comment.line <= line <= s.comment.end_line]
    if not at and len(sources) != 1:
        raise InputError(f"{path.name}: no spec comment there; put the cursor into one")
    source = (at or sources)[0]
    return source, _instruction(source.before, source.spec) if source.before else None


async def unanswered(ls: Server, path: Path) -> list[Source]:
    """The specs in a file whose RTL was made from another text, and no run was made from this one."""
    try:
        sources = await _sources(ls, path)
    except Spec2rtlError:
        return []
    return [s for s in sources if s.before and not _asked(s)]


def _asked(source: Source) -> bool:
    spec = source.asked.job.spec if source.asked else None
    return spec is not None and not _differs(spec, source.spec)


async def _sources(ls: Server, path: Path) -> list[Source]:
    """The specs that a file holds; raises `InputError`."""
    found = await asyncio.to_thread(_read, path, ls.documents.read(path))
    return await in_journal(lambda journal: [_known(journal, path, one) for one in found])


def _read(path: Path, text: str) -> list[Source]:
    if not is_rtl(path):
        spec = parse(text)
        rtl = rtl_of(path, spec.front_matter.language)
        return [Source(spec, rtl, rtl)]
    found: list[Source] = []
    for comment in spec_comments(text) if "spec" in text else ():
        module = module_below(text, comment)
        place = _place(path, module) if module else None
        found.append(Source(parse(comment.text), path if module else None, place, comment, module))
    return found


def _place(path: Path, module: str) -> Path:
    """Where what was written below a spec comment is remembered."""
    return path.with_name(f"{path.name}#{module}")


async def renamed(ls: Server, old: Path, new: Path) -> None:
    """RTL has another name: what the journal holds of it holds of that."""
    names = [module.name for module in modules(ls.documents.peek(new) or "")]
    places = [(old, new), *((_place(old, name), _place(new, name)) for name in names)]

    def move(journal: Journal) -> None:
        for before, after in places:
            if writer := journal.last_writer(before):
                journal.wrote(after, journal.last_written(before) or "", writer)

    with contextlib.suppress(Spec2rtlError):  # a journal that can't be read remembers nothing
        await in_journal(move)


def _known(journal: Journal, path: Path, source: Source) -> Source:
    writer = journal.last_writer(source.place) if source.place else None
    runs = journal.runs(_RUNS if source.comment else 1, title=str(path))
    last = next((r for r in runs if not source.comment or r.module == source.module), None)
    return structs.replace(
        source,
        last=last,
        asked=order_of(journal, last.run_id) if last else None,
        made=order_of(journal, writer) if writer else None,
    )


def order_of(journal: Journal, run_id: str) -> Order | None:
    """What a run was asked; None where it was deleted."""
    try:
        return read_order(journal.frozen(run_id))
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
