"""Why RTL that compiles fails its tests, as far as its text and the spec tell."""

import re
from collections.abc import Callable, Iterator

from spec2rtl.repair.edits import Splice
from spec2rtl.repair.situation import Finding, Situation
from spec2rtl.repair.timing_faults import timing_findings
from spec2rtl.syntax.conditionals import if_at
from spec2rtl.syntax.drivers import Process
from spec2rtl.syntax.lexer import Kind
from spec2rtl.syntax.processes import (
    assignments,
    clocked,
    event,
    reset_test,
    unheard,
    unstarted,
)
from spec2rtl.syntax.scope import Scope


def behaviour_findings(case: Situation) -> Iterator[Finding]:
    """What the rules of this table find in the asked module, the most certain first."""
    scope = case.scope(case.module)
    if scope is None:
        return
    for rule in _RULES:
        yield from rule(case, scope)


# --- inputs that do nothing, outputs that nothing drives


_ENABLE = re.compile(r"(?:[a-z]*_)?(?:en|enable|ena|ce)(?:_[a-z]+)?", re.IGNORECASE)


def _ignored_enable(case: Situation, scope: Scope) -> Iterator[Finding]:
    """An enable that the only clocked process doesn't look at."""
    unread = [n for n in _inputs(scope) if not scope.reads(n) and _ENABLE.fullmatch(n)]
    registers = [p for p in scope.drivers.processes if clocked(scope, p)]
    if len(unread) != 1 or len(registers) != 1:
        return
    process, name = registers[0], unread[0]
    branches = [
        i
        for i in range(process.body, process.end)
        if scope.tokens[i].text == "else" and _depth(scope, process, i) <= 1
    ]
    resets = [n for n in _inputs(scope) if reset_test(scope, process, n)]
    if len(branches) != 1 or not resets or scope.tokens[branches[0] + 1].text == "if":
        return
    token = scope.tokens[branches[0]]
    cause = f"The input `{name}` is never read: the registers change without it."
    yield Finding(cause, token.line, (Splice(token.end, token.end, f" if ({name})"),))


def _depth(scope: Scope, process: Process, index: int) -> int:
    words = [t.text for t in scope.tokens[process.body : index]]
    return words.count("begin") - words.count("end")


def _inputs(scope: Scope) -> list[str]:
    return [p.name for p in scope.module.interface.ports if p.direction == "input"]


def _unused_input(case: Situation, scope: Scope) -> Iterator[Finding]:
    for name in _inputs(scope):
        if not scope.reads(name):
            yield Finding(
                f"The input `{name}` is never read.",
                scope.module.line,
                instruction=f"Make the outputs depend on `{name}` as the specification says.",
            )


def _undriven_output(case: Situation, scope: Scope) -> Iterator[Finding]:
    driven = scope.drivers.procedural() | scope.drivers.continuous()
    for port in scope.module.interface.ports:
        initialised = any(d.at < d.last for d in scope.declarations.get(port.name, ()))
        known = port.name in driven or initialised or scope.reads(port.name)  # by an instance
        if port.direction == "output" and not known:
            cause = f"The output `{port.name}` is never driven."
            yield Finding(
                cause,
                scope.module.line,
                _assign_twin(scope, port.name, driven),
                instruction=f"Drive `{port.name}`.",
            )


def _assign_twin(scope: Scope, port: str, driven: frozenset[str]) -> tuple[Splice, ...]:
    """Connect an output to the one signal that was computed for it, such as `port_reg`."""
    declared = scope.declarations.get(port, ())
    closer = scope.tokens[-1]
    if any(d.variable for d in declared) or not declared or closer.text != "endmodule":
        return ()
    size = scope.range_text(declared[0]).removeprefix("signed").strip()
    named = re.compile(rf"(?:\w*_)?{re.escape(port)}(?:_\w*)?", re.IGNORECASE)
    alike = [
        name
        for name in sorted(filter(named.fullmatch, driven))
        if (own := scope.declarations.get(name, ()))
        and not any(d.direction for d in own)
        and scope.range_text(own[-1]).removeprefix("signed").strip() == size
    ]
    for twins in ([name for name in alike if not scope.reads(name)], alike):
        if len(twins) == 1:
            line = f"    assign {port} = {twins[0]};\n"
            return (Splice(closer.start, closer.start, line),)
    return ()


