"""Starts a program in its own process group, within limits, and ends the whole group."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Literal

from msgspec import Struct

from spec2rtl.errors import ToolError
from spec2rtl.process import watchdog
from spec2rtl.process.family import outgrown
from spec2rtl.process.limits import Limits, ulimits
from spec2rtl.process.sandbox import Binds, Rlimits, Sandbox
from spec2rtl.process.scratch import size

Ended = Literal["ok", "timeout", "memory", "output_limit", "file_size", "processes", "killed"]
"""How a process ended: `ok` says only that it did so by itself, whatever its exit code.

`killed`: by a signal that somebody else sent, or for want of a processor (`Limits.cpu`).
"""

_OUT_OF_MEMORY = re.compile(
    r"bad_alloc|MemoryError|[Oo]ut of memory|[Cc]annot allocate memory|[Mm]emory exhausted"
)
SIGNALS: Mapping[int, Ended] = {
    signal.SIGXCPU: "timeout",
    signal.SIGXFSZ: "file_size",
    signal.SIGKILL: "killed",
    signal.SIGTERM: "killed",
    signal.SIGINT: "killed",
    signal.SIGHUP: "killed",
}
"""What a signal that we didn't send says; any other is the program's own crash."""
_SHELL_SIGNAL = 128
_CHUNK = 1 << 16
_CENSUS_SECONDS = 0.1
"""How often the processes of a group, and what they have written, are counted."""
_DRAIN_SECONDS = 1.0
"""How long to wait for output after the group is gone: only a runaway still holds the pipe."""


class ProcessResult(Struct, frozen=True):
    """What became of a process; `exit_code` is None where `signal` ended it."""

    ended: Ended
    exit_code: int | None
    signal: int | None
    stdout: str
    stderr: str
    seconds: float

    def beneath(self) -> tuple[Ended, int | None]:
        """How the program ended and by which signal, if a shell or a sandbox stood before it.

        Those say 128 and the signal's number, which may also be a program's own exit code.
        """
        number = self.signal or (self.exit_code or 0) - _SHELL_SIGNAL
        if self.ended != "ok" or number not in signal.valid_signals():
            return self.ended, self.signal
        return SIGNALS.get(number, "ok"), number


class _Pipe:
    """One output of the child, read as it comes."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self.file = pipe
        self.data = bytearray()
        self.ended = asyncio.Event()
        os.set_blocking(pipe.fileno(), False)

    def close(self) -> None:
        if not self.file.closed:
            asyncio.get_running_loop().remove_reader(self.file.fileno())
            self.file.close()
            self.ended.set()

    def text(self) -> str:
        return self.data.decode("utf-8", "replace")


