"""A module in words, from its text alone: the same text always gives the same words.

It says what the module does, statement by statement; what it is for only a person, or a model,
can tell.
"""

from collections.abc import Iterator, Sequence

from spec2rtl.rtl import Port
from spec2rtl.syntax.drivers import Process
from spec2rtl.syntax.lexer import Token, brackets, join
from spec2rtl.syntax.modules import Module
from spec2rtl.syntax.scope import Scope, scope_of

_CASES = frozenset(("case", "casez", "casex"))
_LOOPS = frozenset(("for", "while", "repeat", "forever"))
_ASSIGNS = frozenset(("=", "<="))
_EDGES = {"posedge": "rising", "negedge": "falling"}


def describe(text: str, module: Module) -> str:
    """A specification of one module of a text."""
    scope = scope_of(text, module)
    ports = [f"- `{_declaration(port)}`" for port in module.interface.ports]
    parameters = [
        f"- `{p.name}`, by default {p.default}" for p in module.interface.parameters if p.default
    ]
    parts = [f"# {module.name}", f"Write a module `{module.name}`.", "## Ports", "\n".join(ports)]
    if parameters:
        parts += ["## Parameters", "\n".join(parameters)]
    if inside := list(_inside(scope)):
        parts += ["## Inside", "\n".join(inside)]
    behaviour = [*_continuous(scope), *_instances(module), *_processes(scope)]
    return "\n\n".join([*parts, "## Behaviour", "\n".join(behaviour)]) + "\n"


def _declaration(port: Port) -> str:
    bounds = f" [{port.msb}:{port.lsb}]" if port.msb is not None else ""
    return f"{port.direction}{' signed' if port.signed else ''}{bounds} {port.name}"


def _inside(scope: Scope) -> Iterator[str]:
    """What is declared in the body, with the value that it is given there."""
    for name, declared in scope.declarations.items():
        for one in declared:
            if one.in_header or one.direction:
                continue
            words = [
                w for w in ("localparam", "reg", "wire", "integer", "genvar") if w in one.words
            ]
            ranged = scope.range_text(one)
            text = " ".join([*words[:1], *([ranged] if ranged else []), name])
            rest = join(scope.tokens[one.at + 1 : one.last + 1])
            rest = f"= {rest[1:]}" if rest.startswith("=") else rest
            yield f"- `{f'{text} {rest}'.strip()}`"


def _continuous(scope: Scope) -> Iterator[str]:
    for one in scope.drivers.assignments:
        if one.process is None:
            value = join(scope.tokens[one.operator + 1 : one.end])
            target = join(scope.tokens[one.at : one.operator])
            yield f"- `{target}` is always `{value}`."


def _instances(module: Module) -> Iterator[str]:
    if module.instantiates:
        names = ", ".join(f"`{name}`" for name in module.instantiates)
        yield f"- It is built from {names}."


def _processes(scope: Scope) -> Iterator[str]:
    for process in scope.drivers.processes:
        body = _Body(scope.tokens)
        lines, _ = body.statement(process.body, 1)
        yield f"- {_when(scope.tokens, process)}:"
        yield from lines


def _when(tokens: Sequence[Token], process: Process) -> str:
    control = tokens[process.first + 1 : process.body]
    edges = [
        f"each {_EDGES[t.text]} edge of `{control[i + 1].text}`"
        for i, t in enumerate(control[:-1])
        if t.text in _EDGES
    ]
    if edges:
        return "At " + " and at ".join(edges)
    return "Once, at the start" if process.keyword == "initial" else "At all times"


class _Body:
    """Reads the statements of a process as nested lists."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._partners = brackets(tokens)

    def statement(self, i: int, depth: int) -> tuple[list[str], int]:
        """Describe the statement at an index; give also the index after it."""
        word = self._text(i)
        if word == "begin":
            return self._block(i + 1, depth)
        if word == "if":
            return self._if(i, depth)
        if word in _CASES:
            return self._case(i, depth)
        if word in _LOOPS:
            return self._headed(i, depth, word.capitalize())
        if word in ("@", "#"):
            return self.statement(self._partners[i + 1] + 1, depth)
        end = self._until(i, ";")
        return [_bullet(depth, self._simple(i, end))] if end > i else [], end + 1

    def _block(self, i: int, depth: int) -> tuple[list[str], int]:
        if self._text(i) == ":":
            i += 2
        lines: list[str] = []
        while i < len(self._tokens) and self._text(i) != "end":
            more, i = self.statement(i, depth)
            lines += more
        i += 1
        return lines, i + 2 if self._text(i) == ":" else i

    def _if(self, i: int, depth: int) -> tuple[list[str], int]:
        lines, i = self._headed(i, depth, "If")
        while self._text(i) == "else":
            chained = self._text(i + 1) == "if"
            if chained:
                more, i = self._headed(i + 1, depth, "Else, if")
            else:
                inner, i = self.statement(i + 1, depth + 1)
                more = [_bullet(depth, "Otherwise:"), *inner]
            lines += more
        return lines, i

    def _headed(self, i: int, depth: int, word: str) -> tuple[list[str], int]:
        """A word, something in parentheses, and a statement that depends on it."""
        close = self._partners[i + 1]
        head = join(self._tokens[i + 2 : close])
        inner, after = self.statement(close + 1, depth + 1)
        return [_bullet(depth, f"{word} `{head}`:"), *inner], after

    def _case(self, i: int, depth: int) -> tuple[list[str], int]:
        close = self._partners[i + 1]
        lines = [_bullet(depth, f"Depending on `{join(self._tokens[i + 2 : close])}`:")]
        i = close + 1
        while i < len(self._tokens) and self._text(i) != "endcase":
            colon = self._until(i, ":")
            default = self._text(i) == "default"
            if default and self._text(i + 1) != ":":
                colon = i
            label = "otherwise" if default else f"`{join(self._tokens[i:colon])}`"
            inner, i = self.statement(colon + 1, depth + 2)
            lines += [_bullet(depth + 1, f"{label}:"), *inner]
        return lines, i + 1

    def _simple(self, i: int, end: int) -> str:
        j = i
        while j < end and self._text(j) not in _ASSIGNS:
            j = self._partners[j] + 1 if self._partners[j] >= 0 else j + 1
        if j >= end:
            return f"`{join(self._tokens[i:end])}`"
        target, value = join(self._tokens[i:j]), join(self._tokens[j + 1 : end])
        return f"`{target}` becomes `{value}`."

    def _until(self, i: int, text: str) -> int:
        """The index of a token outside of brackets, or that of the end."""
        while i < len(self._tokens) and self._text(i) != text:
            i = self._partners[i] + 1 if self._partners[i] >= 0 else i + 1
        return min(i, len(self._tokens))

    def _text(self, i: int) -> str:
        return self._tokens[i].text if i < len(self._tokens) else ""


def _bullet(depth: int, text: str) -> str:
    return f"{'  ' * depth}- {text}"
