"""Ports and parameters out of all the places that speak of them."""

import re

from msgspec import Struct
from msgspec.structs import replace

from spec2rtl.rtl import Direction, Parameter, Port
from spec2rtl.spec import lists, mentions, tables
from spec2rtl.spec.code import CodeHeader
from spec2rtl.spec.declaration import Declaration, default_in
from spec2rtl.spec.document import Line, Table
from spec2rtl.spec.model import SpecIssue
from spec2rtl.spec.outline import Placed, Topic
from spec2rtl.spec.width import SCALAR, Width

_CLOCK_OR_RESET = re.compile(
    r"(?:^|_)(?:[a-z]{0,3}clk|clock|[a-z]?rst|[a-z]?reset|aresetn?|resetn|rstn|nrst|[a-z]?clk)(?:_|\d|n|b|$)",
    re.IGNORECASE,
)
_INPUT_NAME = re.compile(r"^(?:i|in)_|_(?:i|in)$", re.IGNORECASE)
_OUTPUT_NAME = re.compile(r"^(?:o|out)_|_(?:o|out)$|^(?:q|out|dout|result)$", re.IGNORECASE)
_BUS = re.compile(
    r"(?:^|_)[a-z]?(?:data|addr|address|count|cnt|value|din|dout|bus|vector|wdata|rdata|sum|product)"
    r"(?:_?(?:i|o|in|out|\d+))?$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_TOPIC_DIRECTION: dict[Topic, Direction] = {
    "input": "input",
    "output": "output",
    "inout": "inout",
}
# Prefixes and suffixes that tell which side a port is on, not what it carries.
_SIDES = frozenset(
    ["i", "o", "in", "out", "w", "r", "wr", "rd", "s", "m", "n", "p", "a", "b", "d", "q"]
)
_SYNONYMS = {"din": "data", "dout": "data", "wdata": "data", "rdata": "data", "address": "addr"}


class Recovered(Struct, frozen=True):
    """The interface as far as the spec tells it."""

    ports: tuple[Port, ...]
    parameters: tuple[Parameter, ...]
    issues: tuple[SpecIssue, ...]


def recover(
    placed: tuple[Placed, ...], header: CodeHeader | None, prose: tuple[Line, ...], text: str
) -> Recovered:
    """Gather the declarations of a spec and make one interface of them."""
    gathered = _gather(placed, header, prose)
    merger = _Merger(text)
    ports = merger.ports(gathered.ports)
    parameters = merger.parameters(gathered.parameters)
    ports, parameters = merger.resolve(ports, parameters)
    ports = merger.sized(ports, parameters)
    issues = gathered.issues + tuple(merger.issues)
    return Recovered(ports, parameters, issues)


class _Gathered(Struct, frozen=True):
    ports: tuple[Declaration, ...]
    parameters: tuple[Declaration, ...]
    issues: tuple[SpecIssue, ...]


def _gather(
    placed: tuple[Placed, ...], header: CodeHeader | None, prose: tuple[Line, ...]
) -> _Gathered:
    tabled, directed, issues = _tabled(placed)
    listed = tuple(found.declaration for found in lists.declarations(placed))
    everything = tabled + listed
    parameters = tuple(d for d in everything if d.parameter)
    if header:
        return _Gathered(header.ports, header.parameters + parameters, ())
    taken = {d.name for d in parameters}
    ports = [d for d in tabled if not d.parameter]
    # A table with a direction column is the interface; bullets beside it explain.
    ports += [d for d in listed if not d.parameter and (d.direction or not directed)]
    ports = [d for d in ports if d.name not in taken]
    if not any(d.direction or d.hint for d in ports):
        ports += [d for d in mentions.ports(prose) if d.name not in taken]
    return _Gathered(tuple(ports), parameters, issues)


def _tabled(
    placed: tuple[Placed, ...],
) -> tuple[tuple[Declaration, ...], bool, tuple[SpecIssue, ...]]:
    found: list[Declaration] = []
    issues: list[SpecIssue] = []
    directed = False
    for one in placed:
        if isinstance(one.block, Table):
            declared, unreadable = tables.declarations(one.block, one.topic)
            directed = directed or any(d.direction for d in declared)
            side = _TOPIC_DIRECTION.get(one.topic)
            found += [replace(d, direction=d.direction or side) for d in declared]
            issues += unreadable
    return tuple(found), directed, tuple(issues)


