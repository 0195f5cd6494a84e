"""What is passed on of an explanation: a screen of text, a picture, links between test and RTL."""

import re
from collections.abc import Iterable

from msgspec import structs

from spec2rtl.evidence.explain import Explanation
from spec2rtl.evidence.picture import wavejson
from spec2rtl.evidence.show import text
from spec2rtl.rtl import Diagnostic, Explained, Related


def explained(explanation: Explanation) -> Explained:
    """Put an explanation into plain values."""
    rows = [row.name for row in explanation.table.rows if not row.name.endswith("]")]
    return Explained(
        explanation.failure.test,
        text(explanation),
        tuple([explanation.clock, *rows] if explanation.clock else rows),
        explanation.failed_ns,
        wavejson(explanation),
        explanation.file,
    )


def linked(diagnostics: Iterable[Diagnostic], explanation: Explanation) -> tuple[Diagnostic, ...]:
    """Lead from the failing test to the line of RTL that drives what it looked at."""
    driving, failure = explanation.driving, explanation.failure
    if driving is None:
        return tuple(diagnostics)
    column = len(driving.text) - len(driving.text.lstrip()) + 1
    what = re.sub(r"\s+", " ", driving.text.strip())
    there = Related(driving.file, driving.line, column, f"what drives it: {what}")
    return tuple(
        structs.replace(d, related=(*d.related, there))
        if d.source == "cocotb" and d.message.startswith(f"{failure.test}: ")
        else d
        for d in diagnostics
    )
