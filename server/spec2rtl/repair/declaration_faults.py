"""Compile faults of names: how they are declared, driven, spelt and connected."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from spec2rtl.repair.edits import Splice, removal
from spec2rtl.repair.redeclare import redeclare
from spec2rtl.repair.situation import Finding, Situation, quoted
from spec2rtl.repair.spelling import nearest
from spec2rtl.rtl import Diagnostic
from spec2rtl.syntax.lexer import Kind, join
from spec2rtl.syntax.scope import Declaration, Scope

Rule = Callable[[Situation, Diagnostic, Scope], Iterator[Finding]]


def declaration_findings(case: Situation) -> Iterator[Finding]:
    """What the rules of this table make of the compiler's errors."""
    for error in case.errors:
        rule = _RULES.get(error.code)
        scope = case.scope_at(error.line)
        if rule and scope:
            yield from rule(case, error, scope)


# --- wire or reg


def _not_an_lvalue(case: Situation, error: Diagnostic, scope: Scope) -> Iterator[Finding]:
    """A process assigns to a wire: declare it as a variable."""
    driven = scope.drivers.procedural()
    nets = [n for n, ds in scope.declarations.items() if n in driven and _is_net(scope, ds)]
    clear = [n for n in nets if n not in scope.drivers.continuous()]
    kind = case.variable
    for name, splices in redeclare(scope, dict.fromkeys(clear, kind)).items():
        cause = f"`{name}` is assigned in an always block but not declared as {kind}."
        yield Finding(cause, _line(scope, name), splices)
    for name in nets:
        if name not in clear:
            yield _two_drivers(name, error.line)
    name = _name_before(error.message, "is not a valid l-value")
    if name and name not in nets:
        declared = scope.declarations.get(name, ())
        if any(d.direction == "input" for d in declared):
            cause = f"`{name}` is an input, but the module assigns to it."
            yield Finding(cause, error.line, instruction=f"Drive an own signal, not `{name}`.")
        elif any(d.constant for d in declared):
            yield _constant_assigned(name, error.line)


def _is_net(scope: Scope, declared: tuple[Declaration, ...]) -> bool:
    return (
        not any(d.variable or d.direction == "input" for d in declared)
        and not any(d.constant or "genvar" in d.words for d in declared)
        and not any("wire" in d.words and scope.has_value(d) for d in declared)
    )


def _constant_assigned(name: str, line: int) -> Finding:
    cause = f"`{name}` is a parameter, but the module assigns to it."
    return Finding(cause, line, instruction="Assign to a variable instead.")


def _two_drivers(name: str, line: int) -> Finding:
    return Finding(
        f"`{name}` is driven both by an assign and in an always block.",
        line,
        instruction=f"Drive `{name}` in one place only: drop the assign or the always block's "
        "assignments.",
    )


def _assign_to_reg(case: Situation, error: Diagnostic, scope: Scope) -> Iterator[Finding]:
    """An assign or an instance drives a reg: declare it as a wire."""
    name = _name_before(error.message, "cannot be driven") or quoted(error.message)
    driven = scope.drivers.procedural()
    names = {
        n
        for n in {name, *scope.drivers.continuous()}
        if n and any(d.variable for d in scope.declarations.get(n, ()))
    }
    clear = sorted(n for n in names if n not in driven)
    kind = "wire" if case.language == "verilog" else "logic"
    for each, splices in redeclare(scope, dict.fromkeys(clear, kind)).items():
        cause = f"`{each}` is declared as reg but driven by an assign or an instance."
        yield Finding(cause, _line(scope, each), splices)
    for each in sorted(names - set(clear)):
        yield _two_drivers(each, error.line)


def _line(scope: Scope, name: str) -> int:
    return scope.tokens[scope.declarations[name][0].at].line


def _name_before(message: str, words: str) -> str | None:
    match = re.search(rf"([\w$.]+)(?:\[[^\]]*\])?['\"]*;?\s+{words}", message)
    return match[1].split(".")[-1] if match else None


def _several_drivers(case: Situation, error: Diagnostic, scope: Scope) -> Iterator[Finding]:
    """The same name in an assign and in a process, or in two assigns."""
    both = scope.drivers.procedural() & scope.drivers.continuous()
    for each in sorted(both):
        yield _two_drivers(each, error.line)
    name = _name_before(error.message, "Unable to assign") or quoted(error.message)
    if name and not both:
        instruction = f"Drive `{name}` in one place only."
        yield Finding(f"`{name}` has several drivers.", error.line, instruction=instruction)


# --- undeclared names


_SYSTEM_FUNCTIONS = frozenset(("clog2", "bits", "countones", "onehot", "random", "urandom"))


