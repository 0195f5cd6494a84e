"""Records a failing test: the same simulation once more, with every signal dumped."""

import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml

import msgspec
from msgspec import Struct, structs

import spec2rtl
from spec2rtl.eda.cocotb import Dump
from spec2rtl.errors import InputError
from spec2rtl.evidence.wave import Wave
from spec2rtl.process.limits import MIB, Limits
from spec2rtl.process.run import run
from spec2rtl.process.sandbox import Binds, Sandbox
from spec2rtl.process.scratch import scratch
from spec2rtl.rtl import Design, SourceFile, Testbench, TestResult, digest

FST = Dump("waves.fst", "-fst")
VCD = Dump("waves.vcd", "-vcd")
"""Where vvp finds no /tmp: bigger, and written straight to its place."""
READING = Limits(seconds=20.0, output=64 * MIB)
_FILE = "waves"
"""Its first bytes say which form it has."""
_DUMPER = "spec2rtl_dumps_waves"
_ROOT = Path(spec2rtl.__file__).parent.parent
_FST_HEADER_SIZE = 329
"""Of the block that an FST begins with, without the byte that says which block it is."""
_FST_HEADER = b"\0" + _FST_HEADER_SIZE.to_bytes(8, "big")
_WORDS = 256
"""Recorded of a memory: the first ones."""
_NAME_CHARS = 100
_STEP_NS = 0.001
"""cocotb begins each test a step of the simulator after the one before."""


class Span(Struct, frozen=True):
    """When a test ran, in nanoseconds of the whole simulation, and whether it passed."""

    began_ns: float
    ended_ns: float
    passed: bool


def form(sandbox: Sandbox) -> Dump:
    """How a simulation in a sandbox can be recorded."""
    return FST if sandbox.has_tmp else VCD


def dumping(
    design: Design, dump: Dump, signals: Sequence[str] = (), memories: Sequence[str] = ()
) -> Design:
    """The design with a second root module that dumps all signals, or those that are named.

    The words of memories are dumped only if those are named.
    """
    scope = f"(0, {', '.join(signals)})" if signals else ""
    words = "".join(
        f"    for (i = $low({m}); i <= $high({m}) && i < $low({m}) + {_WORDS}; i = i + 1)\n"
        f"      $dumpvars(0, {m}[i]);\n"
        for m in memories
    )
    text = (
        f"module {_DUMPER};\n  integer i;\n  initial begin\n"
        f'    $dumpfile("{dump.file}"); $dumpvars{scope};\n{words}  end\nendmodule\n'
    )
    return structs.replace(
        design, sources=(*design.sources, SourceFile(f"{_DUMPER}.v", text)), roots=(_DUMPER,)
    )


def up_to(testbench: Testbench, ran: tuple[TestResult, ...], failed: TestResult) -> Testbench:
    """The tests as they ran until one failed: what earlier ones left behind may be why it did."""
    names: list[str] = []
    for test in ran:
        if test.status != "skipped":
            names.append(test.name)
        if test.name == failed.name:
            break
    return structs.replace(testbench, only=tuple(names), tests=())


def span(xml: str, ran: tuple[TestResult, ...], name: str) -> Span | None:
    """When a test ran; None where it didn't.

    cocotb 2.1 says when, with 2.0 it follows from how long the tests before took.
    """
    try:
        cases = [c for c in Xml.fromstring(xml).iter("testcase") if c.get("name") == name]
    except (Xml.ParseError, ValueError):
        return None
    if not cases:
        return None
    passed = not any(child.tag in {"failure", "error"} for child in cases[0])
    facts = {p.get("name"): p.get("value", "") for p in cases[0].iter("property")}
    if "sim_time_stop" in facts:
        try:
            times = float(facts["sim_time_start"]), float(facts["sim_time_stop"])
        except (KeyError, ValueError):
            return None
        return Span(*times, passed) if all(map(math.isfinite, times)) else None
    began = 0.0
    for test in ran:
        if test.name == name:
            return Span(began, began + (test.time_ns or 0.0), passed)
        began += (test.time_ns or 0.0) + _STEP_NS
    return None


def save(recording: bytes, folder: Path, test: str, dump: Dump) -> Path:
    """Keep a recording for a viewer; raises `InputError` where it can't be written."""
    name = re.sub(r"\W+", "_", test)[:_NAME_CHARS]
    if name != test:  # others may look like it then
        name += f"-{digest(test)[:8]}"
    path = folder / (name + Path(dump.file).suffix)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(recording)
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error.strerror}") from None
    return path


def _begins(recording: bytes) -> bool:
    """Is there a whole header? The reader waits for ever for the rest of some."""
    if recording.startswith(_FST_HEADER):
        return len(recording) > _FST_HEADER_SIZE
    return recording.lstrip().startswith(b"$")


async def read_wave(recording: bytes, sandbox: Sandbox) -> Wave | None:
    """Read a recording in a process of its own; None for one that is cut off or corrupt."""
    if not _begins(recording):
        return None
    with scratch() as folder:
        file = folder / _FILE
        file.write_bytes(recording)
        result = await run(
            [sys.executable, "-P", "-m", "spec2rtl.eda.waves_worker", str(file)],
            cwd=folder,
            limits=READING,
            sandbox=sandbox,
            binds=Binds(read=(_ROOT,), write=(folder,)),
            env={"PYTHONPATH": str(_ROOT)},
        )
    if result.ended != "ok" or result.exit_code != 0:
        return None
    try:
        return msgspec.json.decode(result.stdout, type=Wave)
    except msgspec.MsgspecError:
        return None
