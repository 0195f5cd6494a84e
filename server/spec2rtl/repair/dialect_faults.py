"""SystemVerilog said in another way: where iverilog 11 lacks it, or the file is to be Verilog."""

from collections.abc import Iterator
from itertools import chain

from spec2rtl.repair.edits import Splice, splice
from spec2rtl.repair.redeclare import redeclare
from spec2rtl.repair.situation import Finding, Situation
from spec2rtl.syntax.dialect import systemverilog
from spec2rtl.syntax.drivers import Process
from spec2rtl.syntax.keywords import NETS, VARIABLES
from spec2rtl.syntax.lexer import Token
from spec2rtl.syntax.processes import event
from spec2rtl.syntax.scope import Scope, scope_of


def dialect_findings(scope: Scope) -> Iterator[Finding]:
    """Find what can be said in words that every version of iverilog takes."""
    yield from _casts(scope)
    yield from _lifetimes(scope)
    yield from _typed_inputs(scope)


def _casts(scope: Scope) -> Iterator[Finding]:
    """`signed'(x)` is `$signed(x)`, and so is `signed(x)`."""
    tokens = scope.tokens
    for i in range(len(tokens) - 2):
        word, tick, bracket = tokens[i], tokens[i + 1], tokens[i + 2]
        if word.text in ("signed", "unsigned") and tick.text == "'" and bracket.text == "(":
            cause = f"iverilog doesn't know the cast `{word.text}'(…)`."
            yield Finding(cause, word.line, (Splice(word.start, tick.end, f"${word.text}"),))
        elif word.text in ("signed", "unsigned") and tick.text == "(":
            cause = f"`{word.text}` is a function of the system: it is `${word.text}`."
            yield Finding(cause, word.line, (Splice(word.start, word.start, "$"),))


def _lifetimes(scope: Scope) -> Iterator[Finding]:
    """`automatic logic x;` in a process: without an initial value a static one serves as well."""
    for process in scope.drivers.processes:
        for i in range(process.body, process.end - 1):
            word, follows = scope.tokens[i], scope.tokens[i + 1]
            if word.text != "automatic" or follows.text not in VARIABLES:
                continue
            cause = "iverilog doesn't know `automatic` variables in a process."
            if _is_initialised(scope.tokens, i):
                instruction = "Declare the variable in the module and assign it in the process."
                yield Finding(cause, word.line, instruction=instruction)
            else:
                yield Finding(cause, word.line, (Splice(word.start, follows.start, ""),))


def _is_initialised(tokens: list[Token], i: int) -> bool:
    """Does the declaration that begins here give an initial value?"""
    ends = next((t for t in tokens[i:] if t.text in (";", "=")), None)
    return ends is not None and ends.text == "="


def _typed_inputs(scope: Scope) -> Iterator[Finding]:
    """`function f; input logic a;` is `input a`."""
    inside = False
    tokens = scope.tokens
    for i in range(len(tokens) - 1):
        word, follows = tokens[i], tokens[i + 1]
        if word.text in ("function", "endfunction"):
            inside = word.text == "function"
        elif inside and word.text == "input" and _is_type(follows) and tokens[i - 1].text == ";":
            cause = "iverilog takes no type in a function's `input` statement."
            yield Finding(cause, word.line, (Splice(word.end, follows.end, ""),))


def _is_type(token: Token) -> bool:
    return token.text in NETS or token.text in ("logic", "reg", "bit")


def verilog_findings(case: Situation) -> Iterator[Finding]:
    """Say in Verilog-2001 what is SystemVerilog; all of it, else nothing is certain."""
    words = systemverilog(case.rtl)
    if not words:
        return
    splices = {one for module in case.modules for one in _in_verilog(scope_of(case.rtl, module))}
    certain = tuple(sorted(splices)) if not systemverilog(splice(case.rtl, splices)) else ()
    named = ", ".join(f"`{word.text}`" for word in words)
    yield Finding(
        f"SystemVerilog in a Verilog file: {named}.",
        words[0].line,
        certain,
        None if certain else "Write it in Verilog-2001, or name the file .sv.",
    )


_PLAIN = {"always_ff": "always", "always_comb": "always @(*)", "always_latch": "always @(*)"}


def _in_verilog(scope: Scope) -> Iterator[Splice]:
    """`always` for its kinds, `reg` or `wire` for `logic`, `0` for `'0`."""
    yield from chain.from_iterable(redeclare(scope, dict(_kinds(scope))).values())
    for process in scope.drivers.processes:
        word = scope.tokens[process.first]
        # Without a signal to wait for `always @(*)` never begins.
        if word.text == "always_ff" or (word.text in _PLAIN and _reads_signals(scope, process)):
            yield Splice(word.start, word.end, _PLAIN[word.text])
    for token in scope.tokens:
        if token.text == "'0":
            yield Splice(token.start, token.end, "0")


def _kinds(scope: Scope) -> Iterator[tuple[str, str]]:
    """The kind of each `logic`: a variable where a process or an initial value gives it one."""
    driven = scope.drivers.procedural()
    for name, declared in scope.declarations.items():
        for one in declared:
            if "logic" in one.words and not one.constant:
                valued = scope.has_value(one)
                yield name, "reg" if name in driven or valued else "wire"


def _reads_signals(scope: Scope, process: Process) -> bool:
    targets = {a.at for a in scope.drivers.assignments}
    body = range(process.body, process.end)
    return not event(scope, process) and any(
        scope.tokens[i].text in scope.declarations and i not in targets for i in body
    )