def _undeclared(case: Situation, error: Diagnostic, scope: Scope) -> Iterator[Finding]:
    """A name that nothing declares: a slip of the pen, or a declaration that is missing."""
    name = quoted(error.message)
    if name and any(d.constant for d in scope.declarations.get(name, ())):
        yield _constant_assigned(name, error.line)
    if not name or name in scope.declarations or name.startswith("$"):
        return
    if name in _SYSTEM_FUNCTIONS:
        calls = [t for t, after in pairwise(scope.tokens) if t.text == name and after.text == "("]
        cause = f"`{name}` is a function of the system: it is `${name}`."
        yield Finding(cause, error.line, tuple(Splice(t.start, t.start, "$") for t in calls))
        return
    cause = f"`{name}` is used but not declared."
    near = nearest(name, scope.declarations)
    if near and _is_slip(scope, name, near.name, near.certain):
        yield Finding(
            f"{cause} `{near.name}` is meant.",
            error.line,
            tuple(Splice(t.start, t.end, near.name) for t in scope.tokens if t.text == name),
        )
        return
    declaration = _missing_declaration(case, scope, name)
    if declaration:
        at = _body_start(scope)
        yield Finding(cause, error.line, (Splice(at, at, f"\n    {declaration}"),))
    else:
        hint = f" (or is `{near.name}` meant?)" if near else ""
        yield Finding(cause, error.line, instruction=f"Declare `{name}`{hint}.")


def _is_slip(scope: Scope, name: str, near: str, certain: bool) -> bool:
    """Names that differ in a letter are the same if only one of them gets a value."""
    driven = scope.drivers.procedural() | scope.drivers.continuous()
    inputs = {n for n, ds in scope.declarations.items() if any(d.direction == "input" for d in ds)}
    constants = {n for n, ds in scope.declarations.items() if any(d.constant for d in ds)}
    return certain or (name in driven) != (near in driven | inputs | constants)


def _missing_declaration(case: Situation, scope: Scope, name: str) -> str | None:
    """The declaration that fits what the module does with a name, where that is clear."""
    tokens = scope.tokens
    assigned = [a for a in scope.drivers.assignments if a.name == name]
    if any(tokens[a.at - 1].text == "(" and tokens[a.at - 2].text == "for" for a in assigned):
        return f"integer {name};"
    procedural = any(a.process is not None for a in assigned)
    width = _width_of(scope, name)
    if width is None or not assigned or not scope.reads(name):  # what nothing reads is a slip
        return None
    kind = case.variable if procedural else "wire"
    return f"{kind} {width} {name};".replace("  ", " ")


def _width_of(scope: Scope, name: str) -> str | None:
    """The range of what a name is assigned to or from; None when nothing tells."""
    tokens = scope.tokens
    for a in scope.drivers.assignments:
        right = tokens[a.operator + 1 : a.end]
        if not a.whole or len(right) != 1:
            continue
        other = right[0].text if a.name == name else a.name if right[0].text == name else None
        if other is None:
            continue
        declared = scope.declarations.get(other, ())
        ranged = next((d for d in declared if d.direction or d.variable or "wire" in d.words), None)
        if ranged and not ranged.words & {"integer", "int"}:
            return scope.range_text(ranged)
        size = re.fullmatch(r"(\d+)\s*'.*", other)
        if size and right[0].kind is Kind.NUMBER:
            return f"[{int(size[1]) - 1}:0]" if int(size[1]) > 1 else ""
    return None


def _body_start(scope: Scope) -> int:
    """The offset right after the header."""
    return scope.tokens[scope.header_size - 1].end


def _missing_genvar(case: Situation, error: Diagnostic, scope: Scope) -> Iterator[Finding]:
    """A generate loop whose variable is no genvar."""
    match = re.search(r"variable ['`]+(\w+)", error.message)
    if match and match[1] not in scope.declarations:
        name, at = match[1], _body_start(scope)
        cause = f"The generate loop's variable `{name}` is not declared."
        yield Finding(cause, error.line, (Splice(at, at, f"\n    genvar {name};"),))


def _input_is_reg(case: Situation, error: Diagnostic, scope: Scope) -> Iterator[Finding]:
    """An input is no variable of the module."""
    kinds = {
        name: "wire"
        for name, declared in scope.declarations.items()
        if any(d.direction in ("input", "inout") and "reg" in d.words for d in declared)
    }
    for name, splices in redeclare(scope, kinds).items():
        yield Finding(f"The input `{name}` is declared as reg.", _line(scope, name), splices)


# --- declared twice


