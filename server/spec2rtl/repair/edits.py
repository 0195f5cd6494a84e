"""Search/replace edits: each names a text that occurs exactly once."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct


class Edit(Struct, frozen=True):
    """Put `replace` in the place of `search`."""

    search: str
    replace: str


class EditFailure(Struct, frozen=True):
    """The edit, counted from 0, that can't be made, and why."""

    index: int
    why: str


class Splice(Struct, frozen=True, order=True):
    """Put `text` in the place of the characters from `start` up to `end`."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Sequence[Edit]) -> str | EditFailure:
    """Make all edits or none; every search is for the text as it was before the first.

    A newline in a search matches either kind, and a replacement takes the text's own.
    """
    newline = newline_of(text)
    splices: list[tuple[Splice, int]] = []
    for index, edit in enumerate(edits):
        found = _find(text, edit.search)
        if isinstance(found, str):
            return EditFailure(index, found)
        new = with_newlines(edit.replace, newline)
        splices.append((Splice(*found, new) if new else removal(text, *found), index))
    splices.sort()
    for (before, _), (after, index) in pairwise(splices):
        if after.start < before.end:
            return EditFailure(index, "it overlaps another edit")
    return splice(text, (s for s, _ in splices))


def _find(text: str, search: str) -> tuple[int, int] | str:
    if not search.strip():
        return "its search text is empty"
    plain, wanted = with_newlines(text, "\n"), with_newlines(search, "\n")
    at = plain.find(wanted)
    if at < 0:
        return f"its search text is not in the file: {_shown(search)}"
    if plain.find(wanted, at + 1) >= 0:
        return f"its search text is in the file more than once: {_shown(search)}"
    return _offset(text, at), _offset(text, at + len(wanted))


def _offset(text: str, plain: int) -> int:
    """The offset in a text of one that counts each newline as one character."""
    start = 0
    while 0 <= (end := text.find("\r\n", start)) < plain:
        plain += 1
        start = end + 2
    return plain


def _shown(search: str) -> str:
    """The first line of a text, as a quotation."""
    lines = search.strip().splitlines()
    return f"`{lines[0].strip()[:80]}`" + (" …" if len(lines) > 1 else "")


def splice(text: str, splices: Iterable[Splice]) -> str:
    """Make splices that don't overlap."""
    parts: list[str] = []
    at = 0
    for part in sorted(splices):
        parts += (text[at : part.start], part.text)
        at = part.end
    return "".join([*parts, text[at:]])


def removal(text: str, start: int, end: int) -> Splice:
    """Take a text out; with its lines, where it stands alone there."""
    head = text.rfind("\n", 0, start) + 1
    tail = text.find("\n", end)
    tail = len(text) if tail < 0 else tail + 1
    if text[head:start].strip() or text[end:tail].strip():
        return Splice(start, end, "")
    return Splice(head, tail, "")


def newline_of(text: str) -> str:
    """The line ending that most of a text has."""
    windows = text.count("\r\n")
    return "\r\n" if windows * 2 > text.count("\n") else "\n"


def with_newlines(text: str, newline: str) -> str:
    """Write a text with the given line endings."""
    return text.replace("\r\n", "\n").replace("\n", newline)


# --- from splices to edits


def as_edits(text: str, splices: Iterable[Splice]) -> tuple[Edit, ...]:
    """Write splices as edits of whole lines, with as much context as makes each unique."""
    hunks = [_whole_lines(text, [s]) for s in sorted(splices)]
    while True:
        hunks = _merged(hunks)
        grown = [h if _exact(text, h) else _grown(text, h) for h in hunks]
        if grown == hunks:
            return tuple(_edit(text, h) for h in hunks)
        hunks = grown


class _Hunk(Struct, frozen=True):
    """Whole lines, from `start` up to `end` (without the last newline), and their splices."""

    start: int
    end: int
    splices: tuple[Splice, ...]


def _whole_lines(text: str, splices: list[Splice]) -> _Hunk:
    start = text.rfind("\n", 0, splices[0].start) + 1
    end = text.find("\n", splices[-1].end)
    return _Hunk(start, len(text) if end < 0 else end, tuple(splices))


def _exact(text: str, hunk: _Hunk) -> bool:
    """Is it found once, and is something put there? An edit that puts nothing takes the line too."""
    whole = (hunk.start, hunk.end) == (0, len(text))
    found = whole or not isinstance(_find(text, text[hunk.start : hunk.end]), str)
    return found and (whole or bool(_edit(text, hunk).replace))


def _grown(text: str, hunk: _Hunk) -> _Hunk:
    """Take in the line above and the line below; of many lines, the more at once."""
    more = 1 + (hunk.end - hunk.start) // 8
    start = text.rfind("\n", 0, max(hunk.start - more, 0)) + 1
    end = text.find("\n", hunk.end + more) if hunk.end < len(text) else -1
    return _Hunk(start, len(text) if end < 0 else end, hunk.splices)


def _merged(hunks: list[_Hunk]) -> list[_Hunk]:
    merged: list[_Hunk] = []
    for hunk in sorted(hunks, key=lambda h: h.start):
        if merged and hunk.start <= merged[-1].end:
            last = merged.pop()
            splices = tuple(sorted(last.splices + hunk.splices))
            merged.append(_Hunk(last.start, max(last.end, hunk.end), splices))
        else:
            merged.append(hunk)
    return merged


def _edit(text: str, hunk: _Hunk) -> Edit:
    moved = [Splice(s.start - hunk.start, s.end - hunk.start, s.text) for s in hunk.splices]
    search = text[hunk.start : hunk.end]
    return Edit(search, splice(search, moved))
