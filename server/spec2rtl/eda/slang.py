"""slang in a child process that stays warm, and is killed when it hangs.

It says columns, codes and notes that iverilog doesn't, and reads on after an error; but it also
accepts what iverilog can't simulate, so its word alone makes no design good.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import structs

import spec2rtl
from spec2rtl.eda.slang_wire import Answer, Request
from spec2rtl.errors import ToolError
from spec2rtl.process import watchdog
from spec2rtl.process.sandbox import Binds, Rlimits, Sandbox
from spec2rtl.rtl import Design, Diagnostic

_LINE = 256 << 20
"""How long an answer's line may be; the worker's memory is bounded, so this is never met."""
_START_SECONDS = 30.0
PLACED = frozenset(("syntax-error", "missing-end", "missing-endmodule"))
"""Codes of the faults that slang places better than iverilog."""

_answers = msgspec.json.Decoder(Answer)


class Slang:
    """A warm worker, started with the first question; one question at a time.

    It belongs to the event loop that asked first.
    """

    def __init__(self, sandbox: Sandbox | None = None, *, seconds: float = 10.0) -> None:
        self._sandbox = sandbox or Rlimits()
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process group, while there is one."""
        return self._child.pid if self._child else None

    async def check(self, design: Design) -> tuple[Diagnostic, ...] | None:
        """Read and elaborate a design; None when slang died or took too long."""
        return await self._ask(_request(design, parse_only=False))

    async def parse(self, design: Design) -> tuple[Diagnostic, ...] | None:
        """Read a design without elaborating it; None when slang died or took too long."""
        return await self._ask(_request(design, parse_only=True))

    async def aclose(self) -> None:
        """End the worker."""
        async with self._turn:
            await self._stop()

    async def _ask(self, request: Request) -> tuple[Diagnostic, ...] | None:
        async with self._turn:
            child = await self._running()
            answered = False
            try:
                async with asyncio.timeout(self._seconds):
                    line = await _talk(child, msgspec.json.encode(request))
                answered = line.endswith(b"\n")
            except (TimeoutError, ConnectionError):
                return None
            finally:
                if not answered:  # also when we are cancelled: the answer would be the next one's
                    await self._stop()
            return _answers.decode(line).diagnostics if answered else None

    async def _running(self) -> asyncio.subprocess.Process:
        if self._child and self._child.returncode is None:
            return self._child
        await self._stop()
        child = self._child = await _start(self._sandbox)
        line = b""
        try:
            async with asyncio.timeout(_START_SECONDS):
                assert child.stdout is not None
                line = await child.stdout.readline()
        except TimeoutError:
            pass
        finally:
            if not line:  # also when we are cancelled: it would greet whoever asks next
                await self._stop()
        if not line:
            raise ToolError(
                "slang's worker doesn't start; try: pip install --force-reinstall pyslang"
            )
        return child

    async def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        # Not `wait`: a pipe that is still open when the event loop closes complains at exit.
        await asyncio.shield(child.communicate())
        watchdog.release(child.pid)


def place(found: Sequence[Diagnostic], slang: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Move iverilog's syntax errors to where slang sees them, with slang's words added.

    iverilog names the line where its parser stopped, often the one after the fault. `slang` is
    what slang's parser found.
    """
    faults = sorted((d for d in slang if d.severity == "error"), key=_start_of)
    return tuple(_placed(d, _nearest(d, faults)) if d.code in PLACED else d for d in found)


def _nearest(stopped: Diagnostic, faults: list[Diagnostic]) -> Diagnostic | None:
    """The last fault not below the line where the parser stopped; each is taken once."""
    before = [f for f in faults if f.file == stopped.file and f.line <= stopped.end_line]
    if not before:
        return None
    # One line may hold several: the first of them is the cause, the rest follow from it.
    fault = next(f for f in before if f.line == before[-1].line)
    for taken in before:
        faults.remove(taken)
    return fault


def _placed(stopped: Diagnostic, fault: Diagnostic | None) -> Diagnostic:
    if fault is None:
        return stopped
    return structs.replace(
        stopped,
        line=fault.line,
        column=fault.column,
        end_line=fault.end_line,
        end_column=fault.end_column,
        message=f"{stopped.message}; {fault.message}",
        related=(*stopped.related, *fault.related),
    )


def _start_of(diagnostic: Diagnostic) -> tuple[str, int, int]:
    return diagnostic.file, diagnostic.line, diagnostic.column


def _request(design: Design, *, parse_only: bool) -> Request:
    return Request(design.sources, design.headers, design.defines, design.top, parse_only)


async def _start(sandbox: Sandbox) -> asyncio.subprocess.Process:
    root = Path(spec2rtl.__file__).parent.parent
    command = [sys.executable, "-P", "-m", "spec2rtl.eda.slang_worker"]
    child = await asyncio.create_subprocess_exec(
        *sandbox.wrap(command, Binds(read=(root,))),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # In `/`, no header of the workspace is found but those that the design holds.
        cwd="/",
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(root),
        },
        start_new_session=True,
        limit=_LINE,
    )
    watchdog.guard(child.pid)
    return child


async def _talk(child: asyncio.subprocess.Process, request: bytes) -> bytes:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(request + b"\n")
    await child.stdin.drain()
    return await child.stdout.readline()
