"""The design around an open file: found in settings, lists and the index."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from spec2rtl.config.settings import Settings
from spec2rtl.eda.sources import Overlay, load_design
from spec2rtl.lsp.index import Index, is_rtl
from spec2rtl.lsp.lists import listing
from spec2rtl.lsp.macros import missing_macros
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
    text, read = documents.read(path), documents.peek
    notes = [
        f"{folder}: no such include folder; mend `include_dirs`"
        for folder in settings.include_dirs
        if not Path(folder).is_dir()
    ]
    listed = listing(path, index, notes.append)
    always = [Path(name) for name in settings.sources]
    later = set(listed.files)
    order = [*(file for file in always if file not in later), *listed.files]
    always += _silent(listed.files, index, read)
    needed = index.needed(path, text, read, [*index.beside(path), *order])
    taken = dict.fromkeys((path, *always, *needed))
    defines = dict(listed.defines) | dict(settings.defines)
    first, values = missing_macros(tuple(taken), defines, index)
    taken |= dict.fromkeys(first)
    return Surroundings(
        tuple(taken)[1:],
        structs.replace(
            settings,
            sources=tuple(str(file) for file in (*first, *order) if file in taken),
            include_dirs=tuple(
                dict.fromkeys((*settings.include_dirs, *map(str, listed.include_dirs)))
            ),
            defines=tuple((defines | values).items()),
        ),
        tuple(notes),
    )


def frozen_design(path: Path, around: Surroundings, index: Index, overlay: Overlay) -> Design:
    """Freeze a file with what is around it; raises `InputError`."""
    settings = around.settings
    return load_design(
        [path, *around.context],
        include_dirs=[Path(d) for d in settings.include_dirs],
        defines=settings.defines,
        listed=[Path(name) for name in settings.sources],
        elsewhere=index.header,
        overlay=overlay,
    )


def whole(path: Path, index: Index, documents: "Documents") -> Path | None:
    """The file to compile so that a file is: itself, or what includes it where it is but a part.

    A part declares nothing. None: a header that nobody includes. What has been typed counts, in
    whatever file.
    """
    index.take(documents.shown)
    if is_rtl(path) and index.names(path):
        return path
    seen, pending = {path}, [path]
    while pending:
        for reader in index.includers(pending.pop(0)):
            if is_rtl(reader) and index.names(reader):
                return reader
            if reader not in seen:
                seen.add(reader)
                pending.append(reader)
    return path if is_rtl(path) else None


def _silent(files: Iterable[Path], index: Index, read: Read) -> list[Path]:
    """Of the files in a list, those that declare nothing: what they define counts for the rest.

    A header that holds more than directives may be a part of some module.
    """
    empty = (file for file in files if index.names(file) == frozenset())
    texts = ((file, read(file)) for file in empty)
    return [f for f, text in texts if text is not None and (is_rtl(f) or not code(text))]
