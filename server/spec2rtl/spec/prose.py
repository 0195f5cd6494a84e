"""Words of a spec freed from their markup, and its sentences."""

import re

from msgspec import Struct

from spec2rtl.spec.document import Line

_EMPHASIS = re.compile(
    r"(?<![\w)])\*+(?=\S)|(?<=\S)\*+(?![\w(])|(?<!\w)__|__(?!\w)|(?<!\w)_(?=\w[^_\n]{0,40}_(?!\w))|(?<=[\w\])])_(?!\w)"
)
_MARKUP = re.compile(r"[*`_\\<\u00a0\u2011\u2018\u2019×]")
_ESCAPE = re.compile(r"\\(?=[_\[\]*`#|()<>])")
_TAG = re.compile(r"</?(?:sub|b|i|u|p|em|strong|code|span|div|center|font)\b[^<>\n]{0,60}>|</sup>")
_POWER = re.compile(r"<sup>")
_BREAK = re.compile(r"<br\s*/?>")
_SPACE = str.maketrans({"\u00a0": " ", "\u2011": "-", "\u2019": "'", "\u2018": "'", "×": "*"})
# A stop, then blank space, then what can begin a sentence; not after an abbreviation.
_STOP = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\betc)(?<!\bvs)(?<!\bNo)[.!?;]['\")*`]*(?=\s|$)")


class Sentence(Struct, frozen=True):
    """A sentence in plain words with the lines that it spans."""

    text: str
    line: int
    end_line: int


def unbold(text: str) -> str:
    """Drop emphasis, escapes and tags; code spans keep their backticks."""
    if not _MARKUP.search(text):
        return text
    text = _ESCAPE.sub("", text.translate(_SPACE))
    return _outside_code(_TAG.sub("", _POWER.sub("^", _BREAK.sub(" ", text))))


def plain(text: str) -> str:
    """Drop all markup."""
    return unbold(text).replace("`", "")


def _outside_code(text: str) -> str:
    # `2**N` in a code span is an operator, **N** outside is emphasis.
    parts = text.split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = ["`".join(parts[-2:])]
    return "`".join(_EMPHASIS.sub("", p) if n % 2 == 0 else p for n, p in enumerate(parts))


def sentences(lines: tuple[Line, ...]) -> list[Sentence]:
    """Split prose into sentences."""
    found: list[Sentence] = []
    words: list[str] = []
    start = 0
    for line in lines:
        text = plain(line.text)
        begin = 0
        for stop in _STOP.finditer(text):
            piece = text[begin : stop.end()].strip()
            begin = stop.end()
            if piece:
                words.append(piece)
                found.append(Sentence(" ".join(words), start or line.number, line.number))
            words, start = [], 0
        rest = text[begin:].strip()
        if rest:
            words.append(rest)
            start = start or line.number
    if words:
        found.append(Sentence(" ".join(words), start, lines[-1].number))
    return found
