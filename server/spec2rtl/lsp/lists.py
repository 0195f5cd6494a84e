"""Which command or core file of the workspace names an open file, and what it says."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from spec2rtl.eda.filelist import FileList, load_filelist
from spec2rtl.eda.fusesoc import load_core
from spec2rtl.eda.sources import read_text
from spec2rtl.errors import InputError
from spec2rtl.lsp.index import LISTS, Index

_MOST_LISTS = 50

Stamps = tuple[tuple[Path, int, int], ...]
"""Files as they were: when one was written, and its size."""

_read: dict[tuple[Path, Path | None], tuple[Stamps, FileList]] = {}
"""Lists by their file and what their paths are relative to: they are asked for at every key."""


def listing(path: Path, index: Index, note: Callable[[str], None]) -> FileList:
    """The list that names a file: of several, the first that no other one of them nests.

    Where none does, one that can't be read might have: that is noted, as is what was passed over.
    """
    unread: list[str] = []
    fitting: dict[Path, FileList] = {}
    for file in index.others(lambda other: other.suffix in LISTS)[:_MOST_LISTS]:
        try:
            found = next((one for one in _readings(file, index) if path in one.files), None)
        except InputError as error:
            if file.parent in path.parents or _mentions(file, path):
                unread.append(str(error))
            continue
        if found:
            fitting[file] = found
    inner = {file for outer, one in fitting.items() for file in one.nested if file != outer}
    best = next((one for file, one in fitting.items() if file not in inner), None)
    best = best or next(iter(fitting.values()), None)
    for line in best.unknown if best else unread[:1]:
        note(line)
    return best or FileList()


def _readings(file: Path, index: Index) -> Iterator[FileList]:
    """What a list says, if its paths count from its own folder or else from the workspace's.

    Raises `InputError` where it can be read in neither way.
    """
    root = index.root(file) if file.suffix == ".f" else None
    bases = [None, root] if root and root != file.parent else [None]
    errors: list[InputError] = []
    for base in bases:
        try:
            yield _loaded(file, base)
        except InputError as error:
            errors.append(error)
    if len(errors) == len(bases):
        raise errors[0]


def _loaded(file: Path, base: Path | None) -> FileList:
    """Read a list again only when it, or one that it nests, has changed."""
    kept = _read.get((file, base))
    if kept is None or kept[0] != _stamps(kept[1].nested):
        found = load_filelist(file, base) if file.suffix == ".f" else load_core(file)
        kept = _read[file, base] = _stamps(found.nested), found
    return kept[1]


def _stamps(files: Iterable[Path]) -> Stamps:
    try:
        status = [(file, file.stat()) for file in files]
    except OSError as error:
        raise InputError(f"{error.filename}: can't be read: {error.strerror}") from None
    return tuple((file, one.st_mtime_ns, one.st_size) for file, one in status)


def _mentions(file: Path, path: Path) -> bool:
    """Does a list that can't be read as one speak of a file, wherever it may lie?"""
    name = re.compile(rf"(?<![\w.-]){re.escape(path.name)}(?![\w.-])")
    try:
        return bool(name.search(read_text(file)))
    except InputError:
        return False
