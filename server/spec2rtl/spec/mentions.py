"""What running text says of ports by the way: `an 8-bit output `y``, `data[7:0]`."""

import re
from collections.abc import Iterator
from itertools import chain

from spec2rtl.spec import width
from spec2rtl.spec.code import declared
from spec2rtl.spec.declaration import (
    ASSIGNED,
    BY_DEFAULT,
    DEFAULT,
    Declaration,
    direction_of,
    expression_at_head,
    is_timing_name,
    value_of,
)
from spec2rtl.spec.document import Line
from spec2rtl.spec.prose import plain, unbold
from spec2rtl.spec.width import SCALAR, Width

_CODED = r"`\s*[A-Za-z_]\w*\s*(?:\[[^\]`\n]{1,40}\]\s*)?`(?:\s*\([^()\n]{0,40}\))?"
_PORTS = re.compile(
    rf"(?P<before>(?:\b(?:an?|the|one|single|[\w`]{{1,30}}[\s-]bits?)\s+){{0,3}}(?:[a-z-]{{1,20}}\s+){{0,2}})"
    rf"\b(?P<direction>inputs?|outputs?|inouts?)\b(?P<noun>(?:\s+(?!and\b|or\b|to\b|is\b|are\b)[a-z-]{{1,20}}){{0,3}}?)\s*(?P<mark>[:(,]?)\s*"
    rf"(?P<names>{_CODED}(?:\s*(?:,|and|,\s*and)\s*{_CODED}){{0,15}})",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"`\s*([A-Za-z_]\w*)\s*(\[[^\]`\n]{1,40}\])?\s*`\s+([\w`]{1,30}[\s-]bits?\s+)?"
    r"(input|output|inout)\b(?!s?\s+`)",
    re.IGNORECASE,
)
_NAME_ENDS = re.compile(r"`\s+(?:\w{1,30}[\s-]bits?\s+)?\Z")
_PARAMETER = rf"(?:{_CODED}|[A-Z][A-Z0-9_]*\b(?:\s*\([^()\n]{{0,40}}\))?)"
_PARAMETERS = re.compile(
    r"\b(?:(?:[Pp]arameters?|[Gg]enerics?)\b\s*:?|[Pp]arameteri[sz]ed\s+(?:by|with)\b)\s*"
    rf"(?P<names>{_PARAMETER}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+){_PARAMETER}){{0,15}})"
    rf"|(?P<name>{_PARAMETER})\s+(?:is\s+an?\s+|(?:[a-z]+\s+){{0,3}}\()parameter\b"
)
# `en` (input), count (output, 8 bits)
_TOLD = re.compile(
    r"(?<![\w`])`?(?!(?:signal|port|pin|wire|bus)s?\b)([A-Za-z_]\w*)\s?(\[[^\]`\n]{1,40}\])?`?\s?"
    r"\(((?:\w{1,30}[\s-]bits?\s+)?)(input|output|inout|(?:in|out)(?=\s*[,)]))\b([^()\n]{0,60})\)",
    re.IGNORECASE,
)
# Clock/reset: clk, rst_n (active low)
_TIMING = re.compile(r"\W*(?:clocks?|resets?)\b[\w\s/&,]{0,20}:", re.IGNORECASE)
_TIMED = re.compile(
    r"[\s,`]*(?:and\s+)?([A-Za-z_]\w*)`?(?:\s*\([^()\n]{0,60}\))?\s*(?=[,.]|and\b|$)"
)
# the rising edge of `clk`, a synchronous active-high reset rst
_USED = re.compile(
    r"\b(?:edges? of|clocked by|(?:clock|reset)(?: (?:signal|input|called|named))?) (?:the )?"
    r"(?P<code>`(?=\w+`))?(?P<name>[A-Za-z_]\w*)",
    re.IGNORECASE,
)
_NO_NAMES = frozenset(("clock", "clocks", "clocked", "reset", "resets"))
_SPAN = re.compile(r"`\s*((?:input|output|inout)\s[^`\n]{1,400})`")
_QUOTED = re.compile(r"\"([A-Za-z_]\w*(?:\[[^\]\"\n]{1,40}\])?)\"")
_ONE = re.compile(r"`\s*([A-Za-z_]\w*)\s*(\[[^\]`\n]{1,40}\])?\s*`(?:\s*\(([^()\n]{0,40})\))?")
_ONE_PARAMETER = re.compile(
    r"(?:`\s*([A-Za-z_]\w*)\s*`|(?<![\w`])([A-Z][A-Z0-9_]*\b))(?:\s*\([^()\n]{0,40}\))?"
)
_SELECT = re.compile(r"\b([A-Za-z_]\w*)`?\s?\[(\d{1,5})(?::(\d{1,5}))?\]")
_SIZED = re.compile(rf"{width.BITS.pattern}\s+`([A-Za-z_]\w*)`", re.IGNORECASE)
_ONE_BIT = re.compile(
    r"\b(?:ports?|signals?|inputs?|outputs?)\b.{0,20}\b(?:are|is)\s+(?:one|1|a single)[\s-]bits?\b"
    r".{0,20}\bunless\b|\bunless\b.{0,40}\b(?:one|1|single)[\s-]bits?\b",
    re.IGNORECASE | re.DOTALL,
)

