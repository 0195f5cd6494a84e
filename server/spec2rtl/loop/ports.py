"""What the loop needs of the world."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from spec2rtl.chat import Chunk, Prompt
from spec2rtl.evidence.wave import Recording
from spec2rtl.rtl import (
    Budget,
    CompileReport,
    Design,
    Diagnostic,
    Equivalence,
    SimulationReport,
    Testbench,
    TestResult,
)
from spec2rtl.spec.model import Spec


class ChatModel(Protocol):
    """A model that answers a prompt piece by piece."""

    @property
    def name(self) -> str:
        """The backend string, such as `anthropic:MODEL`."""
        ...

    @property
    def strong(self) -> bool:
        """Does it make use of a critique? (A small model rarely does.)"""
        ...

    @property
    def continues(self) -> bool:
        """Can it continue `Prompt.prefix`?"""
        ...

    @property
    def parallel(self) -> int:
        """How many replies it can give at once."""
        ...

    def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        """Yield pieces, then exactly one `Reply`; closing the generator stops the request.

        The deltas since the last `Restart` make up the reply's text, a continued prefix included.
        Raises `BackendError`.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and child processes."""
        ...


class Toolchain(Protocol):
    """Compiler and simulator; cancelling a call ends every process that it started.

    Both raise `ToolError` when a tool is missing or broken.
    """

    async def compile(self, design: Design) -> CompileReport:
        """Compile; a design that doesn't is a report, not an error."""
        ...

    async def simulate(self, design: Design, testbench: Testbench) -> SimulationReport:
        """Run the tests against a design that compiles."""
        ...


class Recorder(Protocol):
    """Records what a failing test sees."""

    async def record(
        self,
        design: Design,
        testbench: Testbench,
        ran: tuple[TestResult, ...],
        failed: TestResult,
    ) -> Recording | None:
        """Run the tests once more up to the one that failed; None where that can't be done."""
        ...


class Gauge(Protocol):
    """Measures and compares designs that compile."""

    async def measure(
        self, design: Design, testbench: Testbench | None, spec: Spec, previous: Design | None
    ) -> tuple[Budget, ...]:
        """Measure the spec's budgets on a design that passes its tests, where it has any."""
        ...

    async def doubts(self, design: Design) -> tuple[Diagnostic, ...]:
        """Where no hardware does what the design says, or what nobody may want of it."""
        ...

    async def equivalent(self, old: Design, new: Design, top: str, seconds: float) -> Equivalence:
        """Say within some seconds whether two versions of a module behave alike."""
        ...


class Clock(Protocol):
    """Time, so that a test can hold it."""

    def monotonic(self) -> float:
        """Seconds that only grow."""
        ...

    def time(self) -> float:
        """Seconds since the epoch."""
        ...


class Outlet(Protocol):
    """Where a result goes, and what became of the inputs meanwhile."""

    def changed(self) -> tuple[str, ...]:
        """Paths of inputs whose text is no longer what the run read."""
        ...

    def deliver(self, rtl: str) -> tuple[str | None, str | None]:
        """Write a good result; return the file it went to and a warning, each where there is one.

        Raises `InputError` when it can't be written.
        """
        ...


@dataclass(frozen=True)
class Crew:
    """Who works on a run; `reflector` None: the rules alone."""

    generator: ChatModel
    reflector: ChatModel | None
    toolchain: Toolchain
    outlet: Outlet
    clock: Clock
    gauge: Gauge | None = None
    recorder: Recorder | None = None

    @property
    def diagnoses(self) -> str:
        """The name of who does."""
        return self.reflector.name if self.reflector else "rules"
