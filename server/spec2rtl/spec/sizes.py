"""Widths that a spec gives in other words: unknown parameters, and no width at all."""

import re

from msgspec import Struct
from msgspec.structs import replace

from spec2rtl.rtl import Parameter, Port
from spec2rtl.spec.declaration import is_timing_name
from spec2rtl.spec.model import SpecIssue

UNSAID = "?"
"""Stands for a port's `msb` until its width is settled."""

_WORD = re.compile(r"[A-Za-z_]\w*")
_NOT_NAME = re.compile(r"\$\w+|\d*'[sS]?[bdhoBDHO][0-9a-fA-F_xz]+")
_BUS = re.compile(
    r"(?:^|_)[a-z]?(?:data|addr|address|count|cnt|value|din|dout|bus|vector|wdata|rdata|sum|product)"
    r"(?:_?(?:i|o|in|out|\d+))?$",
    re.IGNORECASE,
)
# Words that tell which side a port is on, not what it carries.
_SIDE = re.compile(r"i|o|in|out|w|r|wr|rd|s|m|n|p|a|b|d|q")
_SYNONYMS = {"din": "data", "dout": "data", "wdata": "data", "rdata": "data", "address": "addr"}
_MOST_ALIKE = 50


class Sized(Struct, frozen=True):
    """Ports all of whose widths are settled, and the parameters that these use."""

    ports: tuple[Port, ...]
    parameters: tuple[Parameter, ...]
    issues: tuple[SpecIssue, ...]


def settle(
    ports: tuple[Port, ...],
    parameters: tuple[Parameter, ...],
    defaults: dict[str, str],
    *,
    one_bit: bool,
) -> Sized:
    """Settle every width; `one_bit`: the spec says that a port has one bit where it says nothing.

    `defaults` are values that the text gives to names by the way.
    """
    named = _named(ports, parameters, defaults)
    issues = list(named.issues)
    widths = _width_parameters(named.parameters)
    settled = tuple(
        _settled(port, widths, issues, one_bit=one_bit) if port.msb == UNSAID else port
        for port in named.ports
    )
    return Sized(settled, named.parameters, tuple(issues))


def _named(
    ports: tuple[Port, ...], parameters: tuple[Parameter, ...], defaults: dict[str, str]
) -> Sized:
    """Find the parameters that widths use and no list declares."""
    known = {parameter.name for parameter in parameters}
    alike = _by_initials(known)
    added: list[Parameter] = []
    renamed: dict[str, str] = {}
    issues: list[SpecIssue] = []
    for port in ports:
        for name in _names(port):
            if name in known or name in renamed:
                continue
            near = _abbreviated(name, alike)
            if near:
                renamed[name] = near
                message = f"the width of `{port.name}` uses `{name}`; taken as `{near}`"
                issues.append(SpecIssue("width-unknown-name", message, port.line))
                continue
            known.add(name)
            added.append(Parameter(name, defaults.get(name), port.line))
            if name not in defaults:
                message = f"the width of `{port.name}` uses `{name}`, which has no default"
                issues.append(SpecIssue("parameter-undeclared", message, port.line))
    found = tuple(_with_names(port, renamed) for port in ports)
    return Sized(found, parameters + tuple(added), tuple(issues))


def _names(port: Port) -> list[str]:
    if port.msb is None or port.msb == UNSAID:
        return []
    return _WORD.findall(_NOT_NAME.sub(" ", f"{port.msb} {port.lsb}"))


def _with_names(port: Port, renamed: dict[str, str]) -> Port:
    if not renamed or not port.msb or not port.lsb:
        return port
    msb, lsb = (
        re.sub(r"(?<![$\w])[A-Za-z_]\w*", lambda m: renamed.get(m.group(), m.group()), bound)
        for bound in (port.msb, port.lsb)
    )
    return replace(port, msb=msb, lsb=lsb)


def _initials(name: str) -> tuple[str, ...]:
    return tuple(part[:1] for part in name.lower().split("_"))


def _by_initials(names: set[str]) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(names):
        found.setdefault(_initials(name), []).append(name)
    return found


def _abbreviated(name: str, alike: dict[tuple[str, ...], list[str]]) -> str | None:
    """Find the one known name of which `name` is a variant with shortened words."""
    parts = name.lower().split("_")
    near: list[str] = []
    for other in alike.get(_initials(name), [])[:_MOST_ALIKE]:
        pairs = zip(parts, other.lower().split("_"), strict=True)
        if all(a.startswith(b) or b.startswith(a) for a, b in pairs):
            near.append(other)
    return near[0] if len(near) == 1 else None


def _width_parameters(parameters: tuple[Parameter, ...]) -> dict[tuple[str, ...], str]:
    """Map what a `…_WIDTH` parameter is the width of to its name."""
    found: dict[tuple[str, ...], str] = {}
    for parameter in parameters:
        *subject, last = parameter.name.lower().split("_")
        if subject and last in {"width", "w"}:
            found.setdefault(tuple(subject), parameter.name)
    return found


def _settled(
    port: Port, widths: dict[tuple[str, ...], str], issues: list[SpecIssue], *, one_bit: bool
) -> Port:
    scalar = replace(port, msb=None, lsb=None)
    if one_bit or is_timing_name(port.name):
        return scalar
    parameter = widths.get(_subject(port.name))
    if parameter:
        message = f"the width of `{port.name}` is not said; taken as `{parameter}`"
        issues.append(SpecIssue("width-unsaid", message, port.line))
        return replace(port, msb=f"{parameter}-1", lsb="0")
    if _BUS.search(port.name):
        message = f"the width of `{port.name}` is not said; taken as one bit"
        issues.append(SpecIssue("width-unsaid", message, port.line))
    return scalar


def _subject(name: str) -> tuple[str, ...]:
    """Name what a port carries: `w_data` and `din` carry `data`."""
    words = [_SYNONYMS.get(word, word) for word in name.lower().split("_")]
    return tuple(word for word in words if word and not _SIDE.fullmatch(word))