def _duplicate(case: Situation, error: Diagnostic, scope: Scope) -> Iterator[Finding]:
    """The same name twice: one declaration goes. Of a port, what its header says counts."""
    name = quoted(error.message) or _name_before(error.message, "definition conflicts")
    declared = scope.declarations.get(name or "", ())
    if not name or len(declared) < 2:
        return
    first, second = declared[0], declared[-1]
    cause = f"`{name}` is declared twice."
    same_range = scope.range_text(first) == scope.range_text(second)
    known = same_range or (first.in_header and first.direction)
    if second.in_header or scope.has_value(second) or second.direction or not known:
        yield Finding(cause, error.line, instruction=f"Declare `{name}` only once.")
        return
    splices = [_without(case.rtl, scope, second)]
    kind = next(iter(second.words & {"reg", "logic"}), None)
    if kind and first.direction and not first.variable:
        splices += redeclare(scope, {name: kind})[name]
    yield Finding(cause, error.line, tuple(sorted(splices)))


def _without(rtl: str, scope: Scope, gone: Declaration) -> Splice:
    """Take a name out of its declaration, or the declaration away that has no other."""
    tokens = scope.tokens
    if sum(d.first == gone.first for ds in scope.declarations.values() for d in ds) == 1:
        return removal(rtl, tokens[gone.first].start, tokens[gone.end].end)
    if tokens[gone.at - 1].text == ",":
        return Splice(tokens[gone.at - 1].start, tokens[gone.last].end, "")
    return Splice(tokens[gone.at].start, tokens[gone.last + 2].start, "")


# --- modules and their ports


def _port_not_found(case: Situation, error: Diagnostic, scope: Scope) -> Iterator[Finding]:
    """An instance connects a port that the module doesn't have."""
    name = quoted(error.message)
    ports = {
        p.name
        for m in case.modules
        if m.name in scope.module.instantiates
        for p in m.interface.ports
    }
    if not name or name in ports:
        return
    near = nearest(name, ports)
    cause = f"An instance connects the port `{name}`, which its module doesn't have."
    places = [t for before, t in pairwise(scope.tokens) if t.text == name and before.text == "."]
    if near and near.certain and len(places) == 1:
        yield Finding(cause, places[0].line, (Splice(places[0].start, places[0].end, near.name),))
        return
    known = ", ".join(f"`{p}`" for p in sorted(ports))
    yield Finding(cause, error.line, instruction=f"Connect only ports that exist: {known}.")


def _unknown_module(case: Situation, error: Diagnostic, scope: Scope) -> Iterator[Finding]:
    """An instance of a module that is nowhere."""
    match = re.search(r"Unknown module type:\s*(\S+)", error.message)
    name = match[1] if match else quoted(error.message)
    if not name:
        return
    cause = f"The module `{name}` is instantiated but nowhere defined."
    near = nearest(name, {m.name for m in case.modules} - {scope.module.name})
    if near and near.certain:
        places = [t for t in scope.tokens if t.text == name]
        splices = tuple(Splice(t.start, t.end, near.name) for t in places)
        yield Finding(f"{cause} `{near.name}` is meant.", error.line, splices)
        return
    yield Finding(cause, error.line, instruction=f"Write `{name}` too, or its logic in place.")


def _width_mismatch(case: Situation, error: Diagnostic, scope: Scope) -> Iterator[Finding]:
    """Widths that don't fit."""
    line = join(t for t in scope.tokens if t.line == error.line)
    yield Finding(
        f"Widths don't fit: {error.message.strip()}",
        error.line,
        instruction=f"Give both sides the same width in `{line[:80]}`.",
    )


def _enum_cast(case: Situation, error: Diagnostic, scope: Scope) -> Iterator[Finding]:
    """`state = cond ? A : B` where `state` is an enum: iverilog sees a plain number."""
    yield Finding(
        "An expression is assigned to an enum without a cast.",
        error.line,
        instruction="Assign one member in each branch of an if, or declare the state as a plain "
        "vector with localparams for its values.",
    )


_RULES: dict[str, Rule] = {
    "not-an-lvalue": _not_an_lvalue,
    "assign-to-reg": _assign_to_reg,
    "multiple-drivers": _several_drivers,
    "type-mismatch": _enum_cast,
    "input-is-reg": _input_is_reg,
    "missing-genvar": _missing_genvar,
    "port-not-found": _port_not_found,
    "unknown-module": _unknown_module,
    "duplicate-declaration": _duplicate,
    "undeclared-identifier": _undeclared,
    "unknown-function": _undeclared,
    "not-constant": _undeclared,
    "width-mismatch": _width_mismatch,
}
"""By the fault's code."""
