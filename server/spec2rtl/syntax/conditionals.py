"""The `if` statements of a process: where condition and branches begin and end."""

from msgspec import Struct

from spec2rtl.syntax.lexer import Kind
from spec2rtl.syntax.scope import Scope
from spec2rtl.syntax.statements import after_statement


class If(Struct, frozen=True):
    """An `if`, as indexes into the tokens: `if`, its statement, its `else` (0: none), after all."""

    at: int
    then: int
    otherwise: int
    after: int


def if_at(scope: Scope, at: int) -> If | None:
    """The `if` statement that begins at an index; None where none does, or it isn't whole."""
    tokens, partners = scope.tokens, scope.partners
    if at + 1 >= len(tokens) or tokens[at].text != "if" or tokens[at + 1].text != "(":
        return None
    then = min(partners[at + 1] + 1, len(tokens))
    after = after_statement(tokens, partners, then)
    if after >= len(tokens):
        return None
    if tokens[after].text != "else":
        return If(at, then, 0, after)
    end = after_statement(tokens, partners, after + 1)
    return If(at, then, after, end) if end < len(tokens) else None


def unwrapped(scope: Scope, at: int, end: int) -> int:
    """The index of the only statement between `begin` and `end`, or of the statement itself."""
    tokens = scope.tokens
    if at >= len(tokens) or tokens[at].text != "begin":
        return at
    inner = at + 3 if at + 1 < len(tokens) and tokens[at + 1].text == ":" else at + 1
    after = after_statement(tokens, scope.partners, inner)
    return inner if after < end and tokens[after].text == "end" else at


def condition_names(scope: Scope, one: If) -> list[str]:
    """The names in a condition, in their order."""
    return [t.text for t in scope.tokens[one.at + 2 : one.then - 1] if t.kind is Kind.NAME]
