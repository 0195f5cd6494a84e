"""Reads data sets and candidates; what is wrong with one problem is said of that problem."""

import posixpath
from pathlib import Path, PurePosixPath

from spec2rtl.errors import InputError
from spec2rtl.evals.problem import Candidate, Task

MAX_BYTES = 16 << 20
"""Of one file of a candidate."""


def outside(name: str) -> bool:
    """Does a file's name lead out of the folder of its problem?"""
    inner = PurePosixPath(posixpath.normpath(name))
    return not name or "\0" in name or inner.is_absolute() or ".." in inner.parts


def read_candidate(folder: Path, task: Task) -> Candidate | None:
    """Read what was written for a task below `folder`; None where a file is missing.

    Raises `InputError` for one that can't be read.
    """
    candidate: Candidate = {}
    for name in task.writes:
        path = folder / name
        try:
            if path.stat().st_size > MAX_BYTES:
                raise InputError(f"{path}: more than {MAX_BYTES:,} bytes")
            candidate[name] = path.read_text("utf-8", "replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"{path}: can't be read: {error.strerror}") from None
    return candidate
