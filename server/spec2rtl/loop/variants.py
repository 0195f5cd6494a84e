"""Small changes of RTL that fails a test, where the signals that the test found wrong are driven.

A small model copies the design that it is to repair (seen: 5 of 8 replies changed nothing), and
most bugs are one token: it costs less to try what the mutation operators know, nearest first, and
to let the tests say which change is right.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from spec2rtl.evidence.cone import Hierarchy, cone
from spec2rtl.evidence.netlist import Netlist, netlists
from spec2rtl.loop.job import Job
from spec2rtl.loop.suspects import wrong_signals
from spec2rtl.repair import operators
from spec2rtl.repair.edits import splice
from spec2rtl.repair.operators import Change, Site
from spec2rtl.rtl import TestResult

OPERATORS = (
    operators.related_names,
    operators.swapped_operators,
    operators.negated_conditions,
    operators.reversed_loops,
    operators.outgrown_limits,
    operators.constants,
    operators.bit_selects,
    operators.ignored_enables,
)
"""Those whose change can be a repair, the likeliest first."""

REACH = 2
"""How many names away from a wrong signal a change may be."""


def variants(job: Job, rtl: str, tests: Sequence[TestResult]) -> Iterator[tuple[str, str]]:
    """What is changed, and the text with it: near the wrong signals first, each kind in turn."""
    known = netlists(job.design(rtl))
    near = _near(job, known, tests)
    changes: list[tuple[int, int, Change]] = []
    for netlist in known.values():
        if netlist.file.path != job.target.path:
            continue
        site = Site(netlist.scope)
        for rank, operator in enumerate(OPERATORS):
            for change in operator(site):
                line = 1 + rtl.count("\n", 0, change.splices[0].start)
                if (distance := near.get(line)) is not None:
                    changes.append((distance, rank, change))
    for distance in range(REACH + 1):
        kinds = [
            [c for d, r, c in changes if (d, r) == (distance, rank)]
            for rank in range(len(OPERATORS))
        ]
        for turn in zip_longest(*kinds):
            yield from ((change.what, splice(rtl, change.splices)) for change in turn if change)


def _near(job: Job, known: dict[str, Netlist], tests: Sequence[TestResult]) -> dict[int, int]:
    """The lines of the target that have a say in a wrong signal, with their distance to it."""
    wrong = wrong_signals(job, known, tests)
    found = cone(Hierarchy(known, job.top), wrong).lines if wrong else ()
    return {
        line.line: line.distance
        for line in reversed(found)
        if line.file == job.target.path and line.distance <= REACH
    }
