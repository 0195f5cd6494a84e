"""How many processes descend from a child.

RLIMIT_NPROC can't bound them: it counts all of a user's processes, and root's not at all.
"""

from contextlib import suppress
from pathlib import Path


def outgrown(pid: int, most: int) -> bool:
    """Has a process more than `most` descendants? False where the system doesn't tell."""
    known, left = 0, [pid]
    while left:
        known += 1
        if known > most + 1:
            return True
        left += _children(left.pop())
    return False


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):  # the process has ended; some Pythons' `glob` tells
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):  # the thread has
                found += map(int, (thread / "children").read_text().split())
    return found
