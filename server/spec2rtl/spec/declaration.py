"""One line that declares ports or parameters, in any of the ways people write it.

input  clk                         `data` (8 bits, `[7:0]`): what is written
output reg [7:0] y, z              **rst_n**: active-low reset
`[1:0] sel`: selects               **Input**: `d` (`WIDTH` bits) - the operand
8-bit output `y`                   `DEPTH` (default: 16)
`go`: input, one bit
"""

import re

from msgspec import Struct
from msgspec.structs import replace

from spec2rtl.rtl import Direction
from spec2rtl.spec import width
from spec2rtl.spec.prose import unbold
from spec2rtl.spec.width import Width

_MOST_CHARACTERS = 4000
_MOST_NAMES = 64
_NAME = re.compile(r"[A-Za-z_]\w*")
_DIRECTION = re.compile(r"(input|output|inout|bidirectional)s?\b(?!\s*[:\-]?\s*$)", re.IGNORECASE)
_TYPE = re.compile(
    r"(wire|reg|logic|bit|tri|var|signed|unsigned|integer|int|ports?|pins?|signals?|bus|vectors?"
    r"|parameter|localparam)\b(?=[\s:`\[]+[\w\[`])",
    re.IGNORECASE,
)
_WIDTH_LABEL = re.compile(
    r"(?:an?\s+)?(\d{1,6}|one|single|`\w+`)[\s-]?bits?\b\s*:?(?=[\s`:])", re.IGNORECASE
)
_RANGES = re.compile(r"(?:\[[^\[\]\n]{1,120}\]\s?){1,4}")
# In parentheses after a name: `(8)`, (`WIDTH`).
_COUNT = re.compile(r"\s*(?:\d{1,6}|`[A-Z][\w+*/ -]{0,60}`)\s*")
_PAREN = re.compile(r"\(((?:[^()\n]|\([^()\n]*\)){0,200})\)")
_COMMA = re.compile(r"(?:,\s*(?:and\s+)?|/|&|\band\b)(?=[\s`]*[A-Za-z_])")
_SEPARATOR = re.compile(
    r",(?=\s*\d{1,6}[\s-]?bits?\b)|:(?!\d)|—|–|→|-{1,2}>?(?=[\s`])|=(?!=)|;|,?\s*//|$"
)
# input a; output b;
_STATEMENT = re.compile(r";[ \t]*(?=(?:input|output|inout)\b)")
_VERB = re.compile(r"(?:is|are|signal|input|output|port|bus|clock|reset|pin|line|parameter)\b")
_SAID = re.compile(r"\b(input|output|inout|bidirectional)s?\b", re.IGNORECASE)
_ENDING = re.compile(r"\(\s*(input|output|inout)\s*\)\s*\.?$", re.IGNORECASE | re.MULTILINE)
_REMARK = re.compile(
    r"(?:a?synchronous|registered|combinational|optional|active)\b"
    r"|(?!and\b)[a-z]+[ -](?!(?:is|are|and|input|output)\b)[a-z]+",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"\s*(?:\w+[\s-]bits?\s+)?(?:inputs|outputs)\b", re.IGNORECASE)
