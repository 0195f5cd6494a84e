"""A model that reads its replies from a file, in order: for tests, demos and bug reports."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec

from spec2rtl.chat import Chunk, Delta, Prompt, Reply
from spec2rtl.errors import BackendError, ConfigError

PIECES = 4
"""Into how many deltas a reply is cut, so that streaming is exercised."""


class ScriptedModel:
    """Gives the strings of a JSON array one by one, whatever it is asked."""

    strong = True
    continues = False
    parallel = 1

    def __init__(self, path: Path, *, used: int = 0) -> None:
        """Read the script and skip the replies that an earlier run has `used`.

        Raises `ConfigError` for a script that can't be used.
        """
        self.name = f"scripted:{path}"
        self._path = path
        self._replies = read_script(path)
        self._used = used

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        """Yield the next reply."""
        if self._used >= len(self._replies):
            raise BackendError(
                f"{self._path}: the script has run dry: all {len(self._replies)} of its replies "
                "are used; it needs one for each call"
            )
        text = self._replies[self._used]
        self._used += 1
        step = -(-len(text) // PIECES) or 1
        for start in range(0, len(text), step):
            yield Delta(text[start : start + step])
            await asyncio.sleep(0)
        yield Reply(text)

    async def aclose(self) -> None:
        """Nothing to let go of."""


def read_script(path: Path) -> list[str]:
    """Read a JSON array of strings."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: can't read the script: {error.strerror}") from None
    try:
        return msgspec.json.decode(data, type=list[str])
    except msgspec.ValidationError as error:  # names the index
        raise ConfigError(f"{path}: the script must be a JSON array of strings: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the script isn't JSON: {error}") from None
