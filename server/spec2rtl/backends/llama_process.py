"""Our side of the llama.cpp process: start it, know whether it lives, end it."""

import asyncio
import os
import secrets
import sys
from collections import deque
from pathlib import Path
from typing import Self

import msgspec

from spec2rtl.backends.llama_server import Order, Ready
from spec2rtl.errors import BackendError

# llama.cpp's threads wait for each other many times a token. Left to spin as long as OpenMP likes,
# a thread takes the core that the one it waits for needs: beside a busy simulator that made
# replies 5 to 10 times slower.
THREADING = {"GOMP_SPINCOUNT": "2000"}

_LAST_LINES = 20


class LlamaProcess:
    """A running server; `url` and `key` are what a client needs."""

    def __init__(self, child: asyncio.subprocess.Process, key: str) -> None:
        self.url = ""
        self.key = key
        self._child = child
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, model: Path, *, name: str) -> Self:
        """Load a model and wait until it is served; raises `BackendError`."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # nothing is imported from the folder that we happen to be in
            "-m",
            "spec2rtl.backends.llama_server",
            stdin=asyncio.subprocess.PIPE,  # its end is what tells the child that we are gone
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=THREADING | os.environ,
            start_new_session=True,  # Ctrl-C is for us to handle
        )
        process = cls(child, secrets.token_urlsafe(32))
        try:
            ready = await process._order(model)
            if ready.error:
                said = await process.stop()
                raise BackendError(f"{name}: {ready.error}{said}")
            process.url = f"{ready.url}/v1"
        except BaseException:
            await process.stop()
            raise
        return process

    @property
    def pid(self) -> int:
        """The child's process number."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Does the child still run?"""
        return self._child.returncode is None

    async def died(self, seconds: float) -> bool:
        """Wait a moment for the child's end: a broken connection is seen before it is."""
        try:
            async with asyncio.timeout(seconds):
                await self._child.wait()
        except TimeoutError:
            return False
        return True

    async def stop(self) -> str:
        """End the child if it still runs; returns what it said last, ready to be appended."""
        if self.alive:
            self._child.kill()  # it has nothing to save
        await self._child.wait()
        await self._listener
        return f" ({self._lines[-1]})" if self._lines else ""

    async def _order(self, model: Path) -> Ready:
        stdin, stdout = self._child.stdin, self._child.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(msgspec.json.encode(Order(str(model), self.key)) + b"\n")
        line = await stdout.readline()
        if not line:
            code = await self._child.wait()
            return Ready(error=f"llama.cpp ended with status {code} while it loaded the model")
        return msgspec.json.decode(line, type=Ready)

    async def _listen(self) -> None:
        """Read what the child complains of, so that its pipe never fills."""
        stderr = self._child.stderr
        assert stderr is not None
        while chunk := await stderr.read(1 << 16):
            lines = chunk.decode("utf-8", "replace").splitlines()
            self._lines.extend(line.strip()[:200] for line in lines if line.strip())
