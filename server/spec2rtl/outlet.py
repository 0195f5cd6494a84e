"""Delivers a result to a file without ever overwriting what a person wrote."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from spec2rtl.errors import InputError
from spec2rtl.events import Input
from spec2rtl.rtl import digest
from spec2rtl.spec.comments import SpecComment
from spec2rtl.spec.region import put_region, region_text

Written = Callable[[str], str | None]
"""The SHA-256 of the text that we last wrote to a place, None where we never did."""
Wrote = Callable[[str, str], None]


class KeepOutlet:
    """Delivers nothing: the result is only shown."""

    def __init__(self, inputs: tuple[Input, ...]) -> None:
        self._inputs = inputs

    def changed(self) -> tuple[str, ...]:
        """Inputs whose text is no longer what the run read."""
        return tuple(i.path for i in self._inputs if _sha256(Path(i.path)) != i.sha256)

    def deliver(self, rtl: str) -> tuple[str | None, str | None]:
        """Keep the file system as it is."""
        return None, None


class FileOutlet(KeepOutlet):
    """Delivers to a file.

    The file is overwritten only if it has not changed since the outlet was made and holds what we
    wrote ourselves (or `mine`, the text the user gave us to change), or by `force`; else the
    result goes beside it under a name of its own.
    """

    def __init__(
        self,
        path: Path,
        inputs: tuple[Input, ...],
        *,
        written: Written,
        wrote: Wrote,
        mine: str | None = None,
        force: bool = False,
    ) -> None:
        super().__init__(inputs)
        self._path, self._force = path, force
        self._written, self._wrote = written, wrote
        self._before = _sha256(path)
        self._mine = digest(mine) if mine is not None else None
        check_writable(path)

    def deliver(self, rtl: str) -> tuple[str | None, str | None]:
        """Write the result; raises `InputError` when it can't be written."""
        now = _sha256(self._path)
        untouched = now == self._before
        ours = now in {None, self._mine, digest(rtl), self._written(str(self._path))}
        if self._force or (untouched and ours):
            return str(self._write(self._path, rtl)), None
        why = "holds edits that are not ours" if untouched else "changed during the run"
        beside = _free_name(self._path)
        self._write(beside, rtl)
        return str(beside), f"{self._path} {why}: the result is in {beside} (--force overwrites)"

    def _write(self, path: Path, rtl: str) -> Path:
        write_atomically(path, rtl)
        self._wrote(str(path), digest(rtl))
        return path


class RegionOutlet(KeepOutlet):
    """Delivers to the region below a spec comment; the rest of the file is read afresh and kept."""

    def __init__(
        self,
        path: Path,
        inputs: tuple[Input, ...],
        comment: SpecComment,
        module: str,
        *,
        written: Written,
        wrote: Wrote,
        force: bool = False,
    ) -> None:
        super().__init__(inputs)
        self._path, self._comment, self._module, self._force = path, comment, module, force
        self._written, self._wrote = written, wrote
        self._before = _sha256(path)
        check_writable(path)

    def deliver(self, rtl: str) -> tuple[str | None, str | None]:
        """Write the region; raises `InputError` when it can't be written."""
        place = f"{self._path}#{self._module}"
        try:
            text = self._path.read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            text = ""
        region = region_text(text, self._module)
        ours = region is None or digest(region) == self._written(place)
        if not self._force and (_sha256(self._path) != self._before or not ours):
            beside = _free_name(self._path.with_stem(self._module))
            write_atomically(beside, rtl)
            why = "was edited" if not ours else "changed during the run"
            return str(
                beside
            ), f"{self._path} {why}: the result is in {beside} (--force overwrites)"
        new = put_region(text, self._comment, self._module, rtl)
        write_atomically(self._path, new)
        self._wrote(place, digest(region_text(new, self._module) or ""))
        return str(self._path), None


def write_atomically(path: Path, text: str) -> None:
    """Write a whole file or nothing, keeping its mode; raises `InputError`."""
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        with tempfile.NamedTemporaryFile(
            "wb", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as scratch:
            try:
                scratch.write(text.encode())
                scratch.flush()
                os.fsync(scratch.fileno())
                os.chmod(scratch.name, mode)  # noqa: PTH101
                Path(scratch.name).replace(path)
            except BaseException:
                Path(scratch.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise InputError(
            f"{path}: can't be written: {error.strerror}; choose another --out"
        ) from None


def check_writable(path: Path) -> None:
    """Say before the run, not after it, that its result can't be written."""
    folder = path.parent
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; make it or choose another --out")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise InputError(
            f"{path}: can't be written (read-only): make it writable or choose another --out"
        )
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is not a regular file; name one with --out")


def _free_name(path: Path) -> Path:
    for number in range(1, 1000):
        beside = path.with_name(f"{path.stem}.new{number if number > 1 else ''}{path.suffix}")
        if not beside.exists():
            return beside
    raise InputError(f"{path.parent}: holds a thousand results beside {path.name}; tidy it up")


def _sha256(path: Path) -> str | None:
    try:
        # A byte order mark is no part of the text that a run reads.
        return hashlib.sha256(path.read_bytes().removeprefix(b"\xef\xbb\xbf")).hexdigest()
    except OSError:
        return None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
