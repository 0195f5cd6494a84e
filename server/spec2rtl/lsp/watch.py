"""Files that change outside the editor: watched by the client where it can, else here."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from spec2rtl.lsp.index import is_ignored, is_rtl, is_spec, is_tests

if TYPE_CHECKING:
    from spec2rtl.lsp.server import Server

PATTERNS = ("**/*.{v,sv,vh,svh,f,core}", "**/*.spec.md", "**/spec2rtl.toml", "**/test_*.py")
GATHER_SECONDS = 0.2
"""A checkout changes many files: they are passed on together."""
MOST = 10_000
"""Of files at once; more than that, and only the first are looked at."""


class Watch:
    """One of the two ways, or none where neither is there."""

    def __init__(self, ls: "Server") -> None:
        self._ls = ls
        self._observer: Any = None
        self._changed: set[Path] = set()
        self._gathering: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Begin to watch the workspace's folders."""
        if self._ls.client.watches:
            watchers = [types.FileSystemWatcher(pattern) for pattern in PATTERNS]
            registration = types.Registration(
                "spec2rtl-files",
                types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                types.DidChangeWatchedFilesRegistrationOptions(watchers),
            )
            params = types.RegistrationParams([registration])
            self._ls.background(self._ls.protocol.ask(types.CLIENT_REGISTER_CAPABILITY, params))
            return
        await self._stop()
        if self._ls.workspaces.folders:
            loop = asyncio.get_running_loop()
            self._observer = await asyncio.to_thread(self._observe, loop)

    def _observe(self, loop: asyncio.AbstractEventLoop) -> Any:
        try:
            from watchdog.events import FileSystemEvent, FileSystemEventHandler
            from watchdog.observers import Observer
        except ImportError:
            loop.call_soon_threadsafe(
                self._ls.log, "Spec2RTL: changes outside the editor are not seen (no watchdog)"
            )
            return None
        watch = self

        class Handler(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                if not event.is_directory and event.event_type not in ("opened", "closed_no_write"):
                    for name in filter(None, (event.src_path, event.dest_path)):
                        loop.call_soon_threadsafe(watch.note, Path(str(name)))

        observer = Observer()
        for folder in self._ls.workspaces.folders:
            for part in _watched(folder):
                observer.schedule(Handler(), str(part[0]), recursive=part[1])
        try:
            observer.start()
        except OSError as error:
            loop.call_soon_threadsafe(
                self._ls.log, f"Spec2RTL: changes outside the editor are not seen: {error}"
            )
            return None
        return observer

    def note(self, path: Path) -> None:
        """A file has changed; what we don't read is passed over."""
        ours = is_rtl(path) or is_spec(path) or is_tests(path)
        ours = ours or path.suffix in (".vh", ".svh", ".f", ".core", ".toml")
        if not ours or len(self._changed) >= MOST:
            return
        self._changed.add(path)
        if self._gathering is None:
            loop = asyncio.get_running_loop()
            self._gathering = loop.call_later(GATHER_SECONDS, self._pass_on)

    def _pass_on(self) -> None:
        from spec2rtl.lsp.sync import on_files

        self._gathering = None
        changed, self._changed = sorted(self._changed), set()
        self._ls.background(on_files(self._ls, changed))

    async def _stop(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None:
            await asyncio.to_thread(_end, observer)

    async def aclose(self) -> None:
        """Stop watching."""
        if self._gathering:
            self._gathering.cancel()
        await self._stop()


def _end(observer: Any) -> None:
    observer.stop()
    observer.join()


def _watched(folder: Path) -> list[tuple[Path, bool]]:
    """The folder itself, and all below it that holds what people write."""
    inner = [
        (path, True)
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.is_symlink() and not is_ignored(Path(path.name, "x"))
    ]
    return [(folder, False), *inner]
