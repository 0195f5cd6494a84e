"""A module's header: where it ends, its ports and its parameters, ANSI style or not."""

from msgspec import Struct

from spec2rtl.rtl import Direction, Parameter, Port
from spec2rtl.syntax.keywords import DIRECTIONS, NETS, PROCESSES, VARIABLES
from spec2rtl.syntax.lexer import (
    Kind,
    Token,
    brackets,
    join,
)


class Header(Struct, frozen=True):
    """What a header says; `size` counts its tokens, `end` is the offset after the last.

    `parameters_at` and `ports_at` are where the tokens of its two lists begin and end; `local` are
    the `localparam`s of the first, which are nobody else's business.
    """

    size: int
    end: int
    ports: tuple[Port, ...]
    parameters: tuple[Parameter, ...]
    clean: bool
    parameters_at: tuple[int, int]
    ports_at: tuple[int, int]
    local: tuple[Parameter, ...] = ()


def read_header(tokens: list[Token]) -> Header:
    """Read the header of the module whose tokens, from its keyword on, are given."""
    partners = brackets(tokens)
    size, closed = _extent(tokens, partners)
    parameters_at, ports_at = _lists(tokens, partners, size)
    port_list = tokens[slice(*ports_at)]
    pieces = split(port_list)
    ports, clean = _ansi_ports(pieces)
    if pieces and not any(t.text in DIRECTIONS for t in port_list):
        ports, clean = _named_ports(pieces, tokens, size)
    parameters, local = _parameters(tokens[slice(*parameters_at)])
    if parameters_at == (0, 0):
        parameters = _body_parameters(tokens, size)
    return Header(
        size=size,
        end=tokens[size - 1].end,
        ports=ports,
        parameters=parameters,
        clean=clean and closed,
        parameters_at=parameters_at,
        ports_at=ports_at,
        local=local,
    )


# --- where the header ends


def _extent(tokens: list[Token], partners: list[int]) -> tuple[int, bool]:
    """How many tokens the header has, and whether it ends as it should."""
    i = 1
    while i < len(tokens):
        text = tokens[i].text
        if text == "import":
            i = _statement_end(tokens, i) + 1
            continue
        if text == ";":
            return i + 1, True
        if text == "(" and partners[i] < len(tokens):
            is_port_list = tokens[i - 1].text != "#"
            i = partners[i] + 1
            if is_port_list and i < len(tokens) and tokens[i].text != ";":
                return i, False
        elif text == "(" or tokens[i].text in _BODY:
            break
        else:
            i += 1
    return _guess_extent(tokens), False


_BODY = PROCESSES | frozenset(
    (
        "assign",
        "generate",
        "genvar",
        "localparam",
        "begin",
        "case",
        "if",
        "for",
        "function",
        "task",
        "endmodule",
    )
)


def _guess_extent(tokens: list[Token]) -> int:
    """Where a header that isn't closed properly ends: at `);`, else where the body begins."""
    for i in range(1, len(tokens)):
        if tokens[i].text in _BODY or _declares(tokens, i):
            return i
        if tokens[i].text == ")" and i + 1 < len(tokens) and tokens[i + 1].text == ";":
            return i + 2
    return len(tokens)


def _declares(tokens: list[Token], i: int) -> bool:
    """Does a net or variable declaration begin here, on a line of its own?"""
    return (
        (tokens[i].text in VARIABLES or tokens[i].text in NETS)
        and tokens[i].line > tokens[i - 1].line
        and tokens[i - 1].text not in (",", "(", "#")
        and tokens[i - 1].text not in DIRECTIONS
    )