# A name that no markup sets off, with its range or its width: d, d[7:0], d (8 bits)
_NO_NAME = (
    r"(?!(?:a?synchronous|registered|active|an|and|are|as|at|be|but|by|can|change\w*|for|from|goes|has|have|high|if|in|inputs?|into|is|it|its|low"
    r"|must|of|on|only|or|outputs?|ports?|signals?|shall|that|the|then|to|two|three|four|when|which|will"
    r"|with|module|both|each|all|one|no|not)\b(?!\[))"
)
_PLAIN = rf"{_NO_NAME}[A-Za-z_]\w*(?:\s?\[[^\]\n]{{1,40}}\])?"
_BITS_AFTER = r"(?:\s\([^()\n]{0,20}\bbits?\b[^()\n]{0,10}\))?"
_AND = r"(?:\s*,\s*(?:and\s+)?|\s+and\s+)"
_NAMED_AFTER = re.compile(
    rf"(?P<about>\b\w{{1,30}}[\s-]bits?\s+)?\b(?P<direction>input|output)s?:?\s+(?:ports?\s+|signals?\s+)?(?:are\s+)?"
    rf"(?P<names>{_PLAIN}{_BITS_AFTER}(?:{_AND}{_PLAIN}{_BITS_AFTER}){{0,15}})\s*(?=[.,;:]|$|and\b)",
    re.IGNORECASE,
)
_NAMED_BEFORE = re.compile(
    rf"(?P<names>(?<![\w`]){_PLAIN}(?:{_AND}{_PLAIN}){{0,15}})\s?"
    r"\((?P<size>(?:\w{1,30}[\s-]bits?\s+)?)(?P<direction>input|output)s?\b"
    r"(?P<about>[^()\n]{0,40})\)",
    re.IGNORECASE,
)
_PLAIN_ONE = re.compile(
    r"([A-Za-z_]\w*)(\s?\[[^\]\n]{1,40}\])?(?:\s\(([^()\n]{0,40})\))?(?:\s*,|\s+and\b|$)"
)
# What no verb looks like; else "when the input rises, the output falls" would name two ports.
_TELLING = re.compile(r"\b(?:\w*[\d_]\w*|[A-Za-z]{1,3}|clock|reset)\b|[\[(]")


def listed(lines: tuple[Line, ...]) -> tuple[Declaration, ...]:
    """Find ports that a sentence lists without markup: "inputs clk and d (8 bits), output q".

    Nothing where it names no input or no output: then it speaks of something else.
    """
    found: dict[str, Declaration] = {}
    for line in lines:
        text = plain(line.text)
        for pattern in (_NAMED_BEFORE, _NAMED_AFTER):
            for phrase in pattern.finditer(text):
                if not (phrase["about"] or _TELLING.search(phrase["names"])):
                    continue
                shared = width.in_prose(phrase["about"] or "")
                for one in _PLAIN_ONE.finditer(phrase["names"]):
                    bounds = width.from_range(one[2] or "") or width.in_prose(one[3] or "")
                    mention = _mention(one[1], line.number, phrase["direction"], bounds or shared)
                    found.setdefault(mention.name, mention)
    both = {one.direction for one in found.values()} == {"input", "output"}
    return tuple((_used(lines) | found).values()) if both else ()


