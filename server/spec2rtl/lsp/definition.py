"""Go to definition: across files, and between the RTL and the line of its spec."""

import asyncio

from lsprotocol import types

from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.names import meant
from spec2rtl.lsp.server import Server


async def definition(
    ls: Server, document: Document, params: types.DefinitionParams
) -> list[types.Location]:
    """Where the name at a place comes from."""
    offset = document.text.offset(params.position)
    return await asyncio.to_thread(
        lambda: [found.location for found in meant(ls, document, offset)]
    )
