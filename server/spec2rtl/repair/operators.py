"""Mutation operators: each finds the places where one small change gives RTL another meaning.

What makes right RTL wrong also makes wrong RTL right: they serve to judge tests and to repair. A
change compiles where the text does and can show in a simulation. Left alone is what no test can
see or what only breaks the run: `initial` blocks, loop headers, delays, parameters.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from spec2rtl.repair.edits import Splice
from spec2rtl.syntax.constants import evaluate
from spec2rtl.syntax.drivers import Assignment
from spec2rtl.syntax.lexer import Kind, Token
from spec2rtl.syntax.processes import EDGES, clocked
from spec2rtl.syntax.scope import Declaration, Scope


class Change(Struct, frozen=True):
    """One change of a text; `what` says what is wrong then."""

    kind: str
    what: str
    splices: tuple[Splice, ...]


class Site:
    """A module as the operators see it: its tokens, and which of them may change."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.tokens = scope, scope.tokens
        self.partners = scope.partners
        kept = _left_alone(scope)
        body = range(scope.header_size, len(self.tokens))
        self.free = [i for i in body if i not in kept and self.tokens[i].text != "endmodule"]
        free = frozenset(self.free)
        self.assignments = [a for a in scope.drivers.assignments if a.at in free]

    def text(self, first: int, end: int) -> str:
        """The source from a token up to another."""
        return self.scope.text[self.tokens[first].start : self.tokens[end - 1].end]

    def put(self, first: int, end: int, text: str) -> Splice:
        """Put a text in the place of the tokens from `first` up to `end`."""
        return Splice(self.tokens[first].start, self.tokens[end - 1].end, text)

    def conditions(self) -> Iterator[tuple[int, int]]:
        """Where what is asked by each `if (…)` begins and ends."""
        for i in self.free[:-1]:
            if self.tokens[i].text == "if" and self.tokens[i + 1].text == "(":
                first, end = i + 2, self.partners[i + 1]
                if first < end < len(self.tokens):
                    yield first, end


Operator = Callable[[Site], Iterator[Change]]


def constant_outputs(site: Site) -> Iterator[Change]:
    """An output is all zeros, or all ones, whatever gives it its values."""
    outputs = [p.name for p in site.scope.module.interface.ports if p.direction == "output"]
    for name in outputs:
        driving = [a for a in site.assignments if a.name == name]
        plain = all(_plain(site, a) for a in driving)
        for value, said in (("0", "0"), ("~0", "all ones")):
            if driving and plain:
                splices = tuple(site.put(a.operator + 1, a.end, f" {value}") for a in driving)
                yield Change("constant-output", f"`{name}` is always {said}", splices)


def ignored_resets(site: Site) -> Iterator[Change]:
    """A clocked process never takes its reset branch."""
    for first, end in _clocked_conditions(site):
        name = next((t.text for t in site.tokens[first:end] if _is_reset(t)), None)
        if name:
            splice = site.put(first, end, "1'b0")
            yield Change("ignored-reset", f"the reset `{name}` is ignored", (splice,))


def ignored_enables(site: Site) -> Iterator[Change]:
    """What a clocked process waits for does not count; of `a && b`, one of the two."""
    for first, end in _clocked_conditions(site):
        if any(_is_reset(t) for t in site.tokens[first:end]):
            continue
        terms = _terms(site, first, end)
        for term in terms:
            rest = [site.text(*other) for other in terms if other != term]
            splice = site.put(first, end, " && ".join(rest) or "1'b1")
            yield Change("ignored-enable", f"`{site.text(*term)}` does not count", (splice,))


def negated_conditions(site: Site) -> Iterator[Change]:
    """`if (x)` becomes `if (!x)`, and back."""
    for first, end in site.conditions():
        asked = site.text(first, end)
        if site.tokens[first].text in ("!", "~") and end - first == 2:
            text = site.text(first + 1, end)
        else:
            text = f"!{asked}" if end - first == 1 else f"!({asked})"
        yield Change(
            "negated-condition", f"`if ({asked})` asks the opposite", (site.put(first, end, text),)
        )


