"""A failing test explained: what was wanted, what was seen, and what in the RTL decides on it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from msgspec import Struct, field, structs

from spec2rtl.evidence.cone import Cone, Hierarchy, Node, cone
from spec2rtl.evidence.cycles import Clock, Moments, Table, find_clock, moments, table
from spec2rtl.evidence.failure import Failure, read_failure
from spec2rtl.evidence.netlist import netlists
from spec2rtl.evidence.origin import Divergence, Unknown, first_divergence, first_unknown
from spec2rtl.evidence.requirement import touched
from spec2rtl.evidence.slice import Slice, constants, follow
from spec2rtl.evidence.standing import Handshake, handshakes, still
from spec2rtl.evidence.wave import WANTED, Recording, Trace, unknown
from spec2rtl.rtl import Design, Testbench, TestResult
from spec2rtl.spec.model import Requirement, Spec
from spec2rtl.syntax.expression import Bits, Form

SHOWN_SIGNALS = 12
SHOWN_WORDS = 3
"""Of a memory."""


class Driving(Struct, frozen=True):
    """A line of the cone.

    `step` counts back from the failure where the line had a say in how the value came to be, and
    `ran` where an assignment on it was carried out on that way.
    """

    file: str
    line: int
    text: str
    distance: int
    step: int | None = None
    ran: int | None = None


class Explanation(Struct, frozen=True):
    """All that is known of a failure, before any model is asked.

    `driving` is the assignment that gave the failing signal its value, as far as it can be told;
    `lines` are the cone, the nearest first. `failed` is a time of the recording, as the `edges` of
    the clock are, `failed_ns` the same in nanoseconds since its beginning. `unread` are inputs that
    have no say, `constants` the top module's parameters, `forms` how names of the recording are
    read, if not plainly; `file` is where the recording was kept, if it was.
    """

    failure: Failure
    top: str
    failed: int
    failed_ns: float
    clock: str | None
    edges: tuple[int, ...]
    table: Table
    lines: tuple[Driving, ...]
    driving: Driving | None = None
    unknown: Unknown | None = None
    requirement: Requirement | None = None
    divergence: Divergence | None = None
    unread: tuple[str, ...] = ()
    still: tuple[tuple[str, str], ...] = ()
    handshakes: tuple[Handshake, ...] = ()
    constants: dict[str, Bits] = field(default_factory=dict[str, Bits])
    forms: dict[str, Form] = field(default_factory=dict[str, Form])
    file: str | None = None


@dataclass(frozen=True)
class _Scene:
    """What the parts of an explanation are told from."""

    recording: Recording
    design: Design
    hierarchy: Hierarchy
    failure: Failure
    cone: Cone
    clock: Clock | None
    when: Moments
    way: Slice


def explain(
    recording: Recording,
    test: TestResult,
    design: Design,
    bench: Testbench,
    *,
    spec: Spec | None = None,
    previous: Recording | None = None,
) -> Explanation | None:
    """Explain a failing test; None where its top module is not there, or it did not fail again.

    `previous` is the same test of an earlier candidate.
    """
    known = netlists(design)
    top = design.top or bench.top
    if top is None or top not in known or recording.passed:
        return None
    internal = (name.removeprefix(f"{top}.") for name in recording.names)
    failure = read_failure(test, bench, known[top].scope.module.interface.ports, internal)
    hierarchy = Hierarchy(known, top, recording.names)
    reach = cone(hierarchy, failure.signals)
    clock = find_clock(recording, hierarchy, reach)
    seen = _seen(recording, top, failure)
    when = moments(recording, clock, seen)
    forms = hierarchy.forms(recording.names)
    way = follow(recording, design, hierarchy, when, failure.signals)
    scene = _Scene(recording, design, hierarchy, failure, reach, clock, when, way)
    lines = tuple(_driving_lines(scene))
    return Explanation(
        _filled(failure, scene),
        top,
        recording.failed,
        round(recording.failed * recording.wave.tick_ns, 6),
        clock.name if clock else None,
        when.edges,
        table(recording, when, _rows(scene), forms),
        lines,
        _decisive(scene, lines),
        first_unknown(recording, hierarchy, reach, way.words),
        touched(failure, _decided(scene), spec),
        first_divergence(previous, recording, hierarchy, reach, clock) if previous else None,
        tuple(_unread(scene)),
        still(recording, reach, when),
        handshakes(recording, when),
        constants(known[top], dict(design.parameters)),
        forms,
        recording.file,
    )


def first_failed(tests: Iterable[TestResult]) -> TestResult | None:
    """The failure to look into: later ones often follow from it."""
    return next((test for test in tests if test.failed), None)


def _seen(recording: Recording, top: str, failure: Failure) -> tuple[Trace, str] | None:
    names = (f"{top}.{name}" for name in failure.signals)
    trace = next((recording.names[n] for n in names if n in recording.names), None)
    return (trace, failure.actual) if trace and failure.actual else None


def _filled(failure: Failure, scene: _Scene) -> Failure:
    """The failure with the values that were wanted and seen, where the test doesn't tell them."""
    if failure.actual is not None or len(failure.signals) != 1:
        return failure
    name, names = f"{scene.hierarchy.top}.{failure.signals[0]}", scene.recording.names
    if trace := names.get(name):
        failure = structs.replace(failure, actual=scene.when.final(trace))
    if (wanted := names.get(name + WANTED)) and failure.expected is None:
        failure = structs.replace(failure, expected=scene.when.final(wanted))
    return failure


