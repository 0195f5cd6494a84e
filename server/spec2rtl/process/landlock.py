"""A sandbox by Linux' Landlock, for machines where name spaces are forbidden."""

import json
import sys
from collections.abc import Sequence

from spec2rtl.process import landlock_exec
from spec2rtl.process.installed import readable
from spec2rtl.process.sandbox import Binds


class Landlock:
    """Files only where they are bound; from Linux 6.7 on no TCP. Processes are not hidden."""

    name = "landlock"
    has_tmp = False

    def wrap(self, argv: Sequence[str], binds: Binds) -> list[str]:
        """The command, begun by a process that gives up all other rights."""
        read = [str(path) for path in (*readable(argv[0]), *binds.read)]
        write = [str(path) for path in binds.write]
        return [
            *(sys.executable, "-I", "-S", landlock_exec.__file__),
            *(json.dumps(read), json.dumps(write), *argv),
        ]


def find_landlock() -> Landlock | None:
    """Landlock, if the kernel has it."""
    return Landlock() if landlock_exec.abi() > 0 else None
