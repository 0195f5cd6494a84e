"""The server: what it says that it can do, what its features share, its start and its end."""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams, JsonRpcInvalidRequest, JsonRpcMethodNotFound
from pygls.lsp.server import LanguageServer

from spec2rtl.lsp import transport, wire
from spec2rtl.lsp.client import Client
from spec2rtl.lsp.documents import Documents
from spec2rtl.lsp.protocol import Protocol

if TYPE_CHECKING:
    from spec2rtl.backends.warm import Warm
    from spec2rtl.lsp.checker import Checker
    from spec2rtl.lsp.features import Features
    from spec2rtl.lsp.fixes import Fixes
    from spec2rtl.lsp.index import Index
    from spec2rtl.lsp.offers import Offers
    from spec2rtl.lsp.runs import Runs
    from spec2rtl.lsp.watch import Watch
    from spec2rtl.lsp.workspace import Workspaces

ACTIONS = types.CodeActionOptions(
    code_action_kinds=[
        types.CodeActionKind.QuickFix,
        types.CodeActionKind.RefactorRewrite,
        "source.fixAll.spec2rtl",
    ],
    resolve_provider=True,
)
DIAGNOSTICS = types.DiagnosticOptions(
    identifier="spec2rtl", inter_file_dependencies=True, workspace_diagnostics=False
)

FILE_OPERATIONS = types.FileOperationRegistrationOptions(
    [types.FileOperationFilter(types.FileOperationPattern("**/*"), scheme="file")]
)

_SURVEY_SECONDS = 10.0
"""What the survey of a workspace may take before one goes on without it."""

METHODS: dict[str, Any] = {
    types.INITIALIZED: None,
    types.TEXT_DOCUMENT_DID_OPEN: None,
    types.TEXT_DOCUMENT_DID_CHANGE: None,
    types.TEXT_DOCUMENT_DID_SAVE: None,
    types.TEXT_DOCUMENT_DID_CLOSE: None,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: None,
    types.WORKSPACE_DID_RENAME_FILES: FILE_OPERATIONS,
    types.WORKSPACE_DID_DELETE_FILES: FILE_OPERATIONS,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: None,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: None,
    types.TEXT_DOCUMENT_CODE_ACTION: ACTIONS,
    types.CODE_ACTION_RESOLVE: None,
    types.TEXT_DOCUMENT_CODE_LENS: types.CodeLensOptions(),
    types.TEXT_DOCUMENT_HOVER: None,
    types.TEXT_DOCUMENT_DEFINITION: None,
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: None,
    types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(trigger_characters=[".", "("]),
}
"""What we say at `initialize` that we serve, with its options."""

_CLIENTS_FAULTS = (JsonRpcInvalidParams, JsonRpcInvalidRequest, JsonRpcMethodNotFound)
"""Whoever asked is answered by these: nothing is wrong with us."""

logger = logging.getLogger(__name__)


