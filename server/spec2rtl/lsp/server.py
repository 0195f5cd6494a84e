"""The server: which features and commands there are, what they share, its start and its end.

A feature's module is imported with its first use: the editor waits for `initialize`, and for
nothing else.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from spec2rtl.lsp import transport, wire
from spec2rtl.lsp.client import Client, read_client
from spec2rtl.lsp.documents import Documents
from spec2rtl.lsp.protocol import Protocol

if TYPE_CHECKING:
    from spec2rtl.backends.warm import Warm
    from spec2rtl.lsp.checker import Checker
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

FEATURES: dict[str, tuple[str, Any]] = {
    types.INITIALIZED: ("sync.initialized", None),
    types.TEXT_DOCUMENT_DID_OPEN: ("sync.opened", None),
    types.TEXT_DOCUMENT_DID_CHANGE: ("sync.changed", None),
    types.TEXT_DOCUMENT_DID_SAVE: ("saving.saved", None),
    types.TEXT_DOCUMENT_DID_CLOSE: ("sync.closed", None),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: ("sync.files_changed", None),
    types.WORKSPACE_DID_RENAME_FILES: ("sync.files_moved", FILE_OPERATIONS),
    types.WORKSPACE_DID_DELETE_FILES: ("sync.files_deleted", FILE_OPERATIONS),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: ("sync.configuration_changed", None),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: ("sync.folders_changed", None),
    types.TEXT_DOCUMENT_CODE_ACTION: ("actions.actions", ACTIONS),
    types.CODE_ACTION_RESOLVE: ("actions.resolve", None),
    types.TEXT_DOCUMENT_CODE_LENS: ("lenses.lenses", types.CodeLensOptions()),
    types.TEXT_DOCUMENT_HOVER: ("hover.hover", None),
    types.TEXT_DOCUMENT_DEFINITION: ("definition.definition", None),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: ("symbols.symbols", None),
    types.TEXT_DOCUMENT_COMPLETION: (
        "completion.completion",
        types.CompletionOptions(trigger_characters=[".", "("]),
    ),
}
"""Each feature's function, as MODULE.NAME in this package, and its options."""

PULL = "diagnostics.pull"

COMMANDS: dict[str, tuple[str, type[msgspec.Struct] | None]] = {
    wire.GENERATE: ("commands.generate", wire.GenerateArgs),
    wire.REPAIR: ("commands.repair", wire.RepairArgs),
    wire.EDIT: ("commands.edit", wire.EditArgs),
    wire.UPDATE: ("commands.update", wire.UpdateArgs),
    wire.REFLECT: ("reflect.reflect", wire.ReflectArgs),
    wire.CHECK: ("tools.check", wire.FileArgs),
    wire.SIMULATE: ("tools.simulate", wire.SimulateArgs),
    wire.DOCTOR: ("tools.doctor", None),
    wire.CANCEL: ("history.cancel", wire.RunArgs),
    wire.RUNS: ("history.runs", wire.RunsArgs),
    wire.RUN: ("history.run", wire.RunArgs),
    wire.RESUME_RUN: ("commands.resume", wire.RunArgs),
    wire.EXPORT_RUN: ("history.export", wire.RunArgs),
    wire.DELETE_RUN: ("history.delete", wire.RunArgs),
    wire.APPLY_RUN: ("history.apply", wire.ApplyRunArgs),
    wire.TESTS: ("tests.tests", wire.TestsArgs),
    wire.SPECS: ("specs.specs", None),
}
"""Each command's function and the type of its one argument, which may be left out."""

OPTIONAL = frozenset((wire.RUNS, wire.TESTS))
"""Commands that need no argument although they take one."""

logger = logging.getLogger(__name__)


