"""Scratch folders outside the workspace, gone when they are no longer needed."""

import contextlib
import errno
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Generator, Iterable
from pathlib import Path

from spec2rtl.errors import ToolError

_PREFIX = "spec2rtl-"
_ROOM = 1 << 20
"""Bytes left on a disk below which what programs made of it is not to be believed."""
_ENTRY = 1 << 16
"""What any file or folder counts for: a million empty ones are too many too."""
_NAME = re.compile(rf"{_PREFIX}(\d+)-")


@contextlib.contextmanager
def scratch() -> Generator[Path]:
    """A new folder that only we can enter; its name says whose it is.

    Raises `ToolError` where it, or what is to be written there, can't be: also at the end, where
    the disk is full by then. iverilog doesn't notice, and calls a design wrong that it read half.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")).resolve()
    except OSError as error:
        raise _no_room(error) from None
    try:
        yield folder
        if shutil.disk_usage(folder).free < _ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
    except OSError as error:
        if not str(error.filename).startswith(str(folder)):
            raise
        raise _no_room(error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def left_behind(path: Path, most: int) -> bytes | None:
    """Read what an untrusted program wrote to a file of its own, at most so many bytes.

    None where it is no plain file: a link could lead to any other, a pipe never end.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(file, "rb") as opened:
        return opened.read(most) if stat.S_ISREG(os.fstat(file).st_mode) else None


def left_text(path: Path, most: int) -> str | None:
    """The same as text."""
    left = left_behind(path, most)
    return None if left is None else left.decode("utf-8", "replace")


def size(folders: Iterable[Path], most: int) -> int:
    """What lies below some folders takes so many bytes of the disk; beyond `most` nobody counts."""
    taken, left = 0, list(folders)
    while left and taken <= most:
        with contextlib.suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    left.append(Path(entry.path))
                with contextlib.suppress(OSError):  # it has gone again
                    taken += max(_ENTRY, 512 * entry.stat(follow_symlinks=False).st_blocks)
                if taken > most:
                    break
    return taken


def sweep(base: Path | None = None) -> int:
    """Remove the folders of our earlier processes that were killed; return how many there were."""
    swept = 0
    for folder in (base or Path(tempfile.gettempdir())).glob(f"{_PREFIX}*-*"):
        owner = _NAME.match(folder.name)
        if owner and not _alive(int(owner[1])) and _ours(folder):
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept


def _no_room(error: OSError) -> ToolError:
    place = error.filename or tempfile.gettempdir()
    return ToolError(
        f"{place}: can't be written: {error.strerror}; free some space or set TMPDIR elsewhere"
    )


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True


def _ours(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        status = folder.lstat()
        return status.st_uid == os.getuid() and folder.is_dir() and not folder.is_symlink()
    return False
