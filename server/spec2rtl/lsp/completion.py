"""Completion of the ports that an instantiation does not connect yet."""

import asyncio

from lsprotocol import types

from spec2rtl.lsp.analysis import instance_at, port_text, scope_at, word_at
from spec2rtl.lsp.companions import kind
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.names import find_module
from spec2rtl.lsp.server import Server


async def completion(
    ls: Server, document: Document, params: types.CompletionParams
) -> types.CompletionList | None:
    """The ports of the instance that the place is in."""
    if kind(document.path) != "rtl":
        return None
    text = document.source
    offset = document.text.offset(params.position)

    def find() -> list[types.CompletionItem]:
        instance = instance_at(text, offset)
        found = find_module(ls, instance.module, document) if instance else None
        if instance is None or found is None:
            return []
        word = word_at(text, offset)
        start = word.start if word else offset
        dot = "" if text[start - 1 : start] == "." else "."
        scope = scope_at(text, offset)
        known = scope.declarations if scope else {}
        done = instance.connected - {word.text if word else ""}
        return [
            types.CompletionItem(
                label=port.name,
                kind=types.CompletionItemKind.Field,
                detail=port_text(port),
                insert_text=f"{dot}{port.name}({port.name if port.name in known else ''})",
            )
            for port in found[1].interface.ports
            if port.name not in done
        ]

    return types.CompletionList(False, await asyncio.to_thread(find))
