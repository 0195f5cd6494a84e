"""A small model that runs on this machine: no key, no network after the first use."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import msgspec
from msgspec.structs import replace

from spec2rtl.backends.download import pull_model
from spec2rtl.backends.llama_server import Order, Ready
from spec2rtl.backends.models import find_model, model_path
from spec2rtl.backends.openai import OpenAIModel
from spec2rtl.backends.retry import Policy, Retrier, Retryable
from spec2rtl.backends.worker import AFRESH, DEATH_SECONDS, Worker
from spec2rtl.chat import Chunk, Progress, Prompt, Reply
from spec2rtl.errors import BackendError

SERVER = "spec2rtl.backends.llama_server"


class EmbeddedModel:
    """An embedded model in a child process that lives from the first prompt to `aclose`.

    One reply at a time: on two cores four at once took 0.7 times as long as one after the other,
    but each of them needs the prompt read again, and the first is there only with the last.
    `file` is a GGUF file to be used instead of the model's own. Raises `ConfigError`.
    """

    strong = False
    continues = True
    parallel = 1

    def __init__(self, model: str | None = None, *, file: Path | None = None) -> None:
        self._model = find_model(model)
        self.name = f"embedded:{self._model.name}"
        self._file = file
        self._turn = asyncio.Lock()
        self._process: Worker | None = None
        self._client: OpenAIModel | None = None
        self._read: Prompt | None = None

    @property
    def pid(self) -> int | None:
        """The child's process number, None while there is none."""
        return self._process.pid if self._process else None

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        """Yield progress until the model answers, then its reply; a crash begins it once afresh."""
        async with self._turn, aclosing(AFRESH.stream(lambda: self._attempt(prompt))) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        """End the child."""
        client, process = self._client, self._process
        self._client = self._process = self._read = None
        if client:
            await client.aclose()
        if process:
            await process.stop()

    async def _attempt(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        if self._process is None or not self._process.alive:
            await self.aclose()
            async with aclosing(self._start()) as steps:
                async for step in steps:
                    yield step
        client, process = self._client, self._process
        assert client is not None
        assert process is not None
        try:
            cached = await self._read_ahead(client, prompt)
            async with aclosing(client.stream(prompt)) as chunks:
                async for chunk in chunks:
                    yield _with_cached(chunk, cached)
        except BackendError:
            if not await process.died(DEATH_SECONDS):
                raise
            why = f"llama.cpp ended unexpectedly{await process.stop()}"
            raise Retryable(BackendError(f"{self.name}: {why}")) from None

    async def _start(self) -> AsyncGenerator[Progress, None]:
        """Get the model here and into memory."""
        path = self._file or model_path(self._model.name)
        if path is None:
            async with aclosing(pull_model(self._model.name)) as steps:
                async for step in steps:
                    yield step
            path = model_path(self._model.name)
            assert path is not None
        size = path.stat().st_size if path.exists() else 0
        yield Progress(f"loading {self._model.name}", 0, size)
        self._process = await Worker.start(SERVER)
        order = Order(str(path), secrets.token_urlsafe(32))
        ready = await self._served(self._process, order)
        self._client = OpenAIModel(
            self._model.name,
            base_url=f"{ready.url}/v1",
            api_key=order.key,
            name=self.name,
            strong=self.strong,
            continuation="implied",
            parallel=self.parallel,
            # A connection that was idle for long may be closed as it is used again.
            retrier=Retrier(Policy(attempts=3, first=0.1)),
        )
        yield Progress(f"loading {self._model.name}", size, size)

    async def _served(self, process: Worker, order: Order) -> Ready:
        """Wait until the model is served; else the process is gone."""
        try:
            process.send(order)
            line = await process.line()
            if not line:
                how = await process.ended()
                raise BackendError(f"{self.name}: llama.cpp ended while it loaded, with {how}")
            ready = msgspec.json.decode(line, type=Ready)
            if ready.error:
                raise BackendError(f"{self.name}: {ready.error}{await process.stop()}")
        except BaseException:
            await process.stop()
            self._process = None
            raise
        return ready

    async def _read_ahead(self, client: OpenAIModel, prompt: Prompt) -> int | None:
        """Have a new prompt read before its reply is asked for; returns what was cached of it.

        Reading a whole prompt rounds differently from adding its last token to one that was read
        before. Read ahead, a prompt and a seed give the same reply again, unless a prompt with
        the same beginning came between: then only a fresh child is certain to.
        """
        asked = replace(prompt, max_tokens=1, seed=0, temperature=0.0)
        if asked == self._read:
            return None
        self._read = None
        cached = None
        async with aclosing(client.stream(asked)) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Reply):
                    self._read = asked
                    cached = chunk.usage.cached_tokens
        return cached


def _with_cached(chunk: Chunk, cached: int | None) -> Chunk:
    """Count what was read ahead as not cached."""
    if cached is None or not isinstance(chunk, Reply):
        return chunk
    return replace(chunk, usage=replace(chunk.usage, cached_tokens=cached))
