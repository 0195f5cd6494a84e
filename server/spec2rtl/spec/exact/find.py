"""Every exact form in a spec, from the top down."""

from spec2rtl.rtl import Port
from spec2rtl.spec.document import Line
from spec2rtl.spec.exact import assignments, karnaugh, states
from spec2rtl.spec.exact.grid import run
from spec2rtl.spec.model import Exact, SpecIssue


def exact_forms(
    lines: tuple[Line, ...], ports: tuple[Port, ...], timing: frozenset[str]
) -> tuple[tuple[Exact, ...], tuple[SpecIssue, ...]]:
    """Find truth tables, Karnaugh maps, waveforms and state machines.

    `timing` are the names of clocks and resets, which no transition waits for.
    """
    data = tuple(
        p for p in ports if p.direction == "input" and p.msb is None and p.name not in timing
    )
    found: list[Exact] = []
    issues: list[SpecIssue] = []
    index = 0
    while index < len(lines):
        exact, end = _at(lines, index, ports, data, issues)
        if exact:
            found.append(exact)
        index = max(end, index + 1)
    return tuple(found), tuple(issues)


def _at(
    lines: tuple[Line, ...],
    index: int,
    ports: tuple[Port, ...],
    data: tuple[Port, ...],
    issues: list[SpecIssue],
) -> tuple[Exact | None, int]:
    """Read the form that begins at `index`, and where it ends."""
    text = lines[index].text
    if not text.strip():
        return None, index + 1
    if mapped := karnaugh.find(lines, index, ports):
        return mapped
    block = run(lines, index)
    if drawn := states.diagram(block, data):
        exact, conflicts, _ = drawn
        issues += conflicts
        return exact, _after(lines, index, exact)
    exact = states.table(block) or assignments.find(block, ports)
    return exact, _after(lines, index, exact) if exact else index + 1


def _after(lines: tuple[Line, ...], index: int, exact: Exact) -> int:
    return index + exact.end_line - lines[index].number + 1
