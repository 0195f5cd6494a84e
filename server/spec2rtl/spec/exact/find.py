"""Every exact form in a spec, from the top down."""

from spec2rtl.rtl import Port
from spec2rtl.spec.document import Line
from spec2rtl.spec.exact import assignments, karnaugh, states
from spec2rtl.spec.exact.grid import runs
from spec2rtl.spec.model import Exact, SpecIssue

_MOST_LINES = 1000
"""Of one table: looking on from every line would take too long."""


def exact_forms(
    lines: tuple[Line, ...], ports: tuple[Port, ...], timing: frozenset[str]
) -> tuple[tuple[Exact, ...], tuple[SpecIssue, ...]]:
    """Find truth tables, Karnaugh maps, waveforms and state machines.

    `timing` are the names of clocks and resets, which no transition waits for.
    """
    data = tuple(
        p for p in ports if p.direction == "input" and p.msb is None and p.name not in timing
    )
    known = {port.name.lower(): port for port in ports}
    found: list[Exact] = []
    issues: list[SpecIssue] = []
    done = 0  # the last line of a form already read
    for index, line in enumerate(lines):
        if line.number > done and (drawn := karnaugh.find(lines, index, ports)):
            found.append(drawn)
            done = drawn.end_line
    mapped = [range(one.line, one.end_line + 1) for one in found]
    for run in runs(_without(lines, mapped)):
        done = 0
        for index, line in enumerate(run):
            if line.number <= done:
                continue
            exact, conflicts = _at(run[index : index + _MOST_LINES], known, data)
            if exact:
                found.append(exact)
                issues += conflicts
                done = exact.end_line
    return tuple(sorted(found, key=lambda one: one.line)), tuple(issues)


def _without(lines: tuple[Line, ...], taken: list[range]) -> tuple[Line, ...]:
    """Blank the lines that a map takes up."""
    numbers = {number for lines_of_map in taken for number in lines_of_map}
    return tuple(Line(one.number, "") if one.number in numbers else one for one in lines)


def _at(
    run: tuple[Line, ...], known: dict[str, Port], data: tuple[Port, ...]
) -> tuple[Exact | None, list[SpecIssue]]:
    """Read the form that begins with a run's first line."""
    drawn = states.diagram(run, data)
    if drawn:
        return drawn
    return states.table(run) or assignments.find(run, known), []
