"""What yosys finds by making hardware of a design: latches, double drivers, loops.

It reads less of SystemVerilog than iverilog does: then nothing is known, which is no fault of the
design, and is said.
"""

import asyncio
import importlib.util
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

import spec2rtl
from spec2rtl.eda import yosys_faults
from spec2rtl.eda.layout import Layout, lay_out, read_in_place, reading_folder
from spec2rtl.errors import InputError, ToolError
from spec2rtl.process.limits import Limits
from spec2rtl.process.run import ProcessResult, run
from spec2rtl.process.sandbox import Binds, Sandbox
from spec2rtl.process.scratch import scratch
from spec2rtl.rtl import Design, Diagnostic

_ROOT = Path(spec2rtl.__file__).parent.parent
LOG, NETLIST = "yosys.log", "yosys.json"
_SEVERAL = re.compile(r"[\s;]")
"""What ends a word of a command, or the command."""
_PASSES = (
    *("proc -noopt", "check"),
    # Once more without borders of modules: a loop may go through an instance.
    *("design -push-copy", "flatten", "check", "design -pop"),
    "opt_clean",
)


class Looked(Struct, frozen=True):
    """What was found; `note` says why it is not all that there is to find."""

    diagnostics: tuple[Diagnostic, ...] = ()
    note: str | None = None
    stopped: Diagnostic | None = None
    """Where yosys stopped, if it says."""


@dataclass(frozen=True)
class Built:
    """What yosys made of a design in the folder `home`.

    `said` is its log and what it said besides; the netlist is empty where it didn't get that far.
    """

    home: Path
    layout: Layout
    said: str
    netlist: str
    result: ProcessResult

    @property
    def why(self) -> str | None:
        """Why it was not built; None where it was."""
        return None if self.netlist else self.layout.spoken(failure(self.result, self.said))


async def look(design: Design, *, limits: Limits, sandbox: Sandbox) -> Looked:
    """Make hardware of a design that compiles."""
    if pyosys() is None:
        return Looked(note="pyosys is not installed")
    try:
        with scratch() as folder:
            made = await built(design, _PASSES, folder, limits=limits, sandbox=sandbox)
        layout = made.layout
        texts = {name: file.text for name, file in layout.files.items()}
        found = await asyncio.to_thread(yosys_faults.faults, made.said, made.netlist, texts)
    except (InputError, ToolError) as error:
        return Looked(note=str(error))
    stopped = yosys_faults.stopped(made.said, texts) if made.why else None
    shown = tuple(layout.in_user_terms(d) for d in found)
    return Looked(shown, made.why, layout.in_user_terms(stopped) if stopped else None)


async def built(
    design: Design, passes: Sequence[str], folder: Path, *, limits: Limits, sandbox: Sandbox
) -> Built:
    """Read a design and put it through passes; raises `InputError`, `ToolError`."""
    home = reading_folder(folder, design)
    layout = lay_out(design, home)
    commands = [*_reading(design, layout), *passes]
    reads = (folder, *layout.outside, *read_in_place(design))
    result = await perform(commands, home, reads=reads, limits=limits, sandbox=sandbox)
    whole = result.ended == "ok" and result.exit_code == 0  # else it may be cut off
    netlist = text_of(home / NETLIST) if whole else ""
    return Built(home, layout, text_of(home / LOG) + result.stderr, netlist, result)


async def perform(
    commands: Sequence[str],
    folder: Path,
    *,
    reads: Sequence[Path] = (),
    limits: Limits,
    sandbox: Sandbox,
) -> ProcessResult:
    """Run yosys' commands in a folder, where `LOG` and `NETLIST` are left.

    Raises `ToolError`.
    """
    return await run(
        [sys.executable, "-P", "-m", "spec2rtl.eda.yosys_worker", LOG, NETLIST, *commands],
        cwd=folder,
        limits=limits,
        sandbox=sandbox,
        binds=Binds(read=(*reads, _ROOT), write=(folder,)),
        env={"PYTHONPATH": str(_ROOT)},
    )


def failure(result: ProcessResult, said: str) -> str:
    """Why yosys did not do what it was to do."""
    if result.ended != "ok":
        return f"yosys was stopped: {result.ended}"
    return yosys_faults.error(said)


def pyosys() -> Path | None:
    """The folder of the package that brings yosys and ABC; None where it isn't installed."""
    found = importlib.util.find_spec("pyosys")
    return Path(found.origin).resolve().parent if found and found.origin else None


def _reading(design: Design, layout: Layout) -> list[str]:
    """The commands that read a design and build it from its top module; raises `InputError`."""
    for name, value in design.defines:
        if _SEVERAL.search(value):
            raise InputError(f"yosys can't be given the macro `{name}`: it holds a blank or a `;`")
    defines = "".join(f" -D{name}={value or 1}" for name, value in design.defines)
    top = f"-top {design.top}" if design.top else "-auto-top"
    sources = " ".join(layout.sources)
    return [
        f"read_verilog -sv -I{layout.include}{defines} {sources}",
        *(f"chparam -set {name} {value} {design.top}" for name, value in design.parameters),
        f"hierarchy {top}",
    ]


def text_of(file: Path) -> str:
    """What yosys wrote to a file, if anything."""
    return file.read_text("utf-8", "replace") if file.is_file() else ""
