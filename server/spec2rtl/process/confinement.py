"""The choice of a sandbox: the best that works on this machine."""

import functools
import subprocess
from typing import Literal

from spec2rtl.errors import ConfigError
from spec2rtl.process.bubblewrap import find_bubblewraps
from spec2rtl.process.landlock import find_landlock
from spec2rtl.process.sandbox import Binds, Rlimits, Sandbox
from spec2rtl.process.seatbelt import find_seatbelt

Mode = Literal["auto", "require", "off"]
_PROBE_SECONDS = 10.0


def choose_sandbox(mode: Mode, best: Sandbox | None) -> Sandbox:
    """The sandbox to use, of which `best` works here; raises `ConfigError` for a required one."""
    if mode == "off":
        return Rlimits()
    if best is None and mode == "require":
        raise ConfigError(
            "sandbox `require`: none works here; install bubblewrap or allow user name spaces, "
            "or use `--sandbox auto` to run under resource limits only"
        )
    return best or Rlimits()


@functools.cache
def best_sandbox() -> Sandbox | None:
    """The first that runs a program; many machines forbid what a sandbox is made of."""
    for candidate in (*find_bubblewraps(), find_landlock(), find_seatbelt()):
        if candidate and works(candidate):
            return candidate
    return None


def works(sandbox: Sandbox) -> bool:
    """Can a program be run in it here?"""
    try:
        done = subprocess.run(
            sandbox.wrap(["/bin/sh", "-c", ":"], Binds()),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
            cwd="/",
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
