"""The code in a reply: what its fences hold, or the reply itself when it is nothing but code."""

import re

from msgspec import Struct

from spec2rtl.syntax.keywords import BEGINS_CODE
from spec2rtl.syntax.lexer import Kind, Token, tokenize
from spec2rtl.syntax.modules import Module, modules


class Source(Struct, frozen=True):
    """Verilog text with at least one module; `closed` says that its last fence was closed."""

    text: str
    closed: bool


class NoCode(Struct, frozen=True):
    """Why a reply holds no code that could be told from prose."""

    why: str


class _Block(Struct, frozen=True):
    text: str
    closed: bool


_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*([^`\n]*)")
_TAG = re.compile(r"\s*(?:system_?verilog|verilog|sv|v)[ \t]*\n", re.IGNORECASE)


def code_of(reply: str) -> Source | NoCode:
    """Find the code of a reply with newlines of one kind."""
    blocks = [b for b in _blocks(reply) if modules(b.text)]
    if blocks:
        texts = [b.text if b.closed else _up_to_last_module(b.text) for b in blocks]
        return Source("\n\n".join(text.strip("\n") for text in texts) + "\n", blocks[-1].closed)
    bare = _without_fence_lines(reply)
    found = modules(bare)
    if not found:
        return NoCode("The reply holds no Verilog module.")
    if _all_code(bare, found):
        return Source(bare.strip() + "\n", closed=False)
    return NoCode("The reply has prose around code that is not fenced.")


def _blocks(reply: str) -> list[_Block]:
    """The fenced blocks; the last may lack its closing fence."""
    blocks: list[_Block] = []
    fence, lines = "", list[str]()
    for line in reply.split("\n"):
        mark = _FENCE.fullmatch(line)
        if not fence:
            if mark:
                fence, lines = mark[1], []
        elif mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and not mark[2]:
            blocks.append(_Block(_untagged("\n".join(lines)), closed=True))
            fence = ""
        else:
            lines.append(line)
    if fence:
        blocks.append(_Block(_untagged("\n".join(lines)), closed=False))
    return blocks


def _untagged(text: str) -> str:
    """Drop a language tag that stands on a line of its own."""
    tag = _TAG.match(text)
    return text[tag.end() :] if tag else text


def _without_fence_lines(reply: str) -> str:
    lines = [line for line in reply.split("\n") if not _FENCE.fullmatch(line)]
    return _untagged("\n".join(lines))


def _up_to_last_module(text: str) -> str:
    found = modules(text)
    return text[: found[-1].end] if found[-1].finished else text


def _all_code(text: str, found: tuple[Module, ...]) -> bool:
    """Is what stands outside of the modules code too, by how it begins?"""
    after = 0
    for start, end in [*((m.start, m.end) for m in found), (len(text), len(text))]:
        gap = [t for t in tokenize(text[after:start]) if not _neutral(t)]
        if gap and gap[0].text not in BEGINS_CODE:
            return False
        after = end
    return True


def _neutral(token: Token) -> bool:
    return token.kind in (Kind.COMMENT, Kind.DIRECTIVE, Kind.MACRO) or token.text == ";"
