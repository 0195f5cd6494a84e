"""The seam for a sandbox: how a command line is wrapped before it is run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct


class Binds(Struct, frozen=True):
    """Paths that a child may read and those that it may also write.

    `tmp` is a folder that it is to find as /tmp, where the sandbox can do that.
    """

    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    tmp: Path | None = None


class Sandbox(Protocol):
    """Turns a command into one that runs it confined."""

    @property
    def name(self) -> str:
        """What results say of it."""
        ...

    @property
    def has_tmp(self) -> bool:
        """Can a child write to /tmp, or to what stands in for it?"""
        ...

    def wrap(self, argv: Sequence[str], binds: Binds) -> list[str]:
        """The command to execute in place of `argv`."""
        ...


class Rlimits:
    """No confinement beyond the limits that `run` sets on every child."""

    name = "rlimits"
    has_tmp = True

    def wrap(self, argv: Sequence[str], binds: Binds) -> list[str]:
        """The command itself."""
        return list(argv)
