"""A text as an editor counts in it: lines from 0, characters in units of the encoding: pure.

Lines end at CR LF, CR and LF and nowhere else; a form feed is an ordinary character.
"""

import re
from bisect import bisect_right
from functools import cached_property

from lsprotocol.types import Position, PositionEncodingKind, Range

_EOL = re.compile(r"\r\n?|\n")
_ASTRAL = 0xFFFF


class Text:
    """An immutable text; offsets count code points."""

    def __init__(self, text: str, encoding: str = PositionEncodingKind.Utf16) -> None:
        self.text = text
        self._encoding = encoding

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _EOL.finditer(self.text))]

    @property
    def lines(self) -> int:
        """How many lines there are; an empty text has one."""
        return len(self._starts)

    def line(self, number: int) -> str:
        """A line's text without its end; empty beyond the last."""
        if not 0 <= number < self.lines:
            return ""
        stop = self._starts[number + 1] if number + 1 < self.lines else len(self.text)
        return self.text[self._starts[number] : stop].rstrip("\r\n")

    def offset(self, position: Position) -> int:
        """The offset of an editor's position; beyond a line's end is its end."""
        if position.line >= self.lines:
            return len(self.text)
        line = self.line(position.line)
        return self._starts[position.line] + _points(line, position.character, self._encoding)

    def position(self, offset: int) -> Position:
        """The editor's position of an offset."""
        number = bisect_right(self._starts, offset) - 1
        before = self.text[self._starts[number] : offset].rstrip("\r\n")
        return Position(number, units(before, self._encoding))

    def range(self, start: int, end: int) -> Range:
        """The editor's range of the characters from `start` up to `end`."""
        return Range(self.position(start), self.position(end))

    def place(self, line: int, column: int) -> Position:
        """The editor's position of a 1-based line and column that counts code points."""
        if line > self.lines:
            return self.end
        text = self.line(line - 1)
        return Position(max(line - 1, 0), units(text[: max(column - 1, 0)], self._encoding))

    @property
    def end(self) -> Position:
        """The position after the last character."""
        return self.position(len(self.text))

    def replaced(self, area: Range, new: str) -> "Text":
        """The text with `new` in place of a range."""
        start, end = self.offset(area.start), self.offset(area.end)
        return Text(self.text[:start] + new + self.text[end:], self._encoding)


def units(text: str, encoding: str) -> int:
    """How many units of the encoding a text has."""
    if encoding == PositionEncodingKind.Utf32 or text.isascii():
        return len(text)
    if encoding == PositionEncodingKind.Utf8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(ord(char) > _ASTRAL for char in text)


def _points(line: str, character: int, encoding: str) -> int:
    """How many code points the first units of a line make up; a split pair counts whole."""
    if encoding == PositionEncodingKind.Utf32 or line.isascii():
        return min(character, len(line))
    count = 0
    for index, char in enumerate(line):
        if count >= character:
            return index
        count += units(char, encoding)
    return len(line)
