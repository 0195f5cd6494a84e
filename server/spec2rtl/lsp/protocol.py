"""The protocol as we speak it: pygls, with our own documents, commands, errors and end."""

import asyncio
import inspect
from collections.abc import Generator
from concurrent.futures import InvalidStateError
from typing import TYPE_CHECKING, Any, cast

import msgspec
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidRequest,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

if TYPE_CHECKING:
    from spec2rtl.lsp.server import Server

Steps = Generator[Any, Any, None]


class Protocol(LanguageServerProtocol):
    """pygls' protocol where that loses requests, texts or the way out.

    Its documents split lines at form feeds, cancelling a command leaves its handler running, an
    unreadable request gets no answer, and `exit` ends the process in the middle of a callback.
    """

    _server: "Server"  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, server: "Server", converter: Any) -> None:
        super().__init__(server, converter)
        self.exit_code: int | None = None
        self._complained = False

    def receive(self, body: bytes) -> None:
        """Take one message; what is none is answered or complained of."""
        try:
            data = msgspec.json.decode(body)
        except msgspec.DecodeError as error:
            self.complain(f"a message that is not JSON ({error})")
            return
        if not isinstance(data, dict) or "jsonrpc" not in data:
            self.complain("a message that is not JSON-RPC")
            return
        message = cast("dict[str, Any]", data)
        if why := self._untimely(message.get("method")):
            if "id" in message:
                self._send_response(message["id"], error=why.to_response_error())
            return
        try:
            self.handle_message(cast("Any", self.structure_message(message)))
        except JsonRpcException as error:
            if "id" in message and "method" in message:
                self._send_response(message["id"], error=error.to_response_error())
            else:
                self.complain(f"a {message.get('method', 'message')} that can't be read")
        except InvalidStateError:
            pass  # the answer to a request that nobody waits for any more
        except Exception as error:
            self._server.report_server_error(error, JsonRpcException)

    def _untimely(self, method: str | None) -> JsonRpcException | None:
        """Why a message comes too early or too late; None where it doesn't."""
        if method in (None, types.SHUTDOWN, types.EXIT):
            return None
        if self._shutdown:
            return JsonRpcInvalidRequest("the server was shut down")
        begun = self._workspace is not None
        if (method == types.INITIALIZE) == begun:
            kind = JsonRpcInvalidRequest if begun else JsonRpcServerNotInitialized
            return kind("`initialize` comes first, and once")
        return None

    def complain(self, what: str) -> None:
        """Tell the user once that the client sends garbage; the log gets all of it."""
        text = f"Spec2RTL: ignored {what} from the editor"
        self._server.log(text, types.MessageType.Warning)
        if not self._complained:
            self._complained = True
            self._server.tell(text, types.MessageType.Warning)

    def written(self, answer: object) -> msgspec.Raw:
        """A large answer as it will be sent: written by a thread, it keeps nobody waiting."""
        return msgspec.Raw(msgspec.json.encode(self._converter.unstructure(answer)))

    def _send_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        if isinstance(result, msgspec.Raw):
            self._result_types.pop(msg_id, None)
            self._send_json({"id": msg_id, "result": result})
        else:
            super()._send_response(msg_id, result, error)

    def send_json(self, method: str, params: object) -> None:
        """Send a notification whose parameters are ours, encoded in one go."""
        self._send_json({"method": method, "params": params})

    def _send_json(self, message: dict[str, object]) -> None:
        body = msgspec.json.encode({"jsonrpc": "2.0", **message})
        if self.writer is not None:
            self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def ask(self, method: str, params: Any) -> Any:
        """Send a request; None where the client has no answer."""
        try:
            return await self.send_request_async(method, params)
        except (JsonRpcException, asyncio.InvalidStateError):
            return None

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Steps:
        """Take an opened document."""
        self._server.documents.opened(params.text_document)
        yield self._handler(types.TEXT_DOCUMENT_DID_OPEN), (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Steps:
        """Take a document's next version."""
        self._server.documents.changed(params.text_document, params.content_changes)
        yield self._handler(types.TEXT_DOCUMENT_DID_CHANGE), (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Steps:
        """Forget a document."""
        self._server.documents.closed(params.text_document.uri)
        yield self._handler(types.TEXT_DOCUMENT_DID_CLOSE), (params,), None

    def _handler(self, method: str) -> Any:
        return cast("Any", self.fm).features[method]

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, params: types.WorkDoneProgressCancelParams
    ) -> None:
        """Do what the cancel button is for."""
        if press := self._server.buttons.pop(params.token, None):
            press()

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, params: types.ExecuteCommandParams
    ) -> Any:
        """Carry out a command in a task of its own, which `$/cancelRequest` cancels."""
        return await self._server.features.execute(params)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Let the loop that reads messages end."""
        self.exit_code = 0 if self._shutdown else 1

    async def close(self) -> None:
        """Send what is still to be sent."""
        writer, self.writer = self.writer, None
        if writer is not None and inspect.isawaitable(closed := writer.close()):
            await closed


def attribute(answer: Any, name: str) -> Any:
    """A field of an answer, whatever pygls has made of it."""
    if isinstance(answer, dict):
        return cast("dict[str, Any]", answer).get(name)
    return getattr(answer, name, None)
