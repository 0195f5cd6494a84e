"""The test writer: tests from a specification, refused until they can tell right from wrong.

It draws two samples that know nothing of each other. Each must run and fail on every trivially
wrong design of the interface; then a design that passes one must pass the other.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from msgspec import Struct, structs

from spec2rtl.chat import Prompt, Role
from spec2rtl.errors import InputError
from spec2rtl.events import Event, Limits, ModelReplied, Rejected, SimulationStarted
from spec2rtl.loop import prompts as design_prompts
from spec2rtl.loop.attempt import ask
from spec2rtl.loop.books import Books
from spec2rtl.loop.job import Job
from spec2rtl.loop.policy import choose
from spec2rtl.loop.ports import ChatModel, Clock, Toolchain
from spec2rtl.repair.replies import Code
from spec2rtl.rtl import Design, Interface, SimulationReport, SourceFile, Testbench, digest
from spec2rtl.spec.model import Spec
from spec2rtl.testgen import prompts
from spec2rtl.testgen.cores import on_all_cores
from spec2rtl.testgen.replies import Unusable, read_tests
from spec2rtl.testgen.skeleton import skeleton
from spec2rtl.testgen.stubs import Stub, stubs

SAMPLES = 2
DRAWS = 4
"""Designs drawn at most for one that compiles."""
_BROKEN = re.compile(r"(?:Name|Attribute|Type|Import|UnboundLocal|ModuleNotFound|Syntax)Error\b")
"""What a test ends with that is wrong itself, whatever the design does."""


class Spent(Exception):
    """A budget of tokens or cost is spent; says which."""


class Sample(Struct, frozen=True):
    """What one writer came to; `refusals` are why each of its replies but the last was refused."""

    testbench: Testbench | None
    refusals: tuple[str, ...]


class Compared(Struct, frozen=True):
    """A design that all samples ran on; `passed` says of each whether its tests pass."""

    design: str
    passed: tuple[bool, ...]
    failure: str | None = None

    @property
    def agreed(self) -> bool:
        """Do the samples say the same of it?"""
        return len(set(self.passed)) == 1


@dataclass
class Writer:
    """A model that writes tests, with its tools; `hear` gets every event as it happens."""

    model: ChatModel
    toolchain: Toolchain
    clock: Clock
    limits: Limits
    seed: int
    hear: Callable[[Event], None]
    books: Books = field(default_factory=Books)
    replies: int = 0

    async def sample(self, spec: Spec, interface: Interface) -> Sample:
        """Ask until a reply is accepted or the failed ones are as many as may be."""
        wrong = list(stubs(interface, spec.clocks))
        refusals: list[str] = []
        unusable = refused = 0
        begun = skeleton(interface, spec) if self._begins else None
        prompt = prompts.go_on(spec, interface, begun) if begun else prompts.write(spec, interface)
        while True:
            reply = await self._ask(prompt, "test_writer")
            read = read_tests(
                reply.reply, interface, truncated=reply.truncated, begun=begun is not None
            )
            if isinstance(read, Unusable):
                unusable += 1
                text, why = read.text, read.why
            else:
                text, why = read.text, await self._refusal(read, interface, wrong)
                if why is None:
                    return Sample(read, tuple(refusals))
                refused += 1
            refusals.append(why)
            self.hear(Rejected(candidate=self.replies - 1, why=why))
            if (
                unusable >= self.limits.compile_iterations
                or refused >= self.limits.simulation_iterations
            ):
                return Sample(None, tuple(refusals))
            if self.model.strong:  # a small one repeats itself: another sample is worth more
                prompt = prompts.again(spec, interface, text, why)

    @property
    def _begins(self) -> bool:
        """Is the reply begun for the model?"""
        return not self.model.strong and self.model.continues

    async def designs(self, job: Job, count: int) -> list[Design]:
        """Draw designs from the specification until so many compile, or too many don't."""
        found: list[Design] = []
        for draw in range(count * DRAWS):
            if len(found) == count:
                break
            prefill = self._begins and draw % 2 == 1
            reply = await self._ask(design_prompts.first(job, prefill=prefill), "generator")
            read = job.read(reply)
            if isinstance(read, Code):
                design = job.design(read.rtl)
                compiled = await self.toolchain.compile(design)
                if compiled.ok:
                    found.append(design)
                    continue
                said = next((d.message for d in compiled.diagnostics), compiled.reason)
                why = f"It does not compile: {said}"
            else:
                why = read.why
            self.hear(Rejected(candidate=self.replies - 1, why=why))
        return found

    async def compare(self, name: str, design: Design, benches: Sequence[Testbench]) -> Compared:
        """Run the tests of every sample on a design."""
        reports = [await self.toolchain.simulate(design, bench) for bench in benches]
        failures = (_failure(report) for report in reports if report.status != "passed")
        passed = tuple(report.status == "passed" for report in reports)
        return Compared(name, passed, next(failures, None))

    async def _ask(self, prompt: Prompt, role: Role) -> ModelReplied:
        """Ask the model; raises `BackendError`, and `Spent` where a budget is."""
        policy = choose(strong=self.model.strong, candidates=None)
        temperature = policy.temperatures[0 if self.replies == 0 else 1]
        tuned = structs.replace(prompt, seed=self.seed + self.replies, temperature=temperature)
        stream = ask(self.model, tuned, role=role, number=self.replies, clock=self.clock)
        self.replies += 1
        reply: ModelReplied | None = None
        async with aclosing(stream) as events:
            async for event in events:
                self.books.enter(event)
                self.hear(event)
                if isinstance(event, ModelReplied):
                    reply = event
        if budget := self.books.over(self.limits):
            raise Spent(f"the budget of {budget} is spent")
        if reply is None:
            raise AssertionError("a model that ends without a reply is a BackendError")
        return reply

    async def _refusal(
        self, bench: Testbench, interface: Interface, wrong: Sequence[Stub]
    ) -> str | None:
        """Why tests are no tests: they don't run, or don't fail where they must."""

        async def judge(stub: Stub) -> str | None:
            try:
                report = await self.toolchain.simulate(_design(interface, stub), bench)
            except InputError as error:
                said = str(error).removeprefix(f"{bench.path}:").strip()
                return f"line {said}" if said[:1].isdigit() else said
            return _fault(report, stub, bench)

        self.hear(SimulationStarted(candidate=digest(bench.text)))
        async with aclosing(on_all_cores(wrong, judge)) as faults:
            async for why in faults:
                if why:
                    return why
        return None