def ports(lines: tuple[Line, ...]) -> tuple[Declaration, ...]:
    """Find ports in sentences, for a spec that has no list of them."""
    found: dict[str, Declaration] = {}
    for line in lines:
        for _, declaration in sorted(_in_line(line), key=lambda one: one[0]):
            found.setdefault(declaration.name, declaration)
    return tuple((_used(lines) | found).values()) if found else ()


def _used(lines: tuple[Line, ...]) -> dict[str, Declaration]:
    """Find the clocks and resets that sentences name by what they are for."""
    named = [
        (one["name"], line.number)
        for line in lines
        for one in _USED.finditer(unbold(line.text))
        if is_timing_name(one["name"]) and (one["code"] or one["name"].lower() not in _NO_NAMES)
    ]
    return {name: _mention(name, line, "input", SCALAR) for name, line in reversed(named)}


def parameters(lines: tuple[Line, ...]) -> tuple[Declaration, ...]:
    """Find parameters in sentences: "the parameter `N` (default 4)"."""
    found: dict[str, Declaration] = {}
    for line in lines:
        for phrase in _PARAMETERS.finditer(unbold(line.text)):
            for one in _ONE_PARAMETER.finditer(phrase["names"] or phrase["name"]):
                name = one[1] or one[2]
                found.setdefault(name, Declaration(name, line.number, parameter=True))
    return tuple(found.values())


def _in_line(line: Line) -> Iterator[tuple[int, Declaration]]:
    """Yield what a line mentions, with its place."""
    text = _QUOTED.sub(r"`\1`", unbold(line.text))
    yield from _timing(text, line.number)
    for span in _SPAN.finditer(text):
        yield from ((span.start(), port) for port in declared(span[1], line.number))
    for phrase in _PORTS.finditer(text):
        if phrase["mark"] in {",", "("} and _NAME_ENDS.search(text, 0, phrase.start("direction")):
            continue  # `a` input, `b` output: the direction is that of the name before it
        shared = width.in_prose(phrase["before"])
        for one in _ONE.finditer(phrase["names"]):
            bounds = width.from_range(one[2] or "") or width.from_range(one[3] or "") or shared
            place = phrase.start("names") + one.start()
            yield place, _mention(one[1], line.number, phrase["direction"], bounds)
    for one in _BEFORE.finditer(text):
        bounds = width.from_range(one[2] or "") or width.in_prose(one[3] or "")
        yield one.start(), _mention(one[1], line.number, one[4], bounds)
    for one in _TOLD.finditer(text):
        bounds = width.from_range(one[2] or "") or width.in_prose(one[3] + one[5])
        yield one.start(), _mention(one[1], line.number, one[4], bounds)


def _timing(text: str, line: int) -> Iterator[tuple[int, Declaration]]:
    """Yield the clocks and resets that a line lists behind a label that says so."""
    label = _TIMING.match(text)
    at = label.end() if label else len(text)
    while (one := _TIMED.match(text, at)) and is_timing_name(one[1]):
        at = one.end()
        yield one.start(), _mention(one[1], line, "input", SCALAR)


def _mention(name: str, line: int, direction: str, bounds: Width | None) -> Declaration:
    return Declaration(name, line, direction_of(direction), width=bounds, coded=True)


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


def defaults(text: str) -> dict[str, str]:
    """Find the defaults that text gives by the way: "`W` (default: 8)", `W = 8`."""
    found: dict[str, str] = {}
    for match in DEFAULT.finditer(text):
        value = value_of(match["value"])
        before = re.split(r"[.\n]", text[max(0, match.start() - 60) : match.start()])[-1]
        for name in re.findall(r"[A-Za-z_]\w*", before)[-6:] if value else []:
            found.setdefault(name, value or "")
    for name, written in chain(BY_DEFAULT.findall(text), ASSIGNED.findall(text)):
        value = expression_at_head(written)
        if value:
            found.setdefault(name, value)
    return found


def one_bit_by_default(text: str) -> bool:
    """Does the spec say that ports have one bit unless it says otherwise?"""
    return bool(_ONE_BIT.search(text[:20_000]))