_SWAPS = {"+": "-", "-": "+", "&": "|", "|": "&", "^": "|", "&&": "||", "||": "&&", "==": "!=",
          "!=": "==", "<<": ">>", ">>": "<<", "<": "<=", "<=": "<", ">": ">=", ">=": ">"}  # fmt: skip


def swapped_operators(site: Site) -> Iterator[Change]:
    """A binary operator becomes another; what is before it must be an operand."""
    assigning = {a.operator for a in site.scope.drivers.assignments}
    for i in site.free:
        before, token = site.tokens[i - 1], site.tokens[i]
        operand = before.kind in (Kind.NAME, Kind.NUMBER) or before.text in (")", "]", "}")
        if token.text in _SWAPS and operand and i not in assigning:
            other = _SWAPS[token.text]
            splice = site.put(i, i + 1, other)
            yield Change("operator", f"`{token.text}` is `{other}`", (splice,))


def constants(site: Site) -> Iterator[Change]:
    """A constant is one more, or one less."""
    for i in site.free:
        token = site.tokens[i]
        value = evaluate(token.text, {}) if token.kind is Kind.NUMBER else None
        if value is None or site.tokens[i - 1].text in ("[", "#") or _replicates(site, i):
            continue
        size, quote, digits = token.text.partition("'")
        bits = int(size) if size.strip().isdigit() and quote else 32
        if digits in _UNBASED:
            bits = 1
        for other in (value + 1, value - 1):
            if other >= 0 and other.bit_length() <= bits <= _WIDEST:
                text = _written(token.text, other)
                what = f"`{token.text}` is `{text}`"
                yield Change("constant", what, (site.put(i, i + 1, text),))


def outgrown_limits(site: Site) -> Iterator[Change]:
    """A limit that was all ones of fewer bits is all ones again: `8'd15` is `8'd255`."""
    for i in site.free:
        size, quote, _ = site.tokens[i].text.partition("'")
        value = evaluate(site.tokens[i].text, {}) if quote and size.strip().isdigit() else None
        if value is None or value < 3 or value & (value + 1):  # one bit is no limit
            continue
        if value.bit_length() < int(size) <= _WIDEST:
            text = _written(site.tokens[i].text, (1 << int(size)) - 1)
            what = f"`{site.tokens[i].text}` is `{text}`"
            yield Change("limit", what, (site.put(i, i + 1, text),))


def related_names(site: Site) -> Iterator[Change]:
    """A wire's value is taken instead of one that it is made of, or the other way round."""
    related = _related(site)
    targets = {a.at for a in site.scope.drivers.assignments}
    given = {i: a.name for a in reversed(site.assignments) for i in range(a.operator + 1, a.end)}
    for i in site.free:
        token = site.tokens[i]
        if token.kind is not Kind.NAME or i in targets or site.tokens[i - 1].text == ".":
            continue
        inside = given.get(i)
        for other in sorted(related.get(token.text, ())):
            if other != inside and token.text not in related.get(inside or "", ()):
                what = f"`{token.text}` is `{other}`"
                yield Change("name", what, (site.put(i, i + 1, other),))


def bit_selects(site: Site) -> Iterator[Change]:
    """A constant bit of a name is the next one down."""
    for i in site.free[3:]:
        name, opened, index, closed = site.tokens[i - 3 : i + 1]
        plain = name.kind is Kind.NAME and opened.text == "[" and closed.text == "]"
        if plain and index.text.isdigit() and int(index.text):
            lower = str(int(index.text) - 1)
            what = f"`{name.text}[{index.text}]` is `{name.text}[{lower}]`"
            yield Change("bit-select", what, (site.put(i - 1, i, lower),))


