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
from spec2rtl.rtl import split_lines
from spec2rtl.syntax.keywords import BEGINS_CODE, NETS, PROCESSES, VARIABLES
from spec2rtl.syntax.lexer import Kind, Token, tokenize
from spec2rtl.syntax.scope import Scope, scope_of

_CODES = frozenset(
    ("syntax-error", "missing-endmodule", "missing-end", "unsupported-construct", "unclassified")
)
_MESSAGES = re.compile(
    r"syntax error|comma in port|port declaration separator|malformed", re.IGNORECASE
)


def syntax_findings(case: Situation) -> Iterator[Finding]:
    """What the rules of form find, if the compiler's parser was stopped at all."""
    stopped = [e for e in case.errors if e.code in _CODES or _MESSAGES.search(e.message)]
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


def _all(case: Situation) -> Iterator[Finding]:
    for text_rule in (_fence_lines, _prose_outside):
        yield from text_rule(case)
    for module in case.modules:
        scope = scope_of(case.rtl, module)
        for rule in _RULES:
            yield from rule(scope)


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
    if tokens and tokens[0].text not in BEGINS_CODE:
        first, last = start + tokens[0].start, start + tokens[-1].end
        cause = "Prose stands outside of the module."
        yield Finding(cause, case.line_of(first), (Splice(first, last, ""),))


# --- what is opened and not closed


_CLOSERS = {
    "begin": "end", "case": "endcase", "casex": "endcase", "casez": "endcase", "fork": "join",
    "function": "endfunction", "task": "endtask", "generate": "endgenerate",
}  # fmt: skip
_ENDS = frozenset(_CLOSERS.values()) | {"join_any", "join_none"}


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


def _missing_end(scope: Scope) -> Iterator[Finding]:
    """A process that runs into the next one, into an `assign`, or into the module's end."""
    for process in scope.drivers.processes:
        runs_out = process.end >= len(scope.tokens) and not scope.module.finished
        if runs_out or not _open(scope.tokens[process.first : process.end]):
            continue
        inside = range(process.body, process.end)
        end = next((i for i in inside if scope.tokens[i].text == "assign"), process.end)
        left = _open(scope.tokens[process.first : end])
        if left:
            last = scope.tokens[end - 1]
            text = "".join(f"\n    {_CLOSERS[t.text]}" for t in reversed(left))
            cause = f"The `{left[0].text}` of line {left[0].line} is not closed."
            yield Finding(cause, left[0].line, (Splice(last.end, last.end, text),))


def _extra_end(scope: Scope) -> Iterator[Finding]:
    """An `end` that closes nothing."""
    depth = 0
    for token in scope.tokens[scope.header_size :]:
        depth += (token.text == "begin") - (token.text == "end")
        if depth < 0:
            cause = f"The `end` of line {token.line} closes nothing."
            yield Finding(cause, token.line, (Splice(token.start, token.end, ""),))
            depth = 0


# --- semicolons


_OPERAND_ENDS = frozenset((")", "]", "}"))
_STARTERS = PROCESSES | NETS | VARIABLES | {"assign", "endmodule", "localparam", "genvar"}
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
        if assignment.end < len(tokens) and tokens[assignment.end].text not in (";", ",", ")"):
            yield assignment.end - 1
        for i in range(assignment.operator + 1, min(assignment.end, len(tokens) - 1)):
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
        if before.text == ")" and _is_head(tokens, openers.get(i - 1, 0)):
            continue
        labelled = tokens[i - 2].text == ":" and tokens[i - 3].text in (*_CLOSERS, *_ENDS)
        if _is_operand_end(before) and not labelled:
            yield i - 1


def _is_head(tokens: list[Token], opener: int) -> bool:
    """Does a bracket belong to `if (…)` or its like, after which a statement follows?"""
    return opener > 0 and tokens[opener - 1].text in _HEADS


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
        for token in scope.tokens[assignment.operator : assignment.end]:
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
    _missing_end,
    _extra_end,
    _missing_semicolon,
    _stray_semicolon,
    _foreign_words,
    _decimal_digits,
)
