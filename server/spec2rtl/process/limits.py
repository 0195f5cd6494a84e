"""What a child process may use."""

import math
import resource
import sys

from msgspec import Struct

MIB = 1 << 20


class Limits(Struct, frozen=True):
    """Wall seconds for the whole group; bytes of memory and of one file for each process.

    `output` bounds what the group prints, standard output and standard error together, and
    `processes` how many may descend from the child at a time. With `cpu`, seconds of each
    process's own work decide: who runs out of wall seconds first got no processor, and counts as
    killed.
    """

    seconds: float = 60.0
    cpu: float | None = None
    memory: int = 2048 * MIB
    output: int = 16 * MIB
    file_size: int = 256 * MIB
    processes: int = 256

    @property
    def all_files(self) -> int:
        """How many bytes a group may add to the folders that it is given to write in."""
        return max(4 * self.file_size, 16 * MIB)


def ulimits(limits: Limits) -> str:
    """Write the limits as shell commands.

    Set by the shell that becomes the child, they hold from its first instruction on, and Python
    can start it by `vfork`; a `preexec_fn` could do neither safely beside threads.
    """
    cpu = math.ceil(limits.cpu or limits.seconds) + 1
    commands = [
        _ulimit("c", resource.RLIMIT_CORE, 0, 512),
        # The soft limit says SIGXCPU, the hard one above it kills without a word.
        _ulimit("St", resource.RLIMIT_CPU, cpu, 1),
        _ulimit("Ht", resource.RLIMIT_CPU, cpu + 1, 1),
        _ulimit("f", resource.RLIMIT_FSIZE, limits.file_size, 512),
        _ulimit("d", resource.RLIMIT_DATA, limits.memory, 1024),
    ]
    if sys.platform == "linux":  # elsewhere the kernel refuses to limit the address space
        # Twice the memory: a Python child reserves address space that it never fills.
        commands.append(_ulimit("v", resource.RLIMIT_AS, 2 * limits.memory, 1024))
    return "; ".join(commands)


def _ulimit(flag: str, which: int, value: int, unit: int) -> str:
    """Lower one limit; never above the hard limit that we live under ourselves."""
    _, hard = resource.getrlimit(which)
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    return f"ulimit -{flag} {allowed // unit}"
