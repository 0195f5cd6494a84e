"""How wide a signal is: ranges, bit counts and expressions of parameters."""

import re
from math import prod

from msgspec import Struct

_COUNT_WORDS = {
    "one": 1, "single": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "sixteen": 16, "thirty-two": 32,
    "sixty-four": 64,
}  # fmt: skip
_WORDS = "|".join(sorted(_COUNT_WORDS, key=len, reverse=True))
_TOKEN = re.compile(
    r"\s*(?:(?P<operand>\d*'[sS]?[bBdDhHoO][0-9a-fA-F_xXzZ]+|0[xX][0-9a-fA-F]+|\d[\d_]*"
    r"|[$`]?[A-Za-z_][\w$]*)|(?P<open>\()|(?P<close>\))"
    r"|(?P<operator>\*\*|<<<?|>>>?|[-+*/%^?:]|==|>=|<=|[<>&|]))"
)
_CALLS = {"clog2": "$clog2", "log2": "$clog2", "$clog2": "$clog2", "ceil": "ceil"}
_LOW = re.compile(r"<<|>>|[?<>&|=]")
_RANGE = re.compile(r"\[\s*([^\[\]:\n]{1,80}?)\s*:\s*([^\[\]:\n]{1,80}?)\s*\]")
_INDEX_OR_RANGE = re.compile(r"\[[^\[\]]{1,160}\]")
_INDEX = re.compile(r"\[\s*([^\[\]:\n]{1,80}?)\s*\]")
_UNIT = r"[\s-]{0,2}bits?\b"
# A count, then "bit": digits, a number word, a parameter, or an expression in a code span. A
# parameter is in capitals, `n-bit` or has an underscore: `a bit` and `the bits` count nothing.
BITS = re.compile(
    rf"(?<![\w'.])(?:(?P<digits>\d{{1,6}})|(?P<word>{_WORDS})|`(?P<code>[^`\n]{{1,80}})`"
    rf"|(?P<name>[A-Za-z]\w*_\w+|(?!A\s)(?-i:[A-Z][A-Z0-9]*|[kmnw](?=-)))){_UNIT}",
    re.IGNORECASE,
)
_CELL_BITS = re.compile(r"\s*[- ]?\(?bits?\)?(?:\s+wide|\s+each)?\.?$", re.IGNORECASE)
_WIDTH_WORD = re.compile(r"^[Ww]idth\b\s*(?:of\b|is\b|[:=])?\s*(?=\S)")
# What stands in a width cell without being a parameter's name.
_NO_WIDTH = re.compile(r"[nN]/?[aA]|None|-+|[a-z]{2,}")
_ASIDE = re.compile(r"\s*\((?:default|e\.g)[^()]{0,60}\)", re.IGNORECASE)
_EACH = re.compile(
    r"\b(?:each|per|every|internal|groups?|of|two|three|four|any|contains?)(?:\W+\w+)?\W+$",
    re.IGNORECASE,
)

# What a port makes happen has a width of its own: "starts sending the 8-bit word".
_DOING = re.compile(
    r"\b(?:send|transmit|shift|load|receiv|writ|read|captur|sampl|latch|count|comput|process|clear)"
    r"ing\s+(?:the\s+|an?\s+|its\s+)?(?:\w+\s+)?$",
    re.IGNORECASE,
)


class Width(Struct, frozen=True):
    """A packed range; both None for a scalar."""

    msb: str | None = None
    lsb: str | None = None


SCALAR = Width()


def expression(text: str) -> str | None:
    """Return `text` as a Verilog constant expression, None if it is none."""
    text = text.replace("`", " ").replace("×", "*").strip()
    out: list[str] = []
    depth, operand_next, position = 0, True, 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            return None
        piece = token.group().strip()
        if token["operand"]:
            if not operand_next:
                return None
            called = text[token.end() :].lstrip().startswith("(")
            if called and piece.lower() not in _CALLS:
                return None
            out.append(_CALLS[piece.lower()] if called else literal(piece))
            operand_next = called
        elif token["open"]:
            if not operand_next:
                return None
            depth += 1
            out.append("(")
        elif token["close"]:
            depth -= 1
            if operand_next or depth < 0:
                return None
            out.append(")")
        else:
            if operand_next and piece != "-":
                return None
            out.append("**" if piece == "^" else piece)
            operand_next = True
        position = token.end()
    return _join(out) if out and depth == 0 and not operand_next else None


