"""The beginning of a test module that a small model continues: pure.

What is the same for every module is there by construction: imports, clock, reset, the comparison and
the test with random inputs. What is left to write is the reference model, and which inputs try a
requirement.
"""

import keyword
from collections.abc import Sequence

from spec2rtl.rtl import Interface, Port
from spec2rtl.spec.model import Clock, Reset, Spec

MODEL = "Model"
"""The class that the model writes."""
CYCLES = 300
"""Of random inputs."""
_OFTEN = 0.05
"""How likely a random cycle is one of reset."""
_OWN = frozenset(
    """
    dut model self value name handle expected before rng random cocotb Clock Timer FallingEdge
    RisingEdge SEED OUTPUTS Model width begin check getattr int len range
    """.split()  # noqa: SIM905
)
"""Names that the skeleton uses itself."""


def skeleton(interface: Interface, spec: Spec) -> str | None:
    """Begin a module, up to the first line that the model writes; None where it needs more.

    That is so with several clocks, and with ports that are inout or alike in Python.
    """
    names = [port.name for port in interface.ports]
    clocks = [clock for clock in spec.clocks if clock.name in names]
    clock = clocks[0] if clocks else None
    if len(clocks) > 1 or len(set(map(word, names))) < len(names):
        return None
    inputs, outputs = (
        driven(interface, spec),
        [p for p in interface.ports if p.direction != "input"],
    )
    if not inputs or not outputs or any(p.direction == "inout" for p in interface.ports):
        return None
    known = [reset for reset in spec.resets if reset.name in names]
    resets = {reset.name: _active(reset) for reset in known}
    parts = [
        _head(clock, outputs),
        _begin(clock, inputs, resets),
        _check(clock, inputs, resets),
        _random(inputs, resets),
    ]
    if clock and len(known) == 1 and known[0].synchronous is not None:
        parts.append(_reset(known[0], inputs, outputs))
    return "\n\n\n".join([*parts, _model(clock)])


def word(name: str) -> str:
    """What a port is called in Python."""
    return f"{name}_" if keyword.iskeyword(name) or name in _OWN else name


def _value(name: str) -> str:
    """The value of a port."""
    own = keyword.iskeyword(name) or name.startswith("_")
    return f'getattr(dut, "{name}").value' if own else f"dut.{name}.value"


def driven(interface: Interface, spec: Spec) -> list[Port]:
    """The inputs that a test sets, cycle by cycle."""
    clocks = {clock.name for clock in spec.clocks}
    return [p for p in interface.ports if p.direction == "input" and p.name not in clocks]


def _active(reset: Reset) -> int:
    """The level at which a reset works; where the spec doesn't say, its name does."""
    low = reset.active == "low" or (reset.active is None and reset.name.lower().endswith("_n"))
    return 0 if low else 1


def _quiet(clock: Clock) -> str:
    """The edge between two active ones, at which nothing races with the design."""
    return "RisingEdge" if clock.edge == "falling" else "FallingEdge"


def _head(clock: Clock | None, outputs: Sequence[Port]) -> str:
    widths = {port.name: _width(port) for port in outputs}
    triggers = f"{_quiet(clock)}, Timer" if clock else "Timer"
    clocked = "from cocotb.clock import Clock\n" if clock else ""
    imports = f"import random\n\nimport cocotb\n{clocked}from cocotb.triggers import {triggers}"
    return f"{imports}\n\nSEED = 1\nOUTPUTS = {widths}"


def _width(port: Port) -> int | None:
    """The bits of an output, where they are plain numbers: a design may have less."""
    ends = port.msb, port.lsb
    if ends == (None, None):
        return 1
    known = [int(end) for end in ends if end is not None and end.strip().isdecimal()]
    return abs(known[0] - known[1]) + 1 if len(known) == 2 else None


def _wait(clock: Clock | None) -> str:
    return f"await {_quiet(clock)}(dut.{clock.name})" if clock else 'await Timer(1, unit="ns")'


