"""Module headers written in Verilog inside a spec, whole or begun."""

import re
from itertools import zip_longest

from msgspec import Struct
from msgspec.structs import replace

from spec2rtl.rtl import Direction
from spec2rtl.spec import width
from spec2rtl.spec.declaration import Declaration, direction_of, value_of
from spec2rtl.spec.width import Width

_MODULE = re.compile(
    r"(?:^[ \t`]*|`)module[ \t]+([A-Za-z_]\w*)[ \t]*(?=#|\(|;|$|import\b)", re.MULTILINE
)
_IMPORTS = re.compile(r"\s*(?:import\s+[^;]{1,200};\s*)*")
_BODY_PORT = re.compile(r"^[ \t]*((?:input|output|inout)\b[^;\n]{1,300});", re.MULTILINE)
_BODY_PARAMETER = re.compile(r"^[ \t]*(parameter\b[^;\n]{1,300});", re.MULTILINE)
_COMMENT = re.compile(r"//[^\n]*|/\*.{0,2000}?\*/", re.DOTALL)
_PORT = re.compile(
    r"(?:(?P<direction>input|output|inout)\b)?\s*(?P<type>(?:(?:wire|reg|logic|bit|tri|var)\b\s*)*)"
    r"(?P<signed>(?:un)?signed\b)?\s*(?P<own>[A-Za-z_][\w:.$]*\s+)?"
    r"(?P<range>(?:\[[^\[\]]{1,200}\]\s*)*)(?P<name>[A-Za-z_]\w*)"
    r"\s*(?P<unpacked>\[[^\]]*\])?\s*(?:=.*)?$",
    re.DOTALL,
)
_PARAMETER = re.compile(
    r"(?:parameter\b)?\s*(?:(?:integer|int|logic|bit|unsigned|signed|string)\b\s*)*"
    r"(?:\[[^\]]*\]\s*)?(?P<name>[A-Za-z_]\w*)\s*(?:=\s*(?P<value>.+))?$",
    re.DOTALL,
)
_MAX_HEADER = 40_000


class CodeHeader(Struct, frozen=True):
    """A module header found in the text."""

    module: str
    line: int
    ports: tuple[Declaration, ...]
    parameters: tuple[Declaration, ...]


def find_header(text: str, first_line: int) -> CodeHeader | None:
    """Find the first module header that declares a port."""
    modules = list(_MODULE.finditer(text))
    for found, following in zip_longest(modules, modules[1:]):
        end = following.start() if following else len(text)
        header = _read(text[found.end() : min(end, found.end() + _MAX_HEADER)])
        if header[0]:
            line = first_line + text.count("\n", 0, found.start())
            base = first_line + text.count("\n", 0, found.end())
            ports, parameters = (
                tuple(_moved(d, base) for d in declarations) for declarations in header
            )
            return CodeHeader(found[1], line, ports, parameters)
    return None


def declared(text: str, line: int) -> tuple[Declaration, ...]:
    """Read a port list of a single line: `input clk, input [7:0] d, output q`."""
    return tuple(_moved(port, line) for port in _ports(text, text, 0, len(text)))


def _moved(declaration: Declaration, lines: int) -> Declaration:
    return replace(declaration, line=declaration.line + lines)


def _read(text: str) -> tuple[list[Declaration], list[Declaration]]:
    """Read what follows a module's name; lines count from 0."""
    text = text.replace("...", "   ")  # a header that is only begun
    blanked = _COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    imports = _IMPORTS.match(blanked)
    position = imports.end() if imports else 0
    parameters: list[Declaration] = []
    if blanked.startswith("#", position):
        opening = blanked.find("(", position)
        closing = _closing(blanked, opening) if opening >= 0 else -1
        if closing < 0:
            return [], []
        parameters = _parameters(blanked, opening + 1, closing)
        position = closing + 1
    opening = blanked.find("(", position)
    if opening < 0 or blanked[position:opening].strip():
        return _body(text, blanked, 0), parameters
    closing = _closing(blanked, opening)
    end = closing if closing >= 0 else len(blanked)
    ports = _ports(text, blanked, opening + 1, end)
    if any(port.direction for port in ports):
        return [port for port in ports if port.direction or port.array], parameters
    parameters += [
        parameter
        for found in _BODY_PARAMETER.finditer(blanked, end)
        for parameter in _parameters(blanked, found.start(1), found.end(1))
    ]
    return _body(text, blanked, end), parameters


def _closing(text: str, opening: int) -> int:
    depth = 0
    for found in re.compile(r"[()]").finditer(text, opening):
        depth += 1 if found.group() == "(" else -1
        if depth == 0:
            return found.start()
    return -1


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Split at the commas outside any bracket."""
    pieces: list[tuple[int, int]] = []
    depth = 0
    begin = start
    for position in range(start, end):
        letter = text[position]
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            pieces.append((begin, position))
            begin = position + 1
    pieces.append((begin, end))
    return pieces


def _parameters(text: str, start: int, end: int) -> list[Declaration]:
    found: list[Declaration] = []
    for begin, stop in _pieces(text, start, end):
        match = _PARAMETER.match(text[begin:stop].strip())
        if match:
            line = _line(text, begin, stop)
            default = value_of(match["value"]) if match["value"] else None
            found.append(
                Declaration(match["name"], line, default=default, coded=True, parameter=True)
            )
    return found


def _ports(text: str, blanked: str, start: int, end: int) -> list[Declaration]:
    found: list[Declaration] = []
    direction: Direction | None = None
    bounds: Width | None = None
    signed = False
    for begin, stop in _pieces(blanked, start, end):
        match = _PORT.match(blanked[begin:stop].strip())
        if not match:  # several dimensions, an attribute: what can't be read must not get lost
            words = re.findall(r"[A-Za-z_]\w*", blanked[begin:stop])
            line = _line(blanked, begin, stop)
            found += [Declaration(w, line, direction, coded=True, array=True) for w in words[-1:]]
            continue
        said: str | None = match["direction"]
        if said:
            direction = direction_of(said)
        if said or match["range"] or match["type"]:
            bounds = width.from_ranges(match["range"]) if match["range"] else width.SCALAR
            signed = match["signed"] == "signed"
        found.append(
            Declaration(
                match["name"],
                _line(blanked, begin, stop),
                direction,
                width=bounds,
                signed=signed,
                description=_remark(text, blanked, stop),
                coded=True,
                array=bool(match["own"] or match["unpacked"]),
            )
        )
    return found


def _body(text: str, blanked: str, start: int) -> list[Declaration]:
    """Read `input a, b;` lines of a header in the old style."""
    stop = blanked.find("endmodule", start)
    found: list[Declaration] = []
    for match in _BODY_PORT.finditer(blanked, start, stop if stop >= 0 else len(blanked)):
        found += _ports(text, blanked, match.start(1), match.end(1))
    return found


def _line(text: str, begin: int, stop: int) -> int:
    piece = text[begin:stop]
    blanks = len(piece) - len(piece.lstrip())
    return text.count("\n", 0, begin + blanks)


def _remark(text: str, blanked: str, stop: int) -> str:
    """Read the `//` comment after a port, behind its comma."""
    end = text.find("\n", stop)
    tail = text[stop : end if end >= 0 else len(text)]
    code = blanked[stop : stop + len(tail)].strip(" ,\t)")
    return tail.partition("//")[2].strip() if "//" in tail and not code else ""
