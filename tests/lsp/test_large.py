"""A file of a size that some tool has written: the server answers, and others don't wait for it."""

import asyncio
from pathlib import Path

from lsprotocol import types

from tests.lsp.client import Client, capabilities, uri
from tests.lsp.conftest import GOOD

COUNT = 25_000
SIGNALS = "".join(f"  wire [7:0] s{n};\n" for n in range(COUNT))
DRIVERS = "".join(f"  assign s{n + 1} = s{n} ^ 8'd{n % 256};\n" for n in range(COUNT - 1))
CHAIN = (
    "module chain(input [7:0] a, output [7:0] y);\n"
    f"{SIGNALS}  assign s0 = a;\n{DRIVERS}  assign y = nowhere;\nendmodule\n"
)


async def test_others_do_not_wait_for_50_000_lines(client: Client, tmp_path: Path) -> None:
    trees = {"hierarchicalDocumentSymbolSupport": True}
    await client.begin(tmp_path, caps=capabilities(textDocument__documentSymbol=trees))
    large, small = tmp_path / "chain.v", tmp_path / "counter.v"
    client.open(small, GOOD)
    await client.published(small, lambda f: f == [])
    client.open(large, CHAIN)
    outline = asyncio.ensure_future(
        client.text_document_document_symbol_async(
            types.DocumentSymbolParams(types.TextDocumentIdentifier(uri(large)))
        )
    )
    clock = types.Position(0, GOOD.index("clk"))
    here = types.HoverParams(types.TextDocumentIdentifier(uri(small)), clock)
    assert all([await client.text_document_hover_async(here) for _ in range(3)])
    assert not outline.done()
    symbols = await outline
    assert symbols
    module = symbols[0]
    assert isinstance(module, types.DocumentSymbol)
    assert len(module.children or ()) == COUNT + 2
    found = await client.published(large, lambda f: any(d.source == "iverilog" for d in f))
    assert {d.range.start.line for d in found if d.severity == types.DiagnosticSeverity.Error} == {
        2 * COUNT + 1
    }
