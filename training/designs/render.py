"""A member as text: its RTL, its cocotb tests and its specification in several wordings."""

import textwrap

from spec2rtl.rtl import Port
from spec2rtl.spec.header import header
from training.designs.bench_text import CLOCKED, COMBINATIONAL
from training.designs.shape import Member, Signal

CYCLES = 300
EXHAUSTIVE_BITS = 9
"""Combinational inputs of so many bits are all tried."""


# --- RTL


def rtl_of(member: Member) -> str:
    """The module in Verilog-2001."""
    parts = [header(member.interface, "verilog", member.registers)]
    if member.rtl.declarations:
        parts.append(_indent(member.rtl.declarations) + "\n")
    if member.reset:
        parts.append(_indent(_process(member)))
    if member.rtl.continuous:
        parts.append(("\n" if member.reset else "") + _indent(member.rtl.continuous))
    return "\n".join([*parts, "endmodule"]) + "\n"


def _process(member: Member) -> str:
    reset = member.reset
    assert reset is not None
    event = "posedge clk"
    if reset.asynchronous:
        event += f" or {'posedge' if reset.level else 'negedge'} {reset.name}"
    condition = reset.name if reset.level else f"!{reset.name}"
    return (
        f"always @({event}) begin\n"
        f"    if ({condition}) begin\n{_indent(member.rtl.on_reset, 8)}\n"
        f"    end else begin\n{_indent(member.rtl.on_edge, 8)}\n    end\nend"
    )


def _indent(text: str, columns: int = 4) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n"), " " * columns)


# --- tests


def tests_of(member: Member) -> str:
    """A cocotb module that holds the design against the model."""
    text = CLOCKED if member.reset else COMBINATIONAL
    names = [s.name for s in member.inputs]
    parameters = ", ".join(names)
    words = {
        "TITLE": member.title,
        "MODEL": _model(member, parameters),
        "PARAMETERS": parameters,
        "DRIVE": "\n".join(f"    dut.{name}.value = {name}" for name in names),
        "COMPARE": "\n".join(_compare(s) for s in member.outputs),
        "STIMULUS": ",\n        ".join(_stimulus(s, member) for s in member.inputs),
        "ZEROS": ", ".join(["0"] * len(names)) + ("," if len(names) == 1 else ""),
        "CYCLES": str(CYCLES),
        "SPACE": _space(member),
        "IMPORTS": "import itertools\n" if _exhaustive(member) else "",
    }
    if member.reset:
        words |= {
            "RESET": member.reset.name,
            "ON": str(member.reset.level),
            "OFF": str(1 - member.reset.level),
            "BETWEEN": "Model()" if member.reset.asynchronous else "model",
            "KIND": member.reset.kind.split(",")[0],
        }
    for key, value in words.items():
        text = text.replace(f"<{key}>", value)
    return text


def _model(member: Member, parameters: str) -> str:
    outputs = ", ".join(f'"{name}": {value}' for name, value in member.model.outputs.items())
    compute = _indent(member.model.compute, 8) + "\n" if member.model.compute else ""
    if not member.reset:
        body = textwrap.indent(textwrap.dedent(compute), "    ") if compute else ""
        return f"def expected({parameters}):\n{body}    return {{{outputs}}}"
    return (
        "class Model:\n"
        f"    def __init__(self):\n{_indent(member.model.on_reset, 8)}\n\n"
        f"    def edge(self, {parameters}):\n{_indent(member.model.on_edge, 8)}\n\n"
        f"    def outputs(self, {parameters}):\n{compute}        return {{{outputs}}}"
    )


def _compare(signal: Signal) -> str:
    return (
        f'    assert dut.{signal.name}.value == wanted["{signal.name}"], (\n'
        f'        f"{signal.name} is {{dut.{signal.name}.value}}, '
        f"expected {{wanted['{signal.name}']:0{signal.width}b}} {{when}}\"\n"
        "    )"
    )


def _stimulus(signal: Signal, member: Member) -> str:
    if signal.width == 1:
        return f"int(rng.random() < {member.likely.get(signal.name, 0.5)})"
    top = (1 << signal.width) - 1
    return f"rng.choice((rng.randrange({top + 1}), rng.randrange({top + 1}), 0, {top}))"


def _exhaustive(member: Member) -> bool:
    return sum(s.width for s in member.inputs) <= EXHAUSTIVE_BITS


def _space(member: Member) -> str:
    """The inputs that a combinational test tries."""
    if _exhaustive(member):
        ranges = ", ".join(f"range({1 << s.width})" for s in member.inputs)
        return f"list(itertools.product({ranges}))"
    return f"[stimulus(rng) for _ in range({CYCLES})]"


# --- specifications


def specs_of(member: Member) -> tuple[str, ...]:
    """The same specification as a list of rules, as prose with a table, and around a header."""
    rules = [f"{n}. {rule}" for n, rule in enumerate(_rules(member), 1)]
    listed = (
        f"# {member.title[0].upper()}{member.title[1:]}\n\n"
        f"The module `{member.module}` is a {member.title}.\n\n## Ports\n\n"
        + "\n".join(f"- `{_declaration(p)}`: {p.description}" for p in member.interface.ports)
        + "\n\n## Behaviour\n\n"
        + "\n".join(rules)
        + "\n"
    )
    table = "| Port | Direction | Width | Description |\n|---|---|---|---|\n" + "\n".join(
        f"| {p.name} | {p.direction} | {int(p.msb or 0) + 1} | {p.description} |"
        for p in member.interface.ports
    )
    told = (
        f"Design a Verilog module named `{member.module}`.\n\n{member.story} "
        f"{_clocking(member)}\n\n### Interface\n\n{table}\n"
    )
    terse = (
        f"Complete this {member.title}:\n\n```verilog\n{header(member.interface, 'verilog')}\n"
        "```\n\n" + "\n".join(f"* {rule}" for rule in reversed(_rules(member))) + "\n"
    )
    return listed, told.replace(" \n", "\n"), terse


def _declaration(port: Port) -> str:
    bounds = f" [{port.msb}:{port.lsb}]" if port.msb else ""
    return f"{port.direction}{bounds} {port.name}"


def _rules(member: Member) -> tuple[str, ...]:
    return (_clocking(member), *member.rules) if member.reset else member.rules


def _clocking(member: Member) -> str:
    reset = member.reset
    if reset is None:
        return "The module is purely combinational."
    when = (
        f"as soon as `{reset.name}` is {reset.level}, without waiting for the clock"
        if reset.asynchronous
        else f"at a rising edge of `clk` at which `{reset.name}` is {reset.level}"
    )
    return (
        "All state changes at the rising edge of `clk`. The reset is "
        f"{reset.kind}: {when}, all state is reset; it takes priority over everything else."
    )