class _Group:
    """A running child with all its descendants."""

    def __init__(
        self, child: subprocess.Popen[bytes], limits: Limits, folders: tuple[Path, ...]
    ) -> None:
        assert child.stdout is not None
        assert child.stderr is not None
        self.child = child
        self.ended: Ended = "ok"
        self.exit = _exit_of(child.pid)
        self.out, self.err = _Pipe(child.stdout), _Pipe(child.stderr)
        self._room = limits.output
        self._most = limits.processes
        self._folders = folders
        self._full = size(folders, sys.maxsize) + limits.all_files
        loop = asyncio.get_running_loop()
        late: Ended = "timeout" if limits.cpu is None else "killed"
        self._timer = loop.call_later(limits.seconds, self.stop, late)
        self._census = loop.call_later(_CENSUS_SECONDS, self._count)
        for pipe in (self.out, self.err):
            loop.add_reader(pipe.file.fileno(), self._read, pipe)

    def _read(self, pipe: _Pipe) -> None:
        chunk = os.read(pipe.file.fileno(), _CHUNK)
        if not chunk:
            pipe.close()
            return
        pipe.data += chunk[: self._room]
        self._room -= len(chunk)
        if self._room < 0:
            self._room = 0
            self.stop("output_limit")

    def _count(self) -> None:
        if outgrown(self.child.pid, self._most):
            self.stop("processes")
        if self._folders and size(self._folders, self._full) > self._full:
            self.stop("file_size")
        self._census = asyncio.get_running_loop().call_later(_CENSUS_SECONDS, self._count)

    def stop(self, why: Ended) -> None:
        """Kill the group; the first reason counts."""
        if self.ended == "ok":
            self.ended = why
        if not self.exit.done():
            _kill(self.child.pid)

    async def drain(self) -> None:
        """Read what is still in the pipes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                await self.out.ended.wait()
                await self.err.ended.wait()

    def close(self) -> None:
        """Let go of everything; the group must have been reaped or stopped."""
        self._timer.cancel()
        self._census.cancel()
        self.out.close()
        self.err.close()
        watchdog.release(self.child.pid)
        # Popen must not wait for a child that is reaped here.
        self.child.returncode = os.waitstatus_to_exitcode(
            self.exit.result() if self.exit.done() else signal.SIGKILL
        )


async def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    limits: Limits,
    env: Mapping[str, str] | None = None,
    sandbox: Sandbox | None = None,
    binds: Binds | None = None,
) -> ProcessResult:
    """Run a program with `cwd` as its home and temporary folder.

    Of our environment it sees nothing but PATH, and `env`. When this returns, raises or is
    cancelled, no process of its group is left. Raises `ToolError` when there is no such program.
    """
    if shutil.which(argv[0]) is None:
        raise ToolError(f"{argv[0]}: no such program; install it or mend PATH")
    confined = (sandbox or Rlimits()).wrap(argv, binds or Binds())
    started = time.monotonic()
    child = subprocess.Popen(  # noqa: ASYNC220 (asyncio's own neither reaps nor counts as we need)
        ["/bin/sh", "-c", f'{watchdog.ANNOUNCE}; {ulimits(limits)}; exec "$@"', "sh", *confined],
        cwd=cwd,
        env=_environment(cwd) | dict(env or {}),
        stdin=watchdog.pipe(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        group = _Group(child, limits, binds.write if binds else ())
    except BaseException:
        _kill(child.pid)
        with child:  # closes its pipes and reaps it
            watchdog.release(child.pid)
        raise
    try:
        await asyncio.shield(group.exit)
        await group.drain()
    finally:
        if not group.exit.done():
            group.stop("killed")
        try:
            await asyncio.shield(group.exit)
        finally:
            group.close()
    return _result(group, time.monotonic() - started)


def run_blocking(argv: Sequence[str], *, cwd: Path, limits: Limits) -> ProcessResult:
    """Run a program from code that isn't async, inside a running event loop or not."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run(argv, cwd=cwd, limits=limits)).result()


def _environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }


def _result(group: _Group, seconds: float) -> ProcessResult:
    code = group.child.returncode
    out, err = group.out.text(), group.err.text()
    return ProcessResult(
        ended=_how(group.ended, code, err),
        exit_code=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        stdout=out,
        stderr=err,
        seconds=seconds,
    )


def _how(stopped: Ended, code: int, stderr: str) -> Ended:
    if stopped != "ok":
        return stopped
    if code != 0 and _OUT_OF_MEMORY.search(stderr):
        return "memory"
    return SIGNALS.get(-code, "ok")


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _exit_of(pid: int) -> asyncio.Future[int]:
    """The wait status of a child, once it and its whole group are gone.

    A future, not a task: nothing but the child's end completes it, so no zombie is left however
    often the caller is cancelled.
    """
    loop = asyncio.get_running_loop()
    if sys.platform != "linux":
        return loop.run_in_executor(None, _reap, pid)
    future: asyncio.Future[int] = loop.create_future()
    handle = os.pidfd_open(pid)

    def on_exit() -> None:
        loop.remove_reader(handle)
        os.close(handle)
        _kill(pid)  # while the leader is unreaped, its number can't belong to another group
        future.set_result(os.waitpid(pid, 0)[1])

    loop.add_reader(handle, on_exit)
    return future


def _reap(pid: int) -> int:
    status = os.waitpid(pid, 0)[1]
    _kill(pid)
    return status
