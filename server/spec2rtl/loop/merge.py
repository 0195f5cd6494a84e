"""Several event streams as one, ended at once by a stop."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Literal, TypeVar

StopReason = Literal["cancelled", "seconds", "tokens", "cost"]
T = TypeVar("T")


class Stop:
    """A request to end a run, with the first reason given for it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._reason: StopReason | None = None

    def set(self, reason: StopReason) -> None:
        """Ask the run to end."""
        self._reason = self._reason or reason
        self._event.set()

    @property
    def reason(self) -> StopReason | None:
        """Why the run shall end; None: it shall not."""
        return self._reason

    async def wait(self) -> None:
        """Wait until the run shall end."""
        await self._event.wait()


class _End:
    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


async def merge(
    streams: Sequence[AsyncGenerator[T, None]], *, parallel: int, stop: Stop
) -> AsyncGenerator[T, None]:
    """Yield the items of all streams as they come, at most `parallel` streams at a time.

    A stream's exception is raised here. When this generator ends, for whatever reason, every
    stream has been closed: a cancelled stream has ended its processes and requests.
    """
    queue: asyncio.Queue[T | _End] = asyncio.Queue()
    gate = asyncio.Semaphore(parallel)

    async def pump(stream: AsyncGenerator[T, None]) -> None:
        try:
            async with gate, aclosing(stream):
                async for item in stream:
                    queue.put_nowait(item)
                    # A stream goes on, or the next begins, only when the listener had its say.
                    await queue.join()
        except Exception as error:
            queue.put_nowait(_End(error))
        else:
            queue.put_nowait(_End())

    async def watch() -> None:
        await stop.wait()
        queue.put_nowait(_End())
        stopped.set()

    stopped = asyncio.Event()
    tasks = [asyncio.create_task(pump(stream)) for stream in streams]
    watcher = asyncio.create_task(watch())
    running = len(tasks)
    try:
        while running and not stopped.is_set():
            item = await queue.get()
            if not isinstance(item, _End):
                yield item
                queue.task_done()
                continue
            queue.task_done()
            if item.error:
                raise item.error
            running -= 1
    finally:
        for task in (*tasks, watcher):
            task.cancel()
        await asyncio.gather(*tasks, watcher, return_exceptions=True)