_LEADING = re.compile(
    r"\s*(input|output|inout|in|out)\s*(?:(?:wire|reg|logic|signed)\s+)*"
    r"(?P<range>(?:\[[^\[\]\n]{1,120}\]\s?){0,4})\s*(?:[,;.(]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_SIZE = r"(?:(?:an?|one|both)\s+)?(?:[\w`]{1,30}[\s-]bits?\s+)?(?:wide\s+)?"
_KIND = (
    r"(?:(?:clock|reset|data|address|enable|select|load|write|read|control|status|flag|count(?:er)?"
    r"|result|strobe|request|grant|interrupt|serial|parallel|registered|combinational|optional"
    r"|active[\s-](?:high|low)|a?synchronous|signed|unsigned|[\w`]{1,30}[\s-]bits?),?\s+){0,5}"
)
# `d` is an 8-bit input
_IS = re.compile(
    rf"\s*(?:is|are)\s+(?:the\s+)?{_SIZE}{_KIND}(input|output|inout)s?\b", re.IGNORECASE
)
# `d`: 8-bit data input
_CALLED = re.compile(
    rf"\s*{_SIZE}{_KIND}(input|output|inout)\b(?=\s*(?:[,;.(:—–-]|$)"
    r"|\s+(?:port|signal|bus|pin|line|for|of|from|with|that|which)\b)",
    re.IGNORECASE | re.MULTILINE,
)
# `W`: width parameter
_PARAMETER = re.compile(r"\s*(?:(?:an?|the)\s+)?(?:[a-z]{1,20}\s+)?parameter\b", re.IGNORECASE)
# Columns: a direction set off by blanks, then a width.
_COLUMN = re.compile(
    r"(input|output|inout|in|out)(?:\s{2,}|\t|$)\s*(?P<size>\d{1,6}|\[[^\[\]\n]{1,80}\])?(?=\s|$)",
    re.IGNORECASE,
)
_TELLING = (_LEADING, _IS, _CALLED, _COLUMN)
_SIGNAL_WORDS = re.compile(r"\b(?:input|output|signal|bits?|bus|flag|clock|reset)\b", re.IGNORECASE)
_TIMING_NAME = re.compile(r"(?:^|_)[a-z]{0,3}(?:clk|clock|rst|reset)(?:_|n|b|\d|$)", re.IGNORECASE)
_CONTROL = re.compile(
    r"(?:^|_)(?:en|enable|valid|ready|start|done|load|shift|wr|rd|we|re|wen|ren|full|empty|stb|ack"
    r"|req|ce|cs|clr|clear|set|inc|dec|up|down|busy|last|flag|zero|carry|cin|cout|sel|select)"
    r"(?:_?[ion])?$",
    re.IGNORECASE,
)
"""Names of signals that have one bit, or at least not as many as the data beside them."""
_CAPITALISED = re.compile(r"[A-Z][a-z]+")
_IN_NAME = re.compile(
    r"^[^:\n]{1,80}?\(\s*`\s*([A-Za-z_]\w*)\s*(\[[^\]\n]{1,80}\])?\s*`(?![\s-]{0,2}bit)"
    r"[^()\n]{0,60}\)\s*(?=[:–—-]|is\b|\n|$)"
)
# Clock and reset: `clk`, `rst_n` (active low)
_MEMBER = (
    r"`\s*[A-Za-z_]\w*\s*(?:\[[^\]`\n]{1,40}\]\s*)?`(?:\s*(?:\([^()\n]{0,60}\)|\[[^\]\n]{1,40}\]))?"
)
_GROUP = re.compile(
    r"\s*[A-Za-z][\w-]*(?:[ /&]{1,3}[A-Za-z][\w-]*){0,4}\s*:\s*"
    rf"(?P<members>{_MEMBER}(?:\s*(?:,|and|,\s*and)\s*{_MEMBER}){{0,15}})\s*\.?\s*$"
)
DEFAULT = re.compile(
    r"\bdefaults?(?:\s+(?:value|width|setting))?(?:\s+(?:of|is|to|set\s+to|being))*\s*[:=]?\s*"
    r"(?P<value>`[^`\n]{1,60}`|\"[^\"\n]{0,40}\"|[-$]?\w[\w,']*(?:\([^()\n]{0,40}\))?)",
    re.IGNORECASE,
)
# `W` is 8 by default
BY_DEFAULT = re.compile(r"\b([A-Za-z_]\w*)`?\s+is\s+`?(\w{1,40})`?\s+by\s+default\b")
ASSIGNED = re.compile(r"\b([A-Za-z_]\w*)`?\s?=\s?`?([^`;,\n=]{1,60})")
_SIGNED = re.compile(
    r"\bsigned\s+\d+[\s-]?bits?\b|\bbits?[\s,]+signed\b|(?<!unsigned )\bsigned[\s-]+(?:input|output|"
    r"value|number|integer|operand|sample|word|data|sum|product|difference|result)\b|\((?:\w+ ){0,2}signed\b|,\s*signed\b|two's[\s-]complement",
    re.IGNORECASE,
)
_PARTS = re.compile(r"\b(?:pack\w*|each|array|samples|elements|vector of|every)\b", re.IGNORECASE)
_KEYWORD = re.compile(
    r"always|and|assign|begin|buf|bufif[01]|case[xz]?|default|else|end|endcase|endfunction|endmodule"
    r"|for|forever|function|generate|if|initial|inout|input|integer|localparam|logic|module|nand"
    r"|negedge|nor|not|or|output|parameter|posedge|reg|repeat|signed|unsigned|while|wire|xnor|xor"
)
# Words with which a sentence or a remark begins, when they don't stand in a code span.
_PROSE = re.compile(
    r"an|the|when|if|all|any|each|for|its?|this|that|these|those|in|on|at|to|of|by|with|as|after"
    r"|before|while|once|notes?|examples?|default|description|width|type|direction|purpose|value"
    r"|none|must|should|shall|no|not|then|otherwise|where|which|there|use|format|range"
    r"|constraints?|functions?|behaviou?r|operation|modes?|step|case|interface|ports|inputs|outputs"
    r"|parameters|signals|features|active|usage",
    re.IGNORECASE,
)


