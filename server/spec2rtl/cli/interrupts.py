"""Ctrl-C and SIGTERM while an event loop runs, and while it closes."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

from spec2rtl.cli.start import leave

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def on_interrupt(do: Callable[[], object]) -> Generator[None]:
    """Have the running loop call `do`; once the block is left, a signal ends the process at once.

    One that met the loop as it closes would be written to its closed socket, with a traceback.
    """
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, do)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, leave)


def interruptible(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; Ctrl-C cancels it, and with it every process that it started."""

    async def cancellable() -> T:
        task = asyncio.current_task()
        assert task is not None
        with on_interrupt(task.cancel):
            return await work

    try:
        return asyncio.run(cancellable())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
