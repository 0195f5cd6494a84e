"""Under which conditions the statements of a process are carried out."""

import re
from collections.abc import Iterator

from msgspec import Struct, structs

from spec2rtl.syntax.header import split
from spec2rtl.syntax.lexer import Token, join
from spec2rtl.syntax.statements import CASES

_DEEPEST = 100
_LOOPS = frozenset(("for", "foreach", "while", "repeat", "wait"))
_QUALIFIERS = frozenset(("unique", "unique0", "priority"))
_LITERAL = re.compile(r"(\d*) *'([boh]) *([0-9a-f_xz?]+)")
_BLOCKS = {"begin": ("end",), "fork": ("join", "join_any", "join_none")}


class Guard(Struct, frozen=True):
    """A condition, and what it decides on; all as indexes into the tokens.

    The tokens of `spans` are the condition, those from `start` up to `end` are carried out where
    it `holds`; `text` is None where it is no plain condition.
    """

    spans: tuple[tuple[int, int], ...]
    start: int
    end: int
    text: str | None
    holds: bool = True


def guards(tokens: list[Token], partners: list[int], start: int, end: int) -> tuple[Guard, ...]:
    """Find the conditions in the statements of a process; `partners` are the brackets'."""
    walk = _Walk(tokens, partners, end)
    at = start
    while at < end:
        at = walk.statement(at, 0)
    return tuple(walk.found)


class _Walk:
    """Goes through statements; each step moves on by at least one token."""

    def __init__(self, tokens: list[Token], partners: list[int], end: int) -> None:
        self.tokens, self.partners, self.end = tokens, partners, end
        self.found: list[Guard] = []

    def _text(self, i: int) -> str:
        return self.tokens[i].text if i < self.end else ""

    def statement(self, i: int, depth: int) -> int:
        """Read one statement; gives the index after it."""
        text = self._text(i)
        if depth > _DEEPEST:
            return self.end
        if text in _BLOCKS:
            return self._block(i, _BLOCKS[text], depth)
        if text == "if" and self._text(i + 1) == "(":
            return self._if(i, depth)
        if text in _QUALIFIERS or text == "forever":
            return self.statement(i + 1, depth + 1)
        if text in CASES and self._text(i + 1) == "(":
            return self._case(i, depth)
        if text in _LOOPS and self._text(i + 1) == "(":
            close = min(self.partners[i + 1], self.end)
            after = self.statement(close + 1, depth + 1)
            self.found.append(Guard(((i, close + 1),), close + 1, after, None))
            return after
        if text in ("@", "#"):
            bracketed = self._text(i + 1) == "("
            after = self.partners[i + 1] + 1 if bracketed else i + 2
            return self.statement(after, depth + 1) if after < self.end else self.end
        return self._simple(i)

    def _simple(self, i: int) -> int:
        while i < self.end and self._text(i) != ";":
            i = max(self.partners[i], i) + 1
        return i + 1

    def _block(self, i: int, closing: tuple[str, ...], depth: int) -> int:
        i += 3 if self._text(i + 1) == ":" else 1
        while i < self.end and self._text(i) not in closing:
            i = self.statement(i, depth + 1)
        return i + 3 if self._text(i + 1) == ":" else i + 1

    def _if(self, i: int, depth: int) -> int:
        """Read an `if` with all that follow each other by `else if`."""
        others: list[Guard] = []
        while True:
            close = min(self.partners[i + 1], self.end)
            text = join(self.tokens[i + 2 : close])
            after = self.statement(close + 1, depth + 1)
            own = Guard(((i, close + 1),), close + 1, after, text)
            self.found.append(own)
            if self._text(after) != "else":
                break
            others.append(structs.replace(own, start=after, holds=False))
            i = after + 1
            if self._text(i) != "if" or self._text(i + 1) != "(":
                after = self.statement(i, depth + 1)
                break
        self.found += [structs.replace(other, end=after) for other in others]
        return after

    def _case(self, i: int, depth: int) -> int:
        close = min(self.partners[i + 1], self.end)
        subject = join(self.tokens[i + 2 : close])
        wild = {"case": "", "casez": "z?", "casex": "xz?"}[self._text(i)]
        at, earlier = close + 1, list[str]()
        at += self._text(at) == "inside"
        while at < self.end and self._text(at) != "endcase":
            colon = self._label_end(at)
            labels = split(self.tokens[at:colon])
            after = self.statement(colon + 1, depth + 1)
            default = self._text(at) == "default"
            own = [] if default else [_equals(subject, join(label), wild) for label in labels]
            text = "||".join(earlier if default else own)
            spans = ((i, close + 1), (at, colon + 1))
            self.found.append(Guard(spans, at, after, text or None, holds=not default))
            earlier += own
            at = max(after, at + 1)
        return at + 1

    def _label_end(self, i: int) -> int:
        """The index of the colon after a label; of `default` itself where there is none."""
        if self._text(i) == "default" and self._text(i + 1) != ":":
            return i
        depth = 0
        while i < self.end:
            text = self._text(i)
            depth += text == "?"
            if text == ":":
                if depth == 0:
                    return i
                depth -= 1
            if text in (";", "endcase"):
                return i
            i = max(self.partners[i], i) + 1
        return i


def _equals(subject: str, label: str, wild: str) -> str:
    """The condition that a case item stands for, the bits left out that may be anything."""
    literal = _LITERAL.fullmatch(label.lower())
    if literal is None or not set(wild) & set(literal[3]):
        return f"({subject})==({label})"
    size, base, digits = literal.groups()
    most = {"b": "1", "o": "7", "h": "f"}[base]
    kept = "".join("0" if digit in wild else most for digit in digits)
    value = "".join("0" if digit in wild else digit for digit in digits)
    return f"(({subject})&{size}'{base}{kept})=={size}'{base}{value}"


def around(found: tuple[Guard, ...], index: int) -> Iterator[Guard]:
    """The conditions that decide on the statement at an index."""
    return (guard for guard in found if guard.start <= index < guard.end)