def lost_assignments(site: Site) -> Iterator[Change]:
    """An assignment of a process is lost; an empty statement stays in its place."""
    for a in site.assignments:
        opens = site.tokens[a.at - 1].text in (";", "begin", "end", "else", ")", ":")
        if a.process is not None and opens and a.end < len(site.tokens):
            what = f"`{site.text(a.at, a.end)}` is missing"
            yield Change("lost-assignment", what, (site.put(a.at, a.end + 1, ";"),))


def other_edges(site: Site) -> Iterator[Change]:
    """A process waits for the other edge of its clock or reset."""
    other = {"posedge": "negedge", "negedge": "posedge"}
    for i in site.free[:-1]:
        if (word := site.tokens[i].text) in EDGES:
            what = f"`{word} {site.tokens[i + 1].text}` is `{other[word]}`"
            yield Change("clock-or-reset-edge", what, (site.put(i, i + 1, other[word]),))


def narrow_widths(site: Site) -> Iterator[Change]:
    """A register, a wire or an output has one bit less."""
    for name, declared in site.scope.declarations.items():
        for one in declared:
            at = next((i for i in range(one.first, one.at) if site.tokens[i].text == "["), None)
            if at is None or one.words & {"input", "inout", "parameter", "localparam"}:
                continue
            closed = site.partners[at]
            inner = [t.text for t in site.tokens[at + 1 : closed]]
            if inner[-2:] == [":", "0"] and inner[:-2] != ["0"]:
                msb = site.text(at + 1, closed - 2)
                less = str(int(msb) - 1) if msb.isdigit() else f"{msb}-1"
                splice = site.put(at + 1, closed - 2, less)
                yield Change("width", f"`{name}` has one bit less", (splice,))


_UP = re.compile(
    r"\(\s*((?:int|integer)?\s*)(\w+)\s*=\s*(\w+)\s*;\s*\2\s*(<=?)\s*(\w+)\s*;"
    r"\s*(?:\2\s*\+\+|\+\+\s*\2|\2\s*=\s*\2\s*\+\s*1)\s*\)"
)
_DOWN = re.compile(
    r"\(\s*((?:int|integer)?\s*)(\w+)\s*=\s*([\w\s-]+?)\s*;\s*\2\s*>=\s*(\w+)\s*;"
    r"\s*(?:\2\s*--|--\s*\2|\2\s*=\s*\2\s*-\s*1)\s*\)"
)


def reversed_loops(site: Site) -> Iterator[Change]:
    """A loop over numbers goes the other way: of several hits, the other one is the last."""
    for i, token in enumerate(site.tokens[:-1]):
        end = site.partners[i + 1] + 1
        if token.text != "for" or not 0 < end < len(site.tokens):
            continue
        header = site.text(i + 1, end)
        if up := _UP.fullmatch(header):
            kind, name, first, compare, bound = up.groups()
            last = bound if compare == "<=" else f"{bound} - 1"
            other = f"({kind}{name} = {last}; {name} >= {first}; {name} = {name} - 1)"
        elif down := _DOWN.fullmatch(header):
            kind, name, first, last = down.groups()
            other = f"({kind}{name} = {last}; {name} <= {first}; {name} = {name} + 1)"
        else:
            continue
        declared = site.scope.declarations.get(name, ())
        if kind or any({"int", "integer"} & one.words for one in declared):  # it can be negative
            what = f"the loop over `{name}` goes the other way"
            yield Change("loop-order", what, (site.put(i + 1, end, other),))


OPERATORS: tuple[Operator, ...] = (
    constant_outputs,
    ignored_resets,
    ignored_enables,
    negated_conditions,
    swapped_operators,
    constants,
    related_names,
    narrow_widths,
    lost_assignments,
    bit_selects,
    other_edges,
)
"""Those that serve as mutants; a loop that goes the other way means the same too often."""

_RESET = re.compile(r"re-?set|(?<![a-z])[an]?rst|^clr|^clear", re.IGNORECASE)


def _is_reset(token: Token) -> bool:
    return token.kind is Kind.NAME and _RESET.search(token.text) is not None


