"""The same inputs given to two designs in iverilog: where their outputs differ: pure.

What a netlist says of two designs is believed only if the simulator agrees.
"""

import random
import re
from collections.abc import Sequence
from itertools import groupby

from msgspec import structs

from spec2rtl.eda.miter import Inputs, Pair, Pin
from spec2rtl.rtl import DataFile, Design, Different, SourceFile, Steps

BENCH = "spec2rtl_replay"
_STIMULUS = "spec2rtl_stimulus.txt"
_ROWS, _AT, _DUT = "spec2rtl_stimulus", "spec2rtl_at", "spec2rtl_dut"
"""Names in the bench, beside those of the ports."""
_ROW = re.compile(r"spec2rtl cycle (\d+): ([01xz]*)$", re.MULTILINE)
_RESETS_AGAIN = 1 / 32
"""How likely a reset is in a random cycle."""


def random_inputs(pair: Pair, cycles: int, seed: int) -> list[Inputs]:
    """A reset, then inputs of which many stay as they were and many are extreme."""
    dice = random.Random(seed)
    resets = dict(pair.resets)
    values = {pin.name: 0 for pin in pair.inputs}
    found: list[Inputs] = []
    for cycle in range(cycles):
        for pin in pair.inputs:
            if pin.name in resets:
                active = cycle == 0 or dice.random() < _RESETS_AGAIN
                values[pin.name] = int(resets[pin.name] == active)
            elif dice.random() < 0.5:
                most = (1 << pin.width) - 1
                some = (0, most, dice.randrange(min(most, 15) + 1), dice.getrandbits(pin.width))
                values[pin.name] = dice.choice(some)
        found.append(dict(values))
    return found


def with_bench(design: Design, top: str, pair: Pair, inputs: Sequence[Inputs]) -> Design:
    """A design in a bench that applies the inputs and prints the outputs of each cycle."""
    rows = "\n".join("".join(f"{one[p.name]:0{p.width}b}" for p in pair.inputs) for one in inputs)
    bench = SourceFile(f"/{BENCH}.sv", _bench(design, top, pair, len(inputs)))
    return structs.replace(
        design,
        sources=(*design.sources, bench),
        top=BENCH,
        data=(*design.data, DataFile(_STIMULUS, (rows or "0").encode())),
        parameters=(),
    )


def _bench(design: Design, top: str, pair: Pair, cycles: int) -> str:
    """Inputs change after the clock's edge, outputs are read before the next."""
    width = sum(pin.width for pin in pair.inputs)
    parameters = ", ".join(f".{name}({value})" for name, value in design.parameters)
    ports = ", ".join(f".\\{pin.name} (\\{pin.name} )" for pin in pair.pins)
    idle, active = ("0", "1") if pair.clock and pair.clock[1] else ("1", "0")
    clock = f"\\{pair.clock[0]} " if pair.clock else ""
    lines = [
        "`timescale 1ns/1ps",
        f"module {BENCH};",
        *(f"reg [{pin.width - 1}:0] \\{pin.name} ;" for pin in pair.inputs),
        *(f"wire [{pin.width - 1}:0] \\{pin.name} ;" for pin in pair.outputs),
        *([f"reg {clock} = {idle};"] if clock else ()),
        f"reg [{max(width, 1) - 1}:0] {_ROWS} [0:{cycles - 1}];",
        f"integer {_AT};",
        f"{top} {f'#({parameters}) ' if parameters else ''}{_DUT}({ports});",
        "initial begin",
        f'$readmemb("{_STIMULUS}", {_ROWS});',
        f"for ({_AT} = 0; {_AT} < {cycles}; {_AT} = {_AT} + 1) begin",
        *([f"{{{_names(pair.inputs)}}} = {_ROWS}[{_AT}];"] if width else ()),
        f'#4 $display("spec2rtl cycle %0d: %b", {_AT}, {{{_names(pair.outputs)}}});',
        *([f"#1 {clock}= {active}; #5 {clock}= {idle};"] if clock else ["#6;"]),
        "end",
        "$finish;",
        "end",
        "endmodule",
        "",
    ]
    return "\n".join(lines)


def _names(pins: Sequence[Pin]) -> str:
    return ", ".join(f"\\{pin.name} " for pin in pins)


def difference(old: str, new: str, pair: Pair, inputs: Sequence[Inputs]) -> Different | None:
    """The first output that the old design defines and the new one gives another value.

    `old` and `new` are what the benches printed. With a reset, the cycle before it has worked
    doesn't count.
    """
    before, after = _rows(old, pair), _rows(new, pair)
    for cycle in sorted(before.keys() & after.keys()):
        if cycle == 0 and pair.resets and pair.clock:
            continue
        at = 0
        for pin in pair.outputs:
            bits = slice(at, at := at + pin.width)
            was, now = before[cycle][bits], after[cycle][bits]
            if any(b in "01" and b != a for b, a in zip(was, now, strict=True)):
                steps = _steps(inputs[: cycle + 1], pair.inputs)
                return Different(cycle, pin.name, _shown(was), _shown(now), steps)
    return None


def _rows(printed: str, pair: Pair) -> dict[int, str]:
    """The outputs by cycle; the design may print, too."""
    width = sum(pin.width for pin in pair.outputs)
    return {int(cycle): bits for cycle, bits in _ROW.findall(printed) if len(bits) == width}


def _steps(inputs: Sequence[Inputs], pins: Sequence[Pin]) -> tuple[Steps, ...]:
    """Equal cycles that follow each other, as one step."""
    shown = [tuple((p.name, _shown(f"{one[p.name]:0{p.width}b}")) for p in pins) for one in inputs]
    return tuple(Steps(len(list(same)), dict(values)) for values, same in groupby(shown))


def _shown(bits: str) -> str:
    if len(bits) == 1:
        return bits
    if set(bits) <= {"0", "1"}:
        return f"{len(bits)}'h{int(bits, 2):x}"
    return f"{len(bits)}'b{bits}"
