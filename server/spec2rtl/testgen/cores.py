"""Many calls of the tools at once."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def on_all_cores(
    items: Iterable[T], work: Callable[[T], Awaitable[R]], jobs: int | None = None
) -> AsyncGenerator[R, None]:
    """Give the results in the items' order, with as many under way as there are cores.

    The tools are processes of their own: one event loop keeps them all busy.
    """
    room = asyncio.Semaphore(jobs or os.cpu_count() or 1)

    async def one(item: T) -> R:
        async with room:
            return await work(item)

    tasks = [asyncio.ensure_future(one(item)) for item in items]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
