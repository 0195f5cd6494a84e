"""Hover: a name's declaration and width, and what the spec says of it."""

import asyncio
import re

from lsprotocol import types

from spec2rtl.lsp.analysis import word_at
from spec2rtl.lsp.companions import kind, spec_of
from spec2rtl.lsp.documents import Document
from spec2rtl.lsp.names import meant
from spec2rtl.lsp.server import Server
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse

SENTENCES = 5
"""Of the spec, at most."""


async def hover(ls: Server, document: Document, params: types.HoverParams) -> types.Hover | None:
    """What is known of the name at a place."""
    return await asyncio.to_thread(_hover, ls, document, params.position)


def _hover(ls: Server, document: Document, position: types.Position) -> types.Hover | None:
    offset = document.text.offset(position)
    word = word_at(document.source, offset)
    code = dict.fromkeys(one.words for one in meant(ls, document, offset) if one.words)
    if word is None or not code:
        return None
    spec = document.path if kind(document.path) == "spec" else spec_of(document.path)
    text = ls.documents.peek(spec) if spec else None
    said = sentences(parse(text), word.text) if text else []
    block = "\n".join(("```verilog", *code, "```", *(f"- {sentence}" for sentence in said)))
    markup = types.MarkupContent(types.MarkupKind.Markdown, block)
    return types.Hover(markup, document.text.range(word.start, word.end))


def sentences(spec: Spec, name: str) -> list[str]:
    """What a spec says of a name."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    said = [p.description for p in spec.ports if p.name == name and p.description]
    said += [r.text for r in spec.requirements if word.search(r.text)]
    return [" ".join(text.split()) for text in dict.fromkeys(said)][:SENTENCES]
