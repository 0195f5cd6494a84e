"""Put the known interface in the place of a module's header, and fit the body to it."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from spec2rtl.repair.edits import Splice, splice
from spec2rtl.rtl import Interface, Language, Parameter, Port
from spec2rtl.spec.header import header
from spec2rtl.syntax.constants import parameter_values, width
from spec2rtl.syntax.drivers import drivers
from spec2rtl.syntax.header import Header, declarations, declared_name, read_header, split
from spec2rtl.syntax.keywords import DIRECTIONS, NETS, VARIABLES
from spec2rtl.syntax.lexer import Token, brackets, code
from spec2rtl.syntax.modules import Module


def agrees(module: Module, interface: Interface) -> bool:
    """Does a module show what it should: names, directions, widths and parameters?"""
    own = module.interface
    values = parameter_values(own.parameters)
    wanted = parameter_values(interface.parameters)
    shown = {p.name: (p.direction, width(p, values)) for p in own.ports}
    expected = {p.name: (p.direction, width(p, wanted)) for p in interface.ports}
    return (
        module.clean
        and module.name == interface.module
        and shown.keys() == expected.keys()
        and all(_same(shown[name], expected[name]) for name in expected)
        and {p.name for p in interface.parameters} <= {p.name for p in own.parameters}
        and all(values.get(name, value) == value for name, value in wanted.items())
    )


def _same(shown: tuple[str, int | None], expected: tuple[str, int | None]) -> bool:
    """Compare directions, and widths where both can be told."""
    return shown[0] == expected[0] and (None in (shown[1], expected[1]) or shown[1] == expected[1])


class _Parts(Struct, frozen=True):
    """A module's text taken apart; `body` are the tokens after the header, `driven` its variables."""

    text: str
    keyword: Token
    header: Header
    head: list[Token]
    body: list[Token]
    driven: frozenset[str]


def with_header(text: str, module: Module, interface: Interface, language: Language) -> str:
    """The module's text with the interface's header; extra parameters of its own stay."""
    parts = _take_apart(text[module.start : module.end])
    names = _renamed(module.interface, interface, parts.body)
    known = {p.name for p in interface.ports}
    body = list(_rename(parts.body, names))
    constants = {p.name for p in interface.parameters}
    body += _without_redeclarations(parts, known | names.keys(), constants, names)
    registers = frozenset(names.get(n, n) for n in parts.driven) & known
    merged = Interface(interface.module, interface.ports, _parameters(parts, interface))
    lines = [header(merged, language, registers), *_kept(parts, known | names.keys())]
    start = Splice(parts.keyword.start, parts.header.end, "\n".join(lines))
    newline = [] if _begins_line(parts) else [Splice(parts.header.end, parts.header.end, "\n")]
    return splice(parts.text, _disjoint([start, *newline, *body]))


def _take_apart(text: str) -> _Parts:
    tokens = code(text)
    first = next(i for i, t in enumerate(tokens) if t.text in ("module", "macromodule"))
    found = read_header(tokens[first:])
    size = first + found.size
    body = tokens[size:]
    driven = drivers(body, brackets(body)).procedural()
    return _Parts(text, tokens[first], found, tokens[first:size], body, driven)


def _begins_line(parts: _Parts) -> bool:
    return parts.text[parts.header.end :].lstrip(" \t\r")[:1] in ("\n", "")


def _disjoint(splices: Iterable[Splice]) -> Iterator[Splice]:
    """Leave out what is inside of an earlier splice."""
    at = 0
    for part in sorted(splices):
        if part.start >= at:
            yield part
            at = part.end


def _parameters(parts: _Parts, interface: Interface) -> tuple[Parameter, ...]:
    """The interface's parameters, then what the header (not the body) has beyond them."""
    defaults = {p.name: p.default for p in parts.header.parameters}
    known = [Parameter(p.name, p.default or defaults.get(p.name)) for p in interface.parameters]
    elsewhere = {p.name for p in known} | _declared(parts.body)
    return (*known, *(p for p in parts.header.parameters if p.name not in elsewhere))


def _kept(parts: _Parts, ports: set[str]) -> Iterator[str]:
    """Lines for what the old header declared and the body may still use."""
    tokens = parts.head
    for i, token in enumerate(tokens):
        if token.text == "import":
            end = next((t.end for t in tokens[i:] if t.text == ";"), token.end)
            yield f"    {parts.text[token.start : end]}"
    for constant in parts.header.local:
        yield f"    localparam {constant.name} = {constant.default};"
    declared = _declared(parts.body)
    for port in parts.header.ports:
        if port.direction == "output" and port.name not in ports | declared:
            kind = "reg" if port.name in parts.driven else "wire"
            bounds = f"{port.range} " if port.range else ""
            yield f"    {kind} {bounds}{port.name};"