class _Merger:
    """Merges declarations by name and notes what is unclear."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._mentioned = mentions.widths(text)
        self.issues: list[SpecIssue] = []

    def _note(self, code: str, message: str, line: int) -> None:
        self.issues.append(SpecIssue(code, message, line))

    def ports(self, declarations: tuple[Declaration, ...]) -> tuple[Port, ...]:
        """Make a port of each name whose direction is known."""
        merged: dict[str, Declaration] = {}
        for declaration in declarations:
            known = merged.get(declaration.name)
            merged[declaration.name] = self._merge(known, declaration) if known else declaration
        found = [self._port(declaration) for declaration in merged.values()]
        return self._with_output(tuple(port for port in found if port))

    def _merge(self, known: Declaration, other: Declaration) -> Declaration:
        if known.width and other.width and known.width != other.width:
            message = (
                f"`{known.name}` is {_bits(known.width)} in line {known.line}"
                f" and {_bits(other.width)} here; the first is used"
            )
            self._note("width-conflict", message, other.line)
        if known.direction and other.direction and known.direction != other.direction:
            message = (
                f"`{known.name}` is an {known.direction} in line {known.line}"
                f" and an {other.direction} here; the first is used"
            )
            self._note("direction-conflict", message, other.line)
        return replace(
            known,
            direction=known.direction or other.direction,
            hint=known.hint or other.hint,
            width=known.width or other.width,
            signed=known.signed or other.signed,
            description=known.description or other.description,
            default=known.default or other.default,
        )

    def _port(self, declaration: Declaration) -> Port | None:
        direction = declaration.direction or declaration.hint or self._guessed(declaration)
        if direction is None:
            return None
        bounds = declaration.width or self._mentioned.get(declaration.name)
        return Port(
            declaration.name,
            direction,
            bounds.msb if bounds else _UNSAID,
            bounds.lsb if bounds else None,
            declaration.signed,
            declaration.line,
            declaration.description,
        )

    def _guessed(self, declaration: Declaration) -> Direction | None:
        name = declaration.name
        if _CLOCK_OR_RESET.search(name):
            return "input"
        guess: Direction | None = None
        if _INPUT_NAME.search(name):
            guess = "input"
        elif _OUTPUT_NAME.search(name):
            guess = "output"
        taken = f"taken as an {guess} from its name" if guess else "left out"
        message = f"whether `{name}` is an input or an output is not said; {taken}"
        self._note("direction-unsaid", message, declaration.line)
        return guess

    def _with_output(self, ports: tuple[Port, ...]) -> tuple[Port, ...]:
        """A module without outputs does nothing: one named like an output is meant as one."""
        if not ports or any(port.direction != "input" for port in ports):
            return ports
        named = [port for port in ports if _OUTPUT_NAME.search(port.name)]
        if len(named) != 1:
            self._note("no-output", "the interface has no output", ports[0].line)
            return ports
        message = f"the interface has no output; `{named[0].name}` is taken for one"
        self._note("no-output", message, named[0].line)
        return tuple(replace(p, direction="output") if p is named[0] else p for p in ports)

    def parameters(self, declarations: tuple[Declaration, ...]) -> tuple[Parameter, ...]:
        """Make a parameter of each name; the first default counts."""
        merged: dict[str, Declaration] = {}
        for declaration in declarations:
            known = merged.get(declaration.name)
            merged[declaration.name] = self._merge(known, declaration) if known else declaration
        return tuple(
            Parameter(d.name, d.default or self._default(d.name), d.line) for d in merged.values()
        )

    def _default(self, name: str) -> str | None:
        """Find a default that the text gives elsewhere: "`W` (default: 8)"."""
        told = re.search(
            rf"\b{re.escape(name)}`?\s{{0,3}}[,(]?[^.\n]{{0,40}}?\b(default[^.\n]{{0,60}})",
            self._text,
        )
        return default_in(told[1]) if told else None

    def resolve(
        self, ports: tuple[Port, ...], parameters: tuple[Parameter, ...]
    ) -> tuple[tuple[Port, ...], tuple[Parameter, ...]]:
        """Find the parameters that widths use and no list declares."""
        known = {parameter.name for parameter in parameters}
        added: dict[str, Parameter] = {}
        renamed: dict[str, str] = {}
        for port in ports:
            for name in _names(port):
                if name in known or name in added or name in renamed:
                    continue
                near = _abbreviated(name, known)
                if near:
                    renamed[name] = near
                    message = f"the width of `{port.name}` uses `{name}`; taken as `{near}`"
                    self._note("width-unknown-name", message, port.line)
                else:
                    default = self._default(name) or default_in(self._text, name)
                    added[name] = Parameter(name, default, port.line)
                    if default is None:
                        message = f"the width of `{port.name}` uses `{name}`, which has no default"
                        self._note("parameter-undeclared", message, port.line)
        ports = tuple(_with_names(port, renamed) for port in ports)
        return ports, parameters + tuple(added.values())

    def sized(self, ports: tuple[Port, ...], parameters: tuple[Parameter, ...]) -> tuple[Port, ...]:
        """Give the ports whose width is unsaid a parameter's width or one bit."""
        default_one = mentions.one_bit_by_default(self._text)
        return tuple(self._sized(port, parameters, default_one=default_one) for port in ports)

    def _sized(self, port: Port, parameters: tuple[Parameter, ...], *, default_one: bool) -> Port:
        if port.msb != _UNSAID:
            return port
        scalar = replace(port, msb=None, lsb=None)
        if default_one or _CLOCK_OR_RESET.search(port.name):
            return scalar
        subject = _subject(port.name)
        for parameter in parameters:
            words = parameter.name.lower().split("_")
            if len(words) > 1 and words[-1] in {"width", "w"} and subject == words[:-1]:
                message = f"the width of `{port.name}` is not said; taken as `{parameter.name}`"
                self._note("width-unsaid", message, port.line)
                return replace(port, msb=f"{parameter.name}-1", lsb="0")
        if _BUS.search(port.name):
            message = f"the width of `{port.name}` is not said; taken as one bit"
            self._note("width-unsaid", message, port.line)
        return scalar


