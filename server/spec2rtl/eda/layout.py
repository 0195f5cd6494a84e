"""Lays the files of a design out in a scratch folder, and leads from there back to the user's.

Sources get names of our own: iverilog is a driver that builds a shell command, and every message
must lead back to the path that the user knows, whatever characters that holds.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from msgspec import structs

from spec2rtl.eda.includes import NEARER, distinct
from spec2rtl.eda.order import compile_order
from spec2rtl.errors import InputError
from spec2rtl.rtl import DataFile, Design, Diagnostic, Related, SourceFile

OPTIONS = "spec2rtl.f"
"""A command file: files that set no timescale get 1ns/1ps."""

_HEADERS = "spec2rtl-headers"
_OWN_SOURCE = re.compile(r"\bsource(\d+)\.s?v\b")
_OWN_HEADER = re.compile(rf"{_HEADERS}/(?:up/)*(?:{NEARER}\d+/)?")


@dataclass(frozen=True)
class Layout:
    """Where a design lies: `files` maps the names that iverilog gets to see to the user's files.

    `sources` are in the order to compile them.
    """

    sources: tuple[str, ...]
    include: str
    files: Mapping[str, SourceFile]

    @property
    def outside(self) -> tuple[Path, ...]:
        """The headers with an absolute name, which are read where they lie."""
        return tuple(Path(name) for name in self.files if name.startswith("/"))

    def in_user_terms(self, diagnostic: Diagnostic) -> Diagnostic:
        """Give a diagnostic the paths that the user knows."""
        return structs.replace(
            diagnostic,
            file=self._path(diagnostic.file),
            message=self.spoken(diagnostic.message),
            related=tuple(self._related(note) for note in diagnostic.related),
        )

    def spoken(self, text: str) -> str:
        """Put the user's paths in place of ours within a text."""
        return _OWN_SOURCE.sub(lambda match: self._path(match[0]), _OWN_HEADER.sub("", text))

    def _related(self, note: Related) -> Related:
        return structs.replace(note, file=self._path(note.file), message=self.spoken(note.message))

    def _path(self, name: str) -> str:
        file = self.files.get(name)
        return file.path if file else name


def lay_out(design: Design, folder: Path) -> Layout:
    """Write all files; a header's name may climb (`../rtl/defs.vh`), but not out of the scratch."""
    design = distinct(design)
    sources = {
        f"source{number}{'.sv' if source.path.endswith('.sv') else '.v'}": source
        for number, source in enumerate(design.sources)
    }
    climbs = max((_climb(name) for name, _ in design.headers), default=0)
    include = "/".join((_HEADERS, *("up",) * climbs))
    # An absolute name is read where it lies, as every other compiler would.
    headers = {
        name if name.startswith("/") else f"{include}/{name}": header
        for name, header in design.headers
    }
    files = sources | headers
    (folder / include).mkdir(parents=True)
    for name, file in files.items():
        if not name.startswith("/"):
            write(folder, name, file.text.encode())
    (folder / OPTIONS).write_text("+timescale+1ns/1ps\n")
    names = tuple(sources)
    return Layout(tuple(names[at] for at in compile_order(design)), include, files)


def write(folder: Path, name: str, data: bytes) -> None:
    """Write a file below a folder; raises `InputError` for a name that leads elsewhere."""
    inner = posixpath.normpath(name)
    if "\0" in name or inner.startswith("/") or ".." in PurePosixPath(inner).parts:
        raise InputError(f"{name}: a file of a design or a test must lie below its folder")
    path = folder / inner
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"{name}: can't be copied: {error.strerror}") from None


def write_all(folder: Path, files: Iterable[DataFile]) -> None:
    """Write the files that a reader in this folder finds below it."""
    for file in files:
        if not _climb(file.name) and not file.name.startswith("/"):
            write(folder, file.name, file.data)


def reading_folder(scratch: Path, design: Design) -> Path:
    """Make the folder where a design finds its data: names that climb stay below the scratch."""
    climbs = max((_climb(file.name) for file in design.data), default=0)
    inner = "/".join(("data", *("up",) * climbs))
    folder = scratch / inner
    folder.mkdir(parents=True)
    for file in design.data:
        if not file.name.startswith("/"):
            write(scratch, f"{inner}/{file.name}", file.data)
    return folder


def read_in_place(design: Design) -> tuple[Path, ...]:
    """The data files with an absolute name, which are read where they lie."""
    return tuple(Path(file.name) for file in design.data if file.name.startswith("/"))


def _climb(name: str) -> int:
    """How many folders a relative name climbs at its beginning."""
    parts = posixpath.normpath(name).split("/")
    return next((n for n, part in enumerate(parts) if part != ".."), len(parts))
