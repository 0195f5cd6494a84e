"""What yosys said of a design and what it made of it, as diagnostics: pure.

yosys names signals and lines; the exact range is that of the assignment in the text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from msgspec import Struct, structs

from spec2rtl.eda.cells import LATCH, modules_of
from spec2rtl.eda.columns import Page, Span, trimmed
from spec2rtl.rtl import Diagnostic, Port, Related
from spec2rtl.syntax.drivers import Assignment, Process
from spec2rtl.syntax.instances import instances
from spec2rtl.syntax.keywords import NETS
from spec2rtl.syntax.lexer import Kind, Token
from spec2rtl.syntax.modules import modules
from spec2rtl.syntax.processes import open_case
from spec2rtl.syntax.scope import Scope, scope_of

_CONFLICT = re.compile(
    r"Warning: multiple conflicting drivers for (.*)\.\\(\S+?)(?: \[\d+(?::\d+)?\])?:"
)
_LOOP = re.compile(r"Warning: found logic loop in module .*\n((?:[ ].*\n)*)")
_SOURCE = re.compile(r"([^\s|]+):(\d+)\.\d+-(\d+)\.\d+")
_ERROR = re.compile(r"(?:(\S+):(\d+): )?ERROR: ?(.*)")
_UNDRIVEN = re.compile(r"Warning: Wire (.*)\.\\(\S+) \[(\d+(?::\d+)?)\] is used but has no driver")
_REFUSED = (
    (re.compile("While loops"), "while"),
    (re.compile("for-loop is not constant"), "for"),
    (re.compile("repeat", re.IGNORECASE), "repeat"),
)
"""What yosys says of loops whose rounds it can't count, and the word that begins them."""
_UNOPENED = re.compile(r"Can not open file `(.*)` for")
_FLOATS = re.compile(r"'[bBhH]?[zZ]")
_REFUSED_LATCH = re.compile(
    r"ERROR: Latch inferred for signal `.*\.\\(\S+)(?: \[\d+(?::\d+)?\])?' "
    r"from \w+ process `.*\$proc\$(\S+):(\d+)\$"
)


