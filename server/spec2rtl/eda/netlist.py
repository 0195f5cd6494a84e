"""What yosys said of a design and what it made of it, as diagnostics: pure.

yosys names signals and lines; the exact range is that of the assignment in the text.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from msgspec import Struct

from spec2rtl.eda.cells import LATCH, modules_of
from spec2rtl.eda.columns import Page
from spec2rtl.rtl import Diagnostic, Related
from spec2rtl.syntax.drivers import Assignment, Process
from spec2rtl.syntax.lexer import Token
from spec2rtl.syntax.modules import modules
from spec2rtl.syntax.processes import open_case
from spec2rtl.syntax.scope import Scope, scope_of

_CONFLICT = re.compile(
    r"Warning: multiple conflicting drivers for (.*)\.\\(\S+?)(?: \[\d+(?::\d+)?\])?:"
)
_LOOP = re.compile(r"Warning: found logic loop in module .*\n((?:[ ].*\n)*)")
_SOURCE = re.compile(r"([^\s|]+):(\d+)\.\d+-(\d+)\.\d+")
_ERROR = re.compile(r"(?:(\S+):(\d+): )?ERROR: ?(.*)")
_REFUSED_LATCH = re.compile(
    r"ERROR: Latch inferred for signal `.*\.\\(\S+)(?: \[\d+(?::\d+)?\])?' "
    r"from \w+ process `.*\$proc\$(\S+):(\d+)\$"
)


def faults(log: str, netlist: str, texts: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Read the log and the netlist of a design whose files are `texts`; raises `ToolError`."""
    sites = [site for name, text in texts.items() for site in _sites(name, text)]
    found = [*_conflicts(log, sites), *_loops(log, sites)]
    found += [*_latches(netlist, sites), *_refused_latches(log, sites)]
    return tuple(dict.fromkeys(found))


def error(said: str) -> str:
    """The error that ended yosys, with its place."""
    match = _ERROR.search(said)
    if match is None:
        return "yosys ended without a word"
    place = f"{match[1]}:{match[2]}: " if match[1] else ""
    return f"{place}yosys can't read this: {match[3]}"


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


def _conflicts(log: str, sites: list[_Site]) -> Iterator[Diagnostic]:
    """Signals that several processes or assignments drive: the second is the fault."""
    for module, name in dict.fromkeys(_CONFLICT.findall(log)):
        here = [site for site in sites if site.scope.module.name in module.split("\\")]
        drivers = _several(here, _plain(name))
        if len(drivers) > 1:
            message = f"`{drivers[0].name}` has several drivers: no hardware does what both ask for"
            related = (drivers[0].note("also driven here"),)
            yield drivers[1].fault("multiple-drivers", message, related)


def _several(sites: list[_Site], name: str) -> list[_Site]:
    """What drives a signal; yosys may call it by the name of a signal that it is connected to."""
    alike = [site.name for site in sites if site.mentions(name)]
    for one in dict.fromkeys((name, *alike)):
        mine = [site for site in sites if site.name == one]
        drivers = [next(group) for _, group in groupby(mine, _driver)]
        if len(drivers) > 1:
            return drivers
    return []


def _driver(site: _Site) -> tuple[int, int]:
    """What drives at a site: its process, or the assignment itself."""
    if site.process is None:
        return site.scope.module.start, site.one.at
    return site.scope.module.start, site.process.first


def _loops(log: str, sites: list[_Site]) -> Iterator[Diagnostic]:
    """Signals that depend on themselves with no register between; not those of a latch."""
    for steps in _LOOP.findall(log + "\n"):
        places = [(m[1], int(m[2])) for m in _SOURCE.finditer(steps)]
        around = [site for site in sites if any(site.holds(*place) for place in places)]
        if not around or LATCH.search(steps):
            continue
        names = {site.name: site for site in reversed(around)}
        first, *others = reversed(names.values())
        path = " → ".join(f"`{name}`" for name in (*reversed(names), first.name))
        message = f"combinational loop: {path}"
        related = tuple(site.note("in the loop") for site in others)
        yield first.fault("combinational-loop", message, related)


def _latches(netlist: str, sites: list[_Site]) -> Iterator[Diagnostic]:
    """Registers without a clock that somebody reads."""
    for module in modules_of(netlist).values() if netlist else ():
        for cell in module.cells.values():
            if not LATCH.fullmatch(cell.type):
                continue
            bits = {bit for bit in cell.connections.get("Q", ()) if isinstance(bit, int)}
            names = {_plain(name) for name, net in module.netnames.items() if bits & {*net.bits}}
            for file, first, last in _SOURCE.findall(cell.attributes.get("src", "")):
                here = [s for s in sites if s.name in names]
                if site := next((s for s in here if s.within(file, int(first), int(last))), None):
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
