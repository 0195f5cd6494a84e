"""`tests SPEC`: cocotb tests written from a specification, and what speaks for them."""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct, structs

from spec2rtl import session
from spec2rtl.backends.name import Backend
from spec2rtl.backends.warm import Warm
from spec2rtl.chat import Usage
from spec2rtl.config.settings import Settings
from spec2rtl.eda.sources import absolute, in_workspace
from spec2rtl.errors import InputError, Spec2rtlError
from spec2rtl.events import Event, RunStarted, TestsFinished
from spec2rtl.jobs import SpecSource, generate_job
from spec2rtl.journal.runs import new_run_id
from spec2rtl.journal.store import Journal
from spec2rtl.loop.job import Job
from spec2rtl.loop.policy import choose
from spec2rtl.mutation import MutationReport, survey
from spec2rtl.outlet import FileOutlet
from spec2rtl.rtl import Design, Interface, Testbench
from spec2rtl.session import SystemClock
from spec2rtl.spec.model import Spec
from spec2rtl.testgen.replies import requirements_of
from spec2rtl.testgen.stubs import stubs
from spec2rtl.testgen.writer import SAMPLES, Compared, Sample, Spent, Writer
from spec2rtl.wiring import JournalLedger, limits_of, open_journal, open_model, toolchain

MUTANTS = 20
"""Of the design that is at hand."""
ADOPT = (
    "generated, not reviewed: what passes them is never `verified`; "
    "remove their first line to adopt them"
)


class Covered(Struct, frozen=True):
    """A requirement, its line in the spec, and the tests that say that they test it."""

    text: str
    line: int
    tests: tuple[str, ...]


class WritingUsage(Struct, frozen=True):
    """What each role used: the writer never sees what the generator draws."""

    test_writer: Usage
    generator: Usage


class TestsWritten(Struct, frozen=True):
    """The object of `tests SPEC --json`.

    `refusals` are, sample by sample, why replies were refused; `stubs` what the outputs of the
    trivially wrong designs do that the tests fail on; `compared` the designs that all samples ran
    on: RTL beside the spec, else designs drawn from it, which the writer never saw. `mutation` is
    the kill rate on the first of them that passes, None where none does.
    """

    __test__ = False  # not a test class of pytest

    run_id: str
    status: Literal["accepted", "refused"]
    module: str
    out: str | None
    text: str
    tests: tuple[str, ...]
    requirements: tuple[Covered, ...]
    refusals: tuple[tuple[str, ...], ...]
    stubs: tuple[str, ...]
    compared: tuple[Compared, ...]
    mutation: MutationReport | None
    generator: str
    seed: int
    usage: WritingUsage
    seconds: float
    message: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def says(self) -> Iterator[str]:
        """What speaks for the tests and against them, line by line."""
        if self.status == "accepted":
            count = len(self.tests)
            plural = "s" * (count != 1)
            yield f"{count} test{plural}; they fail on {len(self.stubs)} trivially wrong designs"
            for one in self.compared:
                did = "pass" if all(one.passed) else "fail"
                yield f"two samples of them agree on {one.design}: both {did}"
        found = self.mutation
        if found and found.kill_rate is not None:
            judged = found.killed + found.survived
            yield f"{found.killed} of {judged} mutants killed ({found.kill_rate:.0%})"
        yield from (f"warning: {warning}" for warning in self.warnings)
        if self.status == "accepted":
            yield ADOPT


class Order(Struct, frozen=True):
    """What is to be written, by which model, and where it goes."""

    source: SpecSource
    settings: Settings
    generator: Backend
    module: str | None = None
    out: str | None = None
    force: bool = False


