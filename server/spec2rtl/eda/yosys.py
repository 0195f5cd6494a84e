"""What yosys finds by making hardware of a design: latches, double drivers, loops.

It reads less of SystemVerilog than iverilog does: then nothing is known, which is no fault of the
design, and is said.
"""

import importlib.util
import sys
from pathlib import Path

from msgspec import Struct

import spec2rtl
from spec2rtl.eda import netlist
from spec2rtl.eda.layout import Layout, lay_out, write_all
from spec2rtl.errors import InputError, ToolError
from spec2rtl.process.limits import Limits
from spec2rtl.process.run import run
from spec2rtl.process.sandbox import Binds, Sandbox
from spec2rtl.process.scratch import scratch
from spec2rtl.rtl import Design, Diagnostic

_ROOT = Path(spec2rtl.__file__).parent.parent
_LOG, _NETLIST = "yosys.log", "yosys.json"
_PASSES = ("proc -noopt", "check", "opt_clean")


class Looked(Struct, frozen=True):
    """What was found; `note` says why it is not all that there is to find."""

    diagnostics: tuple[Diagnostic, ...] = ()
    note: str | None = None


async def look(design: Design, *, limits: Limits, sandbox: Sandbox) -> Looked:
    """Make hardware of a design that compiles."""
    if importlib.util.find_spec("pyosys") is None:
        return Looked(note="pyosys is not installed")
    with scratch() as folder:
        try:
            layout = lay_out(design, folder)
            write_all(folder, design.data)
            result = await run(
                _command(design, layout),
                cwd=folder,
                limits=limits,
                sandbox=sandbox,
                binds=Binds(read=(*layout.outside, _ROOT), write=(folder,)),
                env={"PYTHONPATH": str(_ROOT)},
            )
        except (InputError, ToolError) as error:
            return Looked(note=str(error))
        log = _text(folder / _LOG)
        cells = _text(folder / _NETLIST) if result.exit_code == 0 else ""  # else it may be cut off
    texts = {name: file.text for name, file in layout.files.items()}
    found = netlist.faults(log, cells, texts)
    note = None
    if result.ended != "ok":
        note = f"yosys was stopped: {result.ended}"
    elif not cells:
        note = layout.spoken(netlist.error(log + result.stderr))
    return Looked(tuple(layout.in_user_terms(d) for d in found), note)


def _command(design: Design, layout: Layout) -> list[str]:
    defines = "".join(f" -D{name}={value or 1}" for name, value in design.defines)
    top = f"-top {design.top}" if design.top else "-auto-top"
    sources = " ".join(layout.sources)
    return [
        *(sys.executable, "-P", "-m", "spec2rtl.eda.yosys_worker", _LOG, _NETLIST),
        f"read_verilog -sv -I{layout.include}{defines} {sources}",
        *(f"chparam -set {name} {value} {design.top}" for name, value in design.parameters),
        f"hierarchy {top}",
        *_PASSES,
    ]


def _text(file: Path) -> str:
    return file.read_text("utf-8", "replace") if file.is_file() else ""