def faults(log: str, netlist: str, texts: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Read the log and the netlist of a design whose files are `texts`; raises `ToolError`."""
    sites = [site for name, text in texts.items() for site in _sites(name, text)]
    known = _ports(texts.values())
    connected = [site for name, text in texts.items() for site in _connected(name, text, known)]
    found = [*_conflicts(log, [*sites, *connected]), *_loops(log, sites)]
    found += [*_latches(netlist, sites), *_refused_latches(log, sites)]
    found += [*_partly_driven(log, [*sites, *connected]), *_refused(log, texts)]
    return tuple(dict.fromkeys(found))


def error(said: str) -> str:
    """The error that ended yosys, with its place."""
    match = _ERROR.search(said)
    if match is None:
        return "yosys ended without a word"
    place = f"{match[1]}:{match[2]}: " if match[1] else ""
    return f"{place}yosys can't read this: {match[3]}"


def stopped(said: str, texts: Mapping[str, str]) -> Diagnostic | None:
    """Where yosys stopped, as a remark on that line; None where it names none."""
    match = _ERROR.search(said)
    if match is None or match[1] not in texts:
        return None
    span = trimmed(Page(texts[match[1]]), int(match[2]))
    message = f"yosys can't read this: {match[3]}"
    return Diagnostic(match[1], *span, "info", "lint-incomplete", message, "yosys")


def _refused(log: str, texts: Mapping[str, str]) -> Iterator[Diagnostic]:
    """What ended yosys because no hardware does it, at its word."""
    match = _ERROR.search(log)
    if match is None or match[1] not in texts:
        return
    page, line = Page(texts[match[1]]), int(match[2])
    word = next((word for said, word in _REFUSED if said.search(match[3])), None)
    for token in page.tokens_from(page.clamp(line)) if word else ():
        if token.text == word:
            span = page.span(token.start, token.end)
            message = f"nobody knows before how often this `{word}` goes round: no hardware does it"
            code = "not-synthesizable"
            yield Diagnostic(match[1], *span, "warning", code, message, "yosys")
            break
    if unopened := _UNOPENED.search(match[3]):
        at = page.source(page.clamp(line)).find(f'"{unopened[1]}"')
        if at >= 0:
            span = Span(line, at + 1, line, at + len(unopened[1]) + 3)
            message = f"there is no `{unopened[1]}` in the project: nothing is loaded"
            yield Diagnostic(match[1], *span, "warning", "data-not-found", message, "yosys")


class _Site(Struct, frozen=True):
    """A place in a file where a name gets a value; `process` None: by `assign`."""

    file: str
    page: Page
    scope: Scope
    one: Assignment
    process: Process | None

    @property
    def name(self) -> str:
        return self.one.name

    def fault(self, code: str, message: str, related: tuple[Related, ...] = ()) -> Diagnostic:
        """A fault at the name."""
        token = self.scope.tokens[self.one.at]
        span = self.page.span(token.start, token.end)
        return Diagnostic(self.file, *span, "warning", code, message, "yosys", related)

    def latch(self) -> Diagnostic:
        """The name is a latch; a `case` that leaves values out is named as what makes it one."""
        case = open_case(self.scope, self.process, self.one.at) if self.process else None
        return self.fault(
            "latch",
            f"`{self.name}` keeps its value where nothing is assigned to it: that makes a latch; "
            "assign it in every branch",
            (self._at(case, f"this `{case.text}` has no `default`"),) if case else (),
        )

    def note(self, message: str) -> Related:
        """A note at the name."""
        return self._at(self.scope.tokens[self.one.at], message)

    def _at(self, token: Token, message: str) -> Related:
        span = self.page.span(token.start, token.end)
        return Related(self.file, span.line, span.column, message)

    def mentions(self, name: str) -> bool:
        """Does the value depend on a name?"""
        return any(t.text == name for t in self.scope.tokens[self.one.operator : self.one.end])

    def repeated(self) -> bool:
        """Does each round of a generate loop give the whole name a value?"""
        if self.process or not self.one.whole:
            return False
        around, begins, depth = list[bool](), False, 0
        for token in self.scope.tokens[self.scope.header_size : self.one.at]:
            depth += (token.text == "(") - (token.text == ")")
            if token.text == "for":
                begins = True
            elif token.text == "begin":
                around.append(begins)
                begins = False
            elif token.text == "end" and around:
                around.pop()
            elif token.text == ";" and depth == 0:
                begins = False
        declared = self.scope.declarations.get(self.name, ())
        return (begins or any(around)) and any(d.direction for d in declared)

    def gives(self, indexes: set[int]) -> bool:
        """Can some bits be among those that the assignment gives a value to?"""
        words = [t.text for t in self.scope.tokens[self.one.at + 1 : self.one.operator]]
        match words:
            case ["[", bit, "]"] if bit.isdigit():
                return int(bit) in indexes
            case ["[", high, ":", low, "]"] if high.isdigit() and low.isdigit():
                return any(
                    min(int(high), int(low)) <= i <= max(int(high), int(low)) for i in indexes
                )
            case _:
                return True

    def within(self, file: str, first: int, last: int) -> bool:
        """Is the name on these lines of a file?"""
        return self.file == file and first <= self.scope.tokens[self.one.at].line <= last

    def holds(self, file: str, line: int) -> bool:
        """Is a line one of the assignment's?"""
        tokens = self.scope.tokens
        end = tokens[min(self.one.end, len(tokens) - 1)].line
        return self.file == file and tokens[self.one.at].line <= line <= end


def _sites(file: str, text: str) -> Iterator[_Site]:
    page = Page(text)
    for module in modules(text):
        scope = scope_of(text, module)
        for one in scope.drivers.assignments:
            process = None if one.process is None else scope.drivers.processes[one.process]
            if process is None or process.keyword not in ("initial", "final"):
                yield _Site(file, page, scope, one, process)
        for name, declared in scope.declarations.items():
            for one in declared:  # `wire t = a;` drives as `assign` does
                if one.words & NETS and one.last > one.at + 1 and _is(scope, one.at + 1, "="):
                    given = Assignment(name, one.at, one.at + 1, one.last + 1, True, None)
                    yield _Site(file, page, scope, given, None)


def _is(scope: Scope, at: int, text: str) -> bool:
    return at < len(scope.tokens) and scope.tokens[at].text == text


def _ports(texts: Iterable[str]) -> dict[str, tuple[Port, ...]]:
    """The ports of each module, but for those of a module that may leave its outputs to float."""
    return {
        module.name: module.interface.ports
        for text in texts
        for module in modules(text)
        if not _FLOATS.search(text, module.start, module.end)
    }


def _connected(file: str, text: str, known: Mapping[str, tuple[Port, ...]]) -> Iterator[_Site]:
    """The names that the outputs of instances of `known` modules are connected to."""
    page = Page(text)
    for module in modules(text):
        scope = scope_of(text, module)
        tokens, partners = scope.tokens, scope.partners
        for instance in instances(scope):
            ports = known.get(instance.module, ())
            driven = {p.name for p in ports if p.direction == "output"}
            driven |= {n for n, p in enumerate(ports) if p.name in driven}
            for one in (c for c in instance.connections if c.port in driven and c.inner < c.end):
                end = one.inner + 1
                while end < one.end and tokens[end].text == "[":
                    end = partners[end] + 1
                if end == one.end and tokens[one.inner].kind is Kind.NAME:
                    whole = end == one.inner + 1
                    name = tokens[one.inner].text
                    given = Assignment(name, one.inner, end, end, whole, None)
                    yield _Site(file, page, scope, given, None)


def _conflicts(log: str, sites: list[_Site]) -> Iterator[Diagnostic]:
    """Signals that several processes or assignments drive: the second is the fault."""
    for module, name in dict.fromkeys(_CONFLICT.findall(log)):
        here = [site for site in sites if site.scope.module.name in module.split("\\")]
        drivers = _several(here, _plain(name))
        if drivers:
            message = f"`{drivers[0].name}` has several drivers: no hardware does what both ask for"
            related = tuple(one.note("also driven here") for one in drivers[:-1][:1])
            yield drivers[1 % len(drivers)].fault("multiple-drivers", message, related)


def _several(sites: list[_Site], name: str) -> list[_Site]:
    """What drives a signal; yosys may call it by the name of a signal that it is connected to."""
    alike = [site.name for site in sites if site.mentions(name)]
    for one in dict.fromkeys((name, *alike)):
        mine = sorted((site for site in sites if site.name == one), key=_driver)
        drivers = [next(group) for _, group in groupby(mine, _driver)]
        if len(drivers) > 1 or any(site.repeated() for site in drivers):
            return drivers
    return []


def _driver(site: _Site) -> tuple[int, int]:
    """What drives at a site: its process, or the assignment itself."""
    if site.process is None:
        return site.scope.module.start, site.one.at
    return site.scope.module.start, site.process.first


def _partly_driven(log: str, sites: list[_Site]) -> Iterator[Diagnostic]:
    """Bits that nothing drives of a name that is driven in parts."""
    bits: dict[tuple[str, str], list[str]] = {}
    for module, name, bit in dict.fromkeys(_UNDRIVEN.findall(log)):
        bits.setdefault((module, name), []).append(bit)
    for (module, name), missing in bits.items():
        here = [s for s in sites if s.name == name and s.scope.module.name in module.split("\\")]
        if here and not any(site.one.whole for site in here):
            declared = here[0].scope.declarations.get(name)
            shown = ", ".join(f"`{name}[{bit}]`" for bit in missing)
            if declared:
                at = structs.replace(here[0].one, at=declared[0].at)
                yield structs.replace(here[0], one=at).fault(
                    "undriven", f"nothing drives {shown}", (here[0].note("driven in part here"),)
                )


def _loops(log: str, sites: list[_Site]) -> Iterator[Diagnostic]:
    """Signals that depend on themselves with no register between; not those of a latch."""
    known: set[frozenset[tuple[str, int]]] = set()
    for steps in _LOOP.findall(log + "\n"):
        places = [(m[1], int(m[2])) for m in _SOURCE.finditer(steps)]
        around = [site for site in sites if any(site.holds(*place) for place in places)]
        loop = frozenset(places)
        if not around or LATCH.search(steps) or loop in known:
            continue
        known.add(loop)  # seen by itself and again in what instantiates it
        names = {site.name: site for site in reversed(around)}
        first, *others = reversed(names.values())
        path = " → ".join(f"`{name}`" for name in (*reversed(names), first.name))
        message = f"combinational loop: {path}"
        related = tuple(site.note("in the loop") for site in others)
        yield first.fault("combinational-loop", message, related)


def _latches(netlist: str, sites: list[_Site]) -> Iterator[Diagnostic]:
    """Registers without a clock that somebody reads; yosys makes one of several that are alike."""
    processes = [site for site in sites if site.process]
    for module in modules_of(netlist).values() if netlist else ():
        for cell in module.cells.values():
            if not LATCH.fullmatch(cell.type):
                continue
            bits = {bit for bit in cell.connections.get("Q", ()) if isinstance(bit, int)}
            held = {
                _plain(name): {i for i, bit in enumerate(net.bits, net.offset) if bit in bits}
                for name, net in module.netnames.items()
                if bits & {*net.bits}
            }
            for file, first, last in _SOURCE.findall(cell.attributes.get("src", "")):
                here = [s for s in processes if s.within(file, int(first), int(last))]
                yield from _held(here, held)


def _held(sites: list[_Site], held: Mapping[str, set[int]]) -> Iterator[Diagnostic]:
    """The first assignment of each name that keeps its value; `always_latch` says so itself."""
    seen: set[str] = set()
    for site in sites:
        copied = any(site.mentions(name) for name in held if name != site.name)
        keeps = site.name in held and site.gives(held[site.name]) and not copied
        if keeps and site.name not in seen:
            seen.add(site.name)
            if site.process and site.process.keyword != "always_latch":
                yield site.latch()


def refused_latch(log: str) -> str | None:
    """The name of a latch in an `always_comb`, which ended yosys."""
    match = _REFUSED_LATCH.search(log)
    return _plain(match[1]) if match else None


def _refused_latches(log: str, sites: list[_Site]) -> Iterator[Diagnostic]:
    """A latch in an `always_comb`, which ends yosys."""
    for name, file, line in _REFUSED_LATCH.findall(log):
        here = (s for s in sites if s.name == _plain(name) and s.file == file)
        below = (s for s in here if s.scope.tokens[s.one.at].line >= int(line))
        if site := next(below, None):
            yield site.latch()


def _plain(name: str) -> str:
    """A signal's own name: `\\gen[0].r` is r."""
    return name.removeprefix("\\").rpartition(".")[2]
