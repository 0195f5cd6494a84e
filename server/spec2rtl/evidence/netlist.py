"""What gives each name of a module its value, and which names that takes: from the syntax alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from msgspec import Struct

from spec2rtl.evidence.control import Guard, around, guards
from spec2rtl.rtl import Design, SourceFile
from spec2rtl.syntax.drivers import Assignment, Process
from spec2rtl.syntax.expression import Form
from spec2rtl.syntax.forms import forms, signed_types
from spec2rtl.syntax.instances import instances
from spec2rtl.syntax.lexer import Kind, Token, brackets, join, tokenize
from spec2rtl.syntax.modules import modules
from spec2rtl.syntax.processes import clocked, edges
from spec2rtl.syntax.scope import Scope, scope_of

CONSTANTS = frozenset(("parameter", "localparam", "genvar"))
_DEFINITIONS = {"function": "endfunction", "task": "endtask", "typedef": ";"}


class Driver(Struct, frozen=True):
    """One way for a name to get its value: the lines that have a say, and the names they read.

    `line` is that of the assignment itself. `guards` are its conditions, each with whether it has
    to hold (text None: it can't be told), and `tested` the names in them. `clock` is the name and
    the edge that a flip-flop waits for; `declares`: it only says how wide the name is, or what it
    is at the beginning. `word` is the index of the word that a memory takes it into, `words` the
    memories that it reads, each with an index.
    """

    line: int
    lines: frozenset[int]
    reads: frozenset[str]
    guards: tuple[tuple[str | None, bool], ...] = ()
    tested: frozenset[str] = frozenset()
    clock: tuple[str, str] | None = None
    declares: bool = False
    word: str | None = None
    words: tuple[tuple[str, str], ...] = ()


class Instance(Struct, frozen=True):
    """A module inside another; `connections` are names and lines by port, or by position."""

    name: str
    module: str
    connections: dict[str | int, tuple[frozenset[str], frozenset[int]]]


class Netlist(Struct, frozen=True):
    """A module: its file, its text as a scope, what drives its names and how they are read.

    `shared` is what the design says outside of modules: its packages.
    """

    file: SourceFile
    scope: Scope
    drivers: dict[str, tuple[Driver, ...]]
    instances: tuple[Instance, ...]
    forms: dict[str, Form]
    shared: list[Token]


def netlists(design: Design) -> dict[str, Netlist]:
    """Read all modules of a design, by name."""
    texts = [file.text for file in (*design.sources, *(header for _, header in design.headers))]
    files = [[t for t in tokenize(text) if t.kind is not Kind.COMMENT] for text in texts]
    macros = _macros(files)
    signed = {name for tokens in files for name in signed_types(tokens)}
    shared = [
        token for text, tokens in zip(texts, files, strict=True) for token in _outside(text, tokens)
    ]
    found: dict[str, Netlist] = {}
    for source in design.sources:
        for module in modules(source.text):
            scope = scope_of(source.text, module)
            found.setdefault(module.name, _netlist(source, scope, macros, signed, shared))
    return found


def _outside(text: str, tokens: list[Token]) -> Iterator[Token]:
    """What is in no module."""
    within = [(module.start, module.end) for module in modules(text)]
    return (t for t in tokens if not any(start <= t.start < end for start, end in within))


def _netlist(
    source: SourceFile,
    scope: Scope,
    macros: dict[str, frozenset[int]],
    signed: set[str],
    shared: list[Token],
) -> Netlist:
    table: defaultdict[str, list[Driver]] = defaultdict(list)
    for name, driver in (*_declared(scope), *_assigned(scope), *_defined(scope)):
        table[name].append(driver)
    for name, lines in macros.items():
        table[name].append(Driver(min(lines), lines, frozenset(), declares=True))
    drivers = {name: tuple(found) for name, found in table.items()}
    instances = tuple(_instances(scope))
    return Netlist(source, scope, drivers, instances, forms(scope, signed), shared)


def _macros(files: Iterable[list[Token]]) -> dict[str, frozenset[int]]:
    """The lines that define each macro, in whichever file."""
    found: dict[str, frozenset[int]] = {}
    for tokens in files:
        for token in tokens:
            if token.kind is Kind.DIRECTIVE and token.text.startswith("`define"):
                name = token.text[7:].split("(")[0].split()[:1]
                last = token.line + token.text.count("\n")
                found |= {f"`{n}": frozenset(range(token.line, last + 1)) for n in name}
    return found


def _names(tokens: Iterable[Token]) -> frozenset[str]:
    return frozenset(t.text for t in tokens if t.kind in (Kind.NAME, Kind.MACRO))


def _lines(tokens: list[Token]) -> frozenset[int]:
    return frozenset(range(tokens[0].line, tokens[-1].line + 1)) if tokens else frozenset()


def _declared(scope: Scope) -> Iterator[tuple[str, Driver]]:
    """Declarations: they say how wide a name is, and may give it a value."""
    tokens, partners = scope.tokens, scope.partners
    for name, declarations in scope.declarations.items():
        for d in declarations:
            end = d.first
            while end < d.at and tokens[end].kind is not Kind.NAME:
                end = max(partners[end], end) + 1
            words, own = tokens[d.first : min(end, d.at)], tokens[d.at : d.last + 1]
            reads = (_names(words) | _names(own)) - {name}
            lines = _lines(words) | _lines(own)
            given = "=" in (t.text for t in own) and not d.variable and not d.words & CONSTANTS
            yield name, Driver(tokens[d.at].line, lines, reads, declares=not given)


def _assigned(scope: Scope) -> Iterator[tuple[str, Driver]]:
    known = [guards(scope.tokens, scope.partners, p.body, p.end) for p in scope.drivers.processes]
    for a in scope.drivers.assignments:
        if a.process is None:
            yield a.name, _driver(scope, a, None, ())
        else:
            process = scope.drivers.processes[a.process]
            yield a.name, _driver(scope, a, process, tuple(around(known[a.process], a.at)))


def _driver(
    scope: Scope, a: Assignment, process: Process | None, conditions: tuple[Guard, ...]
) -> Driver:
    tokens = scope.tokens
    own = tokens[min(a.at, a.operator) : a.end]
    lines, reads = _lines(own), _names(tokens[a.operator : a.end])
    reads |= _names(t for t in tokens[a.at + 1 : a.operator] if t.text != a.name)
    deciding = [tokens[start:end] for guard in conditions for start, end in guard.spans]
    for part in deciding:
        lines |= _lines(part)
        reads |= _names(part)
    tested = frozenset(name for part in deciding for name in _names(part))
    clock = None
    if process is not None:
        event = tokens[process.first : process.body]
        lines |= _lines(event)
        reads |= _names(event)
        waits = edges(scope, process) if clocked(scope, process) else {}
        clock = next(((n, e) for n, e in waits.items() if n not in tested), None)
    told = tuple((guard.text, guard.holds) for guard in conditions)
    begins = process is not None and process.keyword == "initial"
    word = dict(_words(scope, [tokens[a.at : a.operator]])).get(a.name)
    words = tuple(_words(scope, [tokens[a.operator : a.end], *deciding]))
    return Driver(tokens[a.at].line, lines, reads, told, tested, clock, begins, word, words)


def _words(scope: Scope, parts: Iterable[list[Token]]) -> Iterator[tuple[str, str]]:
    """The memories in some tokens, each with the index of the word that is meant."""
    for tokens in parts:
        for i, (token, after) in enumerate(pairwise(tokens)):
            if after.text == "[" and _is_memory(scope, token.text):
                yield token.text, join(tokens[i + 2 : brackets(tokens)[i + 1]])


def _is_memory(scope: Scope, name: str) -> bool:
    """Is it a vector of words that are numbered from 0? Of others vvp records none."""
    sizes = (
        [token.text for token in scope.tokens[d.at + 1 : d.last + 1]]
        for d in scope.declarations.get(name, ())
    )
    return any(
        size.count("[") == 1 and ("0" in (size[1], size[-2]) or ":" not in size) for size in sizes
    )


def memories(
    known: dict[str, Netlist], path: str, module: str, above: frozenset[str] = frozenset()
) -> Iterator[str]:
    """The full names of the memories in an instance and below, where no generate block is.

    `above` are the modules around it: one that is inside of itself is so in a generate block.
    """
    netlist = known.get(module)
    if netlist is None or module in above:
        return
    yield from (f"{path}.{n}" for n in netlist.scope.declarations if _is_memory(netlist.scope, n))
    for instance in netlist.instances:
        inner = f"{path}.{instance.name}"
        yield from memories(known, inner, instance.module, above | {module})


def _defined(scope: Scope) -> Iterator[tuple[str, Driver]]:
    """Functions, tasks and types: whoever uses one depends on all of it."""
    tokens = scope.tokens
    i = 0
    while i < len(tokens):
        closing = _DEFINITIONS.get(tokens[i].text)
        end = _closing(tokens, i, closing) if closing else i
        if closing and end > i:
            region = tokens[i : end + 1]
            names = _names(region)
            driver = Driver(tokens[i].line, _lines(region), names, declares=closing == ";")
            yield from ((name, driver) for name in _given(region, closing, names))
            i = end
        elif _declares_typed(tokens, i):
            line = tokens[i].line
            reads = frozenset((tokens[i].text,))
            yield tokens[i + 1].text, Driver(line, frozenset((line,)), reads, declares=True)
        i += 1


def _closing(tokens: list[Token], i: int, text: str) -> int:
    depth = 0
    for j in range(i, len(tokens)):
        depth += (tokens[j].text == "{") - (tokens[j].text == "}")
        if tokens[j].text == text and depth <= 0:
            return j
    return i


def _given(region: list[Token], closing: str, names: frozenset[str]) -> Iterable[str]:
    """Which names a definition gives a meaning: the labels of a type, what a task assigns."""
    if closing == ";":
        return names
    called = next((t.text for t, after in _pairs(region) if after.text in (";", "(")), None)
    assigned = {t.text for t, after in _pairs(region) if after.text in ("=", "<=")}
    return assigned | ({called} if called else set())


def _pairs(tokens: list[Token]) -> Iterator[tuple[Token, Token]]:
    return ((t, n) for t, n in pairwise(tokens) if t.kind is Kind.NAME)


def _declares_typed(tokens: list[Token], i: int) -> bool:
    """`state_t state;`: a name that declares another."""
    return (
        i > 0
        and i + 2 < len(tokens)
        and tokens[i].kind is Kind.NAME
        and tokens[i + 1].kind is Kind.NAME
        and tokens[i - 1].text in (";", "end", ")", ",", "(", "input", "output", "var")
        and tokens[i + 2].text in (";", ",", "=", ")", "[")
    )


def _instances(scope: Scope) -> Iterator[Instance]:
    for one in instances(scope):
        connections = {
            c.port: (
                _names(scope.tokens[c.inner : c.end]),
                _lines(scope.tokens[c.first : c.last + 1]),
            )
            for c in one.connections
        }
        yield Instance(one.name, one.module, connections)
