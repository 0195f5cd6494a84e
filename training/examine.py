"""Texts through the product's own tools and judge."""

from pathlib import Path

from msgspec import structs

from spec2rtl.eda.cache import Cache
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.events import Task
from spec2rtl.loop.attempt import Attempt, examine
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import Toolchain
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.process.limits import Limits
from spec2rtl.rtl import SourceFile, Testbench
from spec2rtl.spec.parse import parse
from spec2rtl.syntax.testbench import read_testbench

SECONDS = 20.0
PATIENCE = 10
"""A design fails by its own work alone; a busy machine may take so much longer over it."""
_LIMITS = Limits(
    PATIENCE * SECONDS, cpu=SECONDS, memory=1 << 30, output=4 << 20, file_size=16 << 20
)
"""Tighter than for a person's design: these are small, and there are many."""


def toolchain(cache: Path | None = None, seconds: float = SECONDS) -> IcarusToolchain:
    """The product's compiler and simulator, which may work so many seconds on a simulation.

    Raises `ToolError` where one is missing.
    """
    return IcarusToolchain(
        find_tools(),
        compiling=_LIMITS,
        simulating=structs.replace(_LIMITS, cpu=seconds, seconds=PATIENCE * seconds),
        sandbox=best_sandbox(),
        cache=Cache(cache, folder_bytes=4 << 30) if cache else None,
    )


def job_of(
    module: str,
    *,
    spec: str = "",
    tests: str = "",
    task: Task = "generate",
    base: str = "",
    instruction: str | None = None,
) -> Job:
    """The job that the loop would work on; its files are on no disk."""
    read = parse(spec) if spec else None
    return Job(
        task=task,
        module=module,
        target=SourceFile(f"/{module}.v", base),
        testbench=testbench_of(module, tests) if tests else None,
        spec=read,
        interface=read.interface(module) if read and task == "generate" else None,
        instruction=instruction,
    )


def testbench_of(module: str, tests: str) -> Testbench:
    """A cocotb module that was written together with its specification."""
    facts = read_testbench(tests)
    name = f"test_{module}"
    return Testbench(
        name, f"/{name}.py", tests, tests=facts.tests, top=module, signals=facts.signals
    )


async def examined(tools: Toolchain, job: Job, rtl: str) -> Attempt:
    """Compile a text, run the job's tests on it and judge it; raises `ToolError`."""
    record = Attempt(0, rtl=rtl)
    async for _ in examine(job, tools, record, rtl):
        pass
    return record
