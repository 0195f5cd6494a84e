"""Two versions of a design side by side under the same random inputs: where do they differ?"""

import json
from collections.abc import Sequence

import msgspec
from msgspec import Struct, structs

from spec2rtl.repair.edits import Splice, splice
from spec2rtl.rtl import Design, Interface, Port, SimulationReport, SourceFile, Testbench
from spec2rtl.spec.header import header
from spec2rtl.spec.timing import Said, clocks, resets
from spec2rtl.syntax.lexer import Kind, code
from spec2rtl.syntax.modules import find_module, modules

CYCLES = 1000
_OTHER = "__mutant"
_TOP = "spec2rtl_pair"
_TEST = """\
import json
import random

import cocotb
from cocotb.triggers import Timer

PLAN = json.loads({plan!r})


def compare(dut, cycle, inputs):
    for name in PLAN["outputs"]:
        right = str(getattr(dut, name).value)
        wrong = str(getattr(dut, name + PLAN["other"]).value)
        if any(a in "01" and a != b for a, b in zip(right, wrong)):
            found = dict(output=name, cycle=cycle, original=right, mutant=wrong, inputs=inputs)
            raise AssertionError(json.dumps(found))


@cocotb.test()
async def differ(dut):
    rng = random.Random(PLAN["seed"])
    inputs = {{name: 0 for name in PLAN["inputs"]}}
    for cycle in range(PLAN["cycles"]):
        change = (0.5, 0.1, 1.0, 0.02)[cycle // 50 % 4]
        for name in inputs:
            if rng.random() < change:
                top = (1 << len(getattr(dut, name))) - 1
                inputs[name] = rng.choice((0, top, rng.randint(0, top), rng.randint(0, top)))
        for name, active in PLAN["resets"].items():
            inputs[name] = active if cycle < 2 or rng.random() < 0.01 else 1 - active
        for name, value in inputs.items():
            getattr(dut, name).value = value
        await Timer(5, unit="ns")
        compare(dut, cycle, inputs)
        for level in (1, 0) if PLAN["clocks"] else ():
            for name in PLAN["clocks"]:
                getattr(dut, name).value = level
            await Timer(5, unit="ns")
            compare(dut, cycle, inputs)
"""


class Difference(Struct, frozen=True):
    """The first output that differs, in which cycle and under which inputs; values are bits."""

    output: str
    cycle: int
    original: str
    mutant: str
    inputs: dict[str, int]


def pair(original: Design, mutant: Design, seed: int) -> tuple[Design, Testbench] | None:
    """A design that holds both, and a test that fails where they differ; None where it can't be."""
    found = (find_module(source.text, original.top or "") for source in original.sources)
    module = next((one for one in found if one), None)
    if (
        module is None
        or not module.clean
        or any(p.direction == "inout" for p in _ports(module.interface))
    ):
        return None
    texts = [source.text for source in mutant.sources]
    names = {m.name for text in texts for m in modules(text)}
    others = tuple(
        SourceFile(
            f"{source.path}.mutant{'.sv' if source.path.endswith('.sv') else '.v'}",
            _renamed(source.text, names),
        )
        for source in mutant.sources
        if modules(source.text)
    )
    both = SourceFile(f"{_TOP}.v", _both(module.interface))
    design = structs.replace(original, sources=(*original.sources, *others, both), top=_TOP)
    return design, _testbench(module.interface, seed)


def difference(report: SimulationReport) -> Difference | None:
    """What the test of a pair found."""
    for test in report.tests:
        if test.status == "failed":
            try:
                return msgspec.json.decode(test.message, type=Difference)
            except msgspec.DecodeError:
                return None
    return None


def _ports(interface: Interface) -> Sequence[Port]:
    return interface.ports


def _renamed(text: str, names: set[str]) -> str:
    """The text with its modules under other names; a port of that name is renamed with them."""
    tokens = [t for t in code(text) if t.kind is Kind.NAME and t.text in names]
    return splice(text, [Splice(t.end, t.end, _OTHER) for t in tokens])


def _both(interface: Interface) -> str:
    """A module that holds both versions; they are connected by position."""
    outputs = [p for p in interface.ports if p.direction == "output"]
    others = [structs.replace(p, name=p.name + _OTHER) for p in outputs]
    shown = Interface(_TOP, (*interface.ports, *others), interface.parameters)
    values = ", ".join(f".{p.name}({p.name})" for p in interface.parameters)
    given = f" #({values})" if values else ""
    right = ", ".join(p.name for p in interface.ports)
    wrong = ", ".join(p.name + _OTHER * (p.direction == "output") for p in interface.ports)
    name = interface.module
    return (
        f"{header(shown, 'verilog')}\n    {name}{given} original ({right});\n"
        f"    {name}{_OTHER}{given} mutant ({wrong});\nendmodule\n"
    )


def _testbench(interface: Interface, seed: int) -> Testbench:
    nothing = Said(())
    clocked = {clock.name for clock in clocks(interface.ports, nothing)}
    levels = {r.name: int(r.active != "low") for r in resets(interface.ports, nothing)[0]}
    inputs = [p.name for p in interface.ports if p.direction == "input" and p.name not in clocked]
    plan = {
        "seed": seed,
        "cycles": CYCLES,
        "other": _OTHER,
        "clocks": sorted(clocked),
        "resets": levels,
        "inputs": inputs,
        "outputs": [p.name for p in interface.ports if p.direction == "output"],
    }
    text = _TEST.format(plan=json.dumps(plan))
    return Testbench("test_pair", "/test_pair.py", text, tests=("differ",), top=_TOP)
