"""What running text says of ports by the way: `an 8-bit output `y``, `data[7:0]`."""

import re

from spec2rtl.spec import width
from spec2rtl.spec.declaration import Declaration, direction_of
from spec2rtl.spec.document import Line
from spec2rtl.spec.prose import unbold
from spec2rtl.spec.width import SCALAR, Width

_CODED = r"`\s*[A-Za-z_]\w*\s*(?:\[[^\]`\n]{1,40}\]\s*)?`(?:\s*\([^()\n]{0,40}\))?"
_PORTS = re.compile(
    rf"(?P<before>(?:\b(?:an?|the|one|single|[\w`]{{1,30}}[\s-]bits?)\s+){{0,3}}(?:[a-z-]{{1,20}}\s+){{0,2}})"
    rf"\b(?P<direction>inputs?|outputs?|inouts?)\b(?P<noun>(?:\s+[a-z-]{{1,20}}){{0,3}}?)\s*[:(,]?\s*"
    rf"(?P<names>{_CODED}(?:\s*(?:,|and|,\s*and)\s*{_CODED}){{0,15}})",
    re.IGNORECASE,
)
_ONE = re.compile(r"`\s*([A-Za-z_]\w*)\s*(\[[^\]`\n]{1,40}\])?\s*`(?:\s*\(([^()\n]{0,40})\))?")
_SELECT = re.compile(r"\b([A-Za-z_]\w*)`?\s?\[(\d{1,5})(?::(\d{1,5}))?\]")
_SIZED = re.compile(rf"{width.BITS.pattern}\s+`([A-Za-z_]\w*)`", re.IGNORECASE)
_ONE_BIT = re.compile(
    r"\b(?:ports?|signals?|inputs?|outputs?)\b.{0,20}\b(?:are|is)\s+(?:one|1|a single)[\s-]bits?\b"
    r".{0,20}\bunless\b|\bunless\b.{0,40}\b(?:one|1|single)[\s-]bits?\b",
    re.IGNORECASE | re.DOTALL,
)


def ports(lines: tuple[Line, ...]) -> tuple[Declaration, ...]:
    """Find ports in sentences, for a spec that has no list of them."""
    found: dict[str, Declaration] = {}
    for line in lines:
        for match in _PORTS.finditer(unbold(line.text)):
            bounds = width.in_prose(match["before"])
            for name, selected, paren in _ONE.findall(match["names"]):
                said = width.from_range(selected) or width.from_range(paren) or bounds
                direction = direction_of(match["direction"])
                declaration = Declaration(name, line.number, direction, width=said, coded=True)
                found.setdefault(name, declaration)
    return tuple(found.values())


def widths(text: str) -> dict[str, Width]:
    """Find the widths that text gives by the way; the widest select from 0 counts."""
    found: dict[str, Width] = {}
    tops: dict[str, int] = {}
    grounded: set[str] = set()
    for name, high, low in _SELECT.findall(text):
        tops[name] = max(tops.get(name, 0), int(high), int(low or 0))
        if "0" in {high, low}:
            grounded.add(name)
    for name in grounded:
        if tops[name]:
            found[name] = Width(str(tops[name]), "0")
    for match in _SIZED.finditer(text):
        said = width.of_match(match)
        if said and said != SCALAR:
            found.setdefault(match[match.re.groups], said)
    return found


def one_bit_by_default(text: str) -> bool:
    """Does the spec say that ports have one bit unless it says otherwise?"""
    return bool(_ONE_BIT.search(text[:20_000]))
