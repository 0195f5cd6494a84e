"""Ends the process groups that we started when we are killed ourselves.

PR_SET_PDEATHSIG would reach neither grandchildren (iverilog starts a shell with two children) nor
macOS; a shell that reads our pipe until its end reaches both. A child announces its group itself
before it becomes the program, so there is no moment at which we could die unnoticed.
"""

import atexit
import contextlib
import os
import subprocess
import threading

ANNOUNCE = 'echo "+ $$" >&0; exec </dev/null'
"""Shell commands for a child that leads its group and has `pipe()` as its standard input."""

# The pipe says "+ GROUP" and "- GROUP"; its end says that we are gone.
_SCRIPT = """
while read -r sign group; do
  if [ "$sign" = + ]; then groups="$groups $group"; continue; fi
  kept=
  for one in $groups; do [ "$one" = "$group" ] || kept="$kept $one"; done
  groups=$kept
done
for one in $groups; do kill -KILL "-$one" 2>/dev/null; done
"""


class _Watchdog:
    """One shell for all groups, started with the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shell: subprocess.Popen[bytes] | None = None

    def pipe(self) -> int:
        with self._lock:
            if self._shell is None or self._shell.poll() is not None:
                self._shell = self._start()
            assert self._shell.stdin is not None
            return self._shell.stdin.fileno()

    def _start(self) -> subprocess.Popen[bytes]:
        shell = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is not meant for it
            cwd="/",
        )
        atexit.register(_end, shell)
        return shell


def _end(shell: subprocess.Popen[bytes]) -> None:
    """Let the shell see the end of the pipe, and reap it."""
    if shell.stdin is not None:
        shell.stdin.close()
    shell.wait()


_watchdog = _Watchdog()


def pipe() -> int:
    """Where children announce their groups."""
    return _watchdog.pipe()


def guard(group: int) -> None:
    """Announce a group that can't do so itself."""
    _tell("+", group)


def release(group: int) -> None:
    """The group has ended: its number may be given to another."""
    _tell("-", group)


def _tell(sign: str, group: int) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(pipe(), f"{sign} {group}\n".encode())