class Declaration(Struct, frozen=True):
    """What one place of the spec says of one name; None where it doesn't say."""

    name: str
    line: int = 0
    direction: Direction | None = None
    """What the declaration itself says: `input clk`, `clk (input)`."""
    hint: Direction | None = None
    """What the description tells by the way: `this input ...`."""
    width: Width | None = None
    signed: bool = False
    default: str | None = None
    description: str = ""
    coded: bool = False
    """The name stands in a code span or in Verilog: it is meant as an identifier."""
    parameter: bool = False
    array: bool = False
    """It is no plain vector: an array of them, `[7:0] a [0:3]`, or of a type of its own."""


class _Cursor:
    """Takes pieces off the front of a line, blanks and backticks being transparent."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.coded = False

    def skip(self) -> None:
        while self.position < len(self.text) and self.text[self.position] in " \t`":
            if self.text[self.position] == "`":
                self.coded = not self.coded
            self.position += 1

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.skip()
        found = pattern.match(self.text, self.position)
        if found:
            self.position = found.end()
        return found

    @property
    def rest(self) -> str:
        return self.text[self.position :]


class _Prefix(Struct):
    direction: Direction | None = None
    width: Width | None = None
    signed: bool = False
    parameter: bool = False
    verilog: bool = False
    """It is written in lower case, as Verilog is and the title `Input Data` is not."""


class _Named(Struct):
    name: str
    coded: bool
    width: Width | None = None
    parens: list[str] = []
    array: bool = False


def direction_of(word: str) -> Direction:
    """Read a direction off the beginning of a word."""
    letter = word.strip().lower()
    if letter.startswith(("inout", "bi", "in/out", "i/o", "in out")):
        return "inout"
    return "input" if letter.startswith("i") else "output"


def is_timing_name(name: str) -> bool:
    """Is a signal named like a clock or a reset?"""
    return bool(_TIMING_NAME.search(name))


def said_direction(text: str) -> Direction | None:
    """Find the direction that a description tells, None if it tells none or several."""
    said: set[Direction] = {direction_of(word) for word in _SAID.findall(text)}
    return said.pop() if len(said) == 1 else None


def begins_with_direction(text: str) -> bool:
    """Is a direction all that a description begins with: `input [7:0]`, `out, 8 bits`?"""
    return (_LEADING.match(text) or _CALLED.match(text)) is not None


def default_in(text: str, name: str = "") -> str | None:
    """Find a parameter's default in prose: `default: 8`, `NAME = 8`."""
    for found in ASSIGNED.finditer(text) if name else ():
        if found[1] == name and (value := expression_at_head(found[2])):
            return value
    found = DEFAULT.search(text)
    return value_of(found["value"]) if found else None


def value_of(text: str) -> str | None:
    """Read a default value as a Verilog expression; thousands may be separated by commas."""
    text = text.strip().strip("`").strip().rstrip(".,")
    if re.fullmatch(r"\"[^\"]*\"", text):
        return text
    if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+", text):
        text = text.replace(",", "")
    value = width.expression(text)
    return None if value is None or value.lower() in {"is", "value", "to", "none"} else value


def expression_at_head(text: str) -> str | None:
    """Read the expression with which a text begins."""
    words = text.strip().split(" ")
    for count in range(min(len(words), 8), 0, -1):
        value = value_of(" ".join(words[:count]))
        if value and not re.search(r"[a-z]{3,}", value):
            return value
    return None


def is_signed(text: str) -> bool:
    """Does a description call the whole port a signed number?"""
    return bool(_SIGNED.search(text)) and not _PARTS.search(text)


