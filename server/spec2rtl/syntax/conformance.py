"""Where a module and its spec disagree on what the spec says exactly.

Ports, parameters, the edge of each clock, the level and the time of each reset.
"""

from collections.abc import Iterator

from msgspec import Struct

from spec2rtl.rtl import Parameter, Port
from spec2rtl.spec.model import Clock, Reset, Spec
from spec2rtl.syntax.constants import parameter_values, width
from spec2rtl.syntax.drivers import Process
from spec2rtl.syntax.modules import find_module, name_index
from spec2rtl.syntax.processes import EDGES, ResetTest, clocked, edges, reset_test
from spec2rtl.syntax.scope import Scope, scope_of

EDGE_OF = {"rising": "posedge", "falling": "negedge"}
"""The word for an edge of a clock."""


class Difference(Struct, frozen=True):
    """A place in the RTL, by offsets, and the spec's line that says otherwise.

    `message` says it of the RTL; `wanted` is what the spec says, in a few words.
    """

    code: str
    message: str
    wanted: str
    start: int
    end: int
    spec_line: int


class ResetDifference(Struct, frozen=True):
    """A process that takes a reset otherwise than the spec says."""

    process: Process
    reset: Reset
    test: ResetTest
    polarity: bool
    synchrony: bool


class EdgeDifference(Struct, frozen=True):
    """A process that waits for the other edge of a clock; `at` is the index of that word."""

    process: Process
    clock: Clock
    at: int


def differences(text: str, spec: Spec, module: str) -> tuple[Difference, ...]:
    """Compare a module with the spec: the one that the spec names, else that of this name."""
    named = (find_module(text, name) for name in (spec.module, module) if name)
    found = next((one for one in named if one), None)
    if found is None or not found.clean:
        return ()
    scope = scope_of(text, found)
    return (
        *_ports(scope, spec),
        *_parameters(scope, spec),
        *_clocks(scope, spec),
        *_resets(scope, spec),
    )


def edge_differences(scope: Scope, clocks: tuple[Clock, ...]) -> Iterator[EdgeDifference]:
    """The processes of a clock of which none waits for the edge that the spec says.

    A module that uses both edges of a clock has its reasons.
    """
    tokens = scope.tokens
    for clock in clocks:
        waits = [
            (process, at)
            for process in scope.drivers.processes
            for at in range(process.first, process.body - 1)
            if tokens[at].text in EDGES and tokens[at + 1].text == clock.name
        ]
        if not any(tokens[at].text == EDGE_OF[clock.edge] for _, at in waits):
            yield from (EdgeDifference(process, clock, at) for process, at in waits)


def reset_differences(scope: Scope, resets: tuple[Reset, ...]) -> Iterator[ResetDifference]:
    """The clocked processes whose reset has another level, or another time, than is said."""
    for reset in resets:
        for process in scope.drivers.processes:
            test = reset_test(scope, process, reset.name)
            if test is None or not clocked(scope, process):
                continue
            waits = edges(scope, process)
            polarity = reset.active is not None and test.active != reset.active
            synchrony = (
                reset.name in waits and len(waits) > 1
                if reset.synchronous
                else reset.synchronous is False and reset.name not in waits and len(waits) == 1
            )
            if polarity or synchrony:
                yield ResetDifference(process, reset, test, polarity, synchrony)


def _ports(scope: Scope, spec: Spec) -> Iterator[Difference]:
    if not spec.ports:
        return
    own = {port.name: port for port in scope.module.interface.ports}
    wanted = {port.name: port for port in spec.ports}
    for port in spec.ports:
        if port.name not in own:
            message = f"the port `{port.name}` of the spec is missing"
            yield _at_module(scope, "port-missing", message, f"{_port(port)} is asked for", port)
        elif port.direction != own[port.name].direction:
            message = (
                f"`{port.name}` is an {own[port.name].direction}; the spec says {port.direction}"
            )
            said = f"`{port.name}` is an {port.direction}"
            yield _at_name(scope, "port-direction", message, said, name=port.name, line=port.line)
    for name in (name for name in own if name not in wanted):
        message, said = f"the spec has no port `{name}`", "the ports are listed here"
        yield _at_name(scope, "port-not-in-spec", message, said, name=name, line=spec.ports[0].line)
    yield from _widths(scope, spec, own)


