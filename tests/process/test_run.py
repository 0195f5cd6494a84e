"""Programs end within their limits, and nothing of them is left."""

import asyncio
import contextlib
import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from spec2rtl.errors import ToolError
from spec2rtl.process.limits import MIB, Limits
from spec2rtl.process.run import ProcessResult, run, run_blocking

LIMITS = Limits(seconds=20, memory=512 * MIB, output=MIB, file_size=MIB)
BRIEF = Limits(seconds=0.3)
# Tells the FIFO that it runs, then holds it open: its end says that the process is gone.
HOLD = 'exec 3>"$0"; echo started >&3; sleep 1000'


async def sh(script: str, folder: Path, limits: Limits = LIMITS, *args: str) -> ProcessResult:
    return await run(["/bin/sh", "-c", script, *args], cwd=folder, limits=limits)


class Fifo:
    """A pipe with a name that processes of a test hold open."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = str(path)
        self._reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    async def _read(self) -> bytes:
        """The next bytes; none when no process holds the pipe any more."""
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._reader, ready.set)
        try:
            await asyncio.wait_for(ready.wait(), 20)
        finally:
            loop.remove_reader(self._reader)
        return os.read(self._reader, 100)

    async def started(self) -> None:
        """Wait until a process holds the pipe."""
        assert await self._read() == b"started\n"

    async def gone(self) -> None:
        """Wait until no process holds the pipe."""
        while await self._read():
            pass


@pytest.fixture
def fifo(tmp_path: Path) -> Fifo:
    return Fifo(tmp_path / "fifo")


@pytest.mark.parametrize(
    ("script", "ended", "exit_code", "signal"),
    [
        ("exit 0", "ok", 0, None),
        ("exit 3", "ok", 3, None),
        ("kill -SEGV $$", "ok", None, 11),
        ("kill -KILL $$", "killed", None, 9),
        ("kill -TERM $$", "killed", None, 15),
        ("exec yes", "output_limit", None, 9),
        ("exec yes >&2", "output_limit", None, 9),
        ("exec head -c 2000000 /dev/zero > big", "file_size", None, 25),
        (f"exec {sys.executable} -c 'bytearray(1 << 30)'", "memory", 1, None),
        ("ulimit -t 1; while :; do :; done", "killed", None, 9),
        ("ulimit -S -t 1; while :; do :; done", "timeout", None, 24),
        ("read line || echo none", "ok", 0, None),
    ],
)
async def test_the_end(
    script: str, ended: str, exit_code: int | None, signal: int | None, tmp_path: Path
) -> None:
    result = await sh(script, tmp_path)
    assert (result.ended, result.exit_code, result.signal) == (ended, exit_code, signal)
    assert len(result.stdout) + len(result.stderr) <= LIMITS.output


async def test_a_timeout_takes_the_grandchildren_along(tmp_path: Path, fifo: Fifo) -> None:
    result = await sh(f"({HOLD}) & wait", tmp_path, BRIEF, fifo.path)
    assert result.ended == "timeout"
    assert BRIEF.seconds <= result.seconds < 10
    await fifo.gone()


@pytest.mark.parametrize(
    ("script", "limits", "ended"),
    [
        ("sleep 1000", Limits(seconds=0.3, cpu=20), "killed"),
        ("while :; do :; done", Limits(seconds=60, cpu=1), "timeout"),
    ],
)
async def test_only_its_own_work_tells_that_a_process_takes_too_long(
    script: str, limits: Limits, ended: str, tmp_path: Path
) -> None:
    assert (await sh(script, tmp_path, limits)).ended == ended


async def test_what_stays_in_the_background_goes_too(tmp_path: Path, fifo: Fifo) -> None:
    result = await sh('exec 3>"$0"; sleep 1000 & echo bye', tmp_path, LIMITS, fifo.path)
    assert (result.ended, result.stdout) == ("ok", "bye\n")
    await fifo.gone()


async def test_cancelling_ends_everything(tmp_path: Path, fifo: Fifo) -> None:
    task = asyncio.create_task(sh(f"({HOLD}) & wait", tmp_path, LIMITS, fifo.path))
    await fifo.started()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await fifo.gone()


async def test_our_own_death_ends_everything(tmp_path: Path, fifo: Fifo) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path\n"
        "from spec2rtl.process.limits import Limits; from spec2rtl.process.run import run\n"
        f"asyncio.run(run(['sh', '-c', {f'({HOLD}) & wait'!r}, sys.argv[1]],"
        " cwd=Path(sys.argv[2]), limits=Limits()))"
    )
    argv = [sys.executable, "-c", script, fifo.path, str(tmp_path)]
    with subprocess.Popen(argv) as ours:  # noqa: ASYNC220
        await fifo.started()
        ours.kill()
    await fifo.gone()


async def test_the_environment_is_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    result = await run(["env"], cwd=tmp_path, limits=LIMITS, env={"EXTRA": "1"})
    names = {line.partition("=")[0] for line in result.stdout.splitlines()}
    assert names - {"PWD", "_", "SHLVL", "OLDPWD"} == {
        *("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "EXTRA")
    }


async def test_arguments_arrive_as_they_are(tmp_path: Path) -> None:
    words = ["a b", "$HOME", "`id`", "", "ü", "'\"", "-e"]
    result = await run(["printf", "%s\n", *words], cwd=tmp_path, limits=LIMITS)
    assert result.stdout.split("\n") == [*words, ""]


async def test_a_missing_program_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no-such-program: no such program"):
        await run(["no-such-program"], cwd=tmp_path, limits=LIMITS)


async def test_many_at_once(tmp_path: Path) -> None:
    results = await asyncio.gather(*(sh(f"echo {n}", tmp_path) for n in range(20)))
    assert [r.stdout for r in results] == [f"{n}\n" for n in range(20)]


async def test_output_that_is_not_text(tmp_path: Path) -> None:
    assert (await sh(r"printf 'a\377b'", tmp_path)).stdout == "a\ufffdb"


async def test_blocking_within_a_loop(tmp_path: Path) -> None:
    assert run_blocking(["echo", "hi"], cwd=tmp_path, limits=LIMITS).stdout == "hi\n"


def zombies() -> list[str]:
    """Children of this thread that have ended but were not reaped."""
    task = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    states = {pid: Path(f"/proc/{pid}/stat").read_text() for pid in task.read_text().split()}
    return [pid for pid, state in states.items() if state.rpartition(")")[2][1] == "Z"]


async def test_no_zombie_is_left(tmp_path: Path) -> None:
    await asyncio.gather(*(sh("exit 1", tmp_path) for _ in range(5)))
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(sh("sleep 100", tmp_path), 0.1)
    assert zombies() == []


async def test_no_child_is_left_where_it_can_not_be_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    children: list[int] = []

    def refused(pid: int) -> None:
        children.append(pid)
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("spec2rtl.process.run._exit_of", refused)
    with pytest.raises(OSError, match="Too many"):
        await sh("sleep 1000", tmp_path)
    with pytest.raises(ProcessLookupError):  # a zombie would still be there
        os.kill(children[0], 0)


async def test_a_second_cancel_leaves_nothing_either(tmp_path: Path, fifo: Fifo) -> None:
    task = asyncio.create_task(sh(HOLD, tmp_path, LIMITS, fifo.path))
    await fifo.started()
    asyncio.get_running_loop().call_soon(task.cancel)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await fifo.gone()