def _design(interface: Interface, stub: Stub) -> Design:
    return Design((SourceFile(f"/{interface.module}.v", stub.rtl),), top=interface.module)


def _fault(report: SimulationReport, stub: Stub, bench: Testbench) -> str | None:
    """What is wrong with tests, by how they went on a stub."""
    if report.reason == "compile_error":
        said = next((d.message for d in report.diagnostics), "")
        raise InputError(
            f"a module with the interface that the spec gives does not compile: {said}"
        )
    if report.status == "passed":
        return f"They pass on a design whose outputs {stub.do}."
    if report.reason == "timeout":
        return f"They do not end on a design whose outputs {stub.do}: bound every wait."
    if report.status == "errored":
        return f"They ended without a result for every test ({report.reason})."
    for test in report.tests:
        if _BROKEN.match(test.message):
            lines = bench.text.splitlines()
            known = test.line and test.file == bench.path and test.line <= len(lines)
            place = f" at `{lines[(test.line or 1) - 1].strip()}`" if known else ""
            return f"The test `{test.name}` itself is wrong{place}: {test.message.splitlines()[0]}"
    return None


def _failure(report: SimulationReport) -> str:
    for test in report.tests:
        if test.failed:
            return " ".join(f"{test.name}: {test.message}".split())[:300]
    return report.reason
