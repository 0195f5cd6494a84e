"""Faults in the form of a module's header: separators, prose of a spec, a block as its body."""

from collections.abc import Iterator
from itertools import pairwise

from spec2rtl.repair.edits import Splice
from spec2rtl.repair.situation import Finding
from spec2rtl.syntax.header import read_header
from spec2rtl.syntax.keywords import DIRECTIONS
from spec2rtl.syntax.lexer import Kind, Token
from spec2rtl.syntax.scope import Scope


def header_findings(scope: Scope) -> Iterator[Finding]:
    """Find what is wrong with the form of an ANSI header."""
    header = read_header(scope.tokens)
    if any(t.text in DIRECTIONS for t in scope.tokens[slice(*header.ports_at)]):
        closed = scope.partners[header.ports_at[0] - 1] == header.ports_at[1]
        yield from (_separators if closed else _not_closed)(scope.tokens, *header.ports_at)
        yield from _prose(scope, *header.ports_at)
    last = scope.tokens[header.size - 1]
    follows = scope.tokens[header.size : header.size + 1]
    if last.text == ")" and follows and follows[0].text != ")":
        cause = "A `;` is missing after the port list."
        yield Finding(cause, last.line, (Splice(last.end, last.end, ";"),))
    yield from _block(scope.tokens, header.size)


def _block(tokens: list[Token], start: int) -> Iterator[Finding]:
    """`module m (…) begin`: a block around the body, whose own `end` may stand or lack."""
    if start >= len(tokens) or tokens[start].text != "begin":
        return
    gone = [tokens[start]]
    depth = 0
    for token, after in pairwise(tokens[start:]):
        depth += (token.text == "begin") - (token.text == "end")
        if depth == 0:
            gone += [token] if after.text == "endmodule" else []
            break
    cause = "A module's body is no block: `begin` doesn't follow its header."
    yield Finding(cause, tokens[start].line, tuple(Splice(t.start, t.end, "") for t in gone))


_BEFORE_PORT = DIRECTIONS | {",", ";", "*", "(", "["}


def _not_closed(tokens: list[Token], start: int, end: int) -> Iterator[Finding]:
    """`output q;` at the end of the list, where `output q);` is meant."""
    ends = (i for i in range(start, end) if tokens[i].text == ";")
    at = next((i for i in ends if i + 1 == end or tokens[i + 1].text not in DIRECTIONS), None)
    # With a bracket before it, it is one within the list that is open.
    if at is not None and tokens[at - 1].text != ")":
        token = tokens[at]
        cause = "The port list is not closed."
        yield Finding(cause, token.line, (Splice(token.start, token.start, ")"),))


def _separators(tokens: list[Token], start: int, end: int) -> Iterator[Finding]:
    for i in range(start, end):
        token, before = tokens[i], tokens[i - 1]
        last = i == end - 1
        if token.text in (",", ";") and last:
            cause = "The port list ends in a separator."
            yield Finding(cause, token.line, (Splice(token.start, token.end, ""),))
        elif token.text == ";":
            cause = "Ports are separated by `;` instead of `,`."
            yield Finding(cause, token.line, (Splice(token.start, token.end, ","),))
        elif token.text in DIRECTIONS and i > start and before.text not in _BEFORE_PORT:
            if before.text == ")" and tokens[i - 2].text == "*":  # an attribute
                continue
            cause = "A comma is missing between two ports."
            yield Finding(cause, before.line, (Splice(before.end, before.end, ","),))


def _prose(scope: Scope, start: int, end: int) -> Iterator[Finding]:
    """`input a (2 bits)`: a remark after a port's name, which may tell its width."""
    tokens, partners = scope.tokens, scope.partners
    for i in range(start + 1, end):
        name = tokens[i - 1]
        if tokens[i].text != "(" or name.kind is not Kind.NAME or partners[i] >= end:
            continue
        remark = tokens[i + 1 : partners[i]]
        splices = [Splice(name.end, tokens[partners[i]].end, "")]
        bits = _bits(remark)
        ranged = tokens[i - 2].text == "]"
        if bits and bits > 1 and not ranged:
            splices.append(Splice(name.start, name.start, f"[{bits - 1}:0] "))
        cause = f"The port `{name.text}` has a remark in the words of the spec."
        yield Finding(cause, name.line, tuple(sorted(splices)))


def _bits(remark: list[Token]) -> int | None:
    """The N of `N bits` or `N-bit`."""
    words = [t.text.lower() for t in remark if t.text != "-"]
    for number, word in pairwise(words):
        if number.isdigit() and word in ("bit", "bits"):
            return int(number[:4])
    return None
