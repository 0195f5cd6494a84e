"""Clocks and resets that are not taken as the spec says: the edge, the level, which comes first."""

import re
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from spec2rtl.repair.edits import Splice
from spec2rtl.repair.situation import Finding, Situation
from spec2rtl.spec.model import Clock, Reset
from spec2rtl.spec.timing import edge_in
from spec2rtl.syntax.conditionals import If, condition_names, if_at, unwrapped
from spec2rtl.syntax.conformance import EDGE_OF, edge_differences, reset_differences
from spec2rtl.syntax.drivers import Process
from spec2rtl.syntax.processes import EDGES, ResetTest, clocked, event
from spec2rtl.syntax.scope import Scope


def timing_findings(case: Situation, scope: Scope) -> Iterator[Finding]:
    """What the clocked processes of a module take otherwise than the spec says."""
    yield from _reset_style(case, scope)
    yield from _clock_edge(case, scope)
    yield from _reset_comes_late(case, scope)


# --- the reset's level and its time


def _reset_style(case: Situation, scope: Scope) -> Iterator[Finding]:
    """Polarity and synchrony of each reset, against the spec."""
    for one in reset_differences(scope, case.spec.resets if case.spec else ()):
        if one.polarity:
            yield _polarity(scope, one.process, one.reset, one.test)
        if one.synchrony:
            yield from _synchrony(scope, one.process, one.reset, one.test)


def _polarity(scope: Scope, process: Process, reset: Reset, condition: ResetTest) -> Finding:
    test = reset.name if reset.active == "high" else f"!{reset.name}"
    splices = [Splice(condition.start, condition.end, f"({test})")]
    edge = "posedge" if reset.active == "high" else "negedge"
    control = [] if reset.synchronous else event(scope, process)  # else the edge goes altogether
    for i, token in enumerate(control[:-1]):
        if control[i + 1].text == reset.name and token.text in EDGES:
            splices.append(Splice(token.start, token.end, edge))
    return Finding(
        f"The reset `{reset.name}` is active {reset.active}, but the RTL takes it as active "
        f"{condition.active}.",
        scope.tokens[process.first].line,
        tuple(sorted(splices)),
    )


def _synchrony(
    scope: Scope, process: Process, reset: Reset, condition: ResetTest
) -> Iterator[Finding]:
    line = scope.tokens[process.first].line
    if reset.synchronous:
        if splice := _drop_edge(scope, process, reset.name):
            cause = f"The reset `{reset.name}` must be synchronous, but the RTL resets at its edge."
            yield Finding(cause, line, (splice,))
        return
    edge = "posedge" if (reset.active or condition.active) == "high" else "negedge"
    end = event(scope, process)[-1]
    at = end.start if end.text == ")" else end.end
    cause = f"The reset `{reset.name}` must be asynchronous, but the RTL waits for the clock."
    yield Finding(cause, line, (Splice(at, at, f" or {edge} {reset.name}"),))


def _drop_edge(scope: Scope, process: Process, name: str) -> Splice | None:
    """Take `posedge name` and the `or` or comma beside it out of an event control."""
    control = event(scope, process)
    for i, token in enumerate(control):
        if token.text == name and control[i - 1].text in EDGES:
            if control[i - 2].text in ("or", ","):
                return Splice(control[i - 3].end, token.end, "")
            if i + 1 < len(control) and control[i + 1].text in ("or", ","):
                return Splice(control[i - 1].start, control[i + 2].start, "")
    return None


# --- the clock's edge


def _clock_edge(case: Situation, scope: Scope) -> Iterator[Finding]:
    """A clock of which every process waits for the edge that the spec does not name."""
    if case.spec is None:
        return
    wrong = edge_differences(scope, case.spec.clocks)
    for clock, found in groupby(wrong, key=attrgetter("clock")):
        if _names_its_edge(case.spec.text, clock):
            words = [scope.tokens[one.at] for one in found]
            cause = (
                f"The registers wait for `{words[0].text} {clock.name}`, but the specification "
                f"says the {clock.edge} edge."
            )
            splices = tuple(Splice(word.start, word.end, EDGE_OF[clock.edge]) for word in words)
            yield Finding(cause, words[0].line, splices)


