import json
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.lsp.client import Client, start

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