# --- registers that no reset reaches


_UNKNOWN = re.compile(
    r"Logic(?:Array)?\('[01]*[XZUxzu]|'[01]*[xXzZ][01xXzZ]*'|\b[01]*[XZU][01XZU]+\b"
    r"|unresolvable|non-0/1|[Cc]annot (?:be )?convert(?:ed)?.* (?:int|bool)|not resolvable"
)


def _never_reset(case: Situation, scope: Scope) -> Iterator[Finding]:
    """Registers that a process with a reset assigns, but not in the reset's branch."""
    if not any(_UNKNOWN.search(t.message) for t in case.failed):
        return
    for index, process in enumerate(scope.drivers.processes):
        found = (reset_test(scope, process, name) for name in _inputs(scope))
        test = next((one for one in found if one), None)
        taken = if_at(scope, test.first) if test else None
        if test is None or taken is None or not clocked(scope, process):
            continue
        branch = range(taken.then, taken.otherwise or taken.after)
        mine = assignments(scope, index)
        reset = {a.name for a in mine if a.at in branch}
        for name in dict.fromkeys(a.name for a in mine if a.name not in reset):
            yield _without_reset(scope, name, scope.tokens[test.at].text, branch)


def _without_reset(scope: Scope, name: str, reset: str, branch: range) -> Finding:
    tokens = scope.tokens
    cause = f"The register `{name}` is unknown (X) after reset: `{reset}` doesn't reset it."
    scalar = any(
        d.variable and d.at == d.last and "integer" not in d.words
        for d in scope.declarations.get(name, ())
    )
    line = tokens[branch.start].line
    ends = [i for i in branch if tokens[i].text == "end"]
    if scalar and ends and tokens[branch.start].text == "begin":
        last = tokens[ends[-1] - 1]
        text = f"\n{scope.indent(last)}{name} <= 0;"
        return Finding(cause, line, (Splice(last.end, last.end, text),))
    return Finding(cause, line, instruction=f"Give `{name}` its reset value.")


def _unknown_value(case: Situation, scope: Scope) -> Iterator[Finding]:
    for test in case.failed:
        if _UNKNOWN.search(test.message):
            yield Finding(
                f"`{test.name}` met an unknown value (X): {_one_line(test.message)}",
                scope.module.line,
                instruction="Give every register a value at reset, and every output a driver.",
            )


# --- memories


def _flat_memory(case: Situation, scope: Scope) -> Iterator[Finding]:
    """`reg [DEPTH-1:0] m;` with `m[i] <= word`: each word would be cut to one bit."""
    for assigned in scope.drivers.assignments:
        words = scope.tokens[assigned.at + 1 : assigned.end]
        kinds = [w.text if w.kind is not Kind.NAME else "name" for w in words]
        memory = scope.declarations.get(assigned.name, ())
        if kinds != ["[", "name", "]", "<=", "name"] or len(memory) != 1:
            continue
        depth, width = scope.range_text(memory[0]), _range(scope, words[-1].text)
        alone = memory[0].variable and memory[0].last == memory[0].at == memory[0].end - 1
        if not alone or not depth.startswith("[") or not width or width == depth:
            continue
        name, first = scope.tokens[memory[0].at], scope.tokens[memory[0].first]
        cause = f"`{name.text}` holds single bits, but words of {width} are written to it."
        splice = Splice(first.end, name.end, f" {width} {name.text} {depth}")
        yield Finding(cause, name.line, (splice,))


