"""What the editor tells of documents, files, settings and folders, passed on to who cares."""

import asyncio
from pathlib import Path

from lsprotocol import types

from spec2rtl.config.load import WORKSPACE_FILE
from spec2rtl.lsp import wire
from spec2rtl.lsp.acceptance import accepted
from spec2rtl.lsp.checker import TYPING_SECONDS
from spec2rtl.lsp.companions import rtl_of, spec_of
from spec2rtl.lsp.documents import path_of
from spec2rtl.lsp.index import LISTS, Index, is_ours, is_rtl, is_spec, is_tests, is_verilog
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.specs import renamed, tell
from spec2rtl.lsp.tools import recheck


async def initialized(ls: Server, _: types.InitializedParams) -> None:
    """Begin to watch files, and read the workspace in the background."""
    if ls.client.registers_configuration:
        registration = types.Registration(
            "spec2rtl-configuration",
            types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            types.DidChangeConfigurationRegistrationOptions(section="spec2rtl"),
        )
        params = types.RegistrationParams([registration])
        ls.background(ls.protocol.ask(types.CLIENT_REGISTER_CAPABILITY, params))
    await read_workspace(ls)


async def read_workspace(ls: Server) -> None:
    """Watch its files, and learn in the background which of them defines which module."""
    ls.index.confine(ls.workspaces.folders, await ls.workspaces.excluded())
    await ls.watch.start()
    ls.background(_scan(ls))


async def _scan(ls: Server) -> None:
    try:
        whole = await asyncio.to_thread(ls.index.scan)
    finally:
        ls.surveyed.set()
    if not whole:
        ls.log("Spec2RTL: the workspace has too many files: not all were read for their modules")
    ls.checker.touch_all()
    ls.emit(wire.TESTS_CHANGED, {})


async def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Check what is shown: its text counts from now on, be it the file's or not."""
    if path := path_of(params.text_document.uri):
        ls.checker.opened(path, params.text_document.uri)
        _around(ls, path)
        await accepted(ls, path)


async def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Check again when the typing pauses; failures of the old text are taken back at once."""
    if path := path_of(params.text_document.uri):
        ls.fixes.forget(path)
        ls.checker.touch(path, seconds=TYPING_SECONDS)
        _around(ls, path)
        await accepted(ls, path)


async def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Take back what was shown; from now on the file on disk counts."""
    if path := path_of(params.text_document.uri):
        ls.fixes.forget(path)
        ls.checker.close(path, params.text_document.uri)
        await asyncio.to_thread(ls.index.update, path)
        _around(ls, path)
        if ls.documents.at(path):  # under another name
            ls.checker.touch(path)


def _around(ls: Server, path: Path) -> None:
    """A text has changed: what else was said of it, or depends on it, may hold no longer."""
    ls.checker.show_failures(ls.checker.failures.touching(path))
    if is_verilog(path) or ls.checker.includes(path):
        ls.checker.touch_all(but=path)
    companion = rtl_of(path) if is_spec(path) else spec_of(path) if is_rtl(path) else None
    if companion and ls.documents.at(companion):
        ls.checker.touch(companion, seconds=TYPING_SECONDS)


Told = types.DidChangeWatchedFilesParams | types.RenameFilesParams | types.DeleteFilesParams


async def files_told(ls: Server, params: Told) -> None:
    """The editor tells of files or folders that it changed, or that changed outside of it."""
    match params:
        case types.DidChangeWatchedFilesParams():
            uris = [event.uri for event in params.changes]
        case types.RenameFilesParams():
            uris = [uri for one in params.files for uri in (one.old_uri, one.new_uri)]
            for one in params.files:
                old, new = path_of(one.old_uri), path_of(one.new_uri)
                if old and new and is_rtl(new):
                    await renamed(ls, old, new)
        case types.DeleteFilesParams():
            uris = [one.uri for one in params.files]
    await on_files(ls, [path for uri in uris if (path := path_of(uri))])


async def on_files(ls: Server, paths: list[Path]) -> None:
    """Files have come, changed or gone; a folder stands for all that it holds or held."""
    read = ls.checker.failures.inputs
    inputs = [path for path in paths if path in read or ls.checker.includes(path)]
    others = [path for path in paths if path not in inputs]
    paths = [*inputs, *await asyncio.to_thread(_expanded, ls.index, others)]
    for path in paths:
        if ls.documents.at(path) is None:
            await asyncio.to_thread(ls.index.update, path)
            if not path.exists():
                ls.checker.close(path, ls.documents.uri(path))
        ls.checker.show_failures(ls.checker.failures.touching(path))
    if any(path.name == WORKSPACE_FILE for path in paths):
        await configuration_changed(ls, None)
    elif any(
        is_verilog(path) or path.suffix in LISTS or ls.checker.includes(path) for path in paths
    ):
        ls.checker.touch_all()
        await recheck(ls)
    for path in paths:
        if is_spec(path) or not path.exists():
            await tell(ls, path)
        if is_rtl(path) and (spec := spec_of(path)):
            await tell(ls, spec)
    if any(map(is_tests, paths)):
        ls.emit(wire.TESTS_CHANGED, {})
    if paths:
        ls.refresh_lenses()


def _expanded(index: Index, paths: list[Path]) -> list[Path]:
    files: dict[Path, None] = {}
    for path in paths:
        if is_ours(path):
            files[path] = None
        else:
            files |= dict.fromkeys((*index.known_below(path), *index.files_below([path])))
    return [path for path in files if is_ours(path) and not index.ignores(path)]


async def configuration_changed(ls: Server, _: types.DidChangeConfigurationParams | None) -> None:
    """Ask for the settings again, and check with them."""
    before = await ls.workspaces.excluded()
    ls.workspaces.forget()
    ls.checker.touch_all()
    await recheck(ls)
    if await ls.workspaces.excluded() != before:
        await read_workspace(ls)


async def folders_changed(ls: Server, _: types.DidChangeWorkspaceFoldersParams) -> None:
    """Read what was added."""
    ls.workspaces.forget()
    await read_workspace(ls)
