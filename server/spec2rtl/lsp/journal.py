"""The journal, asked beside the event loop."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from spec2rtl.journal.store import Journal
from spec2rtl.wiring import open_journal

T = TypeVar("T")


async def in_journal(ask: Callable[[Journal], T]) -> T:
    """Ask the journal something, or write to it; raises `InputError`."""

    def opened() -> T:
        with open_journal() as journal:
            return ask(journal)

    return await asyncio.to_thread(opened)
