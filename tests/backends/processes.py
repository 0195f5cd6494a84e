"""What tests wait for."""

import asyncio
import os
import select
import sys

import pytest

linux = pytest.mark.skipif(sys.platform != "linux", reason="waits for a process by its pidfd")


async def gone(pid: int) -> None:
    """Wait until a process, ours or not, is dead."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = await asyncio.to_thread(select.select, [handle], [], [], 20)
    finally:
        os.close(handle)
    assert ended