def _range(scope: Scope, name: str) -> str:
    declared = scope.declarations.get(name, ())
    return scope.range_text(declared[0]) if declared else ""


# --- combinational processes


def _sensitivity(case: Situation, scope: Scope) -> Iterator[Finding]:
    """A list of signals that leaves out one which the process reads."""
    for process, missing in unheard(scope):
        control = event(scope, process)
        cause = f"The always block reads `{missing[0].text}` but doesn't wait for it."
        splice = Splice(control[0].start, control[-1].end, "@(*)")
        yield Finding(cause, scope.tokens[process.first].line, (splice,))


def _never_run(case: Situation, scope: Scope) -> Iterator[Finding]:
    """`always @*` around constants: it waits for a change that never comes."""
    for process in unstarted(scope):
        first, control = scope.tokens[process.first], event(scope, process)
        cause = "An `always @*` that reads no signal never runs: its outputs stay unknown (X)."
        if case.language == "systemverilog":
            splice = Splice(first.start, control[-1].end, "always_comb")
            yield Finding(cause, first.line, (splice,))
        else:
            yield Finding(cause, first.line, instruction="Drive constants by `assign`.")


def _blocking(case: Situation, scope: Scope) -> Iterator[Finding]:
    """Clocked registers by `=`, or combinational logic by `<=`."""
    for index, process in enumerate(scope.drivers.processes):
        mine = assignments(scope, index)
        line = scope.tokens[process.first].line
        if process.keyword in ("initial", "final") or not mine:
            continue
        operators = {scope.tokens[a.operator].text for a in mine}
        if clocked(scope, process) and "=" in operators:
            yield Finding(
                "A clocked always block assigns with `=`, so the order of statements counts.",
                line,
                instruction="Use `<=` for registers in clocked always blocks.",
            )
        elif not clocked(scope, process) and "<=" in operators:
            places = {scope.tokens[a.operator] for a in mine}
            splices = tuple(Splice(t.start, t.end, "=") for t in places if t.text == "<=")
            cause = "A combinational always block assigns with `<=`."
            yield Finding(cause, line, tuple(sorted(splices)))


# --- what the test itself says


_VALUE = r"(-?\d+)\b"
_PAIRS = (
    re.compile(
        rf"expected:?\s*{_VALUE}.*?\b(?:got|actual(?:ly)?|was|is):?\s*{_VALUE}", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?:got|actual(?:ly)?|was|is):?\s*{_VALUE}.*?\bexpected:?\s*{_VALUE}", re.IGNORECASE
    ),
    re.compile(rf"(?<![\w.]){_VALUE}\s*(?:==|!=)\s*{_VALUE}(?![\w.])"),
)


def _off_by_one(case: Situation, scope: Scope) -> Iterator[Finding]:
    for test in case.failed:
        match = next((m for p in _PAIRS if (m := p.search(test.message))), None)
        if match and _are_neighbours(match[1], match[2]):
            yield Finding(
                f"`{test.name}` sees a value one beside the right one: {_one_line(test.message)}",
                scope.module.line,
                instruction="Look for a count that starts or stops one too early or too late, or "
                "that goes on when it must not, or an output that comes one clock cycle off "
                "(registered twice, or not at all).",
            )


def _are_neighbours(one: str, other: str) -> bool:
    """Do two values differ by one, other than as a single bit does?"""
    binary = len(one) == len(other) > 1 and not set(one + other) - set("01")
    base = 2 if binary else 10
    first, second = int(one[:64], base), int(other[:64], base)
    return abs(first - second) == 1 and (binary or max(first, second) > 1)


def _one_line(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[0][:160] if lines else ""


_RULES: tuple[Callable[[Situation, Scope], Iterator[Finding]], ...] = (
    timing_findings,
    _ignored_enable,
    _never_reset,
    _sensitivity,
    _never_run,
    _flat_memory,
    _unused_input,
    _undriven_output,
    _unknown_value,
    _off_by_one,
    _blocking,
)