def _widths(scope: Scope, spec: Spec, own: dict[str, Port]) -> Iterator[Difference]:
    """Widths that differ, with the parameters as they are and with each one more."""
    said = parameter_values(spec.parameters)
    shown = parameter_values(scope.module.interface.parameters)
    unsaid = [issue.message for issue in spec.issues if issue.code.startswith("width-")]
    for port in spec.ports:
        if port.name not in own or any(f"`{port.name}`" in message for message in unsaid):
            continue
        for more in (0, 1):
            common = {name: said[name] + more for name in said.keys() & shown.keys()}
            wanted = width(port, {**said, **common})
            has = width(own[port.name], {**shown, **common})
            if None not in (wanted, has) and wanted != has:
                message = f"`{port.name}` has {_bits(own[port.name])}; the spec says {_bits(port)}"
                meant = f"`{port.name}` has {_bits(port)}"
                yield _at_name(scope, "port-width", message, meant, name=port.name, line=port.line)
                break


def _parameters(scope: Scope, spec: Spec) -> Iterator[Difference]:
    own = {parameter.name for parameter in scope.module.interface.parameters}
    said = parameter_values(spec.parameters)
    shown = parameter_values(scope.module.interface.parameters)
    for parameter in spec.parameters:
        name = parameter.name
        if name not in own:
            message = f"the parameter `{name}` of the spec is missing"
            meant = f"the parameter `{name}` is asked for"
            yield _at_module(scope, "parameter-missing", message, meant, parameter)
        elif name in said and shown.get(name, said[name]) != said[name]:
            message = f"`{name}` is {shown[name]} by default; the spec says {said[name]}"
            meant = f"`{name}` is {said[name]} by default"
            yield _at_name(
                scope, "parameter-default", message, meant, name=name, line=parameter.line
            )


def _clocks(scope: Scope, spec: Spec) -> Iterator[Difference]:
    for one in edge_differences(scope, spec.clocks):
        name, edge, token = one.clock.name, one.clock.edge, scope.tokens[one.at]
        has = "falling" if edge == "rising" else "rising"
        message = f"the {has} edge of `{name}` counts here; by the spec it is the {edge} one"
        said = f"the {edge} edge of `{name}` counts"
        yield Difference("clock-edge", message, said, token.start, token.end, one.clock.line)


def _resets(scope: Scope, spec: Spec) -> Iterator[Difference]:
    for one in reset_differences(scope, spec.resets):
        name, line = one.reset.name, one.reset.line
        token = scope.tokens[one.test.at]
        if one.polarity:
            message = f"`{name}` resets here when {one.test.active}; the spec says active {one.reset.active}"
            said = f"`{name}` is active {one.reset.active}"
            yield Difference("reset-polarity", message, said, token.start, token.end, line)
        if one.synchrony:
            kind = "synchronous" if one.reset.synchronous else "asynchronous"
            has = "asynchronous" if one.reset.synchronous else "synchronous"
            message = f"`{name}` is {has} here; the spec says {kind}"
            control = scope.tokens[one.process.first : one.process.body]
            place = next((t for t in control if t.text == name), token)
            said = f"`{name}` is {kind}"
            yield Difference("reset-synchrony", message, said, place.start, place.end, line)


def _at_module(
    scope: Scope, code: str, message: str, said: str, wanted: Port | Parameter
) -> Difference:
    token = scope.tokens[name_index(scope.tokens, 0)]
    return Difference(code, message, said, token.start, token.end, wanted.line)


def _at_name(
    scope: Scope, code: str, message: str, said: str, *, name: str, line: int
) -> Difference:
    declared = scope.declarations.get(name, ())
    token = scope.tokens[declared[0].at if declared else name_index(scope.tokens, 0)]
    return Difference(code, message, said, token.start, token.end, line)


def _port(port: Port) -> str:
    return f"the {port.direction} `{port.name}`"


def _bits(port: Port) -> str:
    return "one bit" if port.msb is None else f"the range {port.range}"
