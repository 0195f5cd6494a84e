"""slang in a child process that stays warm, and is killed when it hangs.

It says columns, codes and notes that iverilog doesn't, and reads on after an error; but it also
accepts what iverilog can't simulate, so its word alone makes no design good.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import structs

import spec2rtl
from spec2rtl.eda.codes import CODES
from spec2rtl.eda.includes import distinct
from spec2rtl.eda.order import compile_order
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
_REFUSED = frozenset(("misplaced-trailing-separator",))
"""What slang's parser only warns of, and iverilog's stops at."""

_answers = msgspec.json.Decoder(Answer)


class Slang:
    """A warm worker, started with the first question; one question at a time.

    It belongs to the event loop that asked first. Pipes are read in threads: cancelled at any
    moment, also by the end of the loop, it leaves nothing behind.
    """

    def __init__(self, sandbox: Sandbox | None = None, *, seconds: float = 10.0) -> None:
        self._sandbox = sandbox or Rlimits()
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._child: subprocess.Popen[bytes] | None = None

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
            line = b""
            try:
                async with asyncio.timeout(self._seconds):
                    line = await asyncio.to_thread(_talk, child, msgspec.json.encode(request))
            except (TimeoutError, ConnectionError):
                return None
            finally:
                if not line.endswith(b"\n"):  # also when we are cancelled: it would answer the next
                    await self._stop()
            return _answers.decode(line).diagnostics if line.endswith(b"\n") else None

    async def _running(self) -> subprocess.Popen[bytes]:
        if self._child and self._child.poll() is None:
            return self._child
        await self._stop()
        child = self._child = _start(self._sandbox)
        line = b""
        try:
            async with asyncio.timeout(_START_SECONDS):
                line = await asyncio.to_thread(_hear, child)
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
        # A thread that reads from it sees the end of its output; cancelled, this one goes on.
        await asyncio.to_thread(_bury, child)


def place(found: Sequence[Diagnostic], slang: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Move iverilog's syntax errors to where slang sees them, with slang's words added.

    iverilog names the line where its parser stopped, often the one after the fault. `slang` is
    what slang's parser found.
    """
    faults = sorted(
        (d for d in slang if d.severity == "error" or d.code in _REFUSED), key=_start_of
    )
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
        code=fault.code if fault.code in CODES else stopped.code,
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
    design = distinct(design)
    sources = tuple(design.sources[at] for at in compile_order(design))
    return Request(sources, design.headers, design.defines, design.top, parse_only)


def _start(sandbox: Sandbox) -> subprocess.Popen[bytes]:
    """Start the worker.

    Not by asyncio: where the loop ends in the middle of this, it waits for ever.
    """
    root = Path(spec2rtl.__file__).parent.parent
    command = [sys.executable, "-P", "-m", "spec2rtl.eda.slang_worker"]
    child = subprocess.Popen(
        sandbox.wrap(command, Binds(read=(root,))),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # In `/`, no header of the workspace is found but those that the design holds.
        cwd="/",
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(root),
        },
        start_new_session=True,
    )
    watchdog.guard(child.pid)
    return child


def _talk(child: subprocess.Popen[bytes], request: bytes) -> bytes:
    assert child.stdin is not None
    child.stdin.write(request + b"\n")
    child.stdin.flush()
    return _hear(child)


def _hear(child: subprocess.Popen[bytes]) -> bytes:
    assert child.stdout is not None
    return child.stdout.readline(_LINE)


def _bury(child: subprocess.Popen[bytes]) -> None:
    """Reap a worker that was killed, and let go of its pipes."""
    child.wait()
    watchdog.release(child.pid)
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(OSError):  # what it was not yet told is lost
            if pipe:
                pipe.close()
