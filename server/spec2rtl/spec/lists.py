"""Declarations in lists and in lines of text."""

import re

from msgspec import Struct
from msgspec.structs import replace

from spec2rtl.spec import width
from spec2rtl.spec.declaration import (
    Declaration,
    begins_with_direction,
    declare,
    direction_of,
    value_of,
)
from spec2rtl.spec.document import Fence, Heading, Item, Line, Text
from spec2rtl.spec.outline import DIRECTIONS, INTERFACE, Placed, Topic
from spec2rtl.spec.prose import plain

_ATTRIBUTE = re.compile(
    r"^\W*(?P<key>width|size|bit width|direction|type|default(?: value)?|description|purpose|range)"
    r"\W{1,6}(?P<value>.{1,200})",
    re.IGNORECASE,
)
_VERILOG = frozenset({"verilog", "systemverilog", "sv", "v", ""})


class Found(Struct, frozen=True):
    """A declaration and the topic under which it stands."""

    declaration: Declaration
    topic: Topic


def declarations(placed: tuple[Placed, ...]) -> tuple[Found, ...]:
    """Read every list item, text line and line of unnamed code that declares something."""
    found: list[Found] = []
    parents: list[tuple[int, tuple[int, int]]] = []  # depth of an item, its span in `found`
    for index, one in enumerate(placed):
        block = one.block
        match block:
            case Item():
                while parents and parents[-1][0] >= block.depth:
                    parents.pop()
                if parents:
                    _amend(found, parents[-1][1], block.lines)
                    continue
                declared = _item(one, block.lines)
                if declared and not _is_group(declared, placed, index, block.depth):
                    start = len(found)
                    found += [Found(d, one.topic) for d in declared]
                    parents.append((block.depth, (start, len(found))))
            case Text():
                while parents and parents[-1][0] > block.depth:
                    parents.pop()
                if not parents:
                    found += _lines(one, block.lines)
            case Heading() if one.topic in DIRECTIONS:
                found += [Found(d, one.topic) for d in _item(one, (Line(block.line, block.text),))]
            case Fence() if block.info in _VERILOG:
                found += _lines(one, block.lines)
            case _:
                pass
    return tuple(found)


def _item(placed: Placed, lines: tuple[Line, ...]) -> tuple[Declaration, ...]:
    text = "\n".join(line.text for line in lines)
    loose = placed.topic in INTERFACE
    declared = declare(text, lines[0].number, loose=loose)
    if not loose:
        declared = tuple(d for d in declared if d.direction or d.parameter)
        return declared if placed.topic != "example" else ()
    return tuple(_under(d, placed) for d in declared)


def _under(declaration: Declaration, placed: Placed) -> Declaration:
    """Complete a declaration by what stands over it: `Outputs`, `Flags (1-bit each)`."""
    direction = declaration.direction or DIRECTIONS.get(placed.topic)
    bounds = declaration.width or width.in_prose(plain(placed.label), limit=80)
    listed = placed.topic == "parameter" and direction is None
    parameter = declaration.parameter or listed
    return replace(declaration, direction=direction, width=bounds, parameter=parameter)


def _is_group(
    declared: tuple[Declaration, ...], placed: tuple[Placed, ...], index: int, depth: int
) -> bool:
    """Is an item that looks like a name only a label over names in code spans?"""
    if any(d.coded or d.width or d.description for d in declared):
        return False
    for child in placed[index + 1 :]:
        if not isinstance(child.block, Item) or child.block.depth <= depth:
            return False
        if any(d.coded for d in _item(child, child.block.lines)):
            return True
    return False


def _amend(found: list[Found], span: tuple[int, int], lines: tuple[Line, ...]) -> None:
    """Take `Width: 8` and the like below a declaration into it."""
    text = plain(" ".join(line.text for line in lines))
    for index in range(*span):
        one = found[index]
        found[index] = Found(_amended(one.declaration, text), one.topic)


def _amended(declaration: Declaration, text: str) -> Declaration:
    attribute = _ATTRIBUTE.match(text)
    description = f"{declaration.description} {text}".strip()
    if not attribute:
        return replace(declaration, description=description)
    key, value = attribute["key"].lower(), attribute["value"].strip()
    if key in {"width", "size", "bit width", "range"} and declaration.width is None:
        bounds = width.from_cell(value) or width.in_prose(value)
        return replace(declaration, width=bounds)
    if (
        key in {"direction", "type"}
        and re.match(r"(?:in|out)", value, re.IGNORECASE)
        and "int" not in value[:3].lower()
    ):
        return replace(declaration, direction=direction_of(value))
    if key.startswith("default") and declaration.default is None:
        return replace(declaration, default=value_of(re.split(r"\s+\(", value, maxsplit=1)[0]))
    if key in {"description", "purpose"}:
        return replace(declaration, description=f"{declaration.description} {value}".strip())
    return declaration


def _lines(placed: Placed, lines: tuple[Line, ...]) -> list[Found]:
    """Read the lines of a paragraph or of code, each of which may declare something."""
    found: list[Found] = []
    for line in lines:
        declared = _item(placed, (line,))
        if isinstance(placed.block, Text):
            loose = placed.topic in INTERFACE
            alone = declared and _stands_alone(declared[0], line.text, loose=loose)
            declared = declared if alone else ()
        found += [Found(d, placed.topic) for d in declared]
    return found


def _stands_alone(declaration: Declaration, text: str, *, loose: bool) -> bool:
    """Does the line begin with the declaration, or is it a sentence that mentions a name?"""
    about = declaration.description
    if not loose and about and not about.startswith("//") and not begins_with_direction(about):
        return False
    before = re.split(rf"\b{declaration.name}\b", plain(text), maxsplit=1)[0]
    return len(before.split()) <= 4
