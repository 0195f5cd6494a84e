"""A local HTTP server that answers from a script, so that the real SDKs can be driven."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from spec2rtl.backends.retry import Policy, Retrier

HANG = "hang"
"""In an answer's parts: send no more, wait for the client to close."""

DROP = "drop"
"""In an answer's parts: cut the connection."""


@dataclass
class Request:
    """What a client sent."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Server:
    """Answers request after request with `answers`; the last one recurs."""

    answers: list[tuple[int, dict[str, str], list[bytes | str]]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    def answer(
        self,
        *parts: bytes | str,
        status: int = 200,
        kind: str = "text/event-stream",
        **headers: str,
    ) -> None:
        """Add an answer; `retry_after="1"` becomes the header `retry-after: 1`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, {"content-type": kind, **sent}, list(parts)))

    def refuse(self, status: int, body: object, **headers: str) -> None:
        """Add an answer that is an error in JSON."""
        text = json.dumps(body).encode()
        self.answer(text, status=status, kind="application/json", **headers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            start, *lines = head.strip().split("\r\n")
            headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
            sent = await reader.readexactly(int(headers.get("content-length", 0)))
            path = start.split()[1]
            self.requests.append(Request(path, headers, json.loads(sent) if sent else None))
            turn = min(len(self.requests), len(self.answers)) - 1
            await self._reply(reader, writer, *self.answers[turn])
        finally:
            writer.close()

    async def _reply(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        status: int,
        headers: dict[str, str],
        parts: list[bytes | str],
    ) -> None:
        head = [f"HTTP/1.1 {status} -", "transfer-encoding: chunked", "connection: close"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n")
        for part in parts:
            if part == HANG:
                await writer.drain()
                self.hanging.set()
                await reader.read()
                self.closed.set()
                return
            if part == DROP:
                return
            assert isinstance(part, bytes)
            writer.write(b"%x\r\n%b\r\n" % (len(part), part))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    it = Server()
    listener = await asyncio.start_server(it.serve, "127.0.0.1", 0)
    it.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield it


@dataclass
class Waits:
    """Remembers what it should have waited, and doesn't."""

    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    @property
    def retrier(self) -> Retrier:
        return Retrier(
            Policy(attempts=4, first=1.0, longest=8.0, patience=60.0),
            sleep=self.sleep,
            luck=lambda: 1.0,
        )


@pytest.fixture
def waits() -> Waits:
    return Waits()
