"""Where our own folders lie: where the environment says, else where this system keeps such."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

FOLDER_VARIABLES = ("SPEC2RTL_CONFIG_DIR", "SPEC2RTL_DATA_DIR", "SPEC2RTL_CACHE_DIR")


def config_dir(environ: Mapping[str, str]) -> Path:
    """Where the user's settings lie: `SPEC2RTL_CONFIG_DIR`, else the usual folder."""
    return _folder(environ, "config")


def data_dir(environ: Mapping[str, str]) -> Path:
    """Where the journal lies: `SPEC2RTL_DATA_DIR`, else the usual folder."""
    return _folder(environ, "data")


def cache_dir(environ: Mapping[str, str]) -> Path:
    """Where what can be made again lies: `SPEC2RTL_CACHE_DIR`, else the usual folder."""
    return _folder(environ, "cache")


def _folder(environ: Mapping[str, str], kind: Literal["config", "data", "cache"]) -> Path:
    if given := environ.get(f"SPEC2RTL_{kind.upper()}_DIR"):
        return Path(given).expanduser()
    from platformdirs import PlatformDirs

    usual = PlatformDirs("spec2rtl", appauthor=False)
    match kind:
        case "config":
            return usual.user_config_path
        case "data":
            return usual.user_data_path
        case "cache":
            return usual.user_cache_path
