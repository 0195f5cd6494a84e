"""What stands at a place in RTL: names, modules, instances: pure."""

import re

from msgspec import Struct

from spec2rtl.rtl import Port
from spec2rtl.syntax.lexer import Kind, Token, brackets, code
from spec2rtl.syntax.modules import modules
from spec2rtl.syntax.scope import Declaration, Scope, scope_of

_NAME = re.compile(r"[A-Za-z_][\w$]*")
_LONGEST = 20_000
"""Characters of an instance before and after a place in it."""


class Word(Struct, frozen=True):
    """A name and where it is; offsets count characters."""

    text: str
    start: int
    end: int


class Instance(Struct, frozen=True):
    """The connection list that a place is in: of which module, and what is connected so far."""

    module: str
    name: str
    connected: frozenset[str]


def scope_at(text: str, offset: int) -> Scope | None:
    """The module that a place is in."""
    found = next((m for m in modules(text) if m.start <= offset <= m.end), None)
    return scope_of(text, found) if found else None


def word_at(text: str, offset: int) -> Word | None:
    """The name that a place is in or right behind."""
    start = text.rfind("\n", 0, offset) + 1
    stop = text.find("\n", offset)
    for match in _NAME.finditer(text, start, len(text) if stop < 0 else stop):
        if match.start() <= offset <= match.end():
            return Word(match[0], match.start(), match.end())
    return None


def instance_at(text: str, offset: int) -> Instance | None:
    """The instance whose connections a place is among, if it is not longer than anybody writes."""
    start = text.rfind("\n", 0, max(offset - _LONGEST, 0)) + 1
    text, offset = text[start : offset + _LONGEST], offset - start
    tokens = code(text)
    partners = brackets(tokens)
    opened = [
        i
        for i, token in enumerate(tokens)
        if token.text == "(" and token.start < offset and _closes(tokens, partners[i], offset)
    ]
    for at in reversed(opened):
        if head := _head(tokens, partners, at):
            module, name = head
            return Instance(module, name, _connected(tokens, at, partners[at]))
    return None


def declared_text(scope: Scope, declaration: Declaration) -> str:
    """A declaration in one line: its words, its range, its name and what follows that."""
    tokens = scope.tokens[declaration.first : declaration.at]
    words = dict.fromkeys(t.text for t in tokens if t.text in declaration.words - {"signed"})
    start, end = scope.tokens[declaration.at].start, scope.tokens[declaration.last].end
    parts = [*words, scope.range_text(declaration), scope.text[start:end]]
    return " ".join(" ".join(parts).split())


def port_text(port: Port) -> str:
    """A port in a few words."""
    signed = "signed" if port.signed else ""
    return " ".join(word for word in (port.direction, signed, port.range, port.name) if word)


def _closes(tokens: list[Token], partner: int, offset: int) -> bool:
    """Is a bracket still open at a place?"""
    return partner >= len(tokens) or partner < 0 or tokens[partner].start >= offset


def _head(tokens: list[Token], partners: list[int], at: int) -> tuple[str, str] | None:
    """`MODULE [#(…)] NAME (`: the two names."""
    name = at - 1
    if name < 1 or tokens[name].kind is not Kind.NAME:
        return None
    before = name - 1
    if tokens[before].text == ")":
        opener = next((i for i, p in enumerate(partners) if p == before), 0)
        if opener < 2 or tokens[opener - 1].text != "#":
            return None
        before = opener - 2
    if before < 0 or tokens[before].kind is not Kind.NAME:
        return None
    return tokens[before].text, tokens[name].text


def _connected(tokens: list[Token], start: int, end: int) -> frozenset[str]:
    depth, found = 0, set[str]()
    for i in range(start, min(end, len(tokens))):
        depth += (tokens[i].text in "([{") - (tokens[i].text in ")]}")
        if depth == 1 and tokens[i].text == "." and i + 1 < len(tokens):
            found.add(tokens[i + 1].text)
    return frozenset(found)
