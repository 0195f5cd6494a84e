"""One precedence: built-in defaults < user < workspace < environment < flags.

A nearer layer's value replaces a farther one's; lists and NAME=VALUE pairs add up, the nearer
first. Each value remembers who said it. The rights of a workspace's file are enforced here: what
it may not set is ignored with a warning. Pure, but that symbolic links are followed.
"""

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, structs

from spec2rtl.config.settings import SettingDoc, Settings, describe
from spec2rtl.config.values import read
from spec2rtl.errors import ConfigError

LayerKind = Literal["default", "user", "workspace", "environment", "flag"]

_LOCAL = re.compile(r"embedded(:[\w.-]+)?|anthropic(:[\w.-]+)?|rules")
_SECRET = re.compile(r"key|secret|password|credential|token", re.IGNORECASE)
_SHOWN = 60


class Origin(Struct, frozen=True):
    """Who said a value: `where` is `FILE:LINE`, a variable or a flag."""

    kind: LayerKind
    where: str


BUILT_IN = Origin("default", "built in")


@dataclass(frozen=True)
class Layer:
    """What one source says: values as written, where each stands, what paths are relative to."""

    kind: LayerKind
    values: Mapping[str, object]
    places: Mapping[str, str]
    folder: Path


@dataclass(frozen=True)
class Configuration:
    """The settings, who said each (the nearest first), and what the user should know.

    `user_file` is where the user's settings are looked for, `workspace_file` the one found.
    """

    settings: Settings
    origins: Mapping[str, tuple[Origin, ...]]
    warnings: tuple[str, ...]
    user_file: Path
    workspace_file: Path | None = None

    def origin(self, name: str) -> Origin:
        """Return the nearest source of a setting's value."""
        return self.origins.get(name, (BUILT_IN,))[0]


def merge(
    layers: Iterable[Layer],
    *,
    user_file: Path,
    workspace_file: Path | None = None,
    warnings: tuple[str, ...] = (),
) -> Configuration:
    """Merge layers, the farthest first; raises `ConfigError` for a value of the wrong type."""
    merged = Configuration(Settings(), {}, warnings, user_file, workspace_file)
    for layer in layers:
        for name in layer.values:
            merged = _apply(merged, layer, name)
    return merged


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that was probably meant."""
    return next(iter(difflib.get_close_matches(name, list(names), 1, 0.7)), None)


def _apply(merged: Configuration, layer: Layer, name: str) -> Configuration:
    place = layer.places[name]
    setting = next((s for s in describe() if s.name == name), None)
    if setting is None:
        return _warn(merged, f"{place}: {_unknown(name)}")
    guarded = layer.kind == "workspace"
    if guarded and setting.workspace == "never":
        return _refuse(merged, layer, setting, f"a workspace's file may not set {name}")
    value = _located(setting, _read(setting, layer, place), layer.folder)
    if guarded and (why := _excess(setting, value, merged, layer.folder)):
        return _refuse(merged, layer, setting, why)
    before = getattr(merged.settings, name)
    if name == "remote" and value and not before:
        return _warn(merged, f"{place}: ignored: {merged.origin(name).where} says no to remote")
    origins = (Origin(layer.kind, place),)
    if setting.kind in ("paths", "pairs"):
        value = _added(setting, value, before)
        origins += merged.origins.get(name, ())
    return replace(
        merged,
        settings=structs.replace(merged.settings, **{name: value}),
        origins={**merged.origins, name: origins},
    )


def _read(setting: SettingDoc, layer: Layer, place: str) -> Any:
    written = layer.values[setting.name]
    try:
        return read(setting, written, text=layer.kind in ("environment", "flag"))
    except ValueError as error:
        shown = repr(written)
        shown = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
        raise ConfigError(f"{place}: {setting.name} must be {error}, not {shown}") from error


def _located(setting: SettingDoc, value: Any, folder: Path) -> Any:
    """Make paths absolute; a tool's bare name is left for PATH."""

    def absolute(path: str) -> str:
        # Not Path.expanduser: that one raises where a home isn't known.
        return os.path.normpath(folder / os.path.expanduser(path))  # noqa: PTH111

    if setting.kind == "paths":
        return tuple(map(absolute, value))
    if value and (
        setting.kind == "path" or (setting.kind == "tool" and (os.sep in value or value[0] == "~"))
    ):
        return absolute(value)
    return value


def _added(setting: SettingDoc, value: Any, before: Any) -> Any:
    if setting.kind == "pairs":
        return tuple({**dict(before), **dict(value)}.items())
    return tuple(dict.fromkeys(value + before))


def _excess(setting: SettingDoc, value: Any, merged: Configuration, folder: Path) -> str | None:
    """Say in what a value goes beyond a workspace's rights."""
    name, before = setting.name, getattr(merged.settings, setting.name)
    if setting.workspace == "local" and not _LOCAL.fullmatch(value):
        return f"a workspace's file may not set {name} to one that names an address or a file"
    if setting.workspace == "forbid" and value:
        return f"a workspace's file may only say no to {name}"
    if setting.workspace == "lower" and before is not None and value > before:
        return f"a workspace's file may only lower {name} ({before}, {merged.origin(name).where})"
    if setting.kind in ("path", "paths"):
        root = Path(os.path.realpath(folder))
        for path in [value] if setting.kind == "path" else value:
            if not Path(os.path.realpath(path)).is_relative_to(root):
                return f"{path} in {name} lies outside the workspace"
    return None


def _refuse(merged: Configuration, layer: Layer, setting: SettingDoc, why: str) -> Configuration:
    ways = [f"with {setting.flag}"] if setting.flag else []
    ways += [f"with {setting.variable}", f"in {merged.user_file}"]
    place = layer.places[setting.name]
    return _warn(merged, f"{place}: ignored: {why}; set it {', '.join(ways[:-1])} or {ways[-1]}")


def _unknown(name: str) -> str:
    name = name if name.isprintable() else repr(name)  # it goes to a terminal
    close = nearest(name, (setting.name for setting in describe()))
    if close:
        return f"unknown setting {name}, ignored; did you mean {close}?"
    if _SECRET.search(name):
        return (
            f"{name} ignored: keys come from the environment alone"
            " (ANTHROPIC_API_KEY, OPENAI_API_KEY); remove it from the file"
        )
    return f"unknown setting {name}, ignored"


def _warn(merged: Configuration, line: str) -> Configuration:
    return replace(merged, warnings=(*merged.warnings, line))
