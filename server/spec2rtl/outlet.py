"""Delivers a result to a file without ever overwriting what a person wrote."""

import hashlib
import os
import secrets
from pathlib import Path
from typing import Protocol

from spec2rtl.eda.sources import workspace
from spec2rtl.errors import InputError
from spec2rtl.events import Input
from spec2rtl.process.locks import alone
from spec2rtl.rtl import digest
from spec2rtl.spec.comments import SpecComment
from spec2rtl.spec.region import put_region, region_text

MARK = "\ufeff"
"""A byte order mark: no part of the text that a run reads."""


class Ledger(Protocol):
    """Remembers what we wrote: a place is a file's path, or `PATH#MODULE` for a region of one."""

    def written(self, place: str) -> str | None:
        """The SHA-256 of the text that we last wrote to a place, None where we never did."""
        ...

    def wrote(self, place: str, sha256: str) -> None:
        """Note that we wrote a text to a place."""
        ...


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
        ledger: Ledger,
        *,
        mine: str | None = None,
        force: bool = False,
    ) -> None:
        super().__init__(inputs)
        self._path, self._ledger, self._force = path, ledger, force
        self._before = _sha256(path)
        self._mine = digest(mine) if mine is not None else None
        self._mark = MARK if mine is not None and _has_mark(path) else ""
        self._beside = path
        check_writable(path)

    def deliver(self, rtl: str) -> tuple[str | None, str | None]:
        """Write the result; raises `InputError` when it can't be written."""
        with alone(_real(self._path).parent):  # from the look at the file until it is written
            return self._deliver(rtl)

    def _deliver(self, rtl: str) -> tuple[str, str | None]:
        untouched = _sha256(self._path) == self._before
        if self._force or (untouched and self._ours(rtl)):
            self._put(rtl)
            return str(self._path), None
        why = "holds edits that are not ours" if untouched else "changed during the run"
        beside = _free_name(self._beside, digest(rtl))
        write_atomically(beside, self._mark + rtl)
        self._ledger.wrote(str(beside), digest(rtl))
        return str(beside), f"{self._path} {why}: the result is in {beside} (--force overwrites)"

    def _ours(self, rtl: str) -> bool:
        """Is what makes room nothing that a person would miss?"""
        known = {None, self._mine, digest(rtl), self._ledger.written(str(self._path))}
        return _sha256(self._path) in known

    def _put(self, rtl: str) -> None:
        if digest(rtl) == self._mine == _sha256(self._path):
            return  # nothing was changed: the file stays as it is, and the user's
        write_atomically(self._path, self._mark + rtl)
        self._ledger.wrote(str(self._path), digest(rtl))


class RegionOutlet(FileOutlet):
    """Delivers to the region below a spec comment; the rest of the file is read afresh and kept."""

    def __init__(
        self,
        path: Path,
        inputs: tuple[Input, ...],
        comment: SpecComment,
        module: str,
        ledger: Ledger,
        *,
        force: bool = False,
    ) -> None:
        super().__init__(path, inputs, ledger, force=force)
        self._comment, self._module = comment, module
        self._beside, self._place = path.with_stem(module), f"{path}#{module}"

    def _ours(self, rtl: str) -> bool:
        region = region_text(self._text(), self._module)
        return region is None or digest(region) == self._ledger.written(self._place)

    def _put(self, rtl: str) -> None:
        text = put_region(self._text(), self._comment, self._module, rtl)
        write_atomically(self._path, text)
        self._ledger.wrote(self._place, digest(region_text(text, self._module) or ""))

    def _text(self) -> str:
        try:
            return self._path.read_bytes().decode()
        except OSError as error:
            raise InputError(f"{self._path}: can't be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise InputError(f"{self._path}: is not UTF-8 any more; save it as UTF-8") from None


def write_atomically(path: Path, text: str) -> None:
    """Write a whole file or nothing, keeping its mode and links to it; raises `InputError`."""
    real = _real(path)
    scratch = real.with_name(f".spec2rtl.{secrets.token_hex(4)}")  # short, whatever the name
    try:
        try:
            with scratch.open("xb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            if real.exists():
                scratch.chmod(real.stat().st_mode & 0o777)
            scratch.replace(real)
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(
            f"{path}: can't be written: {error.strerror}; choose another --out"
        ) from None


def check_writable(path: Path) -> None:
    """Say before the run, not after it, that its result can't be written."""
    try:
        real = _real(path)
        folder, there = real.parent, real.exists()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; choose another --out") from None
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; make it or choose another --out")
    if not os.access(folder, os.W_OK) or (there and not os.access(real, os.W_OK)):
        raise InputError(
            f"{path}: can't be written (read-only): make it writable or choose another --out"
        )
    if there and not real.is_file():
        raise InputError(f"{path}: is not a regular file; name one with --out")


def _real(path: Path) -> Path:
    """Where a text that is put at a path ends up: links are followed.

    Raises `InputError` for a link to nothing that leaves its workspace: who made that link would
    choose where on this machine a new file appears.
    """
    real = Path(os.path.realpath(path))
    if path.is_symlink() and not path.exists():
        inside = real.is_relative_to(workspace(path.parent).resolve())
        if not inside or real.is_symlink():  # still one: they go in a circle
            raise InputError(
                f"{path}: a link that leads nowhere in its workspace; mend it or choose another --out"
            )
    return real


def _free_name(path: Path, sha256: str) -> Path:
    """The first name beside a file where nothing is, or what is to be written."""
    for number in range(1, 1000):
        beside = path.with_name(f"{path.stem}.new{number if number > 1 else ''}{path.suffix}")
        if not beside.exists() or _sha256(beside) == sha256:
            return beside
    raise InputError(f"{path.parent}: holds a thousand results beside {path.name}; tidy it up")


def _sha256(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes().removeprefix(MARK.encode())).hexdigest()
    except OSError:
        return None


def _has_mark(path: Path) -> bool:
    try:
        return path.read_bytes().startswith(MARK.encode())
    except OSError:
        return False