def declare(text: str, line: int, *, loose: bool = False) -> tuple[Declaration, ...]:
    """Read a line as a declaration; nothing if it isn't one.

    `loose`: the line stands in a list of ports, so that a bare name or a label that ends with a
    name in parentheses is enough.
    """
    if len(text) > _MOST_CHARACTERS:
        return ()
    if len(statements := _STATEMENT.split(text)) > 1:
        return tuple(d for one in statements for d in declare(one, line, loose=loose))
    head, _, more = unbold(text).partition("\n")
    marked = text.lstrip().startswith(("*", "`", "_"))
    cursor = _Cursor(head)
    prefix = _prefix(cursor)
    names, remark = _names(cursor, prefix)
    cursor.skip()
    separator = cursor.take(_SEPARATOR)
    if names and not separator and not remark:
        labelled = () if names[0].coded or not loose else _labelled(unbold(text), line)
        if labelled:
            return labelled
        verb = _VERB.match(cursor.rest)
        told = _IS.match(cursor.rest) or (loose and _COLUMN.match(cursor.rest))
        if not told and not (verb and (names[0].coded or (marked and loose))):
            names = []
    if not names or not _believable(names, prefix, cursor, loose=loose, marked=marked):
        group = _GROUP.match(unbold(text)) if loose else None
        if group:
            return declare(group["members"], line, loose=True)
        return _labelled(unbold(text), line) if loose else ()
    # Lines of a drawing below a bullet belong to Markdown's item, not to the declaration.
    more = "\n".join(row for row in more.split("\n") if not row.lstrip().startswith("|"))
    rest = f"{cursor.rest}\n{more}".strip()
    if rest.count("`") % 2:  # the span that began before the name ends here
        rest = rest.replace("`", "", 1).strip()
    declared = _declarations(names, prefix, rest, line)
    if separator and separator.group() == "=":
        return tuple(replace(d, default=expression_at_head(rest)) for d in declared)
    return declared


def _prefix(cursor: _Cursor) -> _Prefix:
    prefix = _Prefix()
    while True:
        start = cursor.position
        if found := cursor.take(_WIDTH_LABEL):
            prefix.width = width.from_cell(found[1])
        elif found := cursor.take(_DIRECTION):
            prefix.direction = direction_of(found[1])
            prefix.verilog = found[1].islower()
            cursor.take(_COLON)
        elif found := cursor.take(_TYPE):
            prefix.parameter = prefix.parameter or found[1].lower() == "parameter"
            prefix.signed = prefix.signed or found[1].lower() == "signed"
            cursor.take(_COLON)
        elif found := cursor.take(_RANGES):
            prefix.width = width.from_ranges(found.group())
        if cursor.position == start or not found:
            return prefix


_COLON = re.compile(r":")


def _names(cursor: _Cursor, prefix: _Prefix) -> tuple[list[_Named], bool]:
    """The names of a list, and whether a remark follows its last comma."""
    names: list[_Named] = []
    while True:
        cursor.skip()
        if names and _is_remark(cursor, names[0]):
            return names, True
        found = cursor.take(_NAME)
        if not found or _KEYWORD.fullmatch(found.group().lower()):
            return names if found else [], False
        named = _Named(found.group(), cursor.coded, parens=[])
        if bounds := cursor.take(_RANGES):
            named.array = prefix.width is not None and prefix.verilog
            named.width = None if named.array else width.from_ranges(bounds.group())
            if named.width is None and not named.array:  # a single bit of something
                return [], False
        while paren := cursor.take(_PAREN):
            named.parens.append(paren[1])
        if bounds := cursor.take(_RANGES):
            named.width = named.width or width.from_ranges(bounds.group())
        names.append(named)
        if len(names) > _MOST_NAMES:
            return [], False
        if not cursor.take(_COMMA):
            return names, False


def _is_remark(cursor: _Cursor, first: _Named) -> bool:
    """`input `rst`, synchronous`, `input en, active high`: what follows the comma is no name."""
    if first.coded:
        return not cursor.coded
    return not cursor.coded and _REMARK.match(cursor.rest) is not None


def _believable(
    names: list[_Named], prefix: _Prefix, cursor: _Cursor, *, loose: bool, marked: bool
) -> bool:
    """Is this a declaration and not the beginning of a sentence?"""
    for named in names:
        if _CAPITALISED.fullmatch(named.name) and not (
            named.coded or prefix.verilog or (loose and _SIGNAL_WORDS.search(cursor.rest))
        ):
            return False
        meant = named.coded or prefix.verilog or (len(named.name) > 1 and named.name.isupper())
        if _PROSE.fullmatch(named.name) and not meant:
            return False
    if _told_in(cursor.rest) or _PARAMETER.match(cursor.rest):
        return True
    if any(_paren_direction(named) for named in names):
        return True
    sized = any(n.width or _paren_width(n) for n in names) or prefix.width is not None
    if prefix.direction or prefix.parameter or sized or (names[0].coded and loose):
        return True
    if not loose:
        return False
    return marked or bool(cursor.rest.strip()) or len(names) > 1 or names[0].name.islower()


