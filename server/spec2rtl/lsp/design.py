"""The design around an open file: found in settings, command files, core files and the index."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from spec2rtl.config.settings import Settings
from spec2rtl.eda.filelist import FileList, load_filelist
from spec2rtl.eda.fusesoc import load_core
from spec2rtl.eda.sources import Overlay, is_file, load_design, read_text
from spec2rtl.errors import InputError
from spec2rtl.lsp.index import LISTS, Index, included
from spec2rtl.rtl import Design

if TYPE_CHECKING:
    from spec2rtl.lsp.documents import Documents

_MOST_LISTS = 50

Read = Callable[[Path], str | None]


class Surroundings(Struct, frozen=True):
    """What a file needs to be compiled; `notes` say what could not be read.

    The settings' `sources` are those that are listed, in the order of the list.
    """

    context: tuple[Path, ...]
    settings: Settings
    notes: tuple[str, ...] = ()


def surroundings(
    path: Path, settings: Settings, index: Index, documents: "Documents"
) -> Surroundings:
    """Find what is around a file; never raises for what is around, only for the file itself."""
    text = documents.read(path)
    notes: list[str] = []
    listed = _listing(path, index, notes.append)
    always = [Path(name) for name in settings.sources]
    order = [*(file for file in always if file not in listed.files), *listed.files]
    always += _silent(listed.files, index, documents.peek)
    needed = index.needed(path, text, documents.peek, [*index.beside(path), *order])
    context = tuple(dict.fromkeys(f for f in (*always, *needed) if f != path))
    include = [*settings.include_dirs, *map(str, listed.include_dirs)]
    include += _header_dirs([path, *context], index, documents, include)
    return Surroundings(
        context,
        structs.replace(
            settings,
            sources=tuple(str(file) for file in order if file == path or file in context),
            include_dirs=tuple(dict.fromkeys(include)),
            defines=tuple((dict(listed.defines) | dict(settings.defines)).items()),
        ),
        tuple(notes),
    )


def frozen_design(path: Path, around: Surroundings, overlay: Overlay) -> Design:
    """Freeze a file with what is around it; raises `InputError`."""
    settings = around.settings
    return load_design(
        [path, *around.context],
        include_dirs=[Path(d) for d in settings.include_dirs],
        defines=settings.defines,
        listed=[Path(name) for name in settings.sources],
        overlay=overlay,
    )


def _listing(path: Path, index: Index, note: Callable[[str], None]) -> FileList:
    """The command or core file that names the file: of several, the first.

    Where none does, one that can't be read might have: that is noted.
    """
    unread: list[str] = []
    for file in index.others(lambda other: other.suffix in LISTS)[:_MOST_LISTS]:
        try:
            found = load_filelist(file) if file.suffix == ".f" else load_core(file)
        except InputError as error:
            if file.parent in path.parents or _mentions(file, path):
                unread.append(str(error))
            continue
        if path in found.files:
            return found
    for reason in unread[:1]:
        note(reason)
    return FileList()


def _silent(files: Iterable[Path], index: Index, read: Read) -> list[Path]:
    """Of the files in a list, those that declare nothing: what they define counts for the rest."""
    return [file for file in files if index.names(file) == frozenset() and read(file) is not None]


def _mentions(listing: Path, path: Path) -> bool:
    """Does a list that can't be read as one speak of a file, wherever it may lie?"""
    name = re.compile(rf"(?<![\w.-]){re.escape(path.name)}(?![\w.-])")
    try:
        return bool(name.search(read_text(listing)))
    except InputError:
        return False


def _header_dirs(
    files: list[Path], index: Index, documents: "Documents", known: list[str]
) -> list[str]:
    """The folders of headers that are neither beside their reader nor in a known folder."""
    return list(dict.fromkeys(_missing_dirs(files, index, documents.peek, known)))


def _missing_dirs(files: list[Path], index: Index, read: Read, known: list[str]) -> Iterator[str]:
    pending, seen = list(files), set[Path]()
    while pending:
        reader = pending.pop()
        if reader in seen:
            continue
        seen.add(reader)
        for name in included(read(reader) or ""):
            places = [reader.parent / name, *(Path(folder) / name for folder in known)]
            header = next((place for place in places if is_file(place)), None)
            if header is None and (header := index.header(name, reader)):
                yield str(header).removesuffix(name)
            if header:
                pending.append(header)
