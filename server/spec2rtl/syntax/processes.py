"""What the processes of a module wait for, and how they take their resets."""

from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter

from msgspec import Struct

from spec2rtl.syntax.drivers import Assignment, Process
from spec2rtl.syntax.lexer import Kind, Token
from spec2rtl.syntax.scope import Scope
from spec2rtl.syntax.statements import CASES

EDGES = frozenset(("posedge", "negedge"))
_at = attrgetter("at")
_NO_SIGNAL = frozenset(("parameter", "localparam", "genvar", "integer"))


class ResetTest(Struct, frozen=True):
    """The `if (reset)` that a process begins with; `active` is the level that it asks for.

    `start` and `end` are the offsets of its brackets; `first` is the index of the `if`, `at` that
    of the reset's name.
    """

    first: int
    start: int
    end: int
    at: int
    active: str


def event(scope: Scope, process: Process) -> list[Token]:
    """The tokens of a process's event control."""
    return scope.tokens[process.first + 1 : process.body]


def clocked(scope: Scope, process: Process) -> bool:
    """Does a process wait for an edge?"""
    return any(t.text in EDGES for t in event(scope, process))


def combinational(scope: Scope, process: Process) -> bool:
    """Does a process compute from its inputs alone?"""
    if process.keyword == "always":
        return bool(event(scope, process)) and not clocked(scope, process)
    return process.keyword == "always_comb"


def edges(scope: Scope, process: Process) -> dict[str, str]:
    """The edge that a process waits for, by signal."""
    tokens = event(scope, process)
    return {
        tokens[i + 1].text: token.text for i, token in enumerate(tokens[:-1]) if token.text in EDGES
    }


def reset_test(scope: Scope, process: Process, reset: str) -> ResetTest | None:
    """Find the first `if (…)` of a process that asks for nothing but the reset."""
    tokens = scope.tokens
    for i in range(process.body, min(process.body + 5, process.end)):
        if tokens[i].text != "if":
            continue
        close = scope.partners[i + 1] if i + 1 < process.end else process.end
        at = next((j for j in range(i, close) if tokens[j].text == reset), None)
        if at is None or close >= process.end:
            return None
        active = _level([t.text for t in tokens[i + 2 : close] if t.text not in "()"])
        start, end = tokens[i + 1].start, tokens[close].end
        return ResetTest(i, start, end, at, active) if active else None
    return None


def _level(words: list[str]) -> str | None:
    """The level that a test of one name asks for."""
    match words:
        case [_]:
            return "high"
        case ["!" | "~", _]:
            return "low"
        case [_, "==" | "===", ("1" | "1'b1" | "1'h1")]:
            return "high"
        case [_, "==" | "===", ("0" | "1'b0" | "1'h0")]:
            return "low"
        case _:
            return None


def assignments(scope: Scope, process: int) -> list[Assignment]:
    """What a process assigns, in the text's order."""
    of, found = scope.drivers.processes[process], scope.drivers.assignments
    first = bisect_left(found, of.first, key=_at)
    return list(found[first : bisect_left(found, of.end, first, key=_at)])


def open_case(scope: Scope, process: Process, at: int) -> Token | None:
    """The innermost `case` without a `default` that a token of a process stands in."""
    around: list[Token] = []
    named: list[Token] = []
    inside: list[Token] = []
    for i in range(process.body, process.end):
        token = scope.tokens[i]
        if i == at:
            inside = list(around)
        if token.text in CASES:
            around.append(token)
        elif token.text == "endcase" and around:
            around.pop()
        elif token.text == "default" and around:
            named.append(around[-1])
    return next((case for case in reversed(inside) if case not in named), None)


def unheard(scope: Scope) -> Iterator[tuple[Process, list[Token]]]:
    """The processes whose list of signals leaves out some that they read, each where it is read."""
    for index, process in enumerate(scope.drivers.processes):
        control = event(scope, process)
        listed = {t.text for t in control if t.kind is Kind.NAME}
        if not listed or control[0].text != "@" or not combinational(scope, process):
            continue
        known = listed | {a.name for a in assignments(scope, index)}
        body = scope.tokens[process.body : process.end]
        missing = {
            t.text: t for t in reversed(body) if t.text not in known and _is_signal(scope, t)
        }
        if missing:
            yield process, sorted(missing.values(), key=lambda t: t.start)


def unstarted(scope: Scope) -> Iterator[Process]:
    """The processes that wait for a change of what they read, and read nothing that can change."""
    for index, process in enumerate(scope.drivers.processes):
        waits = "".join(t.text for t in event(scope, process))
        if process.keyword == "always" and waits in ("@*", "@(*)"):
            own = {a.name for a in assignments(scope, index)}
            body = scope.tokens[process.body : process.end]
            if own and not any(t.text not in own and _is_signal(scope, t) for t in body):
                yield process


def _is_signal(scope: Scope, token: Token) -> bool:
    declared = scope.declarations.get(token.text, ()) if token.kind is Kind.NAME else ()
    return any(not d.words & _NO_SIGNAL for d in declared)
