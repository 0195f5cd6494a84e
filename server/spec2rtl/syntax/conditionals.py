"""The `if` statements of a process: where condition and branches begin and end."""

from msgspec import Struct

from spec2rtl.syntax.lexer import Kind
from spec2rtl.syntax.scope import Scope

_OPENS = frozenset(("begin", "case", "casex", "casez"))
_CLOSES = frozenset(("end", "endcase"))


class If(Struct, frozen=True):
    """An `if`, as indexes into the tokens: `if`, its statement, its `else` (0: none), after all."""

    at: int
    then: int
    otherwise: int
    after: int


def if_at(scope: Scope, at: int) -> If | None:
    """The `if` statement that begins at an index; None where none does, or it isn't whole."""
    tokens = scope.tokens
    if at + 1 >= len(tokens) or tokens[at].text != "if" or tokens[at + 1].text != "(":
        return None
    then = _after_bracket(scope, at + 1)
    after = _after(scope, then)
    if after >= len(tokens):
        return None
    if tokens[after].text != "else":
        return If(at, then, 0, after)
    end = _after(scope, after + 1)
    return If(at, then, after, end) if end < len(tokens) else None


def unwrapped(scope: Scope, at: int, end: int) -> int:
    """The index of the only statement between `begin` and `end`, or of the statement itself."""
    tokens = scope.tokens
    if at >= len(tokens) or tokens[at].text != "begin":
        return at
    inner = at + 3 if at + 1 < len(tokens) and tokens[at + 1].text == ":" else at + 1
    alone = _after(scope, inner) < end and tokens[_after(scope, inner)].text == "end"
    return inner if alone else at


def condition_names(scope: Scope, one: If) -> list[str]:
    """The names in a condition, in their order."""
    return [t.text for t in scope.tokens[one.at + 2 : one.then - 1] if t.kind is Kind.NAME]


def _after(scope: Scope, at: int) -> int:
    """The index after the statement that begins at an index; the number of tokens if it is cut."""
    tokens, depth = scope.tokens, 0
    if at < len(tokens) and tokens[at].text == "if":
        end = _after(scope, _after_bracket(scope, at + 1))
        more = end < len(tokens) and tokens[end].text == "else"
        return _after(scope, end + 1) if more else end
    for i in range(at, len(tokens)):
        text = tokens[i].text
        depth += (text in _OPENS) - (text in _CLOSES)
        if depth <= 0 and (text == ";" or text in _CLOSES):
            labelled = text != ";" and i + 1 < len(tokens) and tokens[i + 1].text == ":"
            return i + 3 if labelled else i + 1
    return len(tokens)


def _after_bracket(scope: Scope, at: int) -> int:
    """The index after the bracket that closes the one at an index, or after another token."""
    size = len(scope.tokens)
    return min(max(scope.partners[at], at) + 1, size) if at < size else size
