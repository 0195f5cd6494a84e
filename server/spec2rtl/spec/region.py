"""The text between two marker comments, below the spec comment that it was generated from."""

import re

from spec2rtl.rtl import NEWLINE, split_lines
from spec2rtl.spec.comments import SpecComment

BEGIN = "// spec2rtl: begin {module}"
END = "// spec2rtl: end {module}"


def find_region(text: str, module: str) -> tuple[int, int] | None:
    """The offsets of the generated region of `module`, its two marker lines included."""
    found = _region(text, module)
    return found.span() if found else None


def _region(text: str, module: str) -> re.Match[str] | None:
    begin, end = (re.escape(marker.format(module=module)) for marker in (BEGIN, END))
    return re.search(rf"(?ms)^[ \t]*{begin}[ \t]*\r?\n(.*?)^[ \t]*{end}[ \t]*(?:\r?\n|\Z)", text)


def module_below(text: str, comment: SpecComment) -> str | None:
    """The module whose region begins right below a spec comment."""
    begin = re.escape(BEGIN).replace(r"\{module\}", r"(\w+)")
    start, _ = place_of(text, comment, "")
    found = re.compile(rf"\s*{begin}[ \t]*\r?\n").match(text, start)
    return found[1] if found and find_region(text, found[1]) else None


def region_text(text: str, module: str) -> str | None:
    """What stands in the generated region; None where there is none."""
    found = _region(text, module)
    return found[1] if found else None


def without_region(text: str, module: str) -> str:
    """The text with the generated region taken out."""
    span = find_region(text, module)
    return text[: span[0]] + text[span[1] :] if span else text


def place_of(text: str, comment: SpecComment, module: str) -> tuple[int, int]:
    """The offsets of what makes room for the module's region: the old one, or nothing below."""
    if span := find_region(text, module):
        return span
    ends = [match.end() for match in NEWLINE.finditer(text)]
    below = ends[comment.end_line - 1] if comment.end_line <= len(ends) else len(text)
    return below, below


def put_region(text: str, comment: SpecComment, module: str, rtl: str) -> str:
    """Put `rtl` in place of the module's region, else right below its spec comment."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [BEGIN.format(module=module), *split_lines(rtl.rstrip()), END.format(module=module)]
    start, end = place_of(text, comment, module)
    return text[:start] + gap_before(text, start) + newline.join(lines) + newline + text[end:]


def gap_before(text: str, offset: int) -> str:
    """What ends the line before a region, where nothing does yet."""
    return "" if text[:offset].endswith(("\n", "\r")) or not offset else "\n"
