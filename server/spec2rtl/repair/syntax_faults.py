"""Compile faults of form: what stops the parser, found in the text itself.

The compiler's line is only where it gave up, so these rules look at the whole text.
"""

import re
from collections.abc import Callable, Iterator

from spec2rtl.repair.break_faults import break_findings
from spec2rtl.repair.dialect_faults import dialect_findings
from spec2rtl.repair.edits import Splice
from spec2rtl.repair.header_faults import header_findings
from spec2rtl.repair.situation import Finding, Situation
from spec2rtl.rtl import Diagnostic, split_lines
from spec2rtl.syntax.drivers import Process
from spec2rtl.syntax.keywords import BEGINS_CODE, NETS, PROCESSES, VARIABLES
from spec2rtl.syntax.lexer import Kind, Token, tokenize
from spec2rtl.syntax.scope import Scope, scope_of
from spec2rtl.syntax.statements import CASES

_CODES = frozenset(
    ("syntax-error", "missing-endmodule", "missing-end", "unsupported-construct", "unclassified")
)
_MESSAGES = re.compile(
    r"syntax error|comma in port|port declaration separator|malformed", re.IGNORECASE
)


def syntax_findings(case: Situation) -> Iterator[Finding]:
    """What the rules of form find, if the compiler's parser was stopped at all."""
    stopped = [e for e in case.errors if _stops(e)]
    if not stopped:
        return
    found = False
    for finding in _all(case):
        found = True
        yield finding
    if not found:
        line = stopped[0].line
        lines = split_lines(case.rtl)
        shown = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        yield Finding(
            f"The parser stopped at line {line}: `{shown[:80]}`.",
            line,
            instruction="Correct the syntax on this line or right before it.",
        )


def _stops(error: Diagnostic) -> bool:
    return error.code in _CODES or _MESSAGES.search(error.message) is not None


def _all(case: Situation) -> Iterator[Finding]:
    for text_rule in (_fence_lines, _prose_outside):
        yield from text_rule(case)
    for module in case.modules:
        scope = scope_of(case.rtl, module)
        for rule in _RULES:
            yield from rule(scope)
        below = [e.line for e in case.errors if _stops(e) and e.line >= module.line]
        if below:
            yield from _unbalanced(scope, min(below))


# --- around the modules


def _fence_lines(case: Situation) -> Iterator[Finding]:
    for match in re.finditer(r"^[ \t]*(?:```|~~~)[^\n]*(?:\n|\Z)", case.rtl, re.MULTILINE):
        line = case.line_of(match.start())
        yield Finding("A code fence is left in the text.", line, (Splice(*match.span(), ""),))


def _prose_outside(case: Situation) -> Iterator[Finding]:
    """Text outside of the modules that doesn't begin as code does."""
    after = 0
    for start, end in [*((m.start, m.end) for m in case.modules), (len(case.rtl), len(case.rtl))]:
        if case.modules:
            yield from _prose(case, after, start)
        after = end


def _prose(case: Situation, start: int, end: int) -> Iterator[Finding]:
    passed = (Kind.COMMENT, Kind.DIRECTIVE, Kind.MACRO)
    tokens = [t for t in tokenize(case.rtl[start:end]) if t.kind not in passed]
    tokens = [t for t in tokens if not t.text.startswith("`")]
    if tokens and tokens[0].text not in BEGINS_CODE | _STARTERS - {"endmodule"}:
        first, last = start + tokens[0].start, start + tokens[-1].end
        cause = "Prose stands outside of the module."
        yield Finding(cause, case.line_of(first), (Splice(first, last, ""),))


# --- what is opened and not closed


_CLOSERS = {
    "begin": "end", "case": "endcase", "casex": "endcase", "casez": "endcase", "fork": "join",
    "function": "endfunction", "task": "endtask", "generate": "endgenerate",
}  # fmt: skip
_ENDS = frozenset(_CLOSERS.values()) | {"join_any", "join_none"}
_ITEMS = PROCESSES | {"assign", "endmodule", "localparam", "genvar"}


def _missing_endmodule(scope: Scope) -> Iterator[Finding]:
    if scope.module.finished or not scope.tokens:
        return
    last = scope.tokens[-1]
    closers = [_CLOSERS[t.text] for t in reversed(_open(scope.tokens))]
    text = "".join(f"\n{closer}" for closer in [*closers, "endmodule"])
    cause = f"The module `{scope.module.name}` has no `endmodule`."
    yield Finding(cause, last.line, (Splice(last.end, last.end, text),))


def _open(tokens: list[Token]) -> list[Token]:
    """The openers that nothing closes."""
    stack: list[Token] = []
    for token in tokens:
        if token.text in _CLOSERS:
            stack.append(token)
        elif stack and token.text in _ENDS and _closes(stack[-1], token):
            stack.pop()
    return stack