_UNSAID = "?"


def _bits(bounds: Width) -> str:
    return "one bit" if bounds == SCALAR else f"[{bounds.msb}:{bounds.lsb}]"


def _names(port: Port) -> list[str]:
    text = re.sub(
        r"\$\w+|\d*'[sS]?[bdhoBDHO][0-9a-fA-F_xz]+", " ", f"{port.msb or ''} {port.lsb or ''}"
    )
    return _WORD.findall(text)


def _with_names(port: Port, renamed: dict[str, str]) -> Port:
    if not renamed or not port.msb or not port.lsb:
        return port
    msb, lsb = (
        re.sub(r"(?<![$\w])[A-Za-z_]\w*", lambda m: renamed.get(m.group(), m.group()), bound)
        for bound in (port.msb, port.lsb)
    )
    return replace(port, msb=msb, lsb=lsb)


def _abbreviated(name: str, known: set[str]) -> str | None:
    """Find the one known name of which `name` is a variant with shortened words."""
    parts = name.lower().split("_")
    near = [
        other
        for other in sorted(known)
        if len(words := other.lower().split("_")) == len(parts)
        and all(
            a.startswith(b) or b.startswith(a) for a, b in zip(parts, words, strict=True) if a and b
        )
    ]
    return near[0] if len(near) == 1 else None


def _subject(name: str) -> list[str]:
    """Name what a port carries: `w_data` and `din` carry `data`."""
    words = [_SYNONYMS.get(word, word) for word in name.lower().split("_")]
    return [word for word in words if word and word not in _SIDES]


def without_interface(recovered: Recovered, line: int) -> tuple[SpecIssue, ...]:
    """Say that no port was found."""
    if recovered.ports:
        return ()
    message = "no ports found; list them, e.g. `- input clk` or a table Port | Direction | Width"
    return (SpecIssue("no-interface", message, line),)
