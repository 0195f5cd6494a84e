"""What compiles and is yet no good hardware, as far as the text tells.

A module without ports that no design instantiates is a test bench and may do as it likes. A
`case` that leaves values out is no fault by itself: in a clocked block the register keeps its
value, and after a default assignment nothing is left open. Where it makes a latch,
`eda.yosys_faults` says so and names the `case`.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import pairwise

from msgspec import Struct

from spec2rtl.rtl import Severity
from spec2rtl.syntax.drivers import Assignment, Process
from spec2rtl.syntax.lexer import Kind, Token
from spec2rtl.syntax.modules import modules
from spec2rtl.syntax.processes import (
    EDGES,
    assignments,
    clocked,
    combinational,
    edges,
    event,
    reset_test,
    unheard,
)
from spec2rtl.syntax.reach import reaches
from spec2rtl.syntax.scope import Scope, scope_of


class Fault(Struct, frozen=True):
    """Something wrong between two offsets of a text; `related` are offsets and what is there."""

    start: int
    end: int
    severity: Severity
    code: str
    message: str
    related: tuple[tuple[int, str], ...] = ()


def parts(texts: Iterable[str]) -> frozenset[str]:
    """The modules that have ports, and all that those instantiate: none is a test bench."""
    held = [module for text in texts for module in modules(text)]
    found: set[str] = set()
    more = {module.name for module in held if module.interface.ports}
    while more:
        found |= more
        more = {name for m in held if m.name in more for name in m.instantiates} - found
    return frozenset(found)


def lint(text: str, inside: Container[str] = ()) -> tuple[Fault, ...]:
    """Look through a text that compiles; `inside` are the parts of designs, ports or not."""
    designs = [m for m in modules(text) if m.interface.ports or m.name in inside]
    found = [fault for module in designs for fault in _in_module(scope_of(text, module))]
    found += [
        fault
        for fault in _system_tasks(text)
        if any(module.start <= fault.start < module.end for module in designs)
    ]
    return tuple(sorted(found, key=lambda fault: (fault.start, fault.code)))


def _in_module(scope: Scope) -> Iterator[Fault]:
    for rule in _RULES:
        yield from rule(scope)


def _at(token: Token, severity: Severity, code: str, message: str) -> Fault:
    return Fault(token.start, token.end, severity, code, message)


# --- processes


def _sensitivity(scope: Scope) -> Iterator[Fault]:
    for process, missing in unheard(scope):
        place = scope.tokens[process.first].start, "the list is here"
        for token in missing:
            yield Fault(
                token.start,
                token.end,
                "warning",
                "incomplete-sensitivity",
                f"`{token.text}` is read here but is not in the sensitivity list: "
                "simulation and hardware differ; write @*",
                (place,),
            )


def _wrong_operator(scope: Scope) -> Iterator[Fault]:
    """Blocking assignments where a clock counts, nonblocking ones where none does."""
    targets = {a.at for a in scope.drivers.assignments}
    where: defaultdict[str, list[int]] = defaultdict(list)
    for i, token in enumerate(scope.tokens):
        if token.kind is Kind.NAME:
            where[token.text].append(i)
    for index, process in enumerate(scope.drivers.processes):
        mine = assignments(scope, index)
        if clocked(scope, process):
            for one in _firsts(scope, mine, "="):
                if _seen_outside(scope, process, one.name, where[one.name], targets):
                    message = (
                        f"`{one.name}` is assigned with `=` in a clocked block and read outside of "
                        "it: the result depends on which block runs first; use `<=`"
                    )
                    yield _at(scope.tokens[one.at], "warning", "blocking-in-clocked", message)
        elif combinational(scope, process):
            for one in _firsts(scope, mine, "<="):
                message = f"`{one.name}` is assigned with `<=` in a combinational block; use `=`"
                yield _at(scope.tokens[one.at], "warning", "nonblocking-in-combinational", message)


def _firsts(scope: Scope, mine: list[Assignment], operator: str) -> list[Assignment]:
    """The first assignment of each name by an operator."""
    found = [a for a in mine if scope.tokens[a.operator].text == operator]
    return list({a.name: a for a in reversed(found)}.values())[::-1]


def _seen_outside(
    scope: Scope, process: Process, name: str, places: list[int], targets: set[int]
) -> bool:
    """Is a name, which stands at these places, read or a port beyond the process that assigns it?"""
    declared = scope.declarations.get(name, ())
    named = {d.at for d in declared} or {i for i in places if _has_own_type(scope.tokens, i)}
    if not named or any(process.first <= at < process.end for at in named):
        return False
    body = (i for i in places if i >= scope.header_size and i not in named and i not in targets)
    read = any(not process.first <= i < process.end for i in body)
    return read or any(d.direction for d in declared)


def _has_own_type(tokens: list[Token], at: int) -> bool:
    """Is a name declared there by a type that the text defines: `state_t state, next;`?"""
    before = at - 1
    while before > 1 and tokens[before].text == ",":
        before -= 2
    return tokens[before].kind is Kind.NAME or tokens[before].text == "}"


# --- what no hardware can be made of


_TIMED = frozenset(("wait", "fork", "forever", "force", "release", "deassign"))
_NO_WIRES = frozenset(("real", "realtime", "shortreal", "event"))


def _edges(scope: Scope) -> Iterator[Fault]:
    """A register has one clock; each further edge must be that of a reset, which is tested first."""
    for process in scope.drivers.processes:
        control = event(scope, process)
        waits = [i for i, token in enumerate(control) if token.text in EDGES]
        names = {control[i + 1].text for i in waits if i + 1 < len(control)}
        levels = [t for t in _listed(control) if waits and t.text not in names]
        for token in levels[:1]:
            message = f"no register waits for an edge and for any change of `{token.text}`"
            yield _at(token, "warning", "not-synthesizable", message)
        start = scope.tokens[process.body : process.body + 2]
        if len(waits) > 1 and (len(names) == 1 or not any(t.text == "if" for t in start)):
            message = "no register waits for two edges; test the reset first, with `if`"
            yield _at(control[waits[1]], "warning", "not-synthesizable", message)


def _reset_levels(scope: Scope) -> Iterator[Fault]:
    """The edge that begins an asynchronous reset leads to the level that its test asks for."""
    for process in scope.drivers.processes:
        waits = edges(scope, process)
        for name, edge in waits.items() if len(waits) > 1 else ():
            test = reset_test(scope, process, name)
            if test and (test.active == "high") != (edge == "posedge"):
                message = (
                    f"the block waits for {edge} `{name}`, but takes the reset while it is "
                    f"{test.active}: no register does both"
                )
                yield _at(scope.tokens[test.at], "warning", "reset-polarity", message)


def _listed(control: list[Token]) -> Iterator[Token]:
    """The names that an event control lists, each at the beginning of its part of the list."""
    for before, token in pairwise(control):
        if before.text in ("(", "or", ",") and token.kind is Kind.NAME:
            yield token


def _unsynthesizable(scope: Scope) -> Iterator[Fault]:
    for process in scope.drivers.processes:
        for i in range(process.first, process.end):
            token, before = scope.tokens[i], scope.tokens[i - 1].text
            delay = token.text == "#" and before not in ("=", "<=")  # those synthesis drops
            waits = token.text == "@" and i >= process.body
            if delay or waits or (token.kind is Kind.KEYWORD and token.text in _TIMED):
                what = "a delay" if delay else f"`{token.text}`"
                what = "to wait for an event inside of a block" if waits else what
                yield _at(token, "warning", "not-synthesizable", f"{what} can't be synthesized")
                break  # the rest of the process is of the same kind
    for token, name in pairwise(scope.tokens):
        if token.kind is Kind.KEYWORD and token.text in _NO_WIRES:
            message = f"`{token.text}` can't be synthesized"
            end = name.end if name.kind is Kind.NAME else token.end
            yield Fault(token.start, end, "warning", "not-synthesizable", message)


_PRINTS = re.compile(r"\$(?:display|write|strobe|monitor|error|warning|info|time)\w*|\$assert\w*")
_LOADS = re.compile(r"\$readmem[bh]")


_CONDITION = re.compile(r"`(ifn?def|elsif|else|endif)\b[ \t]*(\w*)")
_OFF = re.compile(r"(?:synthesis|synopsys|pragma)\s+translate_off.*?(?:translate_on|\Z)", re.DOTALL)
_ASSERTS = re.compile(r"\b(?:assert|assume|cover)\b[^;]*\belse\s*\Z")


def _simulated_only(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a text that its author keeps from synthesis."""
    yield from (match.span() for match in _OFF.finditer(text))
    branches: list[tuple[bool, bool, int]] = []  # is it kept, does the word tell, since where
    for match in _CONDITION.finditer(text):
        word, name = match.groups()
        if word in ("ifdef", "ifndef"):
            guards = name == "SYNTHESIS"
            branches.append((guards and word == "ifndef", guards, match.end()))
        elif branches:
            apart, guards, since = branches.pop()
            if apart:
                yield since, match.start()
            if word != "endif":
                branches.append((guards and not apart and word == "else", False, match.end()))