def _closes(opener: Token, closer: Token) -> bool:
    wanted = _CLOSERS[opener.text]
    return closer.text == wanted or (wanted == "join" and closer.text.startswith("join"))


def _unbalanced(scope: Scope, stop: int) -> Iterator[Finding]:
    """A process with too few `end`s, else an `end` too many.

    Where is certain if the parser, which stopped at line `stop`, took all that is before.
    """
    for found in list(_missing_end(scope)) or _extra_end(scope):
        before = [s for s in found.splices if scope.text.count("\n", 0, s.start) < stop]
        if before or found.instruction:
            yield found
        else:
            instruction = f"Look for what is open or closed too early before line {stop}."
            yield Finding(found.cause, stop, instruction=instruction)


def _missing_end(scope: Scope) -> Iterator[Finding]:
    """A process that runs into the next one, into an `assign`, or into the module's end."""
    for process in scope.drivers.processes:
        if process.end >= len(scope.tokens) and not scope.module.finished:
            continue
        inside = scope.tokens[process.first : process.end]
        if crossing := _crossing(inside):
            yield _crossed(scope, process, *crossing)
        elif _open(inside):
            end = next((i for i, token in enumerate(inside) if token.text == "assign"), len(inside))
            left = _open(inside[:end])
            if left and _is_own(scope, process) is True:
                yield Finding(_not_closed(left[-1]), left[-1].line)
            elif left:
                text = "".join(f"\n    {_CLOSERS[t.text]}" for t in reversed(left))
                at = inside[end - 1].end
                yield Finding(_not_closed(left[0]), left[0].line, (Splice(at, at, text),))


def _is_own(scope: Scope, process: Process) -> bool | None:
    """Is the last `end` of a process its own, by the indentation? None where that doesn't tell."""
    tokens = scope.tokens[process.first : process.end]
    own = scope.indent(tokens[0])
    starts = {token.line: token for token in reversed(tokens)}.values()
    last = next((token for token in reversed(tokens) if token.text == "end"), None)
    if last is None or all(len(scope.indent(token)) <= len(own) for token in starts):
        return None
    return scope.text[: last.start].endswith(f"\n{own}")


def _crossing(tokens: list[Token]) -> tuple[Token, Token] | None:
    """What is open where the first word closes something else, and that word."""
    stack: list[Token] = []
    for token in tokens:
        if token.text in _CLOSERS:
            stack.append(token)
        elif stack and token.text in _ENDS and not _closes(opener := stack.pop(), token):
            return opener, token
    return None


def _crossed(scope: Scope, process: Process, opener: Token, closer: Token) -> Finding:
    """An `endcase` that lacks before an `end`, or an `end` too many in a `case`."""
    words = [token.text for token in scope.tokens[process.first : process.end + 1]]
    cases = sum(word in CASES for word in words)
    if opener.text in CASES and closer.text == "end":
        if words.count("endcase") < cases:
            splice = Splice(closer.start, closer.start, "endcase\n    ")
            return Finding(_not_closed(opener), opener.line, (splice,))
        if words[-1] == "end":
            return _closes_nothing(closer)
    instruction = (
        f"Let `{_CLOSERS[opener.text]}` follow before the `{closer.text}` of line {closer.line}."
    )
    return Finding(_not_closed(opener), opener.line, instruction=instruction)


def _not_closed(opener: Token) -> str:
    return f"The `{opener.text}` of line {opener.line} is not closed."


def _closes_nothing(token: Token) -> Finding:
    cause = f"The `{token.text}` of line {token.line} closes nothing."
    return Finding(cause, token.line, (Splice(token.start, token.end, ""),))


def _extra_end(scope: Scope) -> Iterator[Finding]:
    """An `end` that closes nothing, or the body of a process that lacks its `begin`."""
    ended = {process.end: process for process in scope.drivers.processes}
    process: Process | None = None
    depth = 0
    for i, token in enumerate(scope.tokens[scope.header_size :], scope.header_size):
        if i in ended or token.text in _ITEMS:
            process = ended.get(i)
        depth += (token.text == "begin") - (token.text == "end")
        if depth < 0:
            depth = 0
            yield _surplus(scope, i, process)


def _surplus(scope: Scope, i: int, process: Process | None) -> Finding:
    """The `end` at an index closes nothing; `process` is the one before it."""
    token, after = scope.tokens[i], scope.tokens[i + 1 : i + 2]
    if process is None:
        return _closes_nothing(token)
    body = scope.tokens[process.body]
    if body.text != "begin" and not any(t.text == "else" for t in after):
        cause = f"The `begin` lacks that the `end` of line {token.line} closes."
        return Finding(cause, body.line, (Splice(body.start, body.start, "begin "),))
    if _is_own(scope, process) is False:
        return Finding(_closes_nothing(token).cause, token.line)
    return _closes_nothing(token)