def _lists(
    tokens: list[Token], partners: list[int], size: int
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where the parameter port list and the port list begin and end."""
    parameters = (0, 0)
    i = 1
    while i < size:
        if tokens[i].text == "#" and i + 1 < size and tokens[i + 1].text == "(":
            parameters = (i + 2, min(partners[i + 1], size))
            i = parameters[1]
        elif tokens[i].text == "(":
            return parameters, (i + 1, min(partners[i], size))
        i += 1
    return parameters, (0, 0)


def split(tokens: list[Token], separator: str = ",") -> list[list[Token]]:
    """Split a list at the commas that are outside of brackets; empty pieces are dropped."""
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if token.text == separator and depth <= 0:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return [piece for piece in pieces if piece]


def declared_name(piece: list[Token]) -> int | None:
    """Where the declared name is in a piece of a list: the last outside of brackets before `=`."""
    depth, found = 0, None
    for i, token in enumerate(piece):
        depth += (token.text in ("[", "(", "{")) - (token.text in ("]", ")", "}"))
        if token.text == "=" and depth == 0:
            break
        if token.kind is Kind.NAME and depth == 0:
            found = i
    return found


# --- ports


class _Declared(Struct):
    """What a port declaration says before its name; later names of the list share it."""

    direction: Direction = "input"
    signed: bool = False
    msb: str | None = None
    lsb: str | None = None

    def port(self, name: Token) -> Port:
        return Port(name.text, self.direction, self.msb, self.lsb, self.signed, name.line)


_SIGNED_TYPES = frozenset(("integer", "int", "byte", "shortint", "longint"))
_TYPE_WIDTH = {"integer": 32, "int": 32, "byte": 8, "shortint": 16, "longint": 64, "time": 64}


def _ansi_ports(pieces: list[list[Token]]) -> tuple[tuple[Port, ...], bool]:
    ports: list[Port] = []
    declared = _Declared()
    clean = True
    for piece in pieces:
        piece = without_attributes(piece)  # noqa: PLW2901
        if len(piece) != 1:
            declared, rest, readable = _read_declaration(piece, declared)
        else:
            rest, readable = piece, True
        name = rest[0] if rest and rest[0].kind is Kind.NAME else None
        clean = clean and readable and name is not None and _only_dimensions(rest[1:])
        if name:
            ports.append(declared.port(name))
    names = [p.name for p in ports]
    return tuple(ports), clean and len(set(names)) == len(names)


def _read_declaration(piece: list[Token], before: _Declared) -> tuple[_Declared, list[Token], bool]:
    """Read `[direction] [type] [signed] [range…]`; give it, what follows, and if it was clear."""
    declared = _Declared(before.direction)
    i, clear = 0, True
    ranges: list[tuple[str, str]] = []
    while i < len(piece):
        token = piece[i]
        if token.text in DIRECTIONS:
            declared.direction = token.text  # type: ignore[assignment]
        elif token.text in _TYPE_WIDTH:
            ranges.append((str(_TYPE_WIDTH[token.text] - 1), "0"))
            declared.signed = token.text in _SIGNED_TYPES
        elif token.text in ("signed", "unsigned"):
            declared.signed = token.text == "signed"
        elif token.text == "[":
            end = next((j for j in range(i, len(piece)) if piece[j].text == "]"), len(piece))
            bounds = split(piece[i + 1 : end], ":")
            clear = clear and len(bounds) == 2
            if len(bounds) == 2:
                ranges.append((join(bounds[0]), join(bounds[1])))
            i = end
        elif token.kind is not Kind.KEYWORD and not _names_type(piece, i):
            break
        i += 1
    declared.msb, declared.lsb = _packed(ranges)
    return declared, piece[i:], clear


def _names_type(piece: list[Token], i: int) -> bool:
    """Is this name a type, since another name follows?"""
    follows = piece[i + 1] if i + 1 < len(piece) else None
    return follows is not None and (
        follows.kind is Kind.NAME or follows.text in ("::", ".") or piece[i].text in ("::", ".")
    )


def _packed(ranges: list[tuple[str, str]]) -> tuple[str | None, str | None]:
    """The one range that is as wide as all packed dimensions together."""
    if len(ranges) < 2:
        return ranges[0] if ranges else (None, None)
    widths = [f"({msb})-({lsb})+1" if lsb != "0" else f"({msb})+1" for msb, lsb in ranges]
    return "*".join(f"({w})" for w in widths) + "-1", "0"


def _only_dimensions(tokens: list[Token]) -> bool:
    """Is what follows a port's name an unpacked dimension or a default, and nothing else?"""
    return not tokens or tokens[0].text in ("=", "[")


def without_attributes(tokens: list[Token]) -> list[Token]:
    """Drop `(* … *)`."""
    kept: list[Token] = []
    inside = False
    for i, token in enumerate(tokens):
        follows = tokens[i + 1].text if i + 1 < len(tokens) else ""
        if not inside and token.text == "(" and follows == "*":
            inside = True
        if not inside:
            kept.append(token)
        elif token.text == ")" and tokens[i - 1].text == "*":
            inside = False
    return kept


def _named_ports(
    pieces: list[list[Token]], tokens: list[Token], size: int
) -> tuple[tuple[Port, ...], bool]:
    """Ports whose declarations are in the body."""
    declared = {port.name: port for port in _body_ports(tokens, size)}
    names = [piece[0].text for piece in pieces if len(piece) == 1]
    clean = len(names) == len(pieces) and all(name in declared for name in names)
    return tuple(declared[name] for name in names if name in declared), clean


def _body_ports(tokens: list[Token], size: int) -> list[Port]:
    ports: list[Port] = []
    for start, end in declarations(tokens, size, DIRECTIONS):
        ports += _ansi_ports(split(tokens[start:end]))[0]
    return ports


def declarations(
    tokens: list[Token], start: int, keywords: frozenset[str]
) -> list[tuple[int, int]]:
    """Where the body's statements that begin with one of the keywords begin, and their `;`.

    What is inside of functions, tasks and structures is theirs and left out.
    """
    found: list[tuple[int, int]] = []
    inside: str | None = None
    partners: list[int] = []
    i = start
    while i < len(tokens):
        text = tokens[i].text
        if inside:
            inside = None if text == inside else inside
        elif text in ("function", "task"):
            inside = "end" + text
        elif text == "{" and tokens[i - 1].text in _BEFORE_MEMBERS:
            partners = partners or brackets(tokens)
            i = partners[i] if partners[i] < len(tokens) else i
        elif text in keywords and (i == start or _ends_statement(tokens, i - 1)):
            end = _statement_end(tokens, i)
            found.append((i, end))
            i = end
        i += 1
    return found


def _ends_statement(tokens: list[Token], i: int) -> bool:
    """Can a statement begin behind a token? Also behind the label of a block."""
    labels = i > 1 and tokens[i - 1].text == ":" and tokens[i - 2].text in ("begin", "end")
    return labels or tokens[i].text in _STATEMENT_ENDS


def _statement_end(tokens: list[Token], i: int) -> int:
    return next((j for j in range(i, len(tokens)) if tokens[j].text == ";"), len(tokens))


_BEFORE_MEMBERS = frozenset(("struct", "union", "packed", "tagged", "signed", "unsigned"))
_STATEMENT_ENDS = frozenset(
    (";", "end", "endcase", "endgenerate", "endfunction", "endtask", "generate", "begin", ")")
)


# --- parameters


def _parameters(tokens: list[Token]) -> tuple[tuple[Parameter, ...], tuple[Parameter, ...]]:
    """The parameters of a list, and its `localparam`s."""
    found: tuple[list[Parameter], list[Parameter]] = ([], [])
    local = False
    for piece in split(tokens):
        if piece[0].text in ("parameter", "localparam"):
            local = piece[0].text == "localparam"
        parameter = _parameter(piece)
        if parameter:
            found[local].append(parameter)
    return tuple(found[False]), tuple(found[True])


def _parameter(piece: list[Token]) -> Parameter | None:
    at = declared_name(piece)
    if at is None:
        return None
    name = piece[at]
    equals = next((i for i, t in enumerate(piece) if t.text == "="), len(piece))
    return Parameter(name.text, join(piece[equals + 1 :]) or None, name.line)


def _body_parameters(tokens: list[Token], size: int) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    for start, end in declarations(tokens, size, frozenset(("parameter",))):
        found += _parameters(tokens[start:end])[0]
    return tuple(found)