class Server(LanguageServer):
    """What the features share: documents, client, settings, index, checks, runs, offers."""

    protocol: Protocol  # pyright: ignore[reportIncompatibleVariableOverride]

    workspaces: "Workspaces"
    """Settings and trust of each folder."""
    index: "Index"
    """Which file of the workspace defines which module."""
    checker: "Checker"
    """What is wrong in the open documents."""
    fixes: "Fixes"
    """What can be repaired there."""
    runs: "Runs"
    """The runs that are going on."""
    warm: "Warm"
    """The models that stay loaded between runs."""
    offers: "Offers"
    """Results that wait to be accepted."""
    watch: "Watch"
    """Who tells us of files that change outside the editor."""

    def __init__(self) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            "spec2rtl", version("spec2rtl"), protocol_cls=Protocol
        )
        self.documents = Documents()
        self.client = Client()
        self.consented: set[str] = set()
        self.consenting = asyncio.Lock()
        self.editor: int | None = None
        self.surveyed = asyncio.Event()
        """Set when the workspace's files have been found."""
        self.buttons: dict[types.ProgressToken, Callable[[], object]] = {}
        self._patient = True
        self._background: set[asyncio.Task[Any]] = set()
        self.feature(types.INITIALIZE)(_initialize)
        for method, options in METHODS.items():
            self.feature(method, options)(_handler(self, method))
        # They are listed in our capabilities; `Features` carries them out.
        cast("Any", self.protocol.fm).commands.update(dict.fromkeys(wire.ARGUMENTS))

    @cached_property
    def features(self) -> "Features":
        """What answers; made with the first message after `initialize`."""
        from spec2rtl.lsp.features import Features

        return Features(self)

    async def survey_ended(self) -> None:
        """Wait until it is known which file declares what; in a huge workspace, not for ever."""
        if self._patient and not self.surveyed.is_set():
            try:
                await asyncio.wait_for(self.surveyed.wait(), _SURVEY_SECONDS)
            except TimeoutError:
                self._patient = False  # nobody else waits as long; its end checks all anew

    def background(self, work: Any) -> asyncio.Task[Any]:
        """Run a coroutine beside the requests; what it raises is logged."""
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        task.add_done_callback(self._report)
        return task

    def _report(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()):
            logger.error("background task failed", exc_info=error)
            self.log(f"Spec2RTL: {error}", types.MessageType.Error)

    def log(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Write a line to the editor's log."""
        self.window_log_message(types.LogMessageParams(kind, message))

    def tell(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show the user a line."""
        self.window_show_message(types.ShowMessageParams(kind, message))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """A fault of ours: all there is of it on stderr, a line of it in the editor's log."""
        if isinstance(error, _CLIENTS_FAULTS):
            logger.warning("%s", error)
            return
        logger.error("%s", error, exc_info=error)
        self.log(f"Spec2RTL: internal error: {error}", types.MessageType.Error)

    def emit(self, method: str, params: object) -> None:
        """Send one of our own notifications, to a client that asked for them."""
        if self.client.options.events:
            self.protocol.send_json(method, params)

    def refresh_lenses(self) -> None:
        """Let the editor ask for the lenses again."""
        if self.client.refreshes_lenses:
            self.background(self.protocol.ask(types.WORKSPACE_CODE_LENS_REFRESH, None))

    async def aclose(self) -> None:
        """End every run, worker and watcher; nothing of ours is left behind."""
        if "features" in vars(self):
            await self.features.aclose()
        for task in tuple(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)


def _handler(server: Server, method: str) -> Callable[[Any], Awaitable[object]]:
    async def handle(params: Any) -> object:
        return await server.features.answer(method, params)

    return handle


async def _initialize(ls: Server, params: types.InitializeParams) -> None:
    given = params.initialization_options
    try:
        options = msgspec.convert(given if isinstance(given, dict) else {}, wire.Options)
    except msgspec.ValidationError as error:
        options = wire.Options(trusted=False)
        ls.tell(f"Spec2RTL: initializationOptions: {error}: ignored", types.MessageType.Warning)
    ls.client = Client(options, params.capabilities)
    if params.process_id is not None and _alive(params.process_id):
        ls.editor = params.process_id  # else it is a number of another machine or container
    ls.documents.encoding = ls.workspace.position_encoding or types.PositionEncodingKind.Utf16
    if ls.client.pulls:
        ls.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, DIAGNOSTICS)(
            _handler(ls, types.TEXT_DOCUMENT_DIAGNOSTIC)
        )


_SWITCH_SECONDS = 0.0005
"""After which a thread that computes lets the editor's next message in: a tenth of the usual."""


async def _serve(tcp: str | None) -> int:
    sys.setswitchinterval(_SWITCH_SECONDS)
    server = Server()
    if tcp is None:
        reader, writer = await transport.stdio()
    else:
        reader, writer = await transport.accept(*transport.address(tcp))
    protocol = server.protocol
    protocol.set_writer(writer)
    ends = [
        asyncio.create_task(_receive(reader, protocol)),
        asyncio.create_task(_orphaned(server)),
    ]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in ends:
            task.cancel()
        await server.aclose()
        await protocol.close()
    return protocol.exit_code if protocol.exit_code is not None else 1


async def _receive(reader: asyncio.StreamReader, protocol: Protocol) -> None:
    """Take messages until the client says `exit` or is gone."""
    while protocol.exit_code is None:
        body = await transport.read_message(reader, protocol.complain)
        if body is None:
            return
        protocol.receive(body)
        # A handler begins before the next message is taken: it sees the text it was asked about.
        await asyncio.sleep(0)


_POLL_SECONDS = 2.0


async def _orphaned(server: Server) -> None:
    """Wait until the editor's process is gone, should its pipes outlive it."""
    while server.editor is None or _alive(server.editor):  # noqa: ASYNC110 (nothing tells us)
        await asyncio.sleep(_POLL_SECONDS)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True


def _ours(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], _CLIENTS_FAULTS))


def serve(tcp: str | None = None) -> int:
    """Serve one client over stdio, or over a socket at HOST:PORT; returns the exit code.

    Raises `ConfigError`.
    """
    logging.basicConfig(level=os.environ.get("SPEC2RTL_LOG", "ERROR").upper(), stream=sys.stderr)
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_ours)  # it logs each with a traceback
    return asyncio.run(_serve(tcp))
