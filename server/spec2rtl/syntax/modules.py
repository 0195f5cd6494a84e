"""The modules of a Verilog text and what each shows to its surroundings."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from spec2rtl.rtl import Interface
from spec2rtl.syntax.header import Header, read_header
from spec2rtl.syntax.lexer import Kind, Token, awaited, brackets, code

_REMEMBERED, _LARGE_REMEMBERED = 1024, 32
"""Of the texts asked about last: of one text, everybody asks, and of a project of all its files."""
_LARGE = 20_000
"""Characters of a text of which fewer are remembered: an editor has a new one at every stroke."""


class Module(Struct, frozen=True):
    """A module and where it is; offsets count characters, `line` is that of its keyword.

    `start` includes attributes before the keyword; `end` is after `endmodule` and its label, or
    where the text or the next module begins when the module isn't `finished`; `header_end` is
    after the header's last token, the `;` where there is one; `clean` says that the header could
    be read without guessing. `instantiates` are module names, as far as they can be told without
    elaborating.
    """

    name: str
    start: int
    end: int
    header_end: int
    line: int
    interface: Interface
    instantiates: tuple[str, ...] = ()
    finished: bool = True
    clean: bool = True


def modules(text: str) -> tuple[Module, ...]:
    """Find the modules of a text, broken ones too."""
    return (_of_large if len(text) > _LARGE else _of_small)(text)


def _modules(text: str) -> tuple[Module, ...]:
    tokens = code(text)
    starts = [i for i in range(len(tokens)) if _begins_module(tokens, i)]
    return tuple(_module(text, tokens, i, stop) for i, stop in pairwise([*starts, len(tokens)]))


_of_small = lru_cache(_REMEMBERED)(_modules)
_of_large = awaited(lru_cache(_LARGE_REMEMBERED)(_modules))


def find_module(text: str, name: str) -> Module | None:
    """The first module of that name."""
    return next((m for m in modules(text) if m.name == name), None)


def top_module(texts: Iterable[str]) -> str | None:
    """The only module that no other instantiates; None when there are several or none."""
    found = [m for text in texts for m in modules(text)]
    used = {name for m in found for name in m.instantiates if name != m.name}
    roots = list(Counter(m.name for m in found if m.name not in used))
    return roots[0] if len(roots) == 1 else None


_BEFORE_BODY = frozenset(("(", ";", "#", "import", "input", "output", "inout", "parameter"))


def _begins_module(tokens: list[Token], i: int) -> bool:
    """Tell a module from the word in prose: a name and a header follow."""
    if tokens[i].text not in ("module", "macromodule") or (i and tokens[i - 1].text == "extern"):
        return False
    at = name_index(tokens, i)
    return (
        at + 1 < len(tokens)
        and tokens[at].kind is Kind.NAME
        and tokens[at + 1].text in _BEFORE_BODY
    )


def name_index(tokens: Sequence[Token], i: int) -> int:
    """The index of the name that belongs to the module keyword at index `i`."""
    lifetime = i + 1 < len(tokens) and tokens[i + 1].text in ("automatic", "static")
    return i + 2 if lifetime else i + 1


def _module(text: str, tokens: list[Token], start: int, stop: int) -> Module:
    last = next((j for j in range(start, stop) if tokens[j].text == "endmodule"), None)
    own = tokens[start : stop if last is None else last]
    name = own[name_index(own, 0)].text
    header = read_header(own)
    return Module(
        name=name,
        start=_attributes_start(tokens, start),
        end=_end(text, tokens, stop) if last is None else _after_label(tokens, last),
        header_end=header.end,
        line=tokens[start].line,
        interface=Interface(name, header.ports, header.parameters),
        instantiates=_instantiated(own, header),
        finished=last is not None,
        clean=header.clean,
    )


def _end(text: str, tokens: list[Token], stop: int) -> int:
    return _attributes_start(tokens, stop) if stop < len(tokens) else len(text)


def _after_label(tokens: list[Token], last: int) -> int:
    labelled = (
        last + 2 < len(tokens)
        and tokens[last + 1].text == ":"
        and tokens[last + 2].kind is Kind.NAME
    )
    return tokens[last + 2 if labelled else last].end


def _attributes_start(tokens: list[Token], index: int) -> int:
    """The offset of the attribute right before a token, else of the token."""
    if index >= 4 and tokens[index - 1].text == ")" and tokens[index - 2].text == "*":
        for j in range(index - 3, max(index - 60, 0), -1):
            if tokens[j].text == "*" and tokens[j - 1].text == "(":
                return tokens[j - 1].start
            if tokens[j].text == ";":
                break
    return tokens[index].start


def _instantiated(tokens: list[Token], header: Header) -> tuple[str, ...]:
    """Names in the shape `NAME [#(…)] NAME [range] (`, which is nothing else in Verilog."""
    partners = brackets(tokens)
    found: list[str] = []
    for i in range(header.size, len(tokens)):
        if tokens[i].kind is not Kind.NAME or tokens[i - 1].text in _NOT_BEFORE_INSTANCE:
            continue
        at = _after_parameters(tokens, partners, i + 1)
        if at < len(tokens) and tokens[at].kind is Kind.NAME:
            at += 1
            while at < len(tokens) and tokens[at].text == "[":
                at = partners[at] + 1
            if at < len(tokens) and tokens[at].text == "(":
                found.append(tokens[i].text)
    return tuple(dict.fromkeys(found))


_NOT_BEFORE_INSTANCE = frozenset((".", "::", "function", "task", "automatic", "static", "extern"))


def _after_parameters(tokens: list[Token], partners: list[int], at: int) -> int:
    if at + 1 < len(tokens) and tokens[at].text == "#":
        return partners[at + 1] + 1 if tokens[at + 1].text == "(" else at + 2
    return at
