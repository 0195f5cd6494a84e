import asyncio

import pytest

from spec2rtl.errors import ConfigError
from spec2rtl.lsp.transport import address, read_message


@pytest.mark.parametrize(
    ("data", "expected", "complaints"),
    [
        (b"Content-Length: 2\r\n\r\n{}", [b"{}"], 0),
        (
            b"content-length: 2\r\nContent-Type: x\r\n\r\n{}Content-Length: 1\r\n\r\n1",
            [b"{}", b"1"],
            0,
        ),
        (b"rubbish\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], 1),
        (b"\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], 0),
        (b"Content-Length: -1\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], 0),
        (b"Content-Length: 999999999\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], 1),
        (b"x" * 100_000 + b"\nContent-Length: 2\r\n\r\n{}", [b"{}"], 1),
        (b"Content-Length: 10\r\n\r\n{}", [], 0),
        (b"\xff\xfe\x00\n", [], 1),
        (b"", [], 0),
    ],
)
async def test_messages(data: bytes, expected: list[bytes], complaints: int) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    said: list[str] = []
    found: list[bytes] = []
    while (body := await read_message(reader, said.append)) is not None:
        found.append(body)
    assert found == expected
    assert len(said) >= complaints
    assert bool(said) == bool(complaints)


def test_an_address() -> None:
    assert address("127.0.0.1:2087") == ("127.0.0.1", 2087)
    assert address("[::1]:0") == ("::1", 0)
    assert address(":5") == ("127.0.0.1", 5)


@pytest.mark.parametrize("text", ["localhost", "localhost:x", "localhost:70000", ""])
def test_no_address(text: str) -> None:
    with pytest.raises(ConfigError, match="HOST:PORT is wanted"):
        address(text)