# --- semicolons


_OPERAND_ENDS = frozenset((")", "]", "}"))
_STARTERS = _ITEMS | NETS | VARIABLES
_HEADS = frozenset(("if", "for", "while", "case", "casex", "casez", "@", "repeat", "wait", "#"))


def _missing_semicolon(scope: Scope) -> Iterator[Finding]:
    for at in sorted(set(_unended(scope)) | set(_before_starters(scope))):
        token = scope.tokens[at]
        cause = f"A `;` is missing at the end of line {token.line}."
        yield Finding(cause, token.line, (Splice(token.end, token.end, ";"),))


def _unended(scope: Scope) -> Iterator[int]:
    """Tokens after which an assignment should have ended."""
    tokens = scope.tokens
    for assignment in scope.drivers.assignments:
        if assignment.end >= len(tokens):  # a bracket in it is open
            continue
        if tokens[assignment.end].text not in (";", ",", ")"):
            yield assignment.end - 1
        for i in range(assignment.operator + 1, assignment.end):
            here, follows = tokens[i], tokens[i + 1]
            newline = follows.line > here.line and i + 1 < assignment.end
            if newline and follows.kind is Kind.NAME and _is_operand_end(here):
                yield i


def _before_starters(scope: Scope) -> Iterator[int]:
    """Tokens after which, on a new line, something begins that can't be part of an expression."""
    tokens = scope.tokens
    openers = {close: i for i, close in enumerate(scope.partners) if close >= 0}
    for i in range(scope.header_size + 1, len(tokens)):
        before = tokens[i - 1]
        if tokens[i].text not in _STARTERS or tokens[i].line == before.line:
            continue
        if before.text == ")" and _leads(tokens, openers.get(i - 1, 0)):
            continue
        labelled = tokens[i - 2].text == ":" and tokens[i - 3].text in (*_CLOSERS, *_ENDS)
        if _is_operand_end(before) and not labelled:
            yield i - 1


def _leads(tokens: list[Token], opener: int) -> bool:
    """Does a bracket belong to an attribute, or to `if (…)` or its like: does more follow?"""
    return tokens[opener + 1].text == "*" or (opener > 0 and tokens[opener - 1].text in _HEADS)


def _is_operand_end(token: Token) -> bool:
    return token.kind in (Kind.NAME, Kind.NUMBER, Kind.STRING) or token.text in _OPERAND_ENDS


def _stray_semicolon(scope: Scope) -> Iterator[Finding]:
    """`end;` of a process: nothing may stand there."""
    for process in scope.drivers.processes:
        if process.end < len(scope.tokens) and scope.tokens[process.end].text == ";":
            token = scope.tokens[process.end]
            cause = "A `;` follows the `end` of an always block."
            yield Finding(cause, token.line, (Splice(token.start, token.end, ""),))


# --- words of other languages


_ELSE_IF = frozenset(("elseif", "elsif", "elif"))
_WORD_OPERATORS = {"and": "&", "or": "|", "xor": "^", "not": "~"}


def _foreign_words(scope: Scope) -> Iterator[Finding]:
    for token in scope.tokens[scope.header_size :]:
        if token.text in _ELSE_IF:
            cause = f"`{token.text}` is no Verilog: it is `else if`."
            yield Finding(cause, token.line, (Splice(token.start, token.end, "else if"),))
    for assignment in scope.drivers.assignments:
        whole = assignment.end < len(scope.tokens)  # else a bracket in it is open
        for token in scope.tokens[assignment.operator : assignment.end] if whole else ():
            if token.text in _WORD_OPERATORS:
                symbol = _WORD_OPERATORS[token.text]
                cause = f"`{token.text}` is no operator of Verilog: it is `{symbol}`."
                yield Finding(cause, token.line, (Splice(token.start, token.end, symbol),))


_NOT_BINARY = re.compile(r"(?P<size>\d{1,4})'[bB](?P<digits>\d*[2-9]\d*)")


def _decimal_digits(scope: Scope) -> Iterator[Finding]:
    """`3'b4`: a decimal number said to be a binary one."""
    for token in scope.tokens:
        match = _NOT_BINARY.fullmatch(token.text) if token.kind is Kind.NUMBER else None
        if match and int(match["digits"][:9]) < 1 << int(match["size"]):
            decimal = f"{match['size']}'d{match['digits']}"
            cause = f"`{token.text}` has digits that are not binary: it is `{decimal}`."
            yield Finding(cause, token.line, (Splice(token.start, token.end, decimal),))


_RULES: tuple[Callable[[Scope], Iterator[Finding]], ...] = (
    header_findings,
    dialect_findings,
    break_findings,
    _missing_endmodule,
    _missing_semicolon,
    _stray_semicolon,
    _foreign_words,
    _decimal_digits,
)