def _names_its_edge(text: str, clock: Clock) -> bool:
    """Do the lines that speak of a clock name its edge and not the other?"""
    about = re.compile(rf"\b(?:clock|clk|{re.escape(clock.name)})\b", re.IGNORECASE)
    said = {edge_in(line) for line in text.splitlines() if about.search(line)}
    return said - {None} == {clock.edge}


# --- which comes first


_RESET = re.compile(r"(?:\w*_)?a?n?(?:rst|reset)(?:_?n|_\w+)?", re.IGNORECASE)
_FIRST = re.compile(
    r"\b(?:priority|precedence|overrid\w+|wins?|regardless|irrespective|even (?:if|when|while))\b",
    re.IGNORECASE,
)


def _reset_comes_late(case: Situation, scope: Scope) -> Iterator[Finding]:
    """A reset that waits for an enable, where the spec or a failing test says that it comes first."""
    for process in scope.drivers.processes:
        if not clocked(scope, process):
            continue
        found = _nested(scope, process) or _second(scope, process)
        if found and _comes_first(case, found[0]):
            reset, splices = found
            cause = f"The reset `{reset}` waits for another condition; it must come first."
            yield Finding(cause, scope.tokens[process.first].line, splices)


def _comes_first(case: Situation, reset: str) -> bool:
    spec = case.spec
    if spec and spec.resets:
        if reset not in {one.name for one in spec.resets}:
            return False
    elif not _RESET.fullmatch(reset):
        return False
    about = re.compile(rf"reset|\b{re.escape(reset)}\b", re.IGNORECASE)
    lines = spec.text.splitlines() if spec else ()
    return any(about.search(f"{test.name} {test.message}") for test in case.failed) or any(
        about.search(line) and _FIRST.search(line) for line in lines
    )


def _only_name(scope: Scope, one: If) -> str | None:
    """The name that a condition asks for, if it asks for one alone."""
    names = set(condition_names(scope, one))
    return names.pop() if len(names) == 1 else None


def _nested(scope: Scope, process: Process) -> tuple[str, tuple[Splice, ...]] | None:
    """`if (en) begin if (rst) A else B end` becomes `if (rst) A else if (en) B`."""
    tokens = scope.tokens
    outer = if_at(scope, unwrapped(scope, process.body, process.end))
    if outer is None or outer.otherwise:
        return None
    inner = if_at(scope, unwrapped(scope, outer.then, outer.after))
    reset = inner and _only_name(scope, inner)
    if inner is None or reset is None or reset in condition_names(scope, outer):
        return None
    last = tokens[outer.after - 1].end
    splices = [Splice(tokens[outer.at].start, tokens[inner.at].start, "")]
    if inner.otherwise:
        condition = scope.text[tokens[outer.at].start : tokens[outer.then - 1].end]
        at = tokens[inner.otherwise].end
        splices.append(Splice(at, at, f" {condition}"))
    if inner.after != outer.after:
        splices.append(Splice(tokens[inner.after - 1].end, last, ""))
    return reset, tuple(splices)


def _second(scope: Scope, process: Process) -> tuple[str, tuple[Splice, ...]] | None:
    """`if (en) B else if (rst) A` becomes `if (rst) A else if (en) B`."""
    tokens = scope.tokens
    first = if_at(scope, unwrapped(scope, process.body, process.end))
    if first is None or not first.otherwise:
        return None
    second = if_at(scope, first.otherwise + 1)
    reset = second and _only_name(scope, second)
    if second is None or reset is None or reset in condition_names(scope, first):
        return None
    if "if" in (tokens[first.then].text, tokens[second.then].text):  # whose `else` would it be?
        return None
    one = tokens[first.at].start, tokens[first.otherwise - 1].end
    other = tokens[second.at].start, tokens[(second.otherwise or second.after) - 1].end
    texts = scope.text[slice(*one)], scope.text[slice(*other)]
    return reset, (Splice(*one, texts[1]), Splice(*other, texts[0]))
