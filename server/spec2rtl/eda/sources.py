"""Freezes a design: its sources, the headers they include and the data files they load."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from stat import S_ISREG

from spec2rtl.eda.includes import INCLUDE, NEARER, included_by_macros
from spec2rtl.errors import InputError
from spec2rtl.rtl import DataFile, Design, SourceFile
from spec2rtl.syntax.lexer import Kind, tokenize

Overlay = Callable[[Path], str | None]
"""The text of a file as it is in an editor, saved or not; None where it isn't open there."""

MAX_BYTES = 10 << 20
"""Of one file."""
MAX_FILES = 2000
"""Of one design, headers and data files counted."""

_LOADERS = frozenset(("$readmemh", "$readmemb", "$fopen"))
_STRANGE = {
    b"\xff\xfe": "is UTF-16; save it as UTF-8",
    b"\xfe\xff": "is UTF-16; save it as UTF-8",
    b"\x1f\x8b": "is compressed (gzip); unpack it first",
    b"PK\x03\x04": "is compressed (zip); unpack it first",
}


Lookup = Callable[[str, Path], Path | None]
"""Where the header is that an `include in a file names."""


def on_disk(_: Path) -> None:
    """The overlay of who has no editor."""


def nowhere(_: str, __: Path) -> None:
    """The lookup of who knows no more places."""


def load_design(
    files: Sequence[Path],
    *,
    include_dirs: Sequence[Path] = (),
    defines: Sequence[tuple[str, str]] = (),
    parameters: Sequence[tuple[str, str]] = (),
    listed: Sequence[Path] = (),
    elsewhere: Lookup = nowhere,
    overlay: Overlay = on_disk,
) -> Design:
    """Read a design's files once, as they are now; a file named twice counts once.

    A header is looked for beside the file that includes it, in `include_dirs`, then `elsewhere`; one
    that is not there is the compiler's to report. `listed` gives files the order of a list (see
    `eda.order`). Raises `InputError`.
    """
    paths = list(dict.fromkeys(absolute(path) for path in files))
    sources = tuple(SourceFile(str(path), read_text(path, overlay)) for path in paths)
    headers, nearer = _headers(sources, [absolute(d) for d in include_dirs], elsewhere, overlay)
    readers = (*sources, *(header for _, header in headers.items()))
    data = _data(readers)
    if len(readers) + len(data) > MAX_FILES:
        count = len(readers) + len(data)
        raise InputError(f"{paths[0]}: the design has {count} files; {MAX_FILES} are the most")
    return Design(
        sources,
        headers=tuple(headers.items()),
        data=tuple(data),
        defines=tuple(defines),
        parameters=tuple(parameters),
        nearer=nearer,
        listed=tuple(str(absolute(path)) for path in listed),
    )


def absolute(path: Path) -> Path:
    """A path as the user knows it: links are kept, `..` is not."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 (resolve() follows links)


def read_bytes(path: Path, most: int = MAX_BYTES) -> bytes:
    """Read a file of bounded size; raises `InputError`."""
    try:
        status = path.stat()
        if path.is_dir():
            raise InputError(f"{path}: is a folder; name a file")
        if not S_ISREG(status.st_mode):
            raise InputError(f"{path}: is no ordinary file")
        if status.st_size > most:
            size = status.st_size / (1 << 20)
            raise InputError(f"{path}: {size:.1f} MiB; {most >> 20} MiB are the most")
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from None


def read_text(path: Path, overlay: Overlay = on_disk, most: int = MAX_BYTES) -> str:
    """Read a file in UTF-8, its line ends as they are; raises `InputError`."""
    if (text := overlay(absolute(path))) is not None:
        return text
    data = read_bytes(path, most)
    for magic, what in _STRANGE.items():
        if data.startswith(magic):
            raise InputError(f"{path}: {what}")
    if (zero := data.find(b"\0")) >= 0:
        raise InputError(f"{path}: is a binary file (a zero byte at {zero})")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        place = f"byte {error.start}: 0x{data[error.start]:02x}"
        raise InputError(f"{path}:{line}: is not UTF-8 ({place}); save it as UTF-8") from None


def is_within(name: str) -> bool:
    """Does a name stay below the folder it is relative to?"""
    return (
        bool(name)
        and "\0" not in name
        and ".." not in Path(name).parts
        and (not Path(name).is_absolute())
    )


def workspace(start: Path) -> Path:
    """The folder that files named by files must stay inside: the nearest one with a marker.

    It is never the user's home, nor holds it.
    """
    for folder in (start, *start.parents):
        if Path.home().is_relative_to(folder):
            break
        if (folder / "spec2rtl.toml").exists() or (folder / ".git").exists():
            return folder
    return start


def in_workspace(path: Path, home: Path) -> bool:
    """Is a file, with links followed, one of the project that a folder belongs to?"""
    return path.resolve().is_relative_to(workspace(home).resolve())


def is_file(path: Path) -> bool:
    """Is there such a file? A name that the system refuses is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _headers(
    sources: Iterable[SourceFile], dirs: list[Path], elsewhere: Lookup, overlay: Overlay
) -> tuple[dict[str, SourceFile], tuple[tuple[str, str, str], ...]]:
    """Find the headers that sources include, and those that these include.

    Of several of one name the first has it; the others get names of their own, which are told of
    each of their readers.
    """
    found: dict[str, SourceFile] = {}
    places: dict[tuple[Path, str], Path | None] = {}
    others: dict[Path, str] = {}
    nearer: list[tuple[str, str, str]] = []
    pending = list(sources)
    while pending and len(found) <= MAX_FILES:
        reader = pending.pop(0)
        for name in _included(reader.text):
            folder = Path(reader.path).parent
            if (folder, name) not in places:
                near = (place / name for place in (folder, *dirs))
                found_near = next(map(absolute, filter(is_file, near)), None)
                places[folder, name] = found_near or elsewhere(name, Path(reader.path))
            path = places[folder, name]
            if path is None:
                continue
            own = name
            if name in found and found[name].path != str(path):
                own = others.setdefault(path, f"{NEARER}{len(others)}/{path.name}")
                nearer.append((reader.path, name, own))
            if own not in found:
                found[own] = SourceFile(str(path), read_text(path, overlay))
                pending.append(found[own])
    return found, tuple(dict.fromkeys(nearer))


def _included(text: str) -> Iterator[str]:
    if "`include" not in text:
        return
    for token in tokenize(text):
        if token.kind is Kind.DIRECTIVE and (match := INCLUDE.match(token.text)):
            yield match[1] or match[2]
    yield from included_by_macros(text)


def _data(readers: Iterable[SourceFile]) -> list[DataFile]:
    """Find the files that string literals name, in sources that load any."""
    found: dict[str, DataFile] = {}
    for reader in readers:
        for name in loaded(reader.text):
            if name in found:
                continue
            home = Path(reader.path).parent
            # An absolute name is its own place.
            folder = next((f for f in (home, Path.cwd()) if is_file(f / name)), None)
            if folder and in_workspace(folder / name, folder if is_within(name) else home):
                found[name] = DataFile(name, read_bytes(folder / name))
    return list(found.values())


def loaded(text: str) -> Iterator[str]:
    """Yield all string literals of a text that loads a file: its name may be a parameter."""
    if not any(loader in text for loader in _LOADERS):
        return
    tokens = tokenize(text)
    if any(t.kind is Kind.SYSTEM and t.text in _LOADERS for t in tokens):
        for token in tokens:
            if token.kind is Kind.STRING:
                yield token.text.strip('"')
