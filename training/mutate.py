"""Typed faults put into RTL that is right: each changes one place."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from spec2rtl.repair.edits import Splice, splice
from spec2rtl.syntax.lexer import Kind, Token, code
from spec2rtl.syntax.modules import modules

Shows = Literal["compile", "simulate"]
"""The stage at which a fault is meant to show; only the tools tell whether it does."""


class Mutant(Struct, frozen=True):
    """A text with one fault."""

    kind: str
    shows: Shows
    rtl: str


def mutants(rtl: str, rng: random.Random) -> list[Mutant]:
    """One mutant of each kind that the text has a place for, the place drawn at random."""
    tokens = code(rtl)
    found: list[Mutant] = []
    for (shows, kind), places in _KINDS.items():
        splices = list(places(tokens, _body(rtl, tokens)))
        if splices:
            found.append(Mutant(kind, shows, splice(rtl, [rng.choice(splices)])))
    return found


def _body(rtl: str, tokens: Sequence[Token]) -> range:
    """The indexes of the tokens after the first header."""
    first = next(iter(modules(rtl)), None)
    start = first.header_end if first else 0
    inside = [i for i, t in enumerate(tokens) if t.start >= start and t.text != "endmodule"]
    return range(inside[0], inside[-1] + 1) if inside else range(0)


Places = Callable[[Sequence[Token], range], Iterator[Splice]]


def _replace(pairs: dict[str, str]) -> Places:
    def places(tokens: Sequence[Token], body: range) -> Iterator[Splice]:
        for token in (tokens[i] for i in body):
            if token.text in pairs:
                yield Splice(token.start, token.end, pairs[token.text])

    return places


def _drop(text: str) -> Places:
    return _replace({text: ""})


def _arithmetic(tokens: Sequence[Token], body: range) -> Iterator[Splice]:
    """Binary operators only: what is before must be an operand."""
    swaps = {"+": "-", "-": "+", "&": "|", "|": "&", "^": "|", "&&": "||", "||": "&&",
             "==": "!=", "!=": "==", "<<": ">>", ">>": "<<"}  # fmt: skip
    for i in body:
        before, token = tokens[i - 1], tokens[i]
        operand = before.kind in (Kind.NAME, Kind.NUMBER) or before.text in (")", "]", "}")
        if token.text in swaps and operand:
            yield Splice(token.start, token.end, swaps[token.text])


def _constant(tokens: Sequence[Token], body: range) -> Iterator[Splice]:
    """A sized decimal constant, one more or one less."""
    for token in (tokens[i] for i in body):
        size, _, digits = token.text.partition("'d")
        if token.kind is Kind.NUMBER and size.isdigit() and digits.isdigit():
            value = int(digits)
            other = value - 1 if value else 1
            yield Splice(token.start, token.end, f"{size}'d{other}")


def _negation(tokens: Sequence[Token], body: range) -> Iterator[Splice]:
    """`if (x)` becomes `if (!x)`, and back."""
    for i in body:
        if tokens[i].text == "if" and tokens[i + 1].text == "(":
            inner = tokens[i + 2]
            if inner.text == "!":
                yield Splice(inner.start, inner.end, "")
            elif tokens[i + 3].text == ")":
                yield Splice(inner.start, inner.start, "!")


def _select(tokens: Sequence[Token], body: range) -> Iterator[Splice]:
    """A constant bit of a name, the next one down."""
    for i in body[3:]:
        name, opened, index, closed = tokens[i - 3 : i + 1]
        plain = name.kind is Kind.NAME and opened.text == "[" and closed.text == "]"
        if plain and index.text.isdigit() and int(index.text):
            yield Splice(index.start, index.end, str(int(index.text) - 1))


def _statement(tokens: Sequence[Token], body: range) -> Iterator[Splice]:
    """A nonblocking assignment is lost; an empty statement stays in its place."""
    for i in body[1:]:
        if tokens[i].text == "<=" and tokens[i - 1].kind is Kind.NAME:
            end = next((t for t in tokens[i:] if t.text == ";"), None)
            opens = tokens[i - 2].text in (";", "begin", "end", "else", ")")
            if end and opens:
                yield Splice(tokens[i - 1].start, end.end, ";")


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


def _bracket(tokens: Sequence[Token], body: range) -> Iterator[Splice]:
    for token in (tokens[i] for i in body):
        if token.text == ")":
            yield Splice(token.start, token.end, "")


_KINDS: dict[tuple[Shows, str], Places] = {
    ("compile", "missing-semicolon"): _drop(";"),
    ("compile", "missing-end"): _drop("end"),
    ("compile", "missing-bracket"): _bracket,
    ("compile", "misspelt-name"): _misspelt,
    ("compile", "output-not-reg"): _not_a_variable,
    ("simulate", "operator"): _arithmetic,
    ("simulate", "constant"): _constant,
    ("simulate", "negated-condition"): _negation,
    ("simulate", "clock-or-reset-edge"): _replace({"posedge": "negedge", "negedge": "posedge"}),
    ("simulate", "bit-select"): _select,
    ("simulate", "lost-assignment"): _statement,
}