def _plain(site: Site, a: Assignment) -> bool:
    """Is nothing else assigned at the same time, and is it a plain assignment?"""
    single = sum(b.operator == a.operator for b in site.scope.drivers.assignments) == 1
    return single and site.tokens[a.operator].text in ("=", "<=") and a.end < len(site.tokens)


def _related(site: Site) -> Mapping[str, set[str]]:
    """For each name, those of its width that are made of it at once, or that it is made of."""
    scope = site.scope
    found: defaultdict[str, set[str]] = defaultdict(set)
    ranges = {name: scope.range_text(one) for name, (one, *_) in scope.declarations.items()}
    constant = {name for name, (one, *_) in scope.declarations.items() if one.constant}
    for name, tokens in _definitions(site):
        for other in {token.text for token in tokens} - constant - {name}:
            if name in ranges and ranges.get(other) == ranges[name]:
                found[name].add(other)
                found[other].add(name)
    return found


def _definitions(site: Site) -> Iterator[tuple[str, list[Token]]]:
    """What wires always are: the expressions of `wire n = …` and `assign n = …`."""
    for name, declared in site.scope.declarations.items():
        for one in declared:
            inside = site.tokens[one.at : one.last + 1]
            if not one.variable and len(inside) > 1 and inside[1].text == "=":
                yield name, inside[2:]
    for a in site.assignments:
        if a.process is None:
            yield a.name, site.tokens[a.operator + 1 : a.end]


def _clocked_conditions(site: Site) -> Iterator[tuple[int, int]]:
    spans = [range(p.body, p.end) for p in site.scope.drivers.processes if clocked(site.scope, p)]
    for first, end in site.conditions():
        if any(first in span for span in spans):
            yield first, end


def _terms(site: Site, first: int, end: int) -> list[tuple[int, int]]:
    """The operands of a conjunction; a whole expression that is none is one."""
    found = [first]
    i = first
    while i < end:
        if site.tokens[i].text in ("||", "?", "|"):
            return [(first, end)]
        if site.tokens[i].text == "&&":
            found.append(i + 1)
        i = site.partners[i] + 1 if site.partners[i] >= 0 else i + 1
    return list(zip(found, [*(at - 1 for at in found[1:]), end], strict=True))


_WIDEST = 4096
"""Bits of a constant that is changed."""
_UNBASED = ("0", "1")
"""What is behind the quote where all bits are this, however many there are."""
_FORMATS = {"b": "b", "o": "o", "d": "d", "h": "x"}


def _written(like: str, value: int) -> str:
    """A constant in the base and size of another."""
    size, quote, digits = like.partition("'")
    if not quote:
        return str(value)
    if digits in _UNBASED:
        return f"'{value}"
    signed = digits[0] in "sS"
    base = digits[signed].lower()
    text = format(value, _FORMATS[base])
    padded = text.zfill(int(size)) if base == "b" and size.strip() else text
    return f"{size}'{digits[:signed]}{base}{padded}"


def _replicates(site: Site, i: int) -> bool:
    """Is this the count of `{4{…}}`?"""
    return site.tokens[i - 1].text == "{" and site.tokens[i + 1].text == "{"


def _left_alone(scope: Scope) -> frozenset[int]:
    tokens = scope.tokens
    kept: set[int] = set()
    for declared in scope.declarations.values():
        for one in declared:
            kept.update(_declaring(scope, one))
    for process in scope.drivers.processes:
        if process.keyword in ("initial", "final"):
            kept.update(range(process.first, process.end))
    for i, token in enumerate(tokens[:-1]):
        if token.text in ("for", "#", "repeat") and tokens[i + 1].text == "(":
            kept.update(range(i, min(scope.partners[i + 1], len(tokens))))
    return frozenset(kept)


def _declaring(scope: Scope, one: Declaration) -> range:
    """The tokens of a declaration without its initial value, which may be logic."""
    inside = range(one.at, one.last + 1)
    equals = next((i for i in inside if scope.tokens[i].text == "="), one.last + 1)
    is_parameter = "parameter" in one.words
    return range(one.first, one.last + 1 if is_parameter else equals)
