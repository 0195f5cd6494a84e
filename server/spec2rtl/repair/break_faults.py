"""`break` in a loop, which iverilog 11 lacks, said with a flag that yosys understands too."""

from collections.abc import Iterator

from msgspec import Struct

from spec2rtl.repair.edits import Splice
from spec2rtl.repair.situation import Finding
from spec2rtl.syntax.drivers import Process
from spec2rtl.syntax.lexer import Token
from spec2rtl.syntax.scope import Scope

_LOOPS = ("for", "while", "repeat", "forever")


class _Block(Struct, frozen=True):
    """A `begin` and its `end`, as indexes of tokens; `loop` is where the loop that it is begins."""

    begin: int
    end: int
    loop: int | None


def break_findings(scope: Scope) -> Iterator[Finding]:
    """Find each loop that is left by `break`."""
    taken = set(scope.declarations)
    for process in scope.drivers.processes:
        for loop, breaks in _left(scope, process).items():
            word = scope.tokens[breaks[0]]
            cause = "iverilog 11 doesn't know `break`."
            if all(_is_last(scope.tokens, at, loop) for at in breaks):
                flag = next(n for n in _names() if n not in taken)
                taken.add(flag)
                splices = tuple(sorted(_flagged(scope.tokens, process, loop, breaks, flag)))
                yield Finding(cause, word.line, splices)
            else:
                instruction = "End the loop by a flag that its body asks first."
                yield Finding(cause, word.line, instruction=instruction)


def _left(scope: Scope, process: Process) -> dict[_Block, list[int]]:
    """The innermost loop of each `break` in a process."""
    blocks = tuple(_blocks(scope, process))
    found: dict[_Block, list[int]] = {}
    for at in range(process.body, process.end):
        if scope.tokens[at].text == "break":
            around = [b for b in blocks if b.loop is not None and b.begin < at < b.end]
            if around:
                found.setdefault(max(around, key=lambda b: b.begin), []).append(at)
    return found


def _blocks(scope: Scope, process: Process) -> Iterator[_Block]:
    tokens, partners = scope.tokens, scope.partners
    headed = {
        partners[i + 1] + 1: i
        for i in range(process.body, process.end - 1)
        if tokens[i].text in _LOOPS and tokens[i + 1].text == "("
    }
    pending: list[int] = []
    for at in range(process.body, process.end):
        if tokens[at].text == "begin":
            pending.append(at)
        elif tokens[at].text == "end" and pending:
            begin = pending.pop()
            yield _Block(begin, at, headed.get(begin))


def _is_last(tokens: list[Token], at: int, loop: _Block) -> bool:
    """Does nothing but the ends of blocks follow in the loop's body?"""
    follow = [token.text for token in tokens[at + 2 : loop.end]]
    return set(follow) <= {"end", "endcase"}


def _names() -> Iterator[str]:
    yield "found"
    yield from (f"found_{n}" for n in range(2, 1000))


def _flagged(
    tokens: list[Token], process: Process, loop: _Block, breaks: list[int], flag: str
) -> Iterator[Splice]:
    """Declare the flag, clear it before the loop, ask it in the body, set it where it breaks."""
    starts = tokens[process.first].start
    yield Splice(starts, starts, f"reg {flag};\n    ")
    labelled = tokens[loop.begin + 1].text == ":"
    begin = tokens[loop.begin + 2 * labelled]
    head, end = tokens[loop.loop or 0], tokens[loop.end]
    yield Splice(head.start, head.start, f"begin {flag} = 1'b0; ")
    yield Splice(begin.end, begin.end, f" if (!{flag}) begin")
    for at in breaks:
        yield Splice(tokens[at].start, tokens[at].end, f"{flag} = 1'b1")
    yield Splice(end.end, end.end, " end end")