# --- names


def _renamed(own: Interface, interface: Interface, body: list[Token]) -> dict[str, str]:
    """Ports of the reply that can only be a port of the interface under another name."""
    names = {p.name for p in interface.ports}
    extra = [p for p in own.ports if p.name not in names]
    lacking = [p for p in interface.ports if p.name not in {q.name for q in own.ports}]
    used = {t.text for t in body}
    values = parameter_values((*own.parameters, *interface.parameters))
    found: dict[str, str] = {}
    for port in lacking:
        same_name = [p for p in extra if p.name.lower() == port.name.lower()]
        alike = [p for p in extra if _shape(p, values) == _shape(port, values)]
        alone = [p for p in lacking if _shape(p, values) == _shape(port, values)] == [port]
        matches = same_name or (alike if alone else [])
        if len(matches) == 1 and port.name not in used and matches[0].name not in found:
            found[matches[0].name] = port.name
    return found


def _shape(port: Port, values: dict[str, int]) -> tuple[str, int | None]:
    return port.direction, width(port, values)


def _rename(body: list[Token], names: dict[str, str]) -> Iterator[Splice]:
    for before, token in zip([None, *body], body, strict=False):
        if token.text in names and not (before and before.text == "."):
            yield Splice(token.start, token.end, names[token.text])


# --- declarations in the body that the header now makes


_DECLARING = DIRECTIONS | NETS | VARIABLES | {"parameter", "localparam"}


def _declared(body: list[Token]) -> set[str]:
    found = (name for s, e in declarations(body, 0, _DECLARING) for name, _ in _names(body[s:e]))
    return {name.text for name in found}


def _names(statement: list[Token]) -> Iterator[tuple[Token, list[Token]]]:
    """Each name that a declaration declares, and the tokens that are its own from there on."""
    for piece in split(statement):
        at = declared_name(piece)
        if at is not None:
            yield piece[at], piece[at:]


def _without_redeclarations(
    parts: _Parts, ports: set[str], constants: set[str], renamed: dict[str, str]
) -> Iterator[Splice]:
    body = parts.body
    for start, end in declarations(body, 0, _DECLARING):
        statement = body[start:end]
        gone = constants if statement[0].text in ("parameter", "localparam") else ports
        names = list(_names(statement))
        if statement[0].text in DIRECTIONS or any(n.text in gone for n, _ in names):
            after = body[end].end if end < len(body) else statement[-1].end
            new = _declaration(parts.text, statement, names, gone, renamed)
            yield _replace_statement(parts.text, statement[0].start, after, new)


def _declaration(
    text: str,
    statement: list[Token],
    names: list[tuple[Token, list[Token]]],
    gone: set[str],
    renamed: dict[str, str],
) -> list[str]:
    """What remains of a declaration when some of its names are declared in the header."""
    kind = statement[0].text
    kept = [text[n.start : own[-1].end] for n, own in names if n.text not in gone]
    lines: list[str] = []
    if kept and names and kind != "input":
        prefix = text[statement[0].start : names[0][0].start]
        if kind in DIRECTIONS:
            prefix = prefix[len(kind) :].strip()
            typed = any(t.text in NETS or t.text in VARIABLES for t in statement)
            prefix = prefix + " " if typed else f"wire {prefix} ".replace("  ", " ")
        lines.append(f"{prefix}{', '.join(kept)};")
    for name, own in names:
        if name.text in gone and kind not in ("parameter", "localparam"):
            value = next((t for t in own if t.text == "="), None)
            verb = "assign" if kind in NETS else "initial"
            if value and value is not own[-1]:
                target = renamed.get(name.text, name.text)
                lines.append(f"{verb} {target} = {text[value.end : own[-1].end].strip()};")
    return lines


def _replace_statement(text: str, start: int, end: int, lines: list[str]) -> Splice:
    """Replace a statement; with nothing left, its line goes too where it stood alone."""
    if lines:
        return Splice(start, end, " ".join(lines))
    line = text.rfind("\n", 0, start) + 1
    after = len(text) - len(text[end:].lstrip(" \t\r"))
    if not text[line:start].strip() and text[after : after + 1] == "\n":
        return Splice(line, after + 1, "")
    return Splice(start, end, "")
