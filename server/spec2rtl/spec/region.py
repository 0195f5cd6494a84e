"""The text between two marker comments, below the spec comment that it was generated from."""

import re

from spec2rtl.spec.comments import SpecComment

BEGIN = "// spec2rtl: begin {module}"
END = "// spec2rtl: end {module}"


def find_region(text: str, module: str) -> tuple[int, int] | None:
    """The offsets of the generated region of `module`, its two marker lines included."""
    begin, end = (re.escape(marker.format(module=module)) for marker in (BEGIN, END))
    found = re.search(rf"(?ms)^[ \t]*{begin}[ \t]*\r?\n.*?^[ \t]*{end}[ \t]*(?:\r?\n|\Z)", text)
    return found.span() if found else None


def region_text(text: str, module: str) -> str | None:
    """What stands in the generated region; None where there is none."""
    span = find_region(text, module)
    return "".join(text[slice(*span)].splitlines(keepends=True)[1:-1]) if span else None


def without_region(text: str, module: str) -> str:
    """The text with the generated region taken out."""
    span = find_region(text, module)
    return text[: span[0]] + text[span[1] :] if span else text


def put_region(text: str, comment: SpecComment, module: str, rtl: str) -> str:
    """Put `rtl` in place of the module's region, else right below its spec comment."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [BEGIN.format(module=module), *rtl.rstrip().splitlines(), END.format(module=module)]
    region = newline.join(lines) + newline
    if span := find_region(text, module):
        return text[: span[0]] + region + text[span[1] :]
    above = text.splitlines(keepends=True)[: comment.end_line]
    head = "".join(above)
    if not head.endswith("\n"):
        head += newline
    return head + region + text[len("".join(above)) :]
