"""A small client: records what the server sends, and lets a test wait for it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from lsprotocol import types
from pygls.protocol import default_converter
from pygls.uris import from_fs_path
from pytest_lsp import LanguageClient
from pytest_lsp.protocol import LanguageClientProtocol

from spec2rtl.lsp.text import Text

TIMEOUT = float(os.environ.get("SPEC2RTL_TEST_TIMEOUT", "60"))


def uri(path: Path) -> str:
    return from_fs_path(str(path)) or ""


def capabilities(**changes: Any) -> dict[str, Any]:
    """What a full client says of itself, with parts of it replaced; None leaves one out."""
    full: dict[str, Any] = {
        "general": {"positionEncodings": ["utf-16"]},
        "window": {"workDoneProgress": True, "showMessage": {}},
        "workspace": {
            "applyEdit": True,
            "configuration": True,
            "workspaceFolders": True,
            "didChangeWatchedFiles": {"dynamicRegistration": True},
            "didChangeConfiguration": {"dynamicRegistration": True},
            "diagnostics": {"refreshSupport": True},
            "codeLens": {"refreshSupport": True},
            "workspaceEdit": {
                "documentChanges": True,
                "resourceOperations": ["create"],
                "changeAnnotationSupport": {},
            },
        },
        "textDocument": {
            "publishDiagnostics": {"relatedInformation": True},
            "codeAction": {
                "codeActionLiteralSupport": {
                    "codeActionKind": {"valueSet": ["quickfix", "refactor.rewrite", "source"]}
                },
                "resolveSupport": {"properties": ["edit"]},
                "dataSupport": True,
                "disabledSupport": True,
            },
        },
    }
    for name, value in changes.items():
        *path, last = name.split("__")
        part = full
        for key in path:
            part = part[key]
        if value is None:
            part.pop(last, None)
        else:
            part[last] = value
    return full


class _Protocol(LanguageClientProtocol):
    """lsprotocol takes a code action that has a command for a command: we take them apart."""

    def get_result_type(  # pyright: ignore[reportIncompatibleVariableOverride]
        self, method: str
    ) -> Any:
        return (
            None if method == types.TEXT_DOCUMENT_CODE_ACTION else super().get_result_type(method)
        )


def edited(edit: types.WorkspaceEdit | None) -> types.TextDocumentEdit:
    """The one change of a document that an edit makes."""
    assert edit
    (change,) = [c for c in edit.document_changes or () if isinstance(c, types.TextDocumentEdit)]
    return change


def applied(edit: types.WorkspaceEdit | None, text: str) -> str:
    """The text after an edit."""
    for one in reversed(edited(edit).edits):
        assert not isinstance(one, types.SnippetTextEdit)
        text = Text(text).replaced(one.range, one.new_text).text
    return text


class Client(LanguageClient):
    """Answers what a server asks, keeps what it tells; pytest-lsp holds it against our capabilities."""

    def __init__(self) -> None:
        super().__init__(protocol_cls=_Protocol)
        self.told: list[tuple[str, Any]] = []
        self._news = asyncio.Event()
        self.settings: Any = {}
        self.applies = True
        self.answers = "Send"
        self.edits: list[types.ApplyWorkspaceEditParams] = []
        self.delivered: list[Any] = []
        self.errors: list[Exception] = []
        self._listen()

    def report_server_error(self, error: Exception, source: Any) -> None:
        self.errors.append(error)

    def _listen(self) -> None:
        def keep(method: str) -> Callable[[Any], None]:
            def note(params: Any) -> None:
                self.note(method, params)

            return note

        for method in (
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
            types.WINDOW_LOG_MESSAGE,
            types.WINDOW_SHOW_MESSAGE,
            types.PROGRESS,
            "spec2rtl/event",
            "spec2rtl/progress",
            "spec2rtl/draft",
            "spec2rtl/draftOver",
            "spec2rtl/specChanged",
            "spec2rtl/testsChanged",
        ):
            self.feature(method)(keep(method))
        for method in (
            types.WINDOW_WORK_DONE_PROGRESS_CREATE,
            types.CLIENT_REGISTER_CAPABILITY,
            types.WORKSPACE_DIAGNOSTIC_REFRESH,
            types.WORKSPACE_CODE_LENS_REFRESH,
        ):
            self.feature(method)(keep(method))

        @self.feature(types.WORKSPACE_CONFIGURATION)
        def configuration(params: types.ConfigurationParams) -> list[Any]:
            return [self.settings for _ in params.items]

        @self.feature(types.WORKSPACE_APPLY_EDIT)
        def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            self.edits.append(params)
            self.note(types.WORKSPACE_APPLY_EDIT, params)
            return types.ApplyWorkspaceEditResult(applied=self.applies)

        @self.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
        def ask(params: types.ShowMessageRequestParams) -> types.MessageActionItem:
            self.note(types.WINDOW_SHOW_MESSAGE_REQUEST, params)
            return types.MessageActionItem(self.answers)

        @self.feature("spec2rtl/deliver")
        def deliver(params: Any) -> dict[str, bool]:
            self.delivered.append(params)
            return {"applied": self.applies}

    def note(self, method: str, params: Any) -> None:
        self.told.append((method, params))
        self._news.set()

    async def until(self, method: str, fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """Wait for a message that fits, come already or not."""

        def found() -> list[Any]:
            return [params for name, params in self.told if name == method and fits(params)]

        try:
            async with asyncio.timeout(TIMEOUT):
                while not (fitting := found()):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            said = "\n".join(f"{name} {str(params)[:600]}" for name, params in self.told)
            raise AssertionError(f"no {method} that fits; told was:\n{said}") from None
        return fitting[0]

    def forget(self) -> None:
        """What was told so far no longer answers `until`."""
        self.told.clear()

    # What a test does

    async def begin(
        self, *folders: Path, caps: dict[str, Any] | None = None, **options: Any
    ) -> Any:
        params = types.InitializeParams(
            capabilities=CONVERTER.structure(caps or capabilities(), types.ClientCapabilities),
            process_id=os.getpid(),
            workspace_folders=[types.WorkspaceFolder(uri(f), f.name) for f in folders],
            initialization_options=options,
        )
        return await self.initialize_session(params)

    def open(self, path: Path, text: str | None = None, *, version: int = 1) -> str:
        content = path.read_text() if text is None else text
        item = types.TextDocumentItem(uri(path), path.suffix[1:], version, content)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri(path)

    def change(self, path: Path, text: str, version: int) -> None:
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(uri=uri(path), version=version),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def close(self, path: Path) -> None:
        self.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri(path)))
        )

    async def command(self, name: str, **argument: Any) -> Any:
        params = types.ExecuteCommandParams(f"spec2rtl.{name}", [argument])
        async with asyncio.timeout(TIMEOUT):
            answer = await self.workspace_execute_command_async(params)
        return msgspec.to_builtins(answer)

    async def published(
        self, path: Path, fits: Callable[[list[types.Diagnostic]], bool]
    ) -> list[types.Diagnostic]:
        """Wait for published diagnostics of a file that fit."""
        params = await self.until(
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
            lambda p: p.uri == uri(path) and fits(list(p.diagnostics)),
        )
        return list(params.diagnostics)

    async def pulled(self, path: Path) -> list[types.Diagnostic]:
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri(path)))
        report = await self.text_document_diagnostic_async(params)
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        return list(report.items)

    async def actions(
        self,
        path: Path,
        line: int = 0,
        *,
        only: str | None = None,
        diagnostics: Sequence[types.Diagnostic] = (),
    ) -> list[types.CodeAction | types.Command]:
        """The code actions on a line."""
        place = types.Position(line, 0)
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri(path)),
            types.Range(place, place),
            types.CodeActionContext(list(diagnostics), [only] if only else None),
        )
        found = msgspec.to_builtins(await self.text_document_code_action_async(params))
        return [
            CONVERTER.structure(
                one, types.Command if isinstance(one["command"], str) else types.CodeAction
            )
            if "command" in one
            else CONVERTER.structure(one, types.CodeAction)
            for one in found
        ]

    @property
    def events(self) -> list[Any]:
        return [params for method, params in self.told if method == "spec2rtl/event"]

    @property
    def server_pid(self) -> int | None:
        return self._server.pid if self._server else None

    async def end(self) -> int | None:
        """Shut down; returns the server's exit code."""
        if self._server is None:
            return None
        if self._server.returncode is None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(TIMEOUT):
                    await self.shutdown_async(None)
                    self.exit(None)
            try:
                async with asyncio.timeout(TIMEOUT):
                    await self._server.wait()
            except TimeoutError:
                self._server.send_signal(signal.SIGKILL)
        await self.stop()
        return self._server.returncode


CONVERTER = default_converter()


async def start(environ: dict[str, str], *begin: str) -> Client:
    """Start a server, by another program where `begin` is its command line."""
    client = Client()
    server = (*begin, sys.executable, "-m", "spec2rtl.cli", "lsp", "--stdio")
    await client.start_io(*server, env={**os.environ, **environ})
    return client
