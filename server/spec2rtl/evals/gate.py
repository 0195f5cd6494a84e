"""What a candidate may call while it is judged: pure."""

import re

from spec2rtl.syntax.modules import modules
from spec2rtl.syntax.reach import Reach, reaches

_PRINTS = frozenset(
    f"${name}"
    for name in """
    time realtime stime timeformat printtimescale display displayb displayh displayo write writeb
    writeh writeo strobe monitor error warning info dumpfile dumpvars
    """.split()  # noqa: SIM905
)
"""They tell the time or print: no verdict hangs on a print."""
_WRITERS = re.compile(
    r"\$(?:f(?:open|display|write|strobe|monitor|putc)|writemem|ivlh_|save|incsave)\w*",
    re.IGNORECASE,
)
_STEMS = ("$fopen", "$fdisplay", "$fwrite", "$fstrobe", "$fmonitor", "$fputc", "$writemem")
_HIDES = {
    "$": "a system task whose name macros make up",
    "``": "a name that macros make up",
    '"': "a string with a line end or a macro in it",
    "/*": "a comment of several lines behind a directive",
}
"""In words what hides a call."""
_CALLED = re.compile(r"[ \t]*[(;]")


def without_benches(text: str) -> str:
    """Blank out the test benches beside a design: a benchmark with its own starts none of them."""
    found = modules(text)
    used = {name for module in found for name in module.instantiates}
    for module in found:
        alone = not module.interface.ports and module.name not in used
        if alone and module.clean and module.finished:
            bench = text[module.start : module.end]
            text = text[: module.start] + re.sub(r"[^\n]", " ", bench) + text[module.end :]
    return text


def reaches_out(text: str) -> str | None:
    """Name the first thing by which RTL could end the run, read a file or force a net."""
    found = (r.word for r in reaches(text) if r.word not in _PRINTS or _goes_on(text, r))
    return _told(next(found, None))


def writes_files(text: str) -> str | None:
    """Name the first system task by which RTL could write a file of its own choice.

    The beginning of such a name counts too: macros can put the rest behind it.
    """
    return _told(next((r.word for r in reaches(text) if _writes(text, r)), None))


def _writes(text: str, reach: Reach) -> bool:
    if not reach.word.startswith("$"):  # a name that is pasted has its `$` somewhere
        return reach.word in {'"', "/*"}
    if reach.word == "$write":
        return _goes_on(text, reach)
    begins = any(stem.startswith(reach.word) for stem in _STEMS)
    return begins or _WRITERS.fullmatch(reach.word) is not None


def _goes_on(text: str, reach: Reach) -> bool:
    """May this become `$writememh`?"""
    return reach.word == "$write" and _CALLED.match(text, reach.end) is None


def _told(word: str | None) -> str | None:
    return _HIDES.get(word, word) if word else None