def _begin(clock: Clock | None, inputs: Sequence[Port], resets: dict[str, int]) -> str:
    lines = ["async def begin(dut):", '    """Set every input, and reset for two cycles."""']
    if clock:
        lines.append(f'    Clock(dut.{clock.name}, 10, unit="ns").start()')
    lines += [f"    {_value(port.name)} = {resets.get(port.name, 0)}" for port in inputs]
    return "\n".join([*lines, "    for _ in range(2):", f"        {_wait(clock)}"])


def _check(clock: Clock | None, inputs: Sequence[Port], resets: dict[str, int]) -> str:
    names = [port.name for port in inputs]
    idle = ", ".join(f"{word(name)}={1 - resets[name] if name in resets else 0}" for name in names)
    told = " ".join(f"{name}={{{word(name)}}}" for name in names)
    return "\n".join(
        (
            f"async def check(dut, model, {idle}):",
            f'    """One {"clock cycle" if clock else "step"}: the outputs must be the model\'s."""',
            *(f"    {_value(name)} = {word(name)}" for name in names),
            f"    expected = model.step({', '.join(map(word, names))})",
            f"    {_wait(clock)}",
            "    for name, width in OUTPUTS.items():",
            "        if name not in expected:",
            "            continue",
            "        handle = getattr(dut, name)",
            "        value = int(expected[name]) & ((1 << (width or len(handle))) - 1)",
            "        assert handle.value == value, (",
            f'            f"{told}: {{name}} is {{handle.value}}, expected {{value}}"',
            "        )",
        )
    )


def _random(inputs: Sequence[Port], resets: dict[str, int]) -> str:
    def drawn(port: Port) -> str:
        if port.name not in resets:
            return _drawn(port)
        compare = "<" if resets[port.name] else ">="
        return f"int(rng.random() {compare} {_OFTEN})"

    return "\n".join(
        (
            "@cocotb.test()",
            "async def random_inputs(dut):",
            "    rng = random.Random(SEED)",
            '    dut._log.info("seed %d", SEED)',
            "    await begin(dut)",
            f"    model = {MODEL}()",
            f"    for _ in range({CYCLES}):",
            f"        await check(dut, model, {', '.join(map(drawn, inputs))})",
        )
    )


def _drawn(port: Port) -> str:
    return f"rng.getrandbits(len({_value(port.name)}))"


def _reset(reset: Reset, inputs: Sequence[Port], outputs: Sequence[Port]) -> str:
    """The test that tells a synchronous reset from an asynchronous one, between two edges."""
    level, others = _active(reset), [p for p in inputs if p.name != reset.name]
    values = ", ".join(f'"{p.name}": {_value(p.name)}' for p in outputs)
    arguments = ", ".join(str(level) if p.name == reset.name else word(p.name) for p in inputs)
    now = f"Model().step({arguments})"
    if reset.synchronous:
        name, says = "reset_waits_for_the_clock", "alone changes nothing before the edge"
    else:
        name, says = "reset_does_not_wait", "works at once"
    return "\n".join(
        (
            "@cocotb.test()",
            f"async def {name}(dut):",
            f'    """The reset {says}."""',
            "    rng = random.Random(SEED)",
            "    await begin(dut)",
            "    model = Model()",
            "    for _ in range(50):",
            *(f"        {word(port.name)} = {_drawn(port)}" for port in others),
            f"        await check(dut, model, {', '.join(f'{word(p.name)}={word(p.name)}' for p in others)})",
            *(["        before = {" + values + "}"] if reset.synchronous else ()),
            f"        {_value(reset.name)} = {level}",
            '        await Timer(1, unit="ns")',
            f"        expected = {'before' if reset.synchronous else now}",
            "        for name, value in expected.items():",
            "            handle = getattr(dut, name)",
            '            assert handle.value == value, f"{name} is {handle.value}, not {value}"',
            f"        {_value(reset.name)} = {1 - level}",
            *(
                ()
                if reset.synchronous
                else (f"        await check(dut, model, {word(reset.name)}={level})",)
            ),
        )
    )


def _model(clock: Clock | None) -> str:
    what = "one step per clock cycle" if clock else "one step per set of inputs"
    return f'class {MODEL}:\n    """The module as it is specified, {what}."""\n\n    def __init__(self):\n'