class Server(LanguageServer):
    """What the features share: documents, client, settings, index, checks, runs, offers."""

    protocol: Protocol  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            "spec2rtl",
            version("spec2rtl"),
            protocol_cls=Protocol,
            converter_factory=default_converter,
        )
        self.documents = Documents()
        self.client = Client()
        self.consented: set[wire.Risk] = set()
        self.consenting = asyncio.Lock()
        self.editor: int | None = None
        self.surveyed = asyncio.Event()
        """Set when the workspace's files have been found."""
        self.buttons: dict[types.ProgressToken, Callable[[], object]] = {}
        self._background: set[asyncio.Task[Any]] = set()
        self.feature(types.INITIALIZE)(_initialize)
        for method, (place, options) in FEATURES.items():
            self.feature(method, options)(_feature(self, place))
        # They are listed in our capabilities; `execute` carries them out.
        cast("Any", self.protocol.fm).commands.update(dict.fromkeys(COMMANDS, self.execute))

    @cached_property
    def workspaces(self) -> "Workspaces":
        """Settings and trust of each folder."""
        from spec2rtl.lsp.workspace import Workspaces

        return Workspaces(self)

    @cached_property
    def index(self) -> "Index":
        """Which file of the workspace defines which module."""
        from spec2rtl.lsp.index import Index

        return Index()

    @cached_property
    def checker(self) -> "Checker":
        """What is wrong in the open documents."""
        from spec2rtl.lsp.checker import Checker

        return Checker(self)

    @cached_property
    def runs(self) -> "Runs":
        """The runs that are going on."""
        from spec2rtl.lsp.runs import Runs

        return Runs(self)

    @cached_property
    def warm(self) -> "Warm":
        """The models that stay loaded between runs."""
        from spec2rtl.backends.warm import Warm

        return Warm()

    @cached_property
    def offers(self) -> "Offers":
        """Results that wait to be accepted."""
        from spec2rtl.lsp.offers import Offers

        return Offers()

    @cached_property
    def watch(self) -> "Watch":
        """Who tells us of files that change outside the editor."""
        from spec2rtl.lsp.watch import Watch

        return Watch(self)

    async def execute(self, params: types.ExecuteCommandParams) -> Any:
        """Carry out a command; its answer is plain data."""
        if params.command not in COMMANDS:
            raise JsonRpcInvalidParams(f"{params.command}: no such command")
        place, kind = COMMANDS[params.command]
        function = _function(place)
        if kind is None:
            answer = await function(self, params.work_done_token)
        else:
            argument = _argument(params, kind)
            answer = await function(self, argument, params.work_done_token)
        return msgspec.to_builtins(answer)

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
        """A fault of ours: logged with all there is, shown in one line."""
        logger.error("%s", error, exc_info=error)
        self.log(f"Spec2RTL: internal error: {error}", types.MessageType.Error)

    def emit(self, method: str, params: object) -> None:
        """Send one of our own notifications, to a client that asked for them."""
        if self.client.options.events:
            self.protocol.send_json(method, params)

    async def aclose(self) -> None:
        """End every run, worker and watcher; nothing of ours is left behind."""
        state = vars(self)
        for name in ("watch", "runs", "checker", "warm"):
            if name in state:
                await state[name].aclose()
        for task in tuple(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)


def _function(place: str) -> Any:
    module, name = place.split(".")
    return getattr(import_module(f"spec2rtl.lsp.{module}"), name)


def _feature(server: Server, place: str) -> Any:
    async def handle(params: Any) -> Any:
        return await _function(place)(server, params)

    return handle


def _argument(params: types.ExecuteCommandParams, kind: type[msgspec.Struct]) -> msgspec.Struct:
    given = list(params.arguments or ())
    if not given and params.command in OPTIONAL:
        return kind()
    if len(given) != 1:
        raise JsonRpcInvalidParams(f"{params.command}: one argument is wanted, an object")
    try:
        return msgspec.convert(given[0], kind)
    except msgspec.ValidationError as error:
        raise JsonRpcInvalidParams(f"{params.command}: {error}") from None


async def _initialize(ls: Server, params: types.InitializeParams) -> None:
    given = params.initialization_options
    try:
        options = msgspec.convert(given if isinstance(given, dict) else {}, wire.Options)
    except msgspec.ValidationError as error:
        options = wire.Options(trusted=False)
        ls.tell(f"Spec2RTL: initializationOptions: {error}: ignored", types.MessageType.Warning)
    ls.client = read_client(params.capabilities, options)
    if params.process_id is not None and _alive(params.process_id):
        ls.editor = params.process_id  # else it is a number of another machine or container
    ls.documents.encoding = ls.workspace.position_encoding or types.PositionEncodingKind.Utf16
    if ls.client.pulls:
        ls.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, DIAGNOSTICS)(_feature(ls, PULL))


async def _serve(tcp: str | None) -> int:
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


def serve(tcp: str | None = None) -> int:
    """Serve one client over stdio, or over a socket at HOST:PORT; returns the exit code.

    Raises `ConfigError`.
    """
    logging.basicConfig(level=os.environ.get("SPEC2RTL_LOG", "ERROR").upper(), stream=sys.stderr)
    return asyncio.run(_serve(tcp))
