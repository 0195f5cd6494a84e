"""The Pythons that run a harness: our own, and one with the cocotb of older harnesses."""

import asyncio
import importlib.util
import os
import shutil
import sys
from pathlib import Path

from spec2rtl.errors import ToolError
from spec2rtl.process.limits import Limits
from spec2rtl.process.run import run

OLD_COCOTB = "1.9.2"
_SETUP = Limits(seconds=600.0, file_size=1 << 30)
_READY = "ready"
"""A file that is written last: an environment without it was not finished."""
_PASSED_ON = ("PIP_", "SSL_", "REQUESTS_", "HTTP_", "HTTPS_", "NO_PROXY", "http_", "https_", "no_")


class Environments:
    """Virtual environments in a folder, each set up when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = asyncio.Lock()

    async def own(self, cocotb: str) -> Path:
        """Our own Python, or one with our cocotb where ours lacks the pytest of the harnesses."""
        if importlib.util.find_spec("pytest") is None:
            return await self._made(cocotb)
        return Path(sys.executable)

    async def old(self) -> Path:
        """A Python with cocotb 1.9.2; raises `ToolError` where it can't be set up."""
        return await self._made(OLD_COCOTB)

    async def _made(self, cocotb: str) -> Path:
        folder = self._folder / f"cocotb-{cocotb}"
        python = folder / "bin" / "python"
        async with self._turn:
            if not (folder / _READY).exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.parent.mkdir(parents=True, exist_ok=True)
                await self._step([sys.executable, "-m", "venv", str(folder)])
                packages = (f"cocotb=={cocotb}", "pytest")
                pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
                await self._step([*pip, *packages])
                (folder / _READY).touch()
        return python

    def shown(self, python: Path) -> tuple[Path, ...]:
        """What a sandbox must show for this Python beside our own, which it always shows."""
        return () if python == Path(sys.executable) else (python.parent.parent,)

    async def _step(self, argv: list[str]) -> None:
        environment = {k: v for k, v in os.environ.items() if k.startswith(_PASSED_ON)}
        home = {"HOME": os.environ.get("HOME", str(self._folder))}
        done = await run(argv, cwd=self._folder, limits=_SETUP, env=environment | home)
        if done.ended != "ok" or done.exit_code != 0:
            said = (done.stderr.strip() or done.stdout.strip() or done.ended).splitlines()[-1]
            raise ToolError(f"{self._folder}: no environment can be set up: {said[:200]}")
