"""What the editor tells of documents, files, settings and folders, passed on to who cares."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from spec2rtl.config.load import WORKSPACE_FILE
from spec2rtl.lsp.checker import TYPING_SECONDS
from spec2rtl.lsp.documents import path_of
from spec2rtl.lsp.index import LISTS, is_ignored, is_rtl, is_spec

if TYPE_CHECKING:
    from spec2rtl.lsp.server import Server


async def initialized(ls: "Server", _: types.InitializedParams) -> None:
    """Begin to watch files, and read the workspace in the background."""
    if ls.client.registers_configuration:
        registration = types.Registration(
            "spec2rtl-configuration",
            types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            types.DidChangeConfigurationRegistrationOptions(section="spec2rtl"),
        )
        params = types.RegistrationParams([registration])
        ls.background(ls.protocol.ask(types.CLIENT_REGISTER_CAPABILITY, params))
    await ls.watch.start()
    ls.background(_scan(ls))


async def _scan(ls: "Server") -> None:
    """Learn which file defines which module; what is open is then checked again."""
    folders = ls.workspaces.folders
    if folders and not await asyncio.to_thread(ls.index.scan, folders):
        ls.log("Spec2RTL: the workspace has too many files: not all were read for their modules")
    for document in ls.documents.all():
        if document.path and is_rtl(document.path):
            ls.index.put(document.path, document.source)
    ls.checker.touch_all()


async def opened(ls: "Server", params: types.DidOpenTextDocumentParams) -> None:
    """Check what is shown."""
    if path := path_of(params.text_document.uri):
        ls.checker.opened(path, params.text_document.uri)


async def changed(ls: "Server", params: types.DidChangeTextDocumentParams) -> None:
    """Check again when the typing pauses; failures of the old text are taken back at once."""
    path = path_of(params.text_document.uri)
    if path is None:
        return
    ls.checker.touch(path, seconds=TYPING_SECONDS)
    ls.checker.show_failures(ls.checker.failures.touching(path))
    if is_rtl(path):
        ls.checker.touch_all(but=path)


async def saved(ls: "Server", params: types.DidSaveTextDocumentParams) -> None:
    """Check at once."""
    path = path_of(params.text_document.uri)
    if path is None:
        return
    ls.checker.touch(path)
    if path.name == WORKSPACE_FILE:
        ls.workspaces.forget()
        ls.checker.touch_all()
    if is_spec(path):
        await _tell_spec(ls, path)


async def closed(ls: "Server", params: types.DidCloseTextDocumentParams) -> None:
    """Take back what was shown; from now on the file on disk counts."""
    if path := path_of(params.text_document.uri):
        ls.checker.close(path, params.text_document.uri)
        await asyncio.to_thread(ls.index.update, path)


async def files_changed(ls: "Server", params: types.DidChangeWatchedFilesParams) -> None:
    """The editor tells of files that changed outside of it."""
    await on_files(ls, [path for event in params.changes if (path := path_of(event.uri))])


async def on_files(ls: "Server", paths: list[Path]) -> None:
    """Files have come, changed or gone."""
    folders = ls.workspaces.folders
    paths = [p for p in paths if not is_ignored(_below(p, folders))]
    if not paths:
        return
    for path in paths:
        if ls.documents.at(path) is None:
            await asyncio.to_thread(ls.index.update, path)
            if not path.exists():
                ls.checker.close(path, ls.documents.uri(path))
        ls.checker.show_failures(ls.checker.failures.touching(path))
    if any(path.name == WORKSPACE_FILE for path in paths):
        ls.workspaces.forget()
    if any(is_rtl(p) or p.suffix in LISTS or p.name == WORKSPACE_FILE for p in paths):
        ls.checker.touch_all()
    for path in paths:
        if is_spec(path):
            await _tell_spec(ls, path)
    await refresh_lenses(ls)


async def configuration_changed(ls: "Server", _: types.DidChangeConfigurationParams) -> None:
    """Ask for the settings again, and check with them."""
    ls.workspaces.forget()
    ls.checker.touch_all()


async def folders_changed(ls: "Server", _: types.DidChangeWorkspaceFoldersParams) -> None:
    """Read what was added."""
    ls.workspaces.forget()
    await ls.watch.start()
    ls.background(_scan(ls))


async def refresh_lenses(ls: "Server") -> None:
    """Let the editor ask for the lenses again."""
    if ls.client.refreshes_lenses:
        ls.background(ls.protocol.ask(types.WORKSPACE_CODE_LENS_REFRESH, None))


async def _tell_spec(ls: "Server", path: Path) -> None:
    from spec2rtl.lsp import wire
    from spec2rtl.lsp.specs import state

    if ls.client.options.events and (found := await state(ls, path)):
        ls.emit(wire.SPEC_CHANGED, found)
    await refresh_lenses(ls)


def _below(path: Path, folders: tuple[Path, ...]) -> Path:
    folder = next((f for f in folders if path.is_relative_to(f)), None)
    return path.relative_to(folder) if folder else Path(path.name)
