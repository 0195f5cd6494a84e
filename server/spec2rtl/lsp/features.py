"""Which function answers which message, and what these functions share.

It is imported with the first message after `initialize`, which the editor waits for.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from spec2rtl.backends.warm import Warm
from spec2rtl.errors import Spec2rtlError
from spec2rtl.lsp import (
    actions,
    commands,
    diagnostics,
    history,
    lenses,
    navigation,
    reflect,
    saving,
    specs,
    symbols,
    sync,
    tests,
    tools,
    waves,
    wire,
)
from spec2rtl.lsp.checker import Checker
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.fixes import Fixes
from spec2rtl.lsp.index import Index
from spec2rtl.lsp.offers import Offers
from spec2rtl.lsp.progress import Token
from spec2rtl.lsp.runs import Runs
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.watch import Watch
from spec2rtl.lsp.workspace import Workspaces

MESSAGES: dict[str, Callable[[Server, Any], Awaitable[object]]] = {
    types.INITIALIZED: sync.initialized,
    types.TEXT_DOCUMENT_DID_OPEN: sync.opened,
    types.TEXT_DOCUMENT_DID_CHANGE: sync.changed,
    types.TEXT_DOCUMENT_DID_SAVE: saving.saved,
    types.TEXT_DOCUMENT_DID_CLOSE: sync.closed,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: sync.files_told,
    types.WORKSPACE_DID_RENAME_FILES: sync.files_told,
    types.WORKSPACE_DID_DELETE_FILES: sync.files_told,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: sync.configuration_changed,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: sync.folders_changed,
    types.TEXT_DOCUMENT_DIAGNOSTIC: diagnostics.pull,
    types.CODE_ACTION_RESOLVE: actions.resolve,
}

QUESTIONS: dict[str, Callable[[Server, Document, Any], Awaitable[object]]] = {
    types.TEXT_DOCUMENT_CODE_ACTION: actions.actions,
    types.TEXT_DOCUMENT_CODE_LENS: lenses.lenses,
    types.TEXT_DOCUMENT_HOVER: navigation.hover,
    types.TEXT_DOCUMENT_DEFINITION: navigation.definition,
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: symbols.symbols,
    types.TEXT_DOCUMENT_COMPLETION: navigation.completion,
}
"""About a document; there is no answer where it isn't open."""

COMMANDS: dict[str, Callable[[Server, Any, Token], Awaitable[object]]] = {
    wire.GENERATE: commands.generate,
    wire.REPAIR: commands.repair,
    wire.EDIT: commands.edit,
    wire.UPDATE: commands.update,
    wire.REFLECT: reflect.reflect,
    wire.CHECK: tools.check,
    wire.SIMULATE: tools.simulate,
    wire.DOCTOR: tools.doctor,
    wire.CANCEL: history.cancel,
    wire.RUNS: history.runs,
    wire.RUN: history.run,
    wire.RESUME_RUN: commands.resume,
    wire.EXPORT_RUN: history.export,
    wire.DELETE_RUN: history.delete,
    wire.APPLY_RUN: history.apply,
    wire.TESTS: tests.tests,
    wire.SPECS: specs.specs,
    wire.WAVES: waves.waves,
}


class Features:
    """The functions of one server; gives it what they share."""

    def __init__(self, ls: Server) -> None:
        self._ls = ls
        ls.workspaces, ls.index, ls.checker = Workspaces(ls), Index(), Checker(ls)
        ls.fixes, ls.runs, ls.warm, ls.offers, ls.watch = (
            Fixes(ls),
            Runs(ls),
            Warm(),
            Offers(),
            Watch(ls),
        )

    async def answer(self, method: str, params: Any) -> object:
        """Answer a request, or take a notification."""
        if method in MESSAGES:
            return await MESSAGES[method](self._ls, params)
        document = self._ls.documents.get(params.text_document.uri)
        return await QUESTIONS[method](self._ls, document, params) if document else None

    async def execute(self, params: types.ExecuteCommandParams) -> object:
        """Carry out a command; its answer is plain data."""
        if params.command not in COMMANDS:
            raise JsonRpcInvalidParams(f"{params.command}: no such command")
        argument = _argument(params)
        try:
            answer = await COMMANDS[params.command](self._ls, argument, params.work_done_token)
        except Spec2rtlError as error:
            raise JsonRpcInvalidParams(str(error)) from None
        return msgspec.to_builtins(answer)

    async def aclose(self) -> None:
        """End every run, worker and watcher."""
        self._ls.index.close()
        for part in (self._ls.watch, self._ls.runs, self._ls.checker, self._ls.warm):
            await part.aclose()


def _argument(params: types.ExecuteCommandParams) -> msgspec.Struct | None:
    kind = wire.ARGUMENTS[params.command]
    given = list(params.arguments or ())
    if kind is None or (not given and params.command in wire.OPTIONAL):
        return kind and kind()
    if len(given) != 1:
        raise JsonRpcInvalidParams(f"{params.command}: one argument is wanted, an object")
    try:
        return msgspec.convert(given[0], kind)
    except msgspec.ValidationError as error:
        raise JsonRpcInvalidParams(f"{params.command}: {error}") from None
