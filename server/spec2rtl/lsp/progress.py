"""Work-done progress of one request, with its cancel button, where the client shows any."""

import asyncio
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from spec2rtl.lsp.server import Server

_ANSWER_SECONDS = 5.0


class Progress:
    """`async with Progress(ls, title, on_cancel=…) as progress: progress.report(text)`.

    `token` is the client's own, where it gave one with its request.
    """

    def __init__(
        self,
        ls: "Server",
        title: str,
        *,
        token: types.ProgressToken | None = None,
        on_cancel: Callable[[], object] | None = None,
    ) -> None:
        self._ls, self._title, self._token, self._on_cancel = ls, title, token, on_cancel
        self._shown = token is not None
        self._last = ""

    async def __aenter__(self) -> Self:
        if self._token is None and self._ls.client.progress:
            self._token = str(uuid.uuid4())
            self._shown = await self._created(self._token)
        if self._shown and self._token is not None:
            progress = self._ls.work_done_progress
            cancellable = self._on_cancel is not None
            begin = types.WorkDoneProgressBegin(title=self._title, cancellable=cancellable)
            progress.begin(self._token, begin)
            loop = asyncio.get_running_loop()
            if self._on_cancel is not None:
                call = self._on_cancel
                progress.tokens[self._token].add_done_callback(
                    lambda future: loop.call_soon(call) if future.cancelled() else None
                )
        return self

    async def _created(self, token: types.ProgressToken) -> bool:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._ls.work_done_progress.create_async(token)
        except (TimeoutError, JsonRpcException):
            return False
        return True

    def report(self, message: str) -> None:
        """Show a line; the same line again is not sent."""
        if self._shown and self._token is not None and message != self._last:
            self._last = message
            report = types.WorkDoneProgressReport(message=message)
            self._ls.work_done_progress.report(self._token, report)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown and self._token is not None:
            progress = self._ls.work_done_progress
            progress.tokens.pop(self._token, None)
            progress.end(self._token, types.WorkDoneProgressEnd(message=self._last or None))
