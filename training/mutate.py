"""Typed faults put into RTL that is right: each changes one place."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from spec2rtl.repair.edits import Splice, splice
from spec2rtl.syntax.lexer import Kind, Token, code
from spec2rtl.syntax.modules import modules
from spec2rtl.testgen.mutants import changes

Shows = Literal["compile", "simulate"]
"""The stage at which a fault is meant to show; only the tools tell whether it does."""


class Mutant(Struct, frozen=True):
    """A text with one fault."""

    kind: str
    shows: Shows
    rtl: str


def mutants(rtl: str, rng: random.Random) -> list[Mutant]:
    """One mutant of each kind that the text has a place for, the place drawn at random.

    What shows in a simulation is what the product's own mutants change.
    """
    tokens = code(rtl)
    kinds: dict[tuple[Shows, str], list[Splice]] = {
        ("compile", kind): list(places(tokens, _body(rtl, tokens)))
        for kind, places in _KINDS.items()
    }
    for change in changes(rtl):
        if len(change.splices) == 1:
            kinds.setdefault(("simulate", change.kind), []).extend(change.splices)
    return [
        Mutant(kind, shows, splice(rtl, [rng.choice(splices)]))
        for (shows, kind), splices in kinds.items()
        if splices
    ]


def _body(rtl: str, tokens: Sequence[Token]) -> range:
    """The indexes of the tokens after the first header."""
    first = next(iter(modules(rtl)), None)
    start = first.header_end if first else 0
    inside = [i for i, t in enumerate(tokens) if t.start >= start and t.text != "endmodule"]
    return range(inside[0], inside[-1] + 1) if inside else range(0)


Places = Callable[[Sequence[Token], range], Iterator[Splice]]


def _drop(text: str) -> Places:
    def places(tokens: Sequence[Token], body: range) -> Iterator[Splice]:
        for token in (tokens[i] for i in body):
            if token.text == text:
                yield Splice(token.start, token.end, "")

    return places


def _misspelt(tokens: Sequence[Token], body: range) -> Iterator[Splice]:
    """A name that is used gets a letter too many."""
    for i in body[1:]:
        used = tokens[i - 1].text in ("=", "<=", "+", "&", "(", "?", ":", "^", "|")
        if tokens[i].kind is Kind.NAME and used:
            yield Splice(tokens[i].end, tokens[i].end, "_r")


def _not_a_variable(tokens: Sequence[Token], body: range) -> Iterator[Splice]:
    """An output that a process assigns loses its `reg`."""
    for i, token in enumerate(tokens[1 : body.start], 1):
        if token.text == "reg" and tokens[i - 1].text == "output":
            yield Splice(token.start, token.end, "wire")


_KINDS: dict[str, Places] = {
    "missing-semicolon": _drop(";"),
    "missing-end": _drop("end"),
    "missing-bracket": _drop(")"),
    "misspelt-name": _misspelt,
    "output-not-reg": _not_a_variable,
}
