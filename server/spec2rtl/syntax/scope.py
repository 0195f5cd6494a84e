"""A module's names: what declares each, what drives it, where it is used."""

from collections.abc import Iterator

from msgspec import Struct

from spec2rtl.syntax.drivers import Drivers, drivers
from spec2rtl.syntax.header import Header, declarations, declared_name, read_header, split
from spec2rtl.syntax.keywords import DIRECTIONS, NETS, VARIABLES
from spec2rtl.syntax.lexer import Kind, Token, brackets, code, last_large
from spec2rtl.syntax.modules import Module


class Declaration(Struct, frozen=True):
    """One declaration of a name, as indexes into the scope's tokens.

    `first` is where the declaring words begin (those of an earlier name, if it shares them),
    `at` the name, `last` its last token before the comma, bracket or semicolon that ends it;
    `end` is the statement's `;`, or the end of the port list. `words` are the declaring words
    with ranges left out.
    """

    name: str
    first: int
    at: int
    last: int
    end: int
    words: frozenset[str]
    in_header: bool

    @property
    def direction(self) -> str | None:
        """`input`, `output` or `inout` of a port."""
        return next(iter(self.words & DIRECTIONS), None)

    @property
    def constant(self) -> bool:
        """Does it declare a parameter?"""
        return bool(self.words & {"parameter", "localparam"})

    @property
    def variable(self) -> bool:
        """Does it declare a variable, which a process may assign?"""
        return bool(self.words & VARIABLES)


class Scope(Struct, frozen=True):
    """A module read token by token; offsets of tokens are those of the whole text.

    `partners` are those of its brackets, as `brackets` gives them.
    """

    text: str
    module: Module
    tokens: list[Token]
    partners: list[int]
    header_size: int
    declarations: dict[str, tuple[Declaration, ...]]
    drivers: Drivers

    def reads(self, name: str) -> bool:
        """Is a name used in the body other than as the target of an assignment?"""
        targets = {a.at for a in self.drivers.assignments}
        declared = {d.at for d in self.declarations.get(name, ())}
        return any(
            token.text == name and i not in targets and i not in declared
            for i, token in enumerate(self.tokens[self.header_size :], self.header_size)
        )

    def indent(self, token: Token) -> str:
        """The blanks that the line of a token begins with."""
        line = self.text[self.text.rfind("\n", 0, token.start) + 1 : token.start]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def has_value(self, declaration: Declaration) -> bool:
        """Does a declaration give its name a value?"""
        return any(t.text == "=" for t in self.tokens[declaration.at : declaration.last])

    def range_text(self, declaration: Declaration) -> str:
        """The range that a declaration gives its name, with `signed`; empty for a scalar."""
        words = self.tokens[declaration.first : declaration.at]
        signed = "signed " if any(w.text == "signed" for w in words) else ""
        start = next((w.start for w in words if w.text == "["), None)
        stop = next((w.end for w in reversed(words) if w.text == "]"), None)
        inside = self.text[start:stop] if start is not None and stop is not None else ""
        return (signed + inside).strip()


@last_large
def scope_of(text: str, module: Module) -> Scope:
    """Read a module of a text."""
    tokens = code(text, module.start, module.end)
    first = next(i for i, t in enumerate(tokens) if t.text in ("module", "macromodule"))
    tokens = tokens[first:]
    header = read_header(tokens)
    found: dict[str, list[Declaration]] = {}
    for declaration in (*_in_header(tokens, header), *_in_body(tokens, header.size)):
        found.setdefault(declaration.name, []).append(declaration)
    table = {name: tuple(declared) for name, declared in found.items()}
    partners = brackets(tokens)
    driven = drivers(tokens, partners)
    return Scope(text, module, tokens, partners, header.size, table, driven)


def _in_header(tokens: list[Token], header: Header) -> Iterator[Declaration]:
    """The declarations of the parameter list and of an ANSI port list."""
    for start, end in (header.parameters_at, header.ports_at):
        yield from _declared(tokens, start, end, in_header=True)


_DECLARING = DIRECTIONS | NETS | VARIABLES | {"parameter", "localparam", "genvar"}


def _in_body(tokens: list[Token], size: int) -> Iterator[Declaration]:
    for start, end in declarations(tokens, size, _DECLARING):
        yield from _declared(tokens, start, end, in_header=False)


def _declared(
    tokens: list[Token], start: int, end: int, *, in_header: bool
) -> Iterator[Declaration]:
    """Read `words NAME …, NAME …, words NAME …` up to `end`."""
    index = {token.start: i for i, token in enumerate(tokens[start:end], start)}
    first, words = start, frozenset[str]()
    for piece in split(tokens[start:end]):
        at = declared_name(piece)
        if at is None:
            continue
        own = frozenset(t.text for t in piece[:at] if t.kind is Kind.KEYWORD)
        if own or at > 0:
            first, words = index[piece[0].start], own
        if words or not in_header:
            yield Declaration(
                piece[at].text,
                first,
                index[piece[at].start],
                index[piece[-1].start],
                end,
                words,
                in_header,
            )
