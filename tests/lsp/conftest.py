import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.lsp.client import TIMEOUT, Client, start

EXAMPLES = Path(__file__).parents[2] / "examples"

GOOD = """module counter(input clk, input rst, input en, output reg [3:0] count);
  always @(posedge clk)
    if (rst) count <= 0;
    else if (en) count <= count + 4'd1;
endmodule
"""
ASYNC = GOOD.replace("posedge clk)", "posedge clk or posedge rst)")
NOT_A_REG = GOOD.replace("output reg", "output")


SPEC = """---
module: counter
---
# 4-bit counter

- `input clk`: the clock
- `input rst`: synchronous reset, active high
- `input en`: count enable
- `output reg [3:0] count`: the present count

## Behaviour

- Reset: when `rst` is 1 at a rising edge of `clk`, `count` becomes 0.
- When `en` is 1, `count` grows by 1.
- After 15 comes 0.
"""

SLOW_TESTS = """import cocotb
from cocotb.triggers import Timer

@cocotb.test()
async def endless(dut):
    while True:
        await Timer(1, "us")
"""


def fenced(rtl: str) -> str:
    return f"Here it is:\n```verilog\n{rtl}```\nDone.\n"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "SPEC2RTL_DATA_DIR": str(tmp_path / "data"),
        "SPEC2RTL_CONFIG_DIR": str(tmp_path / "config"),
        "SPEC2RTL_CACHE_DIR": str(tmp_path / "cache"),
        "ANTHROPIC_API_KEY": "",
    }


@pytest.fixture
async def client(environ: dict[str, str]) -> AsyncIterator[Client]:
    client = await start(environ)
    yield client
    code = await client.end()
    assert client.errors == []
    assert code == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with the counter's spec and tests."""
    folder = tmp_path / "work space"
    folder.mkdir()
    (folder / "counter.spec.md").write_text(SPEC)
    shutil.copy(EXAMPLES / "counter" / "test_counter.py", folder / "test_counter.py")
    return folder


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., str]:
    """A scripted backend that gives these replies."""

    def make(*replies: str, name: str = "script.json") -> str:
        path = tmp_path / name
        path.write_text(json.dumps(replies))
        return f"scripted:{path}"

    return make


class SlowModel:
    """An OpenAI-compatible server that begins a reply, and ends it when it is told how."""

    def __init__(self) -> None:
        self.backend = ""
        self.asked = asyncio.Event()
        self._rest: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def called(self) -> None:
        async with asyncio.timeout(TIMEOUT):
            await self.asked.wait()

    def say(self, rest: str) -> None:
        self._rest.set_result(rest)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        await self._write(writer, "\n")
        self.asked.set()
        gone = asyncio.ensure_future(self._gone(reader))
        await asyncio.wait([gone, self._rest], return_when=asyncio.FIRST_COMPLETED)
        if self._rest.done():
            await self._write(writer, self._rest.result())
            end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
            writer.write(b"data: " + json.dumps(end).encode() + b"\n\ndata: [DONE]\n\n")
        gone.cancel()
        writer.close()

    async def _gone(self, reader: asyncio.StreamReader) -> None:
        while await reader.read(1 << 16):
            pass

    async def _write(self, writer: asyncio.StreamWriter, text: str) -> None:
        delta = {"choices": [{"index": 0, "delta": {"content": text}}]}
        writer.write(b"data: " + json.dumps(delta).encode() + b"\n\n")
        await writer.drain()


@pytest.fixture
async def slow_model() -> AsyncIterator[SlowModel]:
    model = SlowModel()
    server = await asyncio.start_server(model.answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    model.backend = f"openai:m@http://127.0.0.1:{port}/v1"
    yield model
    server.close()