async def write_tests(order: Order, hear: Callable[[Event], None]) -> TestsWritten:
    """Write tests, and deliver them if they are accepted; `hear` gets the run's events.

    Raises `InputError`, `ToolError`, `BackendError`.
    """
    settings = order.settings
    job = generate_job(order.source, settings, module=order.module, tested=False)
    if job.interface is None or job.spec is None:
        name = order.source.path
        raise InputError(f"{name}: leaves its interface open; see: spec2rtl check {name.name}")
    # What stands where `generate` would write, which the writer never sees.
    rtl = None if order.source.comment else job.replaces
    path = absolute(_place(order, job.module))
    async with _recorded(order, job, path, hear) as diary:
        outlet = FileOutlet(path, (), JournalLedger(diary.journal, diary.run_id), force=order.force)
        tools, warm = toolchain(settings), Warm()
        try:
            async with open_model(order.generator, settings, warm, os.environ) as model:
                limits = limits_of(settings)
                writer = Writer(model, tools, diary.clock, limits, settings.seed, diary.enter)
                work = _Work(job, job.spec, job.interface, rtl, writer, settings, diary.run_id)
                written = await work.done()
        finally:
            await tools.aclose()
            await warm.aclose()
        if written.status == "accepted":
            out, warning = outlet.deliver(written.text)
            warnings = (*written.warnings, *([warning] if warning else []))
            written = structs.replace(written, out=out, warnings=warnings)
        diary.enter(_end(written))
    return written


def _end(written: TestsWritten) -> TestsFinished:
    return TestsFinished(
        status=written.status,
        module=written.module,
        text=written.text,
        out=written.out,
        message=written.message,
        says=tuple(written.says),
        seconds=written.seconds,
    )


@dataclass
class _Diary:
    """The journal of one run: an event is in it before it is shown."""

    journal: Journal
    run_id: str
    clock: SystemClock
    show: Callable[[Event], None]
    events: int = 0

    def enter(self, event: Event) -> None:
        """Keep an event, and show it."""
        self.show(self.keep(event))

    def keep(self, event: Event) -> Event:
        """Keep an event with its place in the run."""
        place = {"run_id": self.run_id, "seq": self.events, "time": self.clock.time()}
        event = structs.replace(event, **place)
        self.journal.append(event)
        self.events += 1
        return event


@asynccontextmanager
async def _recorded(
    order: Order, job: Job, path: Path, hear: Callable[[Event], None]
) -> AsyncGenerator[_Diary, None]:
    """A run in the journal, which also knows how it ended where it was cancelled or failed."""
    settings, generator = order.settings, str(order.generator)
    frozen = session.Order(
        job, generator, "", limits_of(settings), seed=settings.seed, out=str(path)
    )
    run_id = new_run_id(datetime.now(UTC), random.SystemRandom())
    with open_journal() as journal:
        session.begin(journal, run_id, frozen, "tests")
        diary = _Diary(journal, run_id, SystemClock(), hear)
        began = diary.clock.monotonic()
        diary.enter(
            RunStarted(
                task="tests",
                module=job.module,
                inputs=job.inputs,
                generator=generator,
                reflector="",
                policy=choose(strong=True, candidates=settings.candidates),
                limits=frozen.limits,
                seed=settings.seed,
            )
        )
        try:
            yield diary
        except (asyncio.CancelledError, Spec2rtlError) as error:
            failed = isinstance(error, Spec2rtlError)
            diary.keep(
                TestsFinished(
                    status="error" if failed else "cancelled",
                    module=job.module,
                    message=str(error) if failed else None,
                    seconds=diary.clock.monotonic() - began,
                )
            )
            raise


def _place(order: Order, module: str) -> Path:
    """Where the tests go: a folder or a file that was named, else where `generate` looks."""
    source, out = order.source, Path(order.out) if order.out else None
    folder, name = source.path.parent, f"test_{module if source.comment else source.stem}.py"
    if out is None:
        said = source.spec.front_matter.tests
        out = folder / said if said else folder / name
        if not in_workspace(out, folder):
            raise InputError(f"{source.path}: tests: {said} is outside the workspace")
    if out.is_dir():
        return out / name
    if out.suffix != ".py":
        raise InputError(f"{out}: no Python file; --out must end in .py or be a folder")
    return out


