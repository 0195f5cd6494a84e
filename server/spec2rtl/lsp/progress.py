"""Work-done progress of one request, with its cancel button, where the client shows any."""

import asyncio
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Self

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from spec2rtl.lsp.server import Server

_ANSWER_SECONDS = 5.0

Token = types.ProgressToken | None
"""Under which a request wants to be told of its progress."""

_Value = types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd


class Progress:
    """`async with Progress(ls, title, on_cancel=…) as progress: progress.report(text)`.

    `token` is the client's own, where it gave one with its request.
    """

    def __init__(
        self,
        ls: Server,
        title: str,
        *,
        token: Token = None,
        on_cancel: Callable[[], object] | None = None,
        unasked: bool = True,
    ) -> None:
        """`on_cancel` None: the button cancels the task that shows it.

        `unasked` False: shown only to a client that gave a token; others have the events.
        """
        self._ls, self._title, self._token, self._on_cancel = ls, title, token, on_cancel
        self._creates = unasked and ls.client.progress
        self._last = ""

    async def __aenter__(self) -> Self:
        if self._token is None and self._creates:
            self._token = await self._created()
        task = asyncio.current_task()
        if self._token is not None and task:
            self._ls.buttons[self._token] = self._on_cancel or task.cancel
        self._tell(types.WorkDoneProgressBegin(title=self._title, cancellable=True))
        return self

    async def _created(self) -> str | None:
        """A token that the client knows; None where it wants none."""
        token = str(uuid.uuid4())
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._ls.protocol.send_request_async(
                    types.WINDOW_WORK_DONE_PROGRESS_CREATE,
                    types.WorkDoneProgressCreateParams(token),
                )
        except (TimeoutError, JsonRpcException):
            return None
        return token

    def report(self, message: str) -> None:
        """Show a line; the same line again is not sent."""
        if message != self._last:
            self._last = message
            self._tell(types.WorkDoneProgressReport(message=message))

    def _tell(self, value: _Value) -> None:
        if self._token is not None:
            self._ls.progress(types.ProgressParams(self._token, value))

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._token is not None:
            self._ls.buttons.pop(self._token, None)
        self._tell(types.WorkDoneProgressEnd(message=self._last or None))
