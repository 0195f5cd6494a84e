"""What follows when a document becomes what was proposed for it, in whatever way it was accepted."""

from pathlib import Path

from lsprotocol import types

from spec2rtl.journal.store import Journal
from spec2rtl.lsp import wire
from spec2rtl.lsp.companions import kind, tests_for
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.journal import in_journal
from spec2rtl.lsp.offers import Offer
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.specs import CHANGED, order_of, tell
from spec2rtl.lsp.tools import simulate


async def accepted(ls: Server, path: Path) -> None:
    """Where a document is what an offer proposes: its RTL is made from that spec, and is tested."""
    document = ls.documents.at(path)
    offer = document and ls.offers.accepted(path, document.source)
    if document is None or offer is None:
        return
    if offer.run_id:
        spec = await in_journal(lambda journal: _note(journal, path, offer.run_id))
        if spec:
            await tell(ls, spec)
            ls.refresh_lenses()
    if kind(path) == "rtl" and ls.workspaces.trusted:
        ls.background(_simulated(ls, document, offer))


async def _simulated(ls: Server, document: Document, offer: Offer) -> None:
    if offer.tests or await tests_for(ls, document.path):
        result = await simulate(ls, wire.SimulateArgs(document.uri, tests=offer.tests), None)
        good = result.status == "passed"
        kind = types.MessageType.Info if good else types.MessageType.Warning
        ls.tell(f"Spec2RTL: {document.path.name}: {result.words}", kind)


def _note(journal: Journal, rtl: Path, run_id: str) -> Path | None:
    """Note that an update is in its file, which is not ours for that; the spec it was made from."""
    order = order_of(journal, run_id)
    if order is None or not (order.job.instruction or "").startswith(CHANGED):
        return None
    spec = next((Path(i.path) for i in order.job.inputs if i.role == "spec"), None)
    commented = rtl.with_name(f"{rtl.name}#{order.job.module}")
    journal.wrote(commented if spec == rtl else rtl, "", run_id)
    return spec
