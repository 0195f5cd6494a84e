"""Loading an SDK aside."""

import asyncio
import contextlib
import importlib
import threading


async def load(module: str) -> None:
    """Import a slow module in a thread, so that neither the event loop nor Ctrl-C waits for it.

    A daemon thread: those of an executor are joined at exit, however long the import takes.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def finish(error: BaseException | None) -> None:
        if done.done():  # cancelled meanwhile
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def work() -> None:
        error: BaseException | None = None
        try:
            importlib.import_module(module)
        except BaseException as failure:
            error = failure
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(finish, error)

    threading.Thread(target=work, name=f"import {module}", daemon=True).start()
    await done
