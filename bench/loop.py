"""What the whole loop costs an iteration, model time left out, against the bare tools."""

import asyncio
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.eda import RTL, bare, testbench, workspace
from bench.measure import Row, compare
from spec2rtl.backends.scripted import ScriptedModel
from spec2rtl.eda.toolchain import IcarusToolchain, Tools, find_tools
from spec2rtl.events import Limits, RunFinished
from spec2rtl.journal.store import Journal
from spec2rtl.loop.job import Job
from spec2rtl.loop.merge import Stop
from spec2rtl.loop.ports import Crew
from spec2rtl.outlet import KeepOutlet
from spec2rtl.rtl import SourceFile
from spec2rtl.session import Order, SystemClock, execute


def rows() -> list[Row]:
    """Measure everything here."""
    tools = find_tools()
    with (
        workspace() as folder,
        tempfile.TemporaryDirectory() as data,
        Journal.open(Path(data) / "journal.db") as journal,
        asyncio.Runner() as loop,
    ):
        script = folder / "script.json"
        script.write_text(json.dumps([f"```verilog\n{RTL}```"]))
        run = _iteration(tools, journal, script, loop)
        return [compare("loop overhead of an iteration", 1.10, run, bare(tools, folder))]


def _iteration(
    tools: Tools, journal: Journal, script: Path, loop: asyncio.Runner
) -> Callable[[], None]:
    """One run of one iteration, journaled; every tool result afresh."""
    job = Job("generate", "counter", SourceFile("/bench/counter.v", ""), testbench=testbench())
    order = Order(job, "scripted", "rules", Limits())
    count = 0

    async def run() -> None:
        nonlocal count
        count += 1
        name = f"bench-{count}"
        journal.begin(name, "generate", "bench", 0.0, b"{}")
        crew = Crew(
            ScriptedModel(script), None, IcarusToolchain(tools), KeepOutlet(()), SystemClock()
        )
        events = execute(order, crew, journal, run_id=name, stop=Stop())
        last = [event async for event in events][-1]
        assert isinstance(last, RunFinished)
        assert last.result.status == "verified", last.result

    return lambda: loop.run(run())
