"""What a program and the Python in its process must be able to read."""

import functools
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/nix/store"),
    *("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"),
    *("/etc/localtime", "/System", "/Library", "/opt/homebrew", "/private/var/db/dyld"),
)
"""Where programs and their libraries lie; nobody keeps secrets there."""
_PROGRAM_FOLDERS = ("bin", "lib", "lib64", "libexec")


@functools.cache
def readable(program: str) -> tuple[Path, ...]:
    """The folders and files to show: the system's, the program's, this Python's with its packages.

    Of a folder that holds what is the user's own, only the program folders are shown.
    """
    there = [place for place in _places(program) if place.exists()]
    return _outermost([*there, *(place.resolve() for place in there)])


def _places(program: str) -> Iterator[Path]:
    yield from map(Path, SYSTEM)
    prefixes = [Path(sys.prefix), Path(sys.base_prefix)]
    for file in (Path(program), Path(sys.executable)):
        prefixes += [file.absolute().parent.parent, file.resolve().parent.parent]
    for prefix in prefixes:
        yield from (prefix / n for n in _PROGRAM_FOLDERS) if _personal(prefix) else (prefix,)
    imported = (*sys.path, *os.environ.get("PYTHONPATH", "").split(os.pathsep))
    entries = (Path(entry).absolute() for entry in imported if entry)
    yield from (entry for entry in entries if not _personal(entry))


def _personal(folder: Path) -> bool:
    """Is it the user's home, does it hold that, or the key rings and data of all programs?"""
    return Path.home().is_relative_to(folder) or folder == Path.home() / ".local"


def _outermost(places: Iterable[Path]) -> tuple[Path, ...]:
    """Leave out what is shown with another one: also a link, whose target is a place of its own."""
    kept: list[Path] = []
    for place in sorted(set(places)):
        if not any(place.is_relative_to(outer) for outer in kept):
            kept.append(place)
    return tuple(kept)
