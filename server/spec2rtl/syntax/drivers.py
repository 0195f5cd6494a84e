"""What gives values to the names of a module: processes, and the assignments in and outside them.

Read from tokens, so that it also works on text that no compiler accepts.
"""

from collections.abc import Iterator

from msgspec import Struct

from spec2rtl.syntax.keywords import PROCESSES, VARIABLES
from spec2rtl.syntax.lexer import Kind, Token
from spec2rtl.syntax.statements import after_statement


class Assignment(Struct, frozen=True):
    """An assignment to a name, as indexes into the tokens: name, operator, and its `;`.

    `whole` says that all of the name is assigned, not a part; `process` is the index of the
    process that it is in, None for a continuous assignment.
    """

    name: str
    at: int
    operator: int
    end: int
    whole: bool
    process: int | None


class Process(Struct, frozen=True):
    """An `always` or its like, as indexes into the tokens: first, the body's first, after the last.

    What is between `first` and `body` is the event control.
    """

    keyword: str
    first: int
    body: int
    end: int


class Drivers(Struct, frozen=True):
    """All that drives a module's names, in the text's order."""

    processes: tuple[Process, ...]
    assignments: tuple[Assignment, ...]

    def procedural(self) -> frozenset[str]:
        """The names that a process assigns."""
        return frozenset(a.name for a in self.assignments if a.process is not None)

    def continuous(self) -> frozenset[str]:
        """The names that `assign` drives."""
        return frozenset(a.name for a in self.assignments if a.process is None)


def drivers(tokens: list[Token], partners: list[int]) -> Drivers:
    """Find processes and assignments among the tokens of one module, with its brackets' partners."""
    processes: list[Process] = []
    assignments: list[Assignment] = []
    i = 0
    while i < len(tokens):
        if tokens[i].text in PROCESSES:
            process = _process(tokens, partners, i)
            assignments += _procedural(tokens, partners, process, len(processes))
            processes.append(process)
            i = process.end
        elif tokens[i].text == "assign":
            found = list(_continuous(tokens, partners, i + 1))
            assignments += found
            i = found[-1].end if found else i + 1
        else:
            i += 1
    return Drivers(tuple(processes), tuple(assignments))


# --- processes


def _process(tokens: list[Token], partners: list[int], first: int) -> Process:
    body = _after_event(tokens, partners, first + 1)
    end = after_statement(tokens, partners, body)
    of_generate = tokens[first - 1].text in (")", "else")  # whose `else` it is, then
    # One too many is still in the process.
    while end < len(tokens) and tokens[end].text == "else" and not of_generate:
        end = after_statement(tokens, partners, end + 1)
    return Process(tokens[first].text, first, body, end)


def _after_event(tokens: list[Token], partners: list[int], i: int) -> int:
    """The index after `@…` or `#…`."""
    while i + 1 < len(tokens) and tokens[i].text in ("@", "#"):
        i = partners[i + 1] + 1 if tokens[i + 1].text == "(" else i + 2
    return min(i, len(tokens))


# --- assignments


_ASSIGNS = frozenset("= <= += -= *= /= %= &= |= ^= <<= >>= <<<= >>>= ++ --".split())  # noqa: SIM905
_ENDS_EXPRESSION = frozenset((";", "end", "endcase", "else", "begin", "if", "endmodule"))


def _procedural(
    tokens: list[Token], partners: list[int], process: Process, index: int
) -> Iterator[Assignment]:
    i = process.body
    while i < process.end:
        token = tokens[i]
        if token.text in VARIABLES:  # a declaration
            i = _expression_end(tokens, partners, i, process.end) + 1
            continue
        if token.text == "(":
            if tokens[i - 1].text == "for":
                yield from _targets(tokens, partners, i + 1, index)
            i = partners[i] + 1
            continue
        found = list(_targets(tokens, partners, i, index))
        yield from found
        i = found[-1].end if found else i + 1


def _continuous(tokens: list[Token], partners: list[int], i: int) -> Iterator[Assignment]:
    """The assignments of one `assign` statement."""
    i = _after_event(tokens, partners, i)
    while i < len(tokens):
        found = list(_targets(tokens, partners, i, None))
        yield from found
        if not found or found[-1].end >= len(tokens) or tokens[found[-1].end].text != ",":
            return
        i = found[-1].end + 1


def _targets(
    tokens: list[Token], partners: list[int], i: int, process: int | None
) -> Iterator[Assignment]:
    """The names that the assignment which begins at index `i`, if one does, gives values to."""
    names: list[tuple[int, bool]] = []
    if i < len(tokens) and tokens[i].kind is Kind.NAME:
        j = _after_selects(tokens, partners, i + 1)
        names.append((i, j == i + 1))
    elif i < len(tokens) and tokens[i].text == "{":
        j = min(partners[i] + 1, len(tokens))
        names += _concatenated(tokens, partners, i + 1, j - 1)
    else:
        return
    if j < len(tokens) and tokens[j].text in _ASSIGNS:
        end = _expression_end(tokens, partners, j, len(tokens), process is None)
        for at, whole in names:
            yield Assignment(tokens[at].text, at, j, end, whole, process)


def _concatenated(
    tokens: list[Token], partners: list[int], i: int, end: int
) -> Iterator[tuple[int, bool]]:
    while i < end:
        if tokens[i].kind is Kind.NAME:
            after = _after_selects(tokens, partners, i + 1)
            yield i, after == i + 1
            i = after
        else:
            i += 1


def _after_selects(tokens: list[Token], partners: list[int], i: int) -> int:
    while i < len(tokens) and tokens[i].text in ("[", "."):
        i = partners[i] + 1 if tokens[i].text == "[" else i + 2
    return min(i, len(tokens))


def _expression_end(
    tokens: list[Token], partners: list[int], i: int, stop: int, comma: bool = False
) -> int:
    """The index of the `;` (or `,`, or what can't be inside) that ends an expression."""
    while i < stop:
        text = tokens[i].text
        if text in _ENDS_EXPRESSION or text in PROCESSES or (comma and text == ","):
            return i
        i = partners[i] + 1 if partners[i] >= 0 else i + 1
    return stop
