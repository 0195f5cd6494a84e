"""A transformers model with a LoRA adapter or without, on this machine's GPU or CPU."""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from msgspec.structs import replace

from spec2rtl.backends.chat_request import with_schema
from spec2rtl.backends.peft_files import check, is_strong
from spec2rtl.backends.peft_wire import (
    Answer,
    Ask,
    Cancel,
    Done,
    Failed,
    Load,
    Loaded,
    Loading,
    Options,
    Piece,
    read_answer,
)
from spec2rtl.backends.retry import Retryable
from spec2rtl.backends.worker import AFRESH, Worker
from spec2rtl.chat import Chunk, Delta, Progress, Prompt, Reply, Usage
from spec2rtl.errors import BackendError

WORKER = "spec2rtl.backends.peft_worker"

TEMPERATURE = 0.2
"""Where the prompt says none; the adapters that we know of were judged at it."""

QUIET = {"TOKENIZERS_PARALLELISM": "false", "HF_HUB_DISABLE_TELEMETRY": "1"}


class PeftModel:
    """A model in a worker that stays loaded until `aclose`, or until nobody asked for long."""

    continues = True
    parallel = 1

    def __init__(
        self,
        base: str,
        adapter: str | None = None,
        *,
        options: Options | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.name = f"peft:{base}+{adapter}" if adapter else f"peft:{base}"
        self.strong = is_strong(base)
        self._order = Load(base, adapter, options or Options())
        self._environ = {**QUIET, **environ}
        self._turn = asyncio.Lock()
        self._worker: Worker | None = None
        self._asked = 0

    @property
    def pid(self) -> int | None:
        """The worker's process number, None while there is none."""
        return self._worker.pid if self._worker else None

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        """Yield progress until the model is loaded, then its reply; a crash begins it afresh."""
        async with self._turn, aclosing(AFRESH.stream(lambda: self._attempt(prompt))) as chunks:
            async for chunk in chunks:
                yield chunk

    async def aclose(self) -> None:
        """End the worker."""
        worker, self._worker = self._worker, None
        if worker:
            await worker.stop()

    async def _attempt(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        if self._worker is None or not self._worker.alive:
            async with aclosing(self._load()) as steps:
                async for step in steps:
                    yield step
        worker = self._worker
        assert worker is not None
        self._asked += 1
        number = self._asked
        worker.send(Ask(number, self._dressed(prompt)))
        text = prompt.prefix
        try:
            if text:
                yield Delta(text)
            while True:
                match await self._hear(worker):
                    case Piece(number=n, text=piece) if n == number:
                        text += piece
                        yield Delta(piece)
                    case Done(number=n) as done if n == number:
                        usage = Usage(done.prompt_tokens, 0, done.completion_tokens)
                        yield Reply(text, usage, truncated=done.truncated)
                        return
                    case Failed(error, number=n) if n == number:
                        raise BackendError(f"{self.name}: {error}")
                    case _:  # of a reply that was cancelled
                        pass
        finally:
            worker.send(Cancel(number))

    async def _load(self) -> AsyncGenerator[Progress, None]:
        await self.aclose()
        try:  # without a worker: that takes seconds to import torch
            await asyncio.to_thread(check, self._order.base, self._order.adapter)
        except BackendError as error:
            raise BackendError(f"{self.name}: {error}") from None
        worker = await Worker.start(WORKER, self._environ)
        try:
            yield Progress(f"loading {self._order.base}", 0, 0)
            worker.send(self._order)
            while line := await worker.line():
                match read_answer(line):
                    case Loading(what, done, total):
                        yield Progress(what, done, total)
                    case Loaded():
                        self._worker = worker
                        return
                    case Failed(error):
                        raise BackendError(f"{self.name}: {error}")
                    case Piece() | Done():
                        raise BackendError(f"{self.name}: the worker replied before it was asked")
            how = await worker.ended()
            raise BackendError(f"{self.name}: the worker ended while it loaded, with {how}")
        finally:
            if self._worker is not worker:
                await worker.stop()

    async def _hear(self, worker: Worker) -> Answer:
        line = await worker.line()
        if not line:
            how = await worker.ended()
            raise Retryable(BackendError(f"{self.name}: the worker ended unexpectedly, with {how}"))
        return read_answer(line)

    def _dressed(self, prompt: Prompt) -> Prompt:
        """What the worker is asked: it knows no schema, and has a limit of its own."""
        return replace(
            prompt,
            messages=with_schema(prompt),
            schema=None,
            temperature=TEMPERATURE if prompt.temperature is None else prompt.temperature,
            max_tokens=min(prompt.max_tokens, self._order.options.max_tokens),
        )
