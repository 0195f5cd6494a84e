"""Files that change outside the editor: watched by the client where it can, else here."""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from spec2rtl.lsp.index import is_ours
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.sync import on_files

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent

PATTERNS = ("**/*.{v,sv,vh,svh,h,inc,f,core}", "**/*.spec.md", "**/spec2rtl.toml", "**/test_*.py")
GATHER_SECONDS = 0.2
"""A checkout changes many files: they are passed on together."""
MOST = 10_000
"""Of files at once; more than that, and only the first are looked at."""
MOST_WATCHES = 64
"""Each is two threads."""
MOST_FOLDERS = 20_000
"""Of a workspace that is watched: who opens a home by mistake must not wait for its end."""


class Watch:
    """One of the two ways."""

    def __init__(self, ls: Server) -> None:
        self._ls = ls
        self._folders: FolderWatch | None = None
        self._registered = 0
        self._inputs: frozenset[Path] = frozenset()
        self._changed: set[Path] = set()
        self._gathering: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Begin to watch the workspace's folders as they are now."""
        if self._ls.client.watches:
            if not self._registered:
                self._register(PATTERNS)
            return
        await self._stop()
        watch = FolderWatch(
            self._ls.index.ignores,
            lambda path: is_ours(path) or path in self._inputs,
            self._note,
            asyncio.get_running_loop(),
        )
        self._folders = watch
        if why := await asyncio.to_thread(watch.start, self._ls.workspaces.folders):
            self._ls.log(f"Spec2RTL: changes outside the editor are not seen: {why}")

    def follow(self, inputs: frozenset[Path]) -> None:
        """Watch these files too, whatever they are."""
        new = {path for path in inputs - self._inputs if not is_ours(path)}
        self._inputs |= inputs
        if new and self._ls.client.watches:
            names = sorted({re.sub(r"[][{}*?!]", "?", path.name) for path in new})
            self._register([f"**/{name}" for name in names])

    def _register(self, patterns: Iterable[str]) -> None:
        self._registered += 1
        registration = types.Registration(
            f"spec2rtl-files-{self._registered}",
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            types.DidChangeWatchedFilesRegistrationOptions(
                [types.FileSystemWatcher(pattern) for pattern in patterns]
            ),
        )
        params = types.RegistrationParams([registration])
        self._ls.background(self._ls.protocol.ask(types.CLIENT_REGISTER_CAPABILITY, params))

    def _note(self, path: Path) -> None:
        if len(self._changed) >= MOST:
            return
        self._changed.add(path)
        if self._gathering is None:
            loop = asyncio.get_running_loop()
            self._gathering = loop.call_later(GATHER_SECONDS, self._pass_on)

    def _pass_on(self) -> None:
        self._gathering = None
        changed, self._changed = sorted(self._changed), set()
        self._ls.background(on_files(self._ls, changed))

    async def _stop(self) -> None:
        folders, self._folders = self._folders, None
        if folders:
            await asyncio.to_thread(folders.stop)

    async def aclose(self) -> None:
        """Stop watching."""
        if self._gathering:
            self._gathering.cancel()
        await self._stop()


class FolderWatch:
    """Folders watched through watchdog, as few as cover what is not ignored.

    `note` is called in the event loop for each wanted file that changes, and for a folder that
    comes or goes with all it holds.
    """

    def __init__(
        self,
        ignores: Callable[[Path], bool],
        wants: Callable[[Path], bool],
        note: Callable[[Path], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        from watchdog.observers import Observer

        self._ignores, self._wants, self._note, self._loop = ignores, wants, note, loop
        self._observer = Observer()
        self._shallow: set[Path] = set()
        self._names: dict[Path, Path] = {}

    def start(self, folders: tuple[Path, ...]) -> str | None:
        """Watch folders; returns why that can't be."""
        try:
            for folder in folders:
                for part, deep in covering(folder, self._ignores):
                    self._add(part, deep=deep)
            self._observer.start()
        except OSError as error:
            return error.strerror or str(error)
        return None

    def stop(self) -> None:
        """Watch no more."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()

    def dispatch(self, event: "FileSystemEvent") -> None:
        """Take an event, in a thread of watchdog's."""
        if event.event_type in ("opened", "closed_no_write"):
            return
        for name in filter(None, (event.src_path, event.dest_path)):
            path = self._named(Path(str(name)))
            if self._ignores(path / "x" if event.is_directory else path):
                continue
            if not event.is_directory and self._wants(path):
                self._tell(path)
            elif event.is_directory and event.event_type != "modified":
                self._folder_changed(path)

    def _folder_changed(self, path: Path) -> None:
        if path.parent in self._shallow and path.is_dir():
            with contextlib.suppress(OSError):  # it is gone again
                self._add(path, deep=True)
        self._tell(path)

    def _add(self, folder: Path, *, deep: bool) -> None:
        if not deep:
            self._shallow.add(folder)
        real = folder.resolve()  # links are not followed, and some systems tell real names only
        if real != folder:
            self._names[real] = folder
        # What it asks of a handler is this one method.
        self._observer.schedule(self, str(real), recursive=deep)  # pyright: ignore[reportArgumentType]

    def _named(self, path: Path) -> Path:
        """A file that watchdog tells of, by the name that the editor has for it."""
        for real, folder in self._names.items():
            if path.is_relative_to(real):
                return folder / path.relative_to(real)
        return path

    def _tell(self, path: Path) -> None:
        self._loop.call_soon_threadsafe(self._note, path)


def covering(folder: Path, ignores: Callable[[Path], bool]) -> list[tuple[Path, bool]]:
    """The folders to watch, each with or without what lies below, and none that is ignored.

    Where these are too many, also ignored ones are watched; what is told of them is passed over.
    Raises `OSError` where there are too many folders to look at.
    """
    if folder == folder.parent:  # `/proc` alone has no end
        raise OSError("the whole file system is too large to be watched")
    exact = _exact(folder, ignores, iter(range(MOST_FOLDERS)))[0]
    if len(exact) <= MOST_WATCHES:
        return exact
    tops = [(path, True) for path in _folders_in(folder) if not ignores(path / "x")]
    return [(folder, False), *tops][:MOST_WATCHES]


def _exact(
    folder: Path, ignores: Callable[[Path], bool], left: Iterator[int]
) -> tuple[list[tuple[Path, bool]], bool]:
    """The same, however many; and whether nothing below is ignored."""
    if next(left, None) is None:
        raise OSError("the workspace has too many folders")
    parts: list[tuple[Path, bool]] = []
    whole = True
    for path in _folders_in(folder):
        inner, clean = _exact(path, ignores, left) if not ignores(path / "x") else ([], False)
        parts += inner
        whole = whole and clean
    return ([(folder, True)], True) if whole else ([(folder, False), *parts], False)


def _folders_in(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink())
    except OSError:
        return
