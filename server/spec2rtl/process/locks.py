"""Locks on files, by which processes that know nothing else of each other wait their turn.

The kernel lets go of a lock however the process ends, and a process number that is used again or
belongs to another container can't be mistaken for it.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

# `fcntl` is imported where it is used: on Windows `doctor` must still be able to say what to do.


class Hold:
    """A lock that this process holds until `release` or its end."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not locked(self._file):
                raise BlockingIOError(f"{path} is held")
        except BaseException:
            os.close(self._file)
            raise

    def release(self) -> None:
        """Let go and remove the file."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def is_held(path: Path) -> bool:
    """Is there a living process that holds `path`? A file left by a dead one is removed."""
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        if not locked(file):
            return True
        with suppress(OSError):
            path.unlink()
        return False
    finally:
        os.close(file)


def locked(file: int) -> bool:
    """Try to lock an open file until it is closed."""
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def alone(path: Path) -> Generator[None]:
    """Keep others out of the block, and wait for one that is in it.

    They too name `path`: a folder, or a file that is made where there is none.
    """
    import fcntl

    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
    file = os.open(path, flags, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
