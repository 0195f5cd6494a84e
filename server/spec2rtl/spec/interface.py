"""Ports and parameters out of all the places that speak of them."""

import re

from msgspec import Struct
from msgspec.structs import replace

from spec2rtl.rtl import Direction, Interface, Parameter, Port
from spec2rtl.spec import lists, mentions, sizes, tables
from spec2rtl.spec.code import CodeHeader
from spec2rtl.spec.declaration import Declaration, is_timing_name
from spec2rtl.spec.document import Line, Table
from spec2rtl.spec.drawn import drawn
from spec2rtl.spec.model import Spec, SpecIssue
from spec2rtl.spec.outline import DIRECTIONS, Placed
from spec2rtl.spec.width import SCALAR, Width

_INPUT_NAME = re.compile(r"^(?:i|in)_|_(?:i|in)$", re.IGNORECASE)
_OUTPUT_NAME = re.compile(r"^(?:o|out)_|_(?:o|out)$|^(?:q|out|dout|result)$", re.IGNORECASE)
_UNSURE = frozenset(
    ("direction-unsaid", "direction-conflict", "width-conflict", "array-port", "no-interface")
)
"""Issues that leave the interface open."""


class Recovered(Struct, frozen=True):
    """The interface as far as the spec tells it."""

    ports: tuple[Port, ...]
    parameters: tuple[Parameter, ...]
    issues: tuple[SpecIssue, ...]


def known_interface(spec: Spec, module: str) -> Interface | None:
    """The interface that the RTL must have; None where the spec leaves it open."""
    without_output = not any(port.direction != "input" for port in spec.ports)
    if without_output or any(issue.code in _UNSURE for issue in spec.issues):
        return None
    return spec.interface(module)


def recover(
    placed: tuple[Placed, ...], header: CodeHeader | None, prose: tuple[Line, ...], text: str
) -> Recovered:
    """Gather the declarations of a spec and make one interface of them."""
    gathered = _gather(placed, header, prose)
    defaults, widths = mentions.defaults(text), mentions.widths(text)
    merger = _Merger()
    ports = tuple(
        port
        for declaration in merger.merge(gathered.ports)
        if (port := merger.port(declaration, widths))
    )
    # By the way, a parameter is declared only where its default is said too.
    told = tuple(d for d in mentions.parameters(prose) if not header and d.name in defaults)
    ported = frozenset(port.name for port in ports)
    parameters = tuple(
        Parameter(d.name, d.default or defaults.get(d.name), d.line)
        for d in merger.merge(gathered.parameters + told)
        if d.name not in ported
    )
    one_bit = mentions.one_bit_by_default(text)
    sized = sizes.settle(merger.with_output(ports), parameters, defaults, one_bit=one_bit)
    issues = (*gathered.issues, *merger.issues, *sized.issues)
    return Recovered(sized.ports, sized.parameters, issues)


def without_interface(recovered: Recovered, line: int) -> tuple[SpecIssue, ...]:
    """Say that no port was found."""
    if recovered.ports:
        return ()
    message = "no ports found; list them, e.g. `- input clk` or a table Port | Direction | Width"
    return (SpecIssue("no-interface", message, line),)


class _Gathered(Struct, frozen=True):
    ports: tuple[Declaration, ...]
    parameters: tuple[Declaration, ...]
    issues: tuple[SpecIssue, ...]


def _gather(
    placed: tuple[Placed, ...], header: CodeHeader | None, prose: tuple[Line, ...]
) -> _Gathered:
    tabled, directed, issues = _tabled(placed)
    listed = tuple(found.declaration for found in lists.declarations(placed))
    parameters = tuple(d for d in tabled + listed if d.parameter)
    if header:
        return _Gathered(header.ports, header.parameters + parameters, ())
    taken = {d.name for d in parameters}
    ports = [d for d in tabled if not d.parameter]
    # A table with a direction column is the interface; bullets beside it explain.
    ports += [d for d in listed if not d.parameter and (d.direction or not directed)]
    ports = [d for d in ports if d.name not in taken]
    if not any(d.direction or d.hint for d in ports):
        ports += [d for d in mentions.ports(prose) if d.name not in taken]
    for read in (mentions.ports, mentions.listed):
        if not any(d.direction == "output" for d in ports) and not directed:
            told = [d for d in read(prose) if d.name not in taken]
            ports = told if {d.name for d in ports} <= {d.name for d in told} else ports
    return _Gathered(tuple(ports), parameters, issues)


def _tabled(
    placed: tuple[Placed, ...],
) -> tuple[tuple[Declaration, ...], bool, tuple[SpecIssue, ...]]:
    """Read the tables; also tell whether one has a column of directions."""
    found: list[Declaration] = []
    issues: list[SpecIssue] = []
    directed = False
    for one in placed:
        if table := one.block if isinstance(one.block, Table) else drawn(one.block):
            declared, unreadable = tables.declarations(table, one.topic)
            directed = directed or any(d.direction for d in declared)
            side = DIRECTIONS.get(one.topic)
            found += [replace(d, direction=d.direction or side) for d in declared]
            issues += unreadable
    return tuple(found), directed, tuple(issues)


class _Merger:
    """Merges declarations by name and notes what is unclear."""

    def __init__(self) -> None:
        self.issues: list[SpecIssue] = []

    def _note(self, code: str, message: str, line: int) -> None:
        self.issues.append(SpecIssue(code, message, line))

    def merge(self, declarations: tuple[Declaration, ...]) -> tuple[Declaration, ...]:
        """Make one declaration of all those of a name; what is said first counts."""
        merged: dict[str, Declaration] = {}
        for declaration in declarations:
            known = merged.get(declaration.name)
            merged[declaration.name] = self._merged(known, declaration) if known else declaration
        return tuple(merged.values())

    def _merged(self, known: Declaration, other: Declaration) -> Declaration:
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

    def port(self, declaration: Declaration, mentioned: dict[str, Width]) -> Port | None:
        """Make a port of a declaration, if its direction is known or can be told."""
        direction = declaration.direction or declaration.hint or self._guessed(declaration)
        if direction is None:
            return None
        if declaration.array:
            message = f"`{declaration.name}` is no plain vector; the header is left to the model"
            self._note("array-port", message, declaration.line)
        bounds = declaration.width or mentioned.get(declaration.name)
        return Port(
            declaration.name,
            direction,
            bounds.msb if bounds else sizes.UNSAID,
            bounds.lsb if bounds else None,
            declaration.signed,
            declaration.line,
            declaration.description,
        )

    def _guessed(self, declaration: Declaration) -> Direction | None:
        name = declaration.name
        if is_timing_name(name):
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

    def with_output(self, ports: tuple[Port, ...]) -> tuple[Port, ...]:
        """Take an input that is named like an output for one, where there is no other.

        A module without outputs does nothing: the author slipped.
        """
        if not ports or any(port.direction != "input" for port in ports):
            return ports
        named = [port for port in ports if _OUTPUT_NAME.search(port.name)]
        if len(named) != 1:
            self._note("no-output", "the interface has no output", ports[0].line)
            return ports
        message = f"the interface has no output; `{named[0].name}` is taken for one"
        self._note("no-output", message, named[0].line)
        return tuple(replace(p, direction="output") if p is named[0] else p for p in ports)


def _bits(bounds: Width) -> str:
    return "one bit" if bounds == SCALAR else f"[{bounds.msb}:{bounds.lsb}]"
