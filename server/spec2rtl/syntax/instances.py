"""The modules that a module instantiates, and what their ports are connected to."""

from collections.abc import Iterator

from msgspec import Struct

from spec2rtl.syntax.lexer import Kind, Token
from spec2rtl.syntax.scope import Scope

ALL = ".*"
"""The port of a connection of all that are not named to the names that they have."""


class Connection(Struct, frozen=True):
    """A port, by its name or its position, and what it is connected to.

    `first` and `last` are the indexes of the connection's first token and of its last, `inner` and
    `end` that of the expression's first and that after it: `.clk` alone is its own.
    """

    port: str | int
    first: int
    last: int
    inner: int
    end: int


class Instance(Struct, frozen=True):
    """A module inside another."""

    name: str
    module: str
    connections: tuple[Connection, ...]


def instances(scope: Scope) -> Iterator[Instance]:
    """Find the instances in a module's body, in the text's order."""
    tokens, partners = scope.tokens, scope.partners
    for i in range(scope.header_size, len(tokens) - 2):
        module = tokens[i].text if tokens[i - 1].text not in (".", "(") else ""
        if module not in scope.module.instantiates:
            continue
        at = i + 1
        if tokens[at].text == "#":
            at = partners[at + 1] + 1 if tokens[at + 1].text == "(" else at + 2
        while at + 1 < len(tokens) and tokens[at].kind is Kind.NAME:
            opening = at + 1
            while opening < len(tokens) and tokens[opening].text == "[":
                opening = partners[opening] + 1
            if opening >= len(tokens) or tokens[opening].text != "(":
                break
            end = min(partners[opening], len(tokens))
            found = tuple(_connections(tokens, partners, opening + 1, end))
            yield Instance(tokens[at].text, module, found)
            at = end + 2 if end + 1 < len(tokens) and tokens[end + 1].text == "," else len(tokens)


def _connections(
    tokens: list[Token], partners: list[int], i: int, end: int
) -> Iterator[Connection]:
    position = 0
    while i < end:
        stop = i
        while stop < end and tokens[stop].text != ",":
            stop = max(partners[stop], stop) + 1
        stop = min(stop, end)
        named = tokens[i].text == "." and i + 1 < stop
        if tokens[i].text == ALL:
            yield Connection(ALL, i, stop - 1, stop, stop)
        elif named and i + 2 < stop:
            yield Connection(tokens[i + 1].text, i, stop - 1, i + 3, stop - 1)
        elif named:
            yield Connection(tokens[i + 1].text, i, stop - 1, i + 1, stop)
        elif i < stop:
            yield Connection(position, i, stop - 1, i, stop)
        position += 1
        i = stop + 1
