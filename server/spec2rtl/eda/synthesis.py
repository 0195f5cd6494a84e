"""What generic synthesis by yosys makes of a design: how many cells, flip-flops and latches."""

import re
from importlib.metadata import PackageNotFoundError, version

from msgspec import Struct

from spec2rtl.eda.cells import modules_of
from spec2rtl.eda.yosys import built, pyosys
from spec2rtl.eda.yosys_faults import refused_latch
from spec2rtl.errors import InputError, ToolError
from spec2rtl.process.limits import Limits
from spec2rtl.process.sandbox import Sandbox
from spec2rtl.process.scratch import scratch
from spec2rtl.rtl import Design

SYNTHESIZING = Limits(seconds=30.0)
PASSES = (
    *("proc", "chformal -remove", "delete t:$print", "flatten -noscopeinfo"),
    # State machines keep the registers that the designer gave them; equal registers are merged.
    *("synth -nofsm", "opt_merge", "opt_clean"),
)
_FLIP_FLOP = re.compile(r"\$_(?:[AS]|AL)?DFF\w*_|\$_FF_")
_LATCH = re.compile(r"\$_DLATCH\w*_|\$_SR_\w+_")


class Figures(Struct, frozen=True):
    """What a design is made of; None where it isn't known, which `why` explains."""

    cells: int | None = None
    flip_flops: int | None = None
    latches: int | None = None
    why: str | None = None


def synthesizer() -> str | None:
    """The tool and its version, which the figures depend on; None where it is missing."""
    try:
        return f"yosys {version('pyosys')}"
    except PackageNotFoundError:
        return None


async def synthesize(design: Design, sandbox: Sandbox) -> Figures:
    """Map a design that compiles, flattened, to generic gates; raises `ToolError`."""
    if pyosys() is None:
        raise ToolError("pyosys is missing", install="pip install pyosys")
    try:
        with scratch() as folder:
            made = await built(design, PASSES, folder, limits=SYNTHESIZING, sandbox=sandbox)
    except InputError as error:
        return Figures(why=str(error))
    if made.why is None:
        return _counted(made.netlist)
    if latch := refused_latch(made.said):
        return Figures(latches=1, why=f"`{latch}` is a latch where none may be")
    return Figures(why=made.why)


def _counted(netlist: str) -> Figures:
    types = [cell.type for one in modules_of(netlist).values() for cell in one.cells.values()]
    flip_flops = sum(_FLIP_FLOP.fullmatch(one) is not None for one in types)
    return Figures(len(types), flip_flops, sum(_LATCH.fullmatch(one) is not None for one in types))
