"""A module of ours in a process of its own: lines of JSON go in, lines of JSON come out.

The process is `python -m MODULE`; it ends when its standard input does: however its parent dies,
the kernel closes that pipe. `Worker` is the parent's end, `take_stdout` begins the child's.
"""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping
from typing import BinaryIO, Self

import msgspec
from msgspec import Struct

from spec2rtl.backends.retry import Policy, Retrier

# The threads of a model's runtime wait for each other many times a token. Left to spin as long as
# OpenMP likes, a thread takes the core that the one it waits for needs: beside a busy simulator
# that made llama.cpp's replies 5 to 10 times slower.
THREADING = {"GOMP_SPINCOUNT": "2000"}

AFRESH = Retrier(Policy(attempts=2, first=0.0))
"""A reply during which the worker dies is begun once more."""

DEATH_SECONDS = 1.0
"""How long after a failed request the worker's death may be noticed."""

_LAST_LINES = 20
_LINE = 1 << 20


class Worker:
    """A running child; whoever starts it stops it."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self._child = child
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, module: str, environ: Mapping[str, str] = os.environ) -> Self:
        """Start a module."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # nothing is imported from the folder that we happen to be in
            "-m",
            module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**THREADING, **environ},
            start_new_session=True,  # Ctrl-C is for us to handle
            limit=_LINE,
        )
        return cls(child)

    @property
    def pid(self) -> int:
        """The child's process number."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Does the child still run?"""
        return self._child.returncode is None

    def send(self, message: Struct) -> None:
        """Write a line; it is lost on a child that died."""
        stdin = self._child.stdin
        assert stdin is not None
        if not stdin.is_closing():
            stdin.write(msgspec.json.encode(message) + b"\n")

    async def line(self) -> bytes:
        """Read the next line; empty when the child has ended."""
        stdout = self._child.stdout
        assert stdout is not None
        return await stdout.readline()

    async def died(self, seconds: float) -> bool:
        """Wait a moment for the child's end: a broken connection is seen before it is."""
        try:
            async with asyncio.timeout(seconds):
                await self._child.wait()
        except TimeoutError:
            return False
        return True

    async def ended(self) -> str:
        """Wait for the end of a child that has closed its output; says how that was."""
        await self.died(DEATH_SECONDS)
        said = await self.stop()
        code = self._child.returncode or 0
        if code == -signal.SIGKILL:
            return f"signal {-code}, as when memory runs out{said}"
        return f"{f'signal {-code}' if code < 0 else f'status {code}'}{said}"

    async def stop(self) -> str:
        """End the child if it still runs; returns what it said last, ready to be appended."""
        if self.alive:
            self._child.kill()  # it has nothing to save
        await self._child.wait()
        await self._listener
        return f" ({self._lines[-1]})" if self._lines else ""

    async def _listen(self) -> None:
        """Read what the child complains of, so that its pipe never fills."""
        stderr = self._child.stderr
        assert stderr is not None
        while chunk := await stderr.read(1 << 16):
            lines = chunk.decode("utf-8", "replace").splitlines()
            self._lines.extend(line.strip()[:200] for line in lines if line.strip())


def take_stdout() -> BinaryIO:
    """Keep standard output for the protocol: what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out
