"""Hover, go to definition, completion: what is known of the name at a place."""

import asyncio
import re

from lsprotocol import types

from spec2rtl.lsp.analysis import instance_at, name_at, port_texts, scope_at, word_at
from spec2rtl.lsp.companions import kind, spec_of
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.names import find_module, meant
from spec2rtl.lsp.server import Server
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse

SENTENCES = 5
"""Of the spec, at most."""


async def definition(
    ls: Server, document: Document, params: types.DefinitionParams
) -> list[types.Location]:
    """Where the name at a place comes from: across files, and between RTL and its spec's line."""
    offset = document.text.offset(params.position)
    return await asyncio.to_thread(
        lambda: [found.location for found in meant(ls, document, offset)]
    )


async def hover(ls: Server, document: Document, params: types.HoverParams) -> types.Hover | None:
    """A name's declaration and width, and what the spec says of it."""
    return await asyncio.to_thread(_hover, ls, document, params.position)


def _hover(ls: Server, document: Document, position: types.Position) -> types.Hover | None:
    offset = document.text.offset(position)
    word = word_at(document.source, offset)
    code = dict.fromkeys(one.words for one in meant(ls, document, offset) if one.words)
    if word is None or not code:
        return None
    spec = document.path if kind(document.path) == "spec" else spec_of(document.path)
    text = ls.documents.peek(spec) if spec else None
    named = name_at(document.source, offset) if spec != document.path else None
    foreign = named is not None and named.behind  # of another module, or a macro
    said = _sentences(parse(text), word.text) if text and not foreign else []
    block = "\n".join(("```verilog", *code, "```", *(f"- {sentence}" for sentence in said)))
    markup = types.MarkupContent(types.MarkupKind.Markdown, block)
    return types.Hover(markup, document.text.range(word.start, word.end))


def _sentences(spec: Spec, name: str) -> list[str]:
    """What a spec says of a name."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    said = [p.description for p in spec.ports if p.name == name and p.description]
    said += [r.text for r in spec.requirements if word.search(r.text)]
    return [" ".join(text.split()) for text in dict.fromkeys(said)][:SENTENCES]


async def completion(
    ls: Server, document: Document, params: types.CompletionParams
) -> types.CompletionList | None:
    """The ports that the instance at a place does not connect yet."""
    if kind(document.path) != "rtl":
        return None
    offset = document.text.offset(params.position)
    return types.CompletionList(False, await asyncio.to_thread(_ports, ls, document, offset))


def _ports(ls: Server, document: Document, offset: int) -> list[types.CompletionItem]:
    text = document.source
    instance = instance_at(text, offset)
    found = find_module(ls, instance.module, document) if instance else None
    if instance is None or found is None:
        return []
    word, scope = word_at(text, offset), scope_at(text, offset)
    start = word.start if word else offset
    dot = "" if text[start - 1 : start] == "." else "."
    known = scope.declarations if scope else {}
    done = instance.connected - {word.text if word else ""}
    return [
        types.CompletionItem(
            label=port.name,
            kind=types.CompletionItemKind.Field,
            detail=words,
            insert_text=f"{dot}{port.name}({port.name if port.name in known else ''})",
        )
        for port, words in port_texts(found[1])
        if port.name not in done
    ]
