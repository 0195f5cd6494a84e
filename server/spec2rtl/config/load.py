"""Finds what the layers say: the user's and the workspace's file, the environment, the flags."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from spec2rtl.config.folders import FOLDER_VARIABLES, config_dir
from spec2rtl.config.layers import Configuration, Layer, LayerKind, merge, nearest
from spec2rtl.config.settings import describe
from spec2rtl.errors import ConfigError

WORKSPACE_FILE = "spec2rtl.toml"
USER_FILE = "config.toml"

SECRET_VARIABLES = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_API_KEY")
"""The variables that hold keys: read from the environment alone, never logged."""

_PREFIX = "SPEC2RTL_"


def load(
    flags: Mapping[str, object],
    *,
    start: Path | None,
    environ: Mapping[str, str],
    called: Mapping[str, str] | None = None,
) -> Configuration:
    """Read all layers and merge them.

    `flags` maps settings to values, None or empty where not given; `called` are their names where
    they are no flags, such as an editor's. `start` is the spec or RTL from which the workspace's
    file is searched upward; None: a workspace has no say. Raises `ConfigError` for a file that
    can't be read and for a value of the wrong type.
    """
    here = _current_folder()
    user_file = here / config_dir(environ) / USER_FILE
    workspace_file = find_workspace_file(here / start) if start else None
    layers = [
        _file_layer("user", user_file),
        _file_layer("workspace", workspace_file),
        _environment_layer(environ, here),
        _flag_layer(flags, here, called or {}),
    ]
    return merge(
        layers,
        user_file=user_file,
        workspace_file=workspace_file,
        warnings=_misspelt(environ),
    )


def find_workspace_file(start: Path) -> Path | None:
    """Search `spec2rtl.toml` from an absolute path up to the root of its repository or disk."""
    start = Path(os.path.normpath(start))  # the parents of `a/../b` include `a`
    try:
        for folder in (start, *start.parents):
            if (file := folder / WORKSPACE_FILE).is_file():
                return file
            if (folder / ".git").exists() or (folder.is_dir() and folder.is_mount()):
                return None
    except PermissionError:  # what we may not look into is not ours
        return None
    return None


def secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys in the environment, which must never be kept or shown."""
    return tuple(value for name in SECRET_VARIABLES if (value := environ.get(name)))


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise ConfigError("the current folder is gone: change to one that is there") from error


def _file_layer(kind: LayerKind, file: Path | None) -> Layer:
    nothing = Layer(kind, {}, {}, Path())
    if file is None:
        return nothing
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except FileNotFoundError:
        return nothing
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8 text: save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error
    places = {name: _place(file, text, name) for name in values}
    return Layer(kind, values, places, file.parent)


def _place(file: Path, text: str, name: str) -> str:
    """Name the line that sets `name`, as far as it is written plainly."""
    name = re.escape(name)
    plain = re.search(rf"""^[ \t]*(\[+[ \t]*)?["']?{name}["']?[ \t]*[.=\]]""", text, re.MULTILINE)
    return f"{file}:{text.count(chr(10), 0, plain.start()) + 1}" if plain else str(file)


def _environment_layer(environ: Mapping[str, str], folder: Path) -> Layer:
    variables = {s.name: s.variable for s in describe() if environ.get(s.variable)}
    values = {name: environ[variable] for name, variable in variables.items()}
    return Layer("environment", values, variables, folder)


def _flag_layer(flags: Mapping[str, object], folder: Path, called: Mapping[str, str]) -> Layer:
    given = {name: value for name, value in flags.items() if value not in (None, (), [], {})}
    spelt = {s.name: s.flag for s in describe() if s.flag} | dict(called)
    places = {name: spelt.get(name) or f"--{name.replace('_', '-')}" for name in given}
    return Layer("flag", given, places, folder)


def _misspelt(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Warn of variables that look like ours; one that is far from all may be someone else's."""
    known = [*FOLDER_VARIABLES, *(setting.variable for setting in describe())]
    unknown = sorted(n for n in environ if n.startswith(_PREFIX) and n not in known)
    return tuple(
        f"{name}: unknown variable, ignored; did you mean {_PREFIX}{close}?"
        for name in unknown
        # Compared without the prefix, which makes all of them alike.
        if (close := nearest(name.removeprefix(_PREFIX), (k.removeprefix(_PREFIX) for k in known)))
    )
