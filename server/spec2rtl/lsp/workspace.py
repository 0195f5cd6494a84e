"""Folders, their settings and whether they are trusted."""

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from lsprotocol import types
from msgspec import structs

from spec2rtl.config.layers import Configuration
from spec2rtl.config.load import WORKSPACE_FILE, load
from spec2rtl.config.settings import SettingDoc, Settings, describe
from spec2rtl.eda.toolchain import IcarusToolchain
from spec2rtl.errors import ConfigError, InputError
from spec2rtl.lsp import wire
from spec2rtl.lsp.documents import path_of, uri_of
from spec2rtl.lsp.index import innermost
from spec2rtl.lsp.server import Server
from spec2rtl.wiring import toolchain

_ANSWER_SECONDS = 5.0


class Workspaces:
    """What holds in each folder of the workspace, asked for once until it changes."""

    def __init__(self, ls: Server) -> None:
        self._ls = ls
        self._loaded: dict[Path, Configuration] = {}
        self._tools: dict[tuple[object, ...], IcarusToolchain] = {}
        self._turn = asyncio.Lock()
        self._warned: set[str] = set()

    @property
    def trusted(self) -> bool:
        """May anything of the workspace be run?"""
        return self._ls.client.options.trusted

    @property
    def folders(self) -> tuple[Path, ...]:
        """The workspace's folders."""
        return tuple(self._uris())

    def _uris(self) -> dict[Path, str]:
        """The same with their URIs as the editor writes them."""
        uris = [folder.uri for folder in self._ls.workspace.folders.values()]
        if not uris and self._ls.workspace.root_uri:
            uris = [self._ls.workspace.root_uri]
        return {path: uri for uri in uris if (path := path_of(uri))}

    def folder_of(self, path: Path) -> Path:
        """The innermost folder that holds a file, else the file's own."""
        return innermost(self.folders, path) or path.parent

    def forget(self) -> None:
        """Settings have changed: ask again."""
        self._loaded = {}  # what is being asked now is kept in the old one

    async def settings(self, path: Path, **given: object) -> Settings:
        """The settings for work on a file, with those that a request gives; raises `ConfigError`."""
        found = (await self.configuration(path)).settings
        return structs.replace(found, **{k: v for k, v in given.items() if v is not None})

    async def configuration(self, path: Path) -> Configuration:
        """The same with their origins; raises `ConfigError`."""
        start, known = path.parent, self._loaded
        if start not in known:
            folder = self.folder_of(path)
            flags = _flags(await self._asked(self._uris().get(folder) or uri_of(folder)), folder)
            loaded = await asyncio.to_thread(
                load,
                flags,
                start=start if self.trusted else None,
                environ=os.environ,
                called={one.name: f"{wire.SECTION}.{one.in_editor}" for one in describe()},
            )
            known[start] = loaded
            for warning in loaded.warnings:
                self._warn(warning)
        return known[start]

    async def excluded(self) -> frozenset[Path]:
        """The folders that the user wants to be left alone."""
        names: list[str] = []
        for folder in self.folders:
            with contextlib.suppress(ConfigError):  # told where it matters: at the file
                names += (await self.settings(folder / WORKSPACE_FILE)).exclude
        return frozenset(map(Path, names))

    async def tools(self, settings: Settings) -> IcarusToolchain:
        """iverilog and cocotb, located once; raises `ToolError` and, untrusted, `InputError`."""
        if not self.trusted:
            raise InputError("this workspace is not trusted: nothing of it is run; trust it first")
        key = tools_of(settings)
        async with self._turn:
            if key not in self._tools:
                self._tools[key] = await asyncio.to_thread(toolchain, settings)
            return self._tools[key]

    def _warn(self, line: str) -> None:
        if line not in self._warned:
            self._warned.add(line)
            self._ls.tell(f"Spec2RTL: {line}", types.MessageType.Warning)

    async def _asked(self, uri: str) -> dict[str, object]:
        if not self._ls.client.configuration:
            return self._ls.client.options.settings
        item = types.ConfigurationItem(scope_uri=uri, section=wire.SECTION)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                answer: Any = await self._ls.protocol.ask(
                    types.WORKSPACE_CONFIGURATION, types.ConfigurationParams([item])
                )
        except TimeoutError:
            answer = None
        items = cast("Sequence[Any]", answer) if isinstance(answer, list | tuple) else ()
        given = items[0] if items else None
        if isinstance(given, dict):
            return cast("dict[str, object]", given)
        if given is not None:
            what = f"an object is wanted under `{wire.SECTION}`, not a {type(given).__name__}"
            self._warn(f"settings: {what}: ignored")
        return {}


def tools_of(settings: Settings) -> tuple[object, ...]:
    """The settings that decide what the tools say: with others, what they said holds no longer."""
    limits = (settings.compile_seconds, settings.simulation_seconds)
    sizes = (settings.memory_mib, settings.output_mib)
    return settings.iverilog, settings.vvp, settings.sandbox, *limits, *sizes


def _flags(given: dict[str, object], folder: Path) -> dict[str, object]:
    """An editor's settings, in camelCase, as ours; empty ones are not set, paths are absolute."""
    flags: dict[str, object] = {}
    for setting in describe():
        value = given.get(setting.in_editor, given.get(setting.name))
        if value not in (None, "", [], (), {}):
            flags[setting.name] = _placed(setting, value, folder)
    return flags


def _placed(setting: SettingDoc, value: object, folder: Path) -> object:
    def absolute(text: object) -> object:
        if not isinstance(text, str):
            return text
        return str(folder / text.replace("${workspaceFolder}", str(folder)))

    if setting.kind == "paths" and isinstance(value, list | tuple):
        return [absolute(item) for item in cast("Sequence[object]", value)]
    return absolute(value) if setting.kind == "path" else value
