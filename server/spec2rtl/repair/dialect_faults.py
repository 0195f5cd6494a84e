"""SystemVerilog that the language has and iverilog 11 doesn't, said in another way."""

from collections.abc import Iterator

from spec2rtl.repair.edits import Splice
from spec2rtl.repair.situation import Finding
from spec2rtl.syntax.keywords import NETS, VARIABLES
from spec2rtl.syntax.lexer import Token
from spec2rtl.syntax.modules import Module
from spec2rtl.syntax.scope import Scope


def dialect_findings(scope: Scope, module: Module) -> Iterator[Finding]:
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
