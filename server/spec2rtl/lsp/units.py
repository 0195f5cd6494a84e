"""The packages, interfaces and programs of a text, and what each declares: pure."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from spec2rtl.syntax.header import Header, declared_name, read_header, split
from spec2rtl.syntax.keywords import DIRECTIONS, NETS, VARIABLES
from spec2rtl.syntax.lexer import Kind, Token, brackets, code
from spec2rtl.syntax.modules import name_index

Declares = Literal["port", "constant", "type", "function", "modport", "variable"]

_ENDS = {"package": "endpackage", "interface": "endinterface", "program": "endprogram"}
_ANY = re.compile(rf"\b(?:{'|'.join(_ENDS)})\b")
_NOT_BEFORE = frozenset(("virtual", "extern", "(", ",", "input", "output", "inout", "ref"))
_BEHIND = frozenset((";", "(", "#", "import"))
_CONSTANTS = frozenset(("parameter", "localparam"))
_SUBROUTINES = {"function": "endfunction", "task": "endtask"}
_DECLARING = NETS | VARIABLES | _CONSTANTS | {"typedef", "modport"}


class Member(Struct, frozen=True):
    """A name that a unit declares, where that stands, and the declaration's words."""

    name: str
    declares: Declares
    start: int
    words: str


class Unit(Struct, frozen=True):
    """A package, an interface or a program; offsets count characters, `words` are its header."""

    kind: str
    name: str
    start: int
    end: int
    named: int
    words: str
    members: tuple[Member, ...]


def units(text: str) -> Iterator[Unit]:
    """Find the packages, interfaces and programs of a text, broken ones too."""
    if not _ANY.search(text):
        return
    tokens = code(text)
    starts = [i for i in range(len(tokens)) if _begins(tokens, i)]
    for start, stop in pairwise([*starts, len(tokens)]):
        yield _unit(text, tokens[start:stop])


def members(text: str) -> Iterator[Member]:
    """What the text of a part declares."""
    return _members(text, code(text), 0)


def _begins(tokens: list[Token], i: int) -> bool:
    if tokens[i].text not in _ENDS or (i and tokens[i - 1].text in _NOT_BEFORE):
        return False
    at = name_index(tokens, i)
    return at + 1 < len(tokens) and tokens[at].kind is Kind.NAME and tokens[at + 1].text in _BEHIND


def _unit(text: str, tokens: list[Token]) -> Unit:
    kind, name = tokens[0].text, tokens[name_index(tokens, 0)]
    last = next((i for i, t in enumerate(tokens) if t.text == _ENDS[kind]), len(tokens) - 1)
    end = tokens[last].end
    tokens = tokens[: last + 1]
    header = read_header(tokens)
    members = (*_ports(text, tokens, header), *_members(text, tokens, header.size))
    words = text[tokens[0].start : header.end]
    return Unit(kind, name.text, tokens[0].start, end, name.start, words, members)


def _ports(text: str, tokens: list[Token], header: Header) -> Iterator[Member]:
    yield from _listed(text, tokens[slice(*header.parameters_at)], "constant")
    yield from _listed(text, tokens[slice(*header.ports_at)], "port")


def _members(text: str, tokens: list[Token], i: int) -> Iterator[Member]:
    """What stands in the body; what is inside of functions and of types is theirs."""
    partners = brackets(tokens)
    while i < len(tokens):
        word = tokens[i].text
        end = _end(tokens, partners, i)
        if word in _SUBROUTINES:
            yield from _subroutine(text, tokens[i : end + 1])
            i = next((j for j in range(i, len(tokens)) if tokens[j].text == _SUBROUTINES[word]), i)
        elif word == "typedef":
            yield from _member(text, tokens[i:end], tokens[end - 1], "type")
        elif word == "modport":
            yield from _member(text, tokens[i:end], tokens[min(i + 1, end)], "modport")
        elif word in _DECLARING or word in DIRECTIONS:
            constant = word in _CONSTANTS
            yield from _listed(text, tokens[i:end], "constant" if constant else "variable")
        else:
            end = i
        i = max(i, end) + 1


def _end(tokens: list[Token], partners: list[int], i: int) -> int:
    """The `;` of the statement that begins here."""
    while i < len(tokens) and tokens[i].text != ";":
        i = max(partners[i], i) + 1
    return min(i, len(tokens) - 1)


def _subroutine(text: str, head: list[Token]) -> Iterator[Member]:
    opening = next((i for i, t in enumerate(head) if t.text in ("(", ";")), len(head))
    yield from _member(text, head, head[opening - 1], "function")


def _listed(text: str, tokens: list[Token], declares: Declares) -> Iterator[Member]:
    shared = ""  # the words before the first name of several
    for piece in split(tokens):
        at = declared_name(piece)
        if at is None:
            continue
        if at > 0:
            shared = text[piece[0].start : piece[at].start]
        yield from _member(text, piece[at:], piece[at], declares, shared)


def _member(
    text: str, tokens: list[Token], name: Token, declares: Declares, shared: str = ""
) -> Iterator[Member]:
    if name.kind is Kind.NAME and tokens:
        words = shared + text[tokens[0].start : tokens[-1].end].removesuffix(";")
        yield Member(name.text, declares, name.start, " ".join(words.split()))
