"""A sandbox by macOS' `sandbox-exec`."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from spec2rtl.process.installed import readable
from spec2rtl.process.sandbox import Binds

_PROFILE = """(version 1)
(deny default)
(allow process-fork process-exec sysctl-read file-read-metadata)
(allow signal (target same-sandbox))
(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))
(allow file-read* file-write* (literal "/dev/null") (literal "/dev/zero"))
(allow file-read* (literal "/") (literal "/dev/random") (literal "/dev/urandom") {read})
(allow file-read* file-write* {write})
"""


class Seatbelt:
    """Files only where they are bound, no network."""

    name = "sandbox-exec"
    has_tmp = False

    def wrap(self, argv: Sequence[str], binds: Binds) -> list[str]:
        """The command under a profile that denies all but what it needs."""
        read = _subpaths((*readable(argv[0]), *binds.read, *binds.write))
        write = _subpaths(binds.write) or '(literal "/dev/null")'
        return ["sandbox-exec", "-p", _PROFILE.format(read=read, write=write), *argv]


def find_seatbelt() -> Seatbelt | None:
    """The system's, on macOS."""
    there = sys.platform == "darwin" and shutil.which("sandbox-exec")
    return Seatbelt() if there else None


def _subpaths(paths: Sequence[Path]) -> str:
    quoted = (str(path.resolve()).replace("\\", "\\\\").replace('"', '\\"') for path in paths)
    return " ".join(f'(subpath "{path}")' for path in quoted)
