"""Reads what was written for a problem."""

from pathlib import Path

from spec2rtl.errors import InputError
from spec2rtl.evals.problem import Candidate, Task

MAX_BYTES = 16 << 20
"""Of one file of a candidate."""


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
