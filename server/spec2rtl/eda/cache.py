"""Results by the content of all that they depend on: in memory, and in a folder where one is given.

Only what would come out the same again belongs here. A damaged entry is a miss, and a folder that
can't be written costs time, never a run.
"""

import contextlib
import hashlib
import os
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

FORMAT = 2
"""Grows when an entry changes its meaning."""

_MEMORY_BYTES = 64 << 20
_FOLDER_BYTES = 256 << 20
_SWEEP_EVERY = 64
_CHECK_BYTES = 32

_T = TypeVar("_T", bound=Struct)


def key(*parts: object) -> str:
    """Name a result by all that it depends on."""
    return hashlib.sha256(msgspec.msgpack.encode((FORMAT, parts))).hexdigest()


class Cache:
    """Keeps the entries used last; safe for several threads and processes at once."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        memory_bytes: int = _MEMORY_BYTES,
        folder_bytes: int = _FOLDER_BYTES,
    ) -> None:
        self._folder = folder
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._memory_bytes = memory_bytes
        self._folder_bytes = folder_bytes
        self._held = 0
        self._writes = 0
        self._lock = threading.Lock()

    def get(self, name: str, kind: type[_T]) -> _T | None:
        """Find a value of this kind; None where there is none, or none that can be read."""
        data = self._recall(name)
        if data is None and (data := self._read(name)) is not None:
            self._hold(name, data)
        if data is None:
            return None
        try:
            return msgspec.msgpack.decode(data, type=kind)
        except msgspec.MsgspecError:
            return None

    def put(self, name: str, value: Struct) -> None:
        """Keep a value."""
        data = msgspec.msgpack.encode(value)
        self._hold(name, data)
        if self._folder is not None:
            with contextlib.suppress(OSError):
                self._write(self._folder, name, data)

    def _recall(self, name: str) -> bytes | None:
        with self._lock:
            if name in self._memory:
                self._memory.move_to_end(name)
            return self._memory.get(name)

    def _hold(self, name: str, data: bytes) -> None:
        with self._lock:
            self._held += len(data) - len(self._memory.pop(name, b""))
            self._memory[name] = data
            while self._held > self._memory_bytes:
                self._held -= len(self._memory.popitem(last=False)[1])

    def _read(self, name: str) -> bytes | None:
        if self._folder is None:
            return None
        path = self._folder / name
        try:
            stored = path.read_bytes()
            os.utime(path)  # used now: what was not used for long is swept first
        except OSError:
            return None
        check, data = stored[:_CHECK_BYTES], stored[_CHECK_BYTES:]
        return data if hashlib.sha256(data).digest() == check else None

    def _write(self, folder: Path, name: str, data: bytes) -> None:
        """Write under another name, then rename: a reader sees all of it or nothing."""
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(data).digest() + data)
            Path(temporary).replace(folder / name)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        if self._writes % _SWEEP_EVERY == 0:
            _sweep(folder, self._folder_bytes)
        self._writes += 1


def _sweep(folder: Path, limit: int) -> None:
    """Remove the entries used longest ago until the rest fits."""
    entries: list[tuple[float, int, Path]] = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # another process sweeps too
            status = path.stat()
            entries.append((status.st_mtime, status.st_size, path))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= limit:
            return
        path.unlink(missing_ok=True)
        total -= size
