"""What a candidate may call while it is judged: pure."""

import re

from spec2rtl.syntax.reach import reaches, spoken

_PRINTS = frozenset(
    f"${name}"
    for name in """
    time realtime stime timeformat printtimescale display displayb displayh displayo write writeb
    writeh writeo strobe monitor error warning info dumpfile dumpvars
    """.split()  # noqa: SIM905
)
"""They tell the time or print: no verdict hangs on a print."""
_WRITERS = re.compile(
    r"\$(?:f(?:open|display|write|strobe|monitor|putc)|writemem)\w*", re.IGNORECASE
)


def reaches_out(text: str) -> str | None:
    """Name the first thing by which RTL could end the run, read a file or force a net."""
    return next((word for word, *_ in reaches(text) if word not in _PRINTS), None)


def writes_files(text: str) -> str | None:
    """Name the first system task by which RTL could write a file of its own choice."""
    match = _WRITERS.search(spoken(text))
    return match[0] if match else None
