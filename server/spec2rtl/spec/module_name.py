"""The name that a spec gives its module."""

import itertools
import re

from spec2rtl.spec.document import Heading, Line, Text
from spec2rtl.spec.model import SpecIssue
from spec2rtl.spec.outline import Placed
from spec2rtl.spec.prose import plain

SEVERAL_MODULES = "several-modules"

_N = r"[\s\"']*(?P<name>[A-Za-z_]\w*)(?P<suffix>\.s?v\b)?"
_NAMED = re.compile(
    rf"\b(?:module|design|entity|block)\b[^.\n]{{0,60}}?\b(?:named|called|titled)\b{_N}"
    rf"|\bmodule\s+(?:must|should|shall|will)\s+be\s+(?:named|called)\b{_N.replace('name>', 'name2>').replace('suffix>', 'suffix2>')}",
    re.IGNORECASE,
)
_LABEL = re.compile(
    rf"\b(?:module(?:'s)?\s+name|name\s+of\s+the\s+module)\s*"
    rf"(?:is|(?:should|shall|must|will)\s+be|[:=-])\s*{_N}",
    re.IGNORECASE,
)
_LABEL_LINE = re.compile(
    rf"^\W*(?:top[\s-]?(?:level\s+)?)?(?:module|entity)\s*[:=|]{_N}\W*$",
    re.IGNORECASE | re.MULTILINE,
)
# `Module counter`, but not `Module overview`
_LABEL_WORD = re.compile(
    r"^\W*module[ \t]+(?!(?:overview|description|interface|ports?|pins|io|parameters?|spec|name"
    r"|specification|behaviou?r|requirements|function|functionality|details|summary|definition"
    r"|declaration|header|hierarchy|design|purpose|features|operation|instances?)\b)"
    r"(?P<name>[A-Za-z_]\w*)\W*$",
    re.IGNORECASE | re.MULTILINE,
)
_CALL_IT = re.compile(rf"\b(?:call|name)\s+(?:the|this|your)\s+module\b{_N}", re.IGNORECASE)
_LABEL_ALONE = re.compile(r"^\W*(?:\d[\d.]*\s+)?(?:top[\s-]?)?module\s+name\W*$", re.IGNORECASE)
_CODED = re.compile(
    r"\bmodule\s+(?:for\s+)?(?:a\s+|the\s+)?`\s*(?P<name>[A-Za-z_]\w*)(?P<suffix>\.s?v)?\s*`"
    r"|`\s*(?P<name2>[A-Za-z_]\w*)(?P<suffix2>\.s?v)?\s*`\s+(?:\w+\s+){0,3}?module\b",
    re.IGNORECASE,
)
# Outside of a code span only what no English word looks like.
_BARE = re.compile(
    r"\bmodule(?:\s+name)?\s+(?P<name>[a-z]\w*[_\d]\w*)(?P<suffix>\.s?v)?\b"
    r"|\b(?P<name2>[a-z]\w*[_\d]\w*)(?P<suffix2>\.s?v)?\s+module\b",
    re.IGNORECASE,
)
_ALONE = re.compile(r"^\W*(?P<name>[A-Za-z_]\w*)(?:\.s?v)?\W*$")
_SPAN = re.compile(r"`([^`\n]{1,60})`")
_SENTENCE = re.compile(r"[.:=;]\s*$|\b(?:inputs?|outputs?|ports?|is|are)\b|[\[(]", re.IGNORECASE)
_TITLE_WORDS = 6
_NOT_NAME = re.compile(
    r"the|an?|that|which|with|for|to|in|of|is|and|or|as|using|module|(?:system)?verilog|rtl|should"
    r"|must|shall|will|named|called|following|below|name",
    re.IGNORECASE,
)


def module_name(placed: tuple[Placed, ...], lines: tuple[Line, ...]) -> str | None:
    """Find the module's name in what is written about it."""
    texts = [plain(line.text) for line in lines]
    joined = "\n".join(texts)
    return (
        _first(_LABEL, joined)
        or _first(_LABEL_LINE, joined)
        or _first(_LABEL_WORD, joined)
        or _after_label(texts)
        or _first(_NAMED, " ".join(texts[:60]))
        or _first(_CALL_IT, " ".join(texts[:60]))
        or _first(_CODED, " ".join(line.text.replace("**", "") for line in lines[:200]))
        or _title(placed)
        or _first(_BARE, " ".join(texts[:60]))
    )


def several(placed: tuple[Placed, ...]) -> tuple[SpecIssue, ...]:
    """Say that headings name more than one module: whatever they declare is read as one's."""
    named: dict[str, int] = {}
    for one in placed:
        if isinstance(one.block, Heading):
            text = plain(one.block.text)
            labelled = _first(_LABEL_LINE, text) or _first(_LABEL_WORD, text)
            name = labelled or _first(_CODED, one.block.text)
            if name:
                named.setdefault(name, one.block.line)
    if len(named) < 2:
        return ()
    names = " and ".join(f"`{name}` (line {line})" for name, line in named.items())
    message = f"more than one module is specified here, {names}: give each a file of its own"
    return (SpecIssue(SEVERAL_MODULES, message, [*named.values()][1]),)


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    for found in pattern.finditer(text):
        groups = found.groupdict()
        name = groups["name"] or groups.get("name2") or ""
        if not _NOT_NAME.fullmatch(name):
            return name
    return None


def _after_label(texts: list[str]) -> str | None:
    for text, following in itertools.pairwise(texts):
        if _LABEL_ALONE.match(text) and (found := _ALONE.match(following)):
            return found["name"]
    return None


def _title(placed: tuple[Placed, ...]) -> str | None:
    """Take a title's identifier: `# fifo_sync`, `# FIFO ``fifo_sync```.

    Where there is no heading, the title is a first line that is no sentence.
    """
    title = next((one.block.text for one in placed if isinstance(one.block, Heading)), None)
    if title is None and placed and isinstance(placed[0].block, Text):
        first = placed[0].block.lines[0].text.strip()
        words = len(first.split())
        title = first if words <= _TITLE_WORDS and not _SENTENCE.search(first) else None
    coded = _SPAN.findall(title or "")
    found = _ALONE.match(coded[0] if len(coded) == 1 else plain(title or ""))
    name = found["name"] if found else ""
    return name if name and (name.islower() or "_" in name) else None
