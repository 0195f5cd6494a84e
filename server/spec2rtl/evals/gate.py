"""What a candidate may call while it is judged: pure."""

import re

from spec2rtl.syntax.reach import reaches, spoken

_WRITERS = re.compile(
    r"\$(?:f(?:open|display|write|strobe|monitor|putc)|writemem)\w*", re.IGNORECASE
)


def reaches_out(text: str) -> str | None:
    """Name the first thing by which RTL could print, end the run, read a file or force a net.

    Only pure system functions are allowed; macros are looked into.
    """
    return next((reach.word for reach in reaches(text)), None)


def writes_files(text: str) -> str | None:
    """Name the first system task by which RTL could write a file of its own choice."""
    match = _WRITERS.search(spoken(text))
    return match[0] if match else None
