"""What saving a document does: it is checked at once and, by a setting, tested or updated."""

from pathlib import Path

from lsprotocol import types

from spec2rtl.config.load import WORKSPACE_FILE
from spec2rtl.errors import Spec2rtlError
from spec2rtl.lsp import commands, specs, tools, wire
from spec2rtl.lsp.companions import kind, rtl_of, tests_for
from spec2rtl.lsp.documents import path_of
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.sync import configuration_changed


async def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Check at once; the rest goes on in the background."""
    path = path_of(params.text_document.uri)
    if path is None:
        return
    ls.checker.touch(path)
    if path.name == WORKSPACE_FILE:
        await configuration_changed(ls, None)
    if kind(path) in {"spec", "rtl"}:
        await specs.tell(ls, path)
        ls.refresh_lenses()
    if kind(path) and ls.workspaces.trusted:
        ls.background(_as_set(ls, path))


async def _as_set(ls: Server, path: Path) -> None:
    """Do what the setting `on_save` says."""
    try:
        wanted = (await ls.workspaces.settings(path)).on_save
    except Spec2rtlError:
        return  # told where the file's errors stand
    with ls.runs.claimed(("update", path)) as free:
        updates = wanted == "update" and free and not ls.runs.busy(str(path))
        updated = updates and await _updated(ls, path)
    if wanted != "off" and not updated and rtl_of(path) and await tests_for(ls, path):
        await tools.simulate(ls, wire.SimulateArgs(ls.documents.uri(path)), None)


async def _updated(ls: Server, path: Path) -> bool:
    """Update the RTL of the specs in a file that have changed; False where none has."""
    outdated = await specs.unanswered(ls, path)
    for source in outdated:
        result = await commands.update(
            ls, wire.UpdateArgs(ls.documents.uri(path), range=source.range), None
        )
        if ls.client.options.events:  # it tells of what it has asked for only
            commands.tell_of_end(ls, result, source.rtl or path)
    return bool(outdated)
