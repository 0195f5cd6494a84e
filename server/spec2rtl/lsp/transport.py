"""Messages over stdin and stdout or a socket, never blocking and never fatal."""

import asyncio
import os
import re
import stat
import sys
from collections.abc import Callable

from spec2rtl.errors import ConfigError

MAX_MESSAGE = 256 << 20
_LINE = 1 << 16
_LENGTH = re.compile(rb"content-length:\s*(\d{1,12})\s*", re.IGNORECASE)


async def stdio() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The protocol's channel; from now on prints go to stderr and children read nothing.

    Raises `ConfigError` where stdin or stdout is no pipe, socket or terminal.
    """
    for number, name in enumerate(("stdin", "stdout")):
        if not _can_be_waited_for(number):
            raise ConfigError(
                f"lsp: {name} is no pipe: an editor starts this program; by hand, use --tcp"
            )
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LINE)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(source, "rb", 0)
    )
    # A reader's protocol, although nothing is read: it can be waited for when it closes.
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), os.fdopen(sink, "wb", 0)
    )
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)


def _can_be_waited_for(number: int) -> bool:
    try:
        mode = os.fstat(number).st_mode
    except OSError:  # closed
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(number)


async def read_message(
    reader: asyncio.StreamReader, complain: Callable[[str], None]
) -> bytes | None:
    """The next message's body; None at the end. What is no header is skipped."""
    length: int | None = None
    while True:
        try:
            line = await reader.readline()
        except ValueError:  # a line without end; the reader has dropped it
            complain("a header line of more than 64 KiB")
            continue
        if not line:
            return None
        if match := _LENGTH.fullmatch(line.strip()):
            length = int(match[1])
        elif line.strip() and not re.fullmatch(rb"[\w-]+:.*", line.strip()):
            complain(f"{line[:40]!r} is no header")
        if line.strip() or length is None:
            continue
        if length <= MAX_MESSAGE:
            try:
                return await reader.readexactly(length)
            except asyncio.IncompleteReadError:
                return None
        complain(f"a message of {length:,} bytes")
        length = None


def address(text: str) -> tuple[str, int]:
    """Read HOST:PORT; raises `ConfigError`."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or not 0 <= int(port) < 1 << 16:
        raise ConfigError(f"--tcp {text}: HOST:PORT is wanted, such as 127.0.0.1:2087")
    return host.strip("[]") or "127.0.0.1", int(port)


async def accept(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Wait for the one client of a socket; raises `ConfigError`."""
    loop = asyncio.get_running_loop()
    first: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = loop.create_future()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if first.done():
            writer.close()
        else:
            first.set_result((reader, writer))

    try:
        server = await asyncio.start_server(connected, host, port, limit=_LINE)
    except OSError as error:
        raise ConfigError(f"--tcp {host}:{port}: {error.strerror}; choose another port") from None
    bound = server.sockets[0].getsockname()
    sys.stderr.write(f"spec2rtl lsp: listening on {bound[0]}:{bound[1]}\n")
    sys.stderr.flush()
    pair = await first
    server.close()
    return pair
