"""Runs that were, and how to end those that are."""

from pathlib import Path

from spec2rtl.errors import InputError
from spec2rtl.events import Candidate, Event, RunFinished
from spec2rtl.journal.runs import RunSummary
from spec2rtl.journal.store import Journal
from spec2rtl.journal.views import RunList, shown
from spec2rtl.lsp import wire
from spec2rtl.lsp.delivery import deliver, parcel, target_of
from spec2rtl.lsp.documents import path_of
from spec2rtl.lsp.journal import in_journal
from spec2rtl.lsp.progress import Token
from spec2rtl.lsp.server import Server
from spec2rtl.wiring import Recorded, recorded


async def cancel(ls: Server, args: wire.RunArgs, _: Token) -> wire.Cancelled:
    """Ask a run to end."""
    return wire.Cancelled(ls.runs.cancel(args.run_id))


async def runs(ls: Server, args: wire.RunsArgs, _: Token) -> RunList:
    """The newest runs: of a file, of the workspace, or all."""
    path = path_of(args.uri) if args.uri else None
    title = str(path) if path else None
    folders = ls.workspaces.folders if args.workspace else None

    def ask(journal: Journal) -> tuple[RunSummary, ...]:
        return tuple(journal.runs(args.limit, title=title, folders=folders))

    return RunList(await in_journal(ask))


async def run(ls: Server, args: wire.RunArgs, _: Token) -> wire.RunDetail:
    """All that the journal holds of a run."""

    def ask(journal: Journal) -> tuple[RunSummary, Recorded]:
        return journal.summary(journal.find(args.run_id)), recorded(journal, args.run_id)

    summary, found = await in_journal(ask)
    view = shown(summary, found.events)
    job = found.order.job
    return wire.RunDetail(
        view.run,
        view.iterations,
        view.result,
        found.events,
        ls.documents.uri(Path(job.target.path)),
        job.spec.text if job.spec else None,
    )


async def export(ls: Server, args: wire.RunArgs, _: Token) -> wire.ExportedRun:
    """A run as one self-contained document."""

    def ask(journal: Journal) -> wire.ExportedRun:
        name = journal.find(args.run_id)
        return wire.ExportedRun(name, journal.export(name))

    return await in_journal(ask)


async def delete(ls: Server, args: wire.RunArgs, _: Token) -> wire.RunArgs:
    """Remove a run from the journal."""

    def ask(journal: Journal) -> str:
        name = journal.find(args.run_id)
        journal.delete(name)
        return name

    return wire.RunArgs(await in_journal(ask))


async def apply(ls: Server, args: wire.ApplyRunArgs, _: Token) -> wire.Applied:
    """Put a run's result, or another candidate of it, into its file, by an edit to undo.

    Where that holds what is neither ours nor what the run was given, the user must look first.
    """
    found = await in_journal(lambda journal: recorded(journal, args.run_id))
    name, order = found.run_id, found.order
    rtl = _text_of(found.events, args.candidate)
    if rtl is None:
        raise InputError(f"run {name} holds no such candidate")
    target = target_of(ls, Path(order.job.target.path), order)
    sent = parcel(target, order, rtl, run_id=name)
    return wire.Applied(await deliver(ls, sent, made_from=order.job.target.text))


def _text_of(events: tuple[Event, ...], candidate: str | None) -> str | None:
    """A candidate's text; without a name the best one, or the last one of a run that has no end."""
    for event in reversed(events):
        if isinstance(event, RunFinished) and candidate is None:
            return event.result.rtl or None
        if isinstance(event, Candidate) and candidate in (None, event.id):
            return event.rtl
    return None