def _join(tokens: list[str]) -> str:
    spaced = {"+", "-", "/", "?", ":", "<<", ">>", "==", "<", ">", "<=", ">=", "%", "&", "|"}
    text = ""
    for index, token in enumerate(tokens):
        unary = token == "-" and (index == 0 or tokens[index - 1] in spaced | {"(", "*"})
        text += f" {token} " if token in spaced and not unary else token
    return text.replace("ceil($clog2", "($clog2")


def literal(number: str) -> str:
    """Write a C-style hexadecimal number as Verilog does."""
    return f"'h{number[2:]}" if number[:2].lower() == "0x" else number


def from_count(count: str) -> Width | None:
    """Make the width of so many bits; `count` is an expression."""
    value = expression(count)
    if value is None:
        return None
    if value.isdigit():
        bits = int(value[:9])
        return None if bits == 0 else SCALAR if bits == 1 else Width(str(bits - 1), "0")
    if _LOW.search(value):
        value = f"({value})"
    if value.endswith(" + 1"):
        return Width(value[:-4], "0")
    return Width(f"{value}-1", "0")


def from_range(text: str) -> Width | None:
    """Read `[msb:lsb]`; `[N-1]` alone means `[N-1:0]`."""
    found = _RANGE.search(text)
    if found:
        msb, lsb = expression(found[1]), expression(found[2])
        return Width(_tight(msb), _tight(lsb)) if msb and lsb else None
    found = _INDEX.search(text)
    msb = expression(found[1]) if found else None
    if msb and not msb.isdigit() and msb.replace(" ", "").endswith("-1"):
        return Width(_tight(msb), "0")
    return None


def from_ranges(text: str) -> Width | None:
    """Read a packed range; several dimensions are flattened to one."""
    parts = _INDEX_OR_RANGE.findall(text)
    if len(parts) < 2:
        return from_range(text)
    counts: list[str] = []
    for part in parts:
        one = from_range(part)
        if one is None or one.msb is None or one.lsb != "0":
            return None
        counts.append(_count(one.msb))
    if all(count.isdigit() for count in counts):
        return from_count(str(prod(map(int, counts))))
    return from_count("*".join(counts))


def _count(msb: str) -> str:
    """Count the bits down to 0."""
    if msb.isdigit():
        return str(int(msb) + 1)
    count = msb.removesuffix("-1")
    if count == msb:
        return f"({msb} + 1)"
    return count if count.isidentifier() else f"({count})"


def _tight(value: str) -> str:
    return value.replace(" ", "") if value.count(" ") == 2 else value


def from_cell(cell: str) -> Width | None:
    """Read a table's width cell or what stands in parentheses after a name."""
    text = _ASIDE.sub("", cell).strip().strip(".,;")
    if "[" in text:
        return from_ranges(text)
    text = _CELL_BITS.sub("", text.replace("`", "")).strip()
    text = _WIDTH_WORD.sub("", text)
    if _NO_WIDTH.fullmatch(text):
        return SCALAR if text.lower() in {"bit", "scalar", "wire"} else None
    word = _COUNT_WORDS.get(text.lower())
    if word:
        return from_count(str(word))
    if re.fullmatch(r"\d{1,6}\s*:\s*\d{1,6}", text):
        return from_range(f"[{text}]")
    return from_count(text)


def in_prose(text: str, limit: int = 40) -> Width | None:
    """Find a width near the beginning of a description, such as `an 8-bit input`."""
    for found in BITS.finditer(text[: limit + 60]):
        if found.start() > limit:
            return None
        before = text[: found.start()]
        if not _EACH.search(before) and not _DOING.search(before):
            return of_match(found)
    return None


def of_match(found: re.Match[str]) -> Width | None:
    """Make the width that a match of `BITS` names."""
    if found["word"]:
        return from_count(str(_COUNT_WORDS[found["word"].lower()]))
    return from_count(found["digits"] or found["code"] or found["name"])