@dataclass
class _Work:
    """The writing of the tests of one module, and what is known so far."""

    job: Job
    spec: Spec
    interface: Interface
    rtl: str | None
    writer: Writer
    settings: Settings
    run_id: str
    samples: list[Sample] = field(default_factory=list[Sample])
    compared: list[Compared] = field(default_factory=list[Compared])
    mutation: MutationReport | None = None

    async def done(self) -> TestsWritten:
        """Write, judge and report; a budget that is spent leaves no tests."""
        clock = self.writer.clock
        began = clock.monotonic()
        try:
            async with asyncio.timeout(self.settings.max_seconds):
                why = await self._trouble()
        except TimeoutError:
            why = "the budget of seconds is spent"
        except Spent as spent:
            why = str(spent)
        return self._report(why, clock.monotonic() - began)

    async def _trouble(self) -> str | None:
        """Draw the samples, and hold them against each other: why none is offered."""
        for _ in range(SAMPLES):
            sample = await self.writer.sample(self.spec, self.interface)
            self.samples.append(sample)
            if sample.testbench is None:
                return f"no reply holds tests that can be used: {sample.refusals[-1]}"
        benches = [sample.testbench for sample in self.samples if sample.testbench]
        right: Design | None = None
        for name, design in await self._designs():
            found = await self.writer.compare(name, design, benches)
            self.compared.append(found)
            if not found.agreed:
                return f"two samples disagree on {name}: {found.failure}"
            right = right or (design if all(found.passed) else None)
        if not self.compared:
            return "no design drawn from the spec compiles, so that nothing says whether two samples agree"
        if right:
            self.mutation = await self._mutated(right, benches[0])
        return None

    async def _designs(self) -> list[tuple[str, Design]]:
        """RTL beside the spec if it compiles, else designs drawn from the spec."""
        if self.rtl is not None:
            design = self.job.design(self.rtl)
            if (await self.writer.toolchain.compile(design)).ok:
                return [(Path(self.job.target.path).name, design)]
        drawn = await self.writer.designs(self.job, self.settings.candidates or 1)
        return [(f"design {n} drawn from the spec", design) for n, design in enumerate(drawn, 1)]

    async def _mutated(self, design: Design, bench: Testbench) -> MutationReport | None:
        try:
            return await survey(self.settings, design, bench, [self.job.target.path], limit=MUTANTS)
        except InputError:  # nothing in it that a mutant could change
            return None

    def _report(self, why: str | None, seconds: float) -> TestsWritten:
        bench = None if why else self.samples[0].testbench
        said = requirements_of(bench.text) if bench else {}
        books = self.writer.books
        requirements = tuple(
            Covered(r.text, r.line, tuple(name for name, tested in said.items() if n in tested))
            for n, r in enumerate(self.spec.requirements, 1)
        )
        return TestsWritten(
            run_id=self.run_id,
            status="accepted" if bench else "refused",
            module=self.job.module,
            out=None,
            text=bench.text if bench else "",
            tests=bench.tests if bench else (),
            requirements=requirements if bench else (),
            refusals=tuple(sample.refusals for sample in self.samples),
            stubs=tuple(s.do for s in stubs(self.interface, self.spec.clocks)) if bench else (),
            compared=tuple(self.compared),
            mutation=self.mutation,
            generator=self.writer.model.name,
            seed=self.settings.seed,
            usage=WritingUsage(books.used("test_writer"), books.used("generator")),
            seconds=seconds,
            message=why,
            warnings=(*books.warnings, *(self._doubts(requirements) if bench else ())),
        )

    def _doubts(self, requirements: tuple[Covered, ...]) -> Iterator[str]:
        """What does not speak for the tests."""
        if not any(all(one.passed) for one in self.compared):
            said = f": {self.compared[0].failure}" if self.compared else ""
            yield f"no design at hand passes these tests, so that they may be wrong{said}"
        if untested := [str(r.line) for r in requirements if not r.tests]:
            lines = f"line{'s' * (len(untested) > 1)} {', '.join(untested)}"
            yield f"no test says that it tests what the spec requires in {lines}"