def _rows(scene: _Scene) -> list[str]:
    """The signals of the table: of the assertion, the nearest in the cone, the other ports.

    What a reference gave for a signal of the assertion stands below it; of a memory, the words on
    the way to the failure stand in its place.
    """
    names = scene.recording.names
    ticks = names[scene.clock.name].times if scene.clock else ()
    rows: list[str] = []
    aliases: set[tuple[tuple[int, ...], tuple[str, ...]]] = set()
    top = f"{scene.hierarchy.top}."
    module = scene.hierarchy.known[scene.hierarchy.top].scope.module
    ports = (scene.hierarchy.node(port.name) for port in module.interface.ports)
    cone = (one for node in scene.cone.nodes for one in (node, *_words(scene, node)))
    for node in dict.fromkeys((*cone, *ports)):
        trace = names.get(node.full)
        if trace is None or trace.times == ticks or len(rows) >= SHOWN_SIGNALS:
            continue
        same = trace.times, trace.values
        if (
            node.path != scene.hierarchy.top and same in aliases
        ):  # a port and what it is connected to
            continue
        aliases.add(same)
        rows.append(node.full)
        wanted = node.full + WANTED
        if wanted in names and node.full.removeprefix(top) in scene.failure.signals:
            rows.append(wanted)
    return rows


def _words(scene: _Scene, memory: Node) -> list[Node]:
    found = [word for word in scene.way.words if word.whole == memory]
    return found[:SHOWN_WORDS]


def _decided(scene: _Scene) -> Callable[[str], str | None]:
    """The values of the top module's names when the last edge before the failure came.

    What was not known yet then, as at the first edge of a test, is what the test saw.
    """
    edges, names = scene.when.edges, scene.recording.names

    def value(name: str) -> str | None:
        trace = names.get(scene.hierarchy.node(name).full)
        if trace is None:
            return None
        seen = trace.before(edges[-1]) if edges else "x"
        return scene.when.final(trace) if unknown(seen) else seen

    return value


def _unread(scene: _Scene) -> Iterable[str]:
    """The inputs that nothing in the cone takes: perhaps it should."""
    hierarchy = scene.hierarchy
    for port in hierarchy.known[hierarchy.top].scope.module.interface.ports:
        node = hierarchy.node(port.name)
        if port.direction == "input" and node not in scene.cone.distances:
            yield node.full


# --- lines


def _driving_lines(scene: _Scene) -> Iterable[Driving]:
    texts = {s.path: s.text.splitlines() for s in scene.design.sources}
    for line in scene.cone.lines:
        text = texts.get(line.file, [])
        shown = text[line.line - 1] if line.line <= len(text) else ""
        place = (line.file, line.line)
        yield Driving(
            *place,
            shown.rstrip(),
            line.distance,
            scene.way.near.get(place),
            scene.way.ran.get(place),
        )


def _decisive(scene: _Scene, lines: Sequence[Driving]) -> Driving | None:
    """The line that gave the failing signal its value: the one carried out last, if any was."""
    assigning = set(_assigning(scene.hierarchy, scene.failure.signals))
    near = [line for line in lines if (line.file, line.line) in assigning]
    ran = [(line.ran, line) for line in near if line.ran is not None]
    return min(ran, key=lambda pair: pair[0])[1] if ran else (near[-1] if near else None)


def _assigning(hierarchy: Hierarchy, names: Iterable[str]) -> Iterable[tuple[str, int]]:
    """Where signals are assigned: in the instance that they come out of, if they do."""
    pending = [hierarchy.node(name) for name in names]
    for node in pending:
        for step in hierarchy.steps(node):
            if step.driver is None:
                pending += (read for read in step.reads if read not in pending)
            elif not step.driver.declares:
                yield step.file, step.driver.line
