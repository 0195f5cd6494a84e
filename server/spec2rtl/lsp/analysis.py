"""What stands at a place in RTL: names, modules, instances: pure."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise
from operator import attrgetter
from typing import Literal

from msgspec import Struct

from spec2rtl.rtl import Port
from spec2rtl.syntax.header import declarations, declared_name, split
from spec2rtl.syntax.keywords import DIRECTIONS, KEYWORDS, NETS, VARIABLES
from spec2rtl.syntax.lexer import Kind, Token, brackets, code, tokenize
from spec2rtl.syntax.modules import modules
from spec2rtl.syntax.scope import Declaration, Scope, scope_of

Qualifier = Literal["", "`", "::", "."]

_NAME = re.compile(r"[A-Za-z_][\w$]*")
_OF_MACRO = frozenset(("`define", "`undef", "`ifdef", "`ifndef", "`elsif"))
_SHAPED = frozenset(("struct", "union", "enum", "type", "interface", "event", "chandle"))
_LOCAL = DIRECTIONS | NETS | VARIABLES | {"localparam", "parameter"}
_ENDS = {"function": "endfunction", "task": "endtask"}
_start = attrgetter("start")
_LONGEST = 20_000
"""Characters of an instance before and after a place in it."""


class Word(Struct, frozen=True):
    """A name and where it is; offsets count characters."""

    text: str
    start: int
    end: int


class Name(Struct, frozen=True):
    """A name in code, and what it stands behind: alone, it is one of the scope it is in.

    `of` is the package that `::` stands behind.
    """

    word: Word
    behind: Qualifier
    of: str = ""


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


def name_at(text: str, offset: int) -> Name | None:
    """The name that a place is in or right behind; none in comments, strings and the like."""
    word = word_at(text, offset)
    if word is None or word.text in KEYWORDS:  # to read a long text takes time
        return None
    tokens = tokenize(text)
    at = bisect_right(tokens, word.start, key=_start) - 1
    if tokens[at].kind in (Kind.MACRO, Kind.DIRECTIVE):
        directive = text[tokens[at].start : word.start].strip()
        named = tokens[at].kind is Kind.MACRO or directive in _OF_MACRO
        return Name(word, "`") if named else None
    if tokens[at].kind is not Kind.NAME or tokens[at].text != word.text:
        return None
    at -= 1
    while at >= 0 and tokens[at].kind is Kind.COMMENT:
        at -= 1
    before = tokens[at].text if at >= 0 else ""
    of = tokens[at - 1].text if before == "::" and at > 0 else ""
    return Name(word, before if before in ("::", ".") else "", of)


def local_at(scope: Scope, offset: int, name: str) -> tuple[Token, str] | None:
    """The name's declaration in the function or task that a place is in, and its words."""
    for start, end in _lists_of_subroutine(scope, offset):
        words = ""
        for piece in split(scope.tokens[start:end]):
            at = declared_name(piece)
            if at is None:
                continue
            if at > 0:
                words = scope.text[piece[0].start : piece[at].start]
            if piece[at].text == name:
                return piece[at], " ".join((words + name).split())
    return None


def _lists_of_subroutine(scope: Scope, offset: int) -> Iterator[tuple[int, int]]:
    """Where the arguments and the declarations of the function around a place begin and end."""
    tokens, opened = scope.tokens, None
    for i, token in enumerate(tokens):
        if token.start > offset:
            break
        if token.text in _ENDS:
            # What is imported has no body.
            bodiless = tokens[i - 1].kind is Kind.STRING or tokens[i - 1].text in _BODILESS
            opened = None if bodiless else i
        elif token.text in _ENDS.values():
            opened = None
    if opened is None:
        return
    after = range(opened + 1, len(tokens))
    end = next((i for i in after if tokens[i].text == _ENDS[tokens[opened].text]), len(tokens))
    header = next((i for i in after if tokens[i].text in ("(", ";")), end)
    if header < end and tokens[header].text == "(":
        yield header + 1, min(scope.partners[header], end)
        header = scope.partners[header]
    yield from declarations(tokens[:end], header + 1, _LOCAL)


_BODILESS = frozenset(("context", "pure", "extern", "import", "export"))


def connection_at(text: str, word: Word) -> tuple[str, bool] | None:
    """Of which module `.NAME` connects a port, or sets a parameter (then True)."""
    tokens, start = _around(text, word.start)
    partners = brackets(tokens)
    opened = _opened(tokens, partners, start)
    dot = bisect_left(tokens, start, key=_start) - 1
    if not opened or tokens[dot].text != "." or tokens[dot - 1].text not in ("(", ","):
        return None
    at = opened[-1]
    if at > 1 and tokens[at - 1].text == "#" and tokens[at - 2].kind is Kind.NAME:
        return tokens[at - 2].text, True
    head = _head(tokens, partners, at)
    return (head[0], False) if head else None


def instance_at(text: str, offset: int) -> Instance | None:
    """The instance whose connections a place is among, if it is not longer than anybody writes."""
    tokens, offset = _around(text, offset)
    partners = brackets(tokens)
    for at in reversed(_opened(tokens, partners, offset)):
        if head := _head(tokens, partners, at):
            module, name = head
            return Instance(module, name, _connected(tokens, at, partners[at]))
    return None


def _around(text: str, offset: int) -> tuple[list[Token], int]:
    """The tokens around a place, and its offset in what they were read from."""
    start = text.rfind("\n", 0, max(offset - _LONGEST, 0)) + 1
    return code(text[start : offset + _LONGEST]), offset - start


def _opened(tokens: list[Token], partners: list[int], offset: int) -> list[int]:
    """The brackets that are open at a place."""
    return [
        i
        for i, token in enumerate(tokens)
        if token.text == "(" and token.start < offset and _closes(tokens, partners[i], offset)
    ]


def declared_text(scope: Scope, declaration: Declaration) -> str:
    """A declaration in one line: its words, its name and what follows that; no comments."""
    tokens = [*_words(scope, declaration), *scope.tokens[declaration.at : declaration.last + 1]]
    pairs = pairwise((tokens[0], *tokens))
    return "".join(t.text if a.end == t.start else f" {t.text}" for a, t in pairs).strip()


def sized(scope: Scope, declaration: Declaration) -> bool:
    """Do its own words say how wide it is? A type that is declared elsewhere doesn't."""
    depth = 0
    for token in _words(scope, declaration):
        depth += (token.text in "([{") - (token.text in ")]}")
        if depth == 0 and (token.kind in (Kind.NAME, Kind.MACRO) or token.text in _SHAPED):
            return False
    return True


def _words(scope: Scope, declaration: Declaration) -> list[Token]:
    """What a declaration says before its name, or before the first of those that share it."""
    piece = split(scope.tokens[declaration.first : declaration.at + 1])[0]
    return piece[: declared_name(piece)]


def port_texts(scope: Scope) -> Iterator[tuple[Port, str]]:
    """A module's ports, each in the words of its declaration."""
    for port in scope.module.interface.ports:
        found = (d for d in scope.declarations.get(port.name, ()) if d.direction)
        declared = next(found, None)
        yield port, declared_text(scope, declared) if declared else port_text(port)


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