def _labelled(text: str, line: int) -> tuple[Declaration, ...]:
    """Read `Clock signal (`clk`): ...`, a label with the name in parentheses."""
    found = _IN_NAME.match(text)
    if not found:
        return ()
    rest = text[found.end() :].lstrip(" :`-–—\n")
    label = found.group().partition("(")[0].strip()
    bounds = width.from_range(found[2]) if found[2] else None
    named = _Named(found[1], True, bounds, parens=[])
    return _declarations([named], _Prefix(), f"{label}: {rest}", line)


def _share(names: list[_Named]) -> None:
    """`clk, rst (inputs)`: what is said in the plural is said of all before it."""
    shared: list[str] = []
    for named in reversed(names):
        if named.parens:
            shared = named.parens if _PLURAL.match(named.parens[0]) else []
        else:
            named.parens = shared


def _declarations(
    names: list[_Named], prefix: _Prefix, rest: str, line: int
) -> tuple[Declaration, ...]:
    _share(names)
    widths = _widths(names)
    found: list[Declaration] = []
    for named, own in zip(names, widths, strict=True):
        parens = "; ".join(named.parens)
        about = f"({parens}) {rest}" if parens else rest
        found.append(
            Declaration(
                named.name,
                line,
                prefix.direction or _paren_direction(named) or _told_in(rest),
                said_direction(re.split(r"[.;]\s|$", rest, maxsplit=1)[0]),
                own or prefix.width or _sized_in(rest) or width.in_prose(rest),
                prefix.signed or is_signed(about),
                _default(named, rest),
                rest.replace("\n", " ", 1),
                named.coded,
                prefix.parameter or _PARAMETER.match(rest) is not None,
                named.array,
            )
        )
    return tuple(found)


def _widths(names: list[_Named]) -> list[Width | None]:
    """Give each name its width: `a`, `b` (8 bits) share one, `clk`, `en`, `d` (8 bits) don't."""
    found: list[Width | None] = []
    shared: Width | None = None
    for named in reversed(names):
        own = named.width or _paren_width(named)
        alone = is_timing_name(named.name) or _CONTROL.search(named.name)
        shared = own or (None if alone else shared)
        found.append(shared)
    return found[::-1]


def _told_in(rest: str) -> Direction | None:
    """Read the direction with which a description begins, or ends in parentheses."""
    found = next(filter(None, (form.match(rest) for form in _TELLING)), _ENDING.search(rest))
    return direction_of(found[1]) if found else None


def _paren_direction(named: _Named) -> Direction | None:
    """Read the direction in parentheses behind a name: `(8-bit input)`, `(in)`."""
    said = said_direction("; ".join(named.parens))
    found = None if said else next(filter(None, map(_LEADING.match, named.parens)), None)
    return direction_of(found[1]) if found else said


def _sized_in(rest: str) -> Width | None:
    """Read the range or the number of bits that stands right behind the direction."""
    if (found := _LEADING.match(rest)) and found["range"]:
        return width.from_ranges(found["range"])
    if (found := _COLUMN.match(rest)) and found["size"]:
        return width.from_cell(found["size"])
    return None


def _paren_width(named: _Named) -> Width | None:
    for paren in named.parens:
        if "[" in paren:
            return width.from_ranges(paren)
        if found := width.BITS.search(paren):
            whole = width.from_cell(paren)
            return whole or width.of_match(found)
        if "bit" in paren.lower():
            if whole := width.from_cell(paren.split(",")[0]):
                return whole
        elif _COUNT.fullmatch(paren):
            return width.from_cell(paren)
    return None


def _default(named: _Named, rest: str) -> str | None:
    for paren in named.parens:
        value = default_in(paren, named.name)
        if value:
            return value
        if re.fullmatch(r"\s*=?\s*-?\d[\w']*\s*", paren):
            return value_of(paren.replace("=", ""))
    return default_in(rest, named.name)
