"""The design around an open file: found in settings, lists and the index."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from spec2rtl.config.settings import Settings
from spec2rtl.eda.sources import Overlay, is_file, load_design
from spec2rtl.lsp.index import Index, included, is_rtl
from spec2rtl.lsp.lists import listing
from spec2rtl.rtl import Design
from spec2rtl.syntax.lexer import code

if TYPE_CHECKING:
    from spec2rtl.lsp.documents import Documents

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
    listed = listing(path, index, notes.append)
    always = [Path(name) for name in settings.sources]
    later = set(listed.files)
    order = [*(file for file in always if file not in later), *listed.files]
    always += _silent(listed.files, index, documents.peek)
    needed = index.needed(path, text, documents.peek, [*index.beside(path), *order])
    taken = dict.fromkeys((path, *always, *needed))
    context = tuple(taken)[1:]
    include = [*settings.include_dirs, *map(str, listed.include_dirs)]
    include += _header_dirs([path, *context], index, documents, include)
    return Surroundings(
        context,
        structs.replace(
            settings,
            sources=tuple(str(file) for file in order if file in taken),
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


def _silent(files: Iterable[Path], index: Index, read: Read) -> list[Path]:
    """Of the files in a list, those that declare nothing: what they define counts for the rest.

    A header that holds more than directives may be a part of some module.
    """
    empty = (file for file in files if index.names(file) == frozenset())
    texts = ((file, read(file)) for file in empty)
    return [f for f, text in texts if text is not None and (is_rtl(f) or not code(text))]


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
