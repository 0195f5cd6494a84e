"""Markdown as a flat sequence of blocks, each line with its number."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

from spec2rtl.rtl import split_lines

# Bullets that people paste from word processors; one character each, so that columns stay.
_BULLET = re.compile(r"^([ \t]*)[•◦▪‣∙●○·](?=[ \t`*\w])")
_MAX_NESTING = 24


class Line(Struct, frozen=True):
    """One line of the source and its 1-based number."""

    number: int
    text: str


class Heading(Struct, frozen=True, tag=True):
    """A heading of level 1 to 6."""

    level: int
    text: str
    line: int


class Item(Struct, frozen=True, tag=True):
    """The first paragraph of a list item; `depth` is 1 for the outermost list."""

    depth: int
    lines: tuple[Line, ...]


class Text(Struct, frozen=True, tag=True):
    """A paragraph, `depth` lists deep."""

    depth: int
    lines: tuple[Line, ...]


class Row(Struct, frozen=True):
    """A table's row."""

    line: int
    cells: tuple[str, ...]


class Table(Struct, frozen=True, tag=True):
    """A table with a header row."""

    depth: int
    header: Row
    rows: tuple[Row, ...]


class Fence(Struct, frozen=True, tag=True):
    """A fenced block; `info` is its language in lower case."""

    depth: int
    info: str
    lines: tuple[Line, ...]


class Rule(Struct, frozen=True, tag=True):
    """A horizontal rule."""

    line: int


Block = Heading | Item | Text | Table | Fence | Rule


def read(text: str, first_line: int = 1) -> tuple[Block, ...]:
    """Read Markdown whose first line has the number `first_line`."""
    return _Reader(split_lines(text), first_line).blocks()


def plain_lines(block: Block) -> tuple[Line, ...]:
    """List the lines of prose in a block."""
    match block:
        case Item() | Text():
            return block.lines
        case Heading():
            return (Line(block.line, block.text),)
        case Table() | Fence() | Rule():
            return ()


class _Reader:
    """Folds markdown-it's tokens into blocks."""

    def __init__(self, lines: list[str], first_line: int) -> None:
        self._first = first_line
        # NUL and tabs inside a line don't matter to us, markdown-it replaces the former.
        source = "\n".join(_BULLET.sub(r"\1-", line) for line in lines)
        parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable("table")
        # Indentation is layout in a spec, not code; inline markup is ours to read.
        parser.disable(["code", "html_block", "reference", "inline", "text_join"])
        self._tokens = parser.parse(source)
        self._depth = 0
        self._blocks: list[Block] = []

    def blocks(self) -> tuple[Block, ...]:
        """Read all tokens."""
        fresh_item = False
        index = 0
        while index < len(self._tokens):
            token = self._tokens[index]
            match token.type:
                case "bullet_list_open" | "ordered_list_open":
                    self._depth += 1
                case "bullet_list_close" | "ordered_list_close":
                    self._depth -= 1
                case "list_item_open":
                    fresh_item = True
                case "paragraph_open":
                    lines = self._lines(self._tokens[index + 1])
                    kind = Item if fresh_item else Text
                    self._blocks.append(kind(self._depth, lines))
                    fresh_item = False
                case "heading_open":
                    content = " ".join(self._tokens[index + 1].content.split())
                    level = int(token.tag[1:])
                    self._blocks.append(Heading(level, content, self._number(token)))
                case "table_open":
                    index = self._table(index)
                case "fence":
                    self._blocks.append(self._fence(token))
                case "hr":
                    self._blocks.append(Rule(self._number(token)))
                case _:
                    pass
            index += 1
        return tuple(self._blocks)

    def _number(self, token: Token) -> int:
        return self._first + (token.map[0] if token.map else 0)

    def _lines(self, token: Token) -> tuple[Line, ...]:
        start = self._number(token)
        return tuple(Line(start + n, text) for n, text in enumerate(token.content.split("\n")))

    def _fence(self, token: Token) -> Fence:
        info = token.info.strip().lower()
        start = self._number(token) + 1
        content = token.content.split("\n")
        lines = tuple(Line(start + n, text) for n, text in enumerate(content))
        return Fence(self._depth, info, lines[:-1] if content[-1] == "" else lines)

    def _table(self, index: int) -> int:
        """Read the table that opens at `index`; return the index of its closing token."""
        start = self._number(self._tokens[index])
        rows: list[Row] = []
        cells: list[str] = []
        while self._tokens[index].type != "table_close":
            token = self._tokens[index]
            if token.type == "tr_open":
                cells = []
            elif token.type == "inline":
                cells.append(token.content.strip())
            elif token.type == "tr_close":
                rows.append(Row(0, tuple(cells)))
            index += 1
        # The delimiter row stands between the header and the first row.
        numbered = [Row(start + n + (n > 0), row.cells) for n, row in enumerate(rows)]
        self._blocks.append(Table(self._depth, numbered[0], tuple(numbered[1:])))
        return index