def _system_tasks(text: str) -> Iterator[Fault]:
    apart = list(_simulated_only(text))
    for word, start, end in reaches(text):
        if not word.startswith("$") or len(word) == 1 or _LOADS.fullmatch(word):
            continue
        prints = _PRINTS.fullmatch(word) and _ASSERTS.search(
            text, text.rfind(";", 0, start) + 1, start
        )
        if prints or any(first <= start < last for first, last in apart):
            continue
        if word == "$root":
            code, message = "reaches-out", "`$root` reaches out of the module"
        else:
            code, message = "system-task", f"`{word}` is for test benches; synthesis can't keep it"
        severity: Severity = "info" if _PRINTS.fullmatch(word) else "warning"
        yield Fault(start, end, severity, code, message)


def _hierarchical(scope: Scope) -> Iterator[Fault]:
    """Names of other modules' insides: `tb.expected`."""
    tokens, own, partners = scope.tokens, _own_names(scope), scope.partners
    for i in range(scope.header_size, len(tokens) - 2):
        head, end = tokens[i], i
        if head.kind is not Kind.NAME or head.text in own or tokens[i - 1].text in (".", "::"):
            continue
        inner = i
        while (at := _selected(tokens, partners, end + 1)) + 1 < len(tokens):
            if tokens[at].text != "." or tokens[at + 1].kind is not Kind.NAME:
                break
            inner = end = at + 1
        if inner > i:
            path = scope.text[head.start : tokens[inner].end]
            message = f"`{path}` reaches out of the module `{scope.module.name}`"
            yield Fault(head.start, tokens[inner].end, "warning", "reaches-out", message)


def _selected(tokens: list[Token], partners: list[int], at: int) -> int:
    """The index after the selects that begin at an index, if any do."""
    while at < len(tokens) and tokens[at].text == "[":
        at = partners[at] + 1
    return at


def _own_names(scope: Scope) -> set[str]:
    """All that a module may itself declare: signals, instances, labels, variables of own types."""
    names = set(scope.declarations)
    for i, token in enumerate(scope.tokens[:-1]):
        before, after = scope.tokens[i - 1], scope.tokens[i + 1].text
        declared = before.kind in (Kind.NAME, Kind.KEYWORD) or before.text in (":", ")", "]", "}")
        if token.kind is Kind.NAME and (declared or after == "(") and after != ".":
            names.add(token.text)
    return names


_RULES: tuple[Callable[[Scope], Iterator[Fault]], ...] = (
    _sensitivity,
    _wrong_operator,
    _edges,
    _reset_levels,
    _unsynthesizable,
    _hierarchical,
)
