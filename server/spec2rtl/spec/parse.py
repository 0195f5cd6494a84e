"""From a spec's text to what it says: never raises, says what is unclear."""

from functools import lru_cache

from spec2rtl.rtl import split_lines
from spec2rtl.spec import document, frontmatter, timing
from spec2rtl.spec.code import find_header
from spec2rtl.spec.document import Line, plain_lines
from spec2rtl.spec.exact.find import exact_forms
from spec2rtl.spec.interface import recover, without_interface
from spec2rtl.spec.model import Spec
from spec2rtl.spec.module_name import module_name, several
from spec2rtl.spec.outline import place
from spec2rtl.spec.prose import sentences
from spec2rtl.spec.requirements import requirements


@lru_cache(16)  # an editor asks for the same spec with every key
def parse(text: str) -> Spec:
    """Read a spec; lines count in `text`, front matter included."""
    head = frontmatter.read(text)
    blocks = document.read(head.body, head.first_line)
    placed = tuple(place(blocks))
    prose = tuple(line for block in blocks for line in plain_lines(block))
    header = find_header(head.body, head.first_line)
    recovered = recover(placed, header, prose, head.body)
    said = timing.Said(tuple(s for block in blocks for s in sentences(plain_lines(block))))
    clocks = timing.clocks(recovered.ports, said)
    resets, unclear = timing.resets(recovered.ports, said)
    timed = frozenset(one.name for one in (*clocks, *resets))
    exact, unreadable = exact_forms(_lines(head), recovered.ports, timed)
    declared = frozenset(port.line for port in recovered.ports)
    name = head.front_matter.module or (header.module if header else module_name(placed, prose))
    return Spec(
        head.body,
        name,
        recovered.ports,
        recovered.parameters,
        clocks,
        resets,
        requirements(placed, declared),
        exact,
        head.issues
        + several(placed)
        + without_interface(recovered, head.first_line)
        + recovered.issues
        + unclear
        + unreadable,
        head.front_matter,
    )


def _lines(head: frontmatter.Head) -> tuple[Line, ...]:
    return tuple(Line(head.first_line + n, text) for n, text in enumerate(split_lines(head.body)))
