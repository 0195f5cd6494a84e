"""What a failing test makes suspect: the signals it found wrong, and the text that drives them."""

from collections.abc import Iterator, Sequence

from spec2rtl.evidence.failure import read_failure
from spec2rtl.evidence.netlist import Netlist, netlists
from spec2rtl.loop.job import Job
from spec2rtl.rtl import TestResult
from spec2rtl.syntax.scope import Scope


def wrong_signals(job: Job, known: dict[str, Netlist], tests: Sequence[TestResult]) -> list[str]:
    """Names of the top module that failing tests speak of, the first named first; no inputs."""
    bench, top = job.testbench, known.get(job.top)
    if bench is None or top is None:
        return []
    ports = top.scope.module.interface.ports
    inputs = {port.name for port in ports if port.direction == "input"}
    named: dict[str, None] = {}
    for test in tests:
        if test.status != "passed":
            signals = read_failure(test, bench, ports).signals
            named.update(dict.fromkeys(_as_mentioned(signals, test.message)))
    return [name for name in named if name not in inputs]


def _as_mentioned(signals: Sequence[str], message: str) -> list[str]:
    places = {name: message.find(name) for name in signals}
    return sorted(signals, key=lambda name: (places[name] < 0, places[name]))


def drivers(job: Job, rtl: str, tests: Sequence[TestResult]) -> list[str]:
    """The processes and assignments that drive a wrong signal, each as it stands in the text.

    Only those that stand there once, so that a search finds them.
    """
    known = netlists(job.design(rtl))
    top = known.get(job.top)
    if top is None or top.file.path != job.target.path:
        return []
    wrong = wrong_signals(job, known, tests)
    found = dict.fromkeys(text for name in wrong for text in _driving(top.scope, name))
    return [text for text in found if rtl.count(text) == 1]


def _driving(scope: Scope, name: str) -> Iterator[str]:
    for a in scope.drivers.assignments:
        if a.name != name:
            continue
        if a.process is not None:
            process = scope.drivers.processes[a.process]
            first, last = process.first, process.end - 1
        else:
            first = next(i for i in range(a.at, -1, -1) if scope.tokens[i].text == "assign")
            last = a.end
        if last < len(scope.tokens):
            start, end = scope.tokens[first].start, scope.tokens[last].end
            line = scope.text.rfind("\n", 0, start) + 1
            yield scope.text[line if scope.text[line:start].isspace() else start : end]
