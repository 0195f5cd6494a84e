"""Standard streams that stand whatever is at their other end: a full disk, or nobody."""

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STDOUT, STDERR = 1, 2


class Stream(io.FileIO):
    """An output whose loss is met once: what is written from then on is dropped.

    That a disk is full is raised, but on standard error: nobody is left to be told. That the
    reader has gone is no error: who writes without end asks `lost`.
    """

    lost = False

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write, or drop."""
        if not self.lost:
            try:
                return super().write(data)
            except OSError as error:
                self.lost = True
                if error.errno != errno.EPIPE and self.fileno() != STDERR:
                    raise
        return memoryview(data).nbytes


def secure() -> None:
    """Put such streams in place; one that was closed leads nowhere, and gives no file its number."""
    for number in range(STDERR + 1):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    sys.stdout, sys.stderr = _stream(STDOUT, sys.stdout), _stream(STDERR, sys.stderr)


def _stream(number: int, old: TextIO | None) -> TextIO:
    raw = Stream(number, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=old.encoding if old else "utf-8",
        errors=old.errors if old else "backslashreplace",
        line_buffering=number == STDERR or raw.isatty(),
    )


def lost() -> bool:
    """Does nobody get what goes to standard output?"""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return isinstance(raw, Stream) and raw.lost
