"""Where a statement ends, even one that is cut or that no compiler accepts."""

from spec2rtl.syntax.keywords import PROCESSES
from spec2rtl.syntax.lexer import Token

CASES = frozenset(("case", "casex", "casez"))
_OPENING = CASES | {"begin", "fork"}
_CLOSING = frozenset(("end", "endcase", "join", "join_any", "join_none"))


def after_statement(tokens: list[Token], partners: list[int], i: int) -> int:
    """The index after the statement that begins at an index, with each `else` that belongs to it.

    What can be in no statement ends it too. `partners` are those of the brackets.
    """
    depth = alone = 0
    while i < len(tokens):
        text = tokens[i].text
        if text in PROCESSES or text == "endmodule":
            return i
        depth += (text in _OPENING) - (text in _CLOSING)
        alone += text == "if" and depth == 0  # of those without an `else` so far
        if text == "(" and partners[i] < len(tokens):
            i = partners[i]
        elif depth <= 0 and (text == ";" or text in _CLOSING):
            i = _after_label(tokens, i)
            if not alone or i >= len(tokens) or tokens[i].text != "else":
                return min(i, len(tokens))
            alone -= 1
        i += 1
    return len(tokens)


def _after_label(tokens: list[Token], i: int) -> int:
    labelled = i + 1 < len(tokens) and tokens[i].text != ";" and tokens[i + 1].text == ":"
    return i + 3 if labelled else i + 1
