"""What happens in a run, as a closed union of small frozen values.

One JSON object an event, tagged by `type`: the same objects are a line of `--events`, the
payload of `spec2rtl/event` and a row of the journal. Match them exhaustively.
"""

from typing import Literal, Self

import msgspec
from msgspec import Struct, field

from spec2rtl.chat import Message, Role, Usage
from spec2rtl.rtl import (
    Budget,
    Diagnostic,
    Explained,
    Reason,
    SimulationStatus,
    Steps,
    TestResult,
)

VERSION = 1
"""Of the event format; grows when a field changes its meaning or goes."""

Task = Literal["generate", "repair", "edit"]
Errand = Task | Literal["tests"]
"""What a run is for: RTL, or tests written from a spec."""
Status = Literal["verified", "compiled", "failed", "cancelled", "error"]
TestsStatus = Literal["accepted", "refused", "cancelled", "error"]
"""Tests are never `verified`: `accepted` are those that nothing at hand speaks against."""
Stage = Literal["generate", "compile", "simulate"]


class Input(Struct, frozen=True):
    """A file that a run reads, with the SHA-256 of what was read."""

    role: Literal["spec", "rtl", "testbench"]
    path: str
    sha256: str


class Limits(Struct, frozen=True):
    """When a run stops: failed compiles, failed simulations, and what it may use."""

    compile_iterations: int = 3
    simulation_iterations: int = 4
    seconds: float | None = None
    tokens: int | None = None
    cost_usd: float | None = None


class Policy(Struct, frozen=True):
    """How a run spends its iterations (see `loop.policy`).

    `candidates` are drawn an iteration; the share `prefilled` of them begins with the known module
    header; the first is drawn at `temperatures[0]`, the others at `temperatures[1]` (None: the
    model's own). `critique`: failures are shown to the models; else each iteration draws anew.
    `mechanical`: certain repairs are tried on every candidate before anything else; `variants`:
    small changes are tried on the best of an iteration, so many at most.
    """

    name: Literal["reflection", "sampling"]
    candidates: int
    prefilled: float
    temperatures: tuple[float | None, float | None]
    critique: bool
    mechanical: bool
    variants: int = 0


class Iteration(Struct, frozen=True):
    """One turn of the loop: its best candidate, how far that came and what was made of it.

    `stage` is where the candidate ended: `generate` when the reply held no usable code.
    `candidate` is the SHA-256 of the RTL, None where there is none.
    """

    index: int
    stage: Stage
    candidate: str | None
    ok: bool
    diagnostics: tuple[Diagnostic, ...] = ()
    tests: tuple[TestResult, ...] = ()
    diagnosis: str | None = None
    seconds: float = 0.0


class RoleUsage(Struct, frozen=True):
    """What each role used."""

    generator: Usage = field(default_factory=Usage)
    reflector: Usage = field(default_factory=Usage)


class Seconds(Struct, frozen=True):
    """Where the time went."""

    generator: float = 0.0
    reflector: float = 0.0
    compile: float = 0.0
    simulate: float = 0.0
    total: float = 0.0


class Behaviour(Struct, frozen=True):
    """Whether a new version of a module does what the old one did, said in words by `says`.

    Where they were seen to differ in simulation: at which cycle, and the inputs up to it.
    """

    verdict: Literal["unchanged", "changed", "unknown"]
    says: str
    cycle: int | None = None
    inputs: tuple[Steps, ...] = ()


class Result(Struct, frozen=True):
    """The object of `generate --json`, `repair --json` and `edit --json`.

    `rtl` is the best candidate's whole file; `message` says in one line why a run that is not
    good ended. `behaviour` compares with the version that it takes the place of, if any.
    """

    run_id: str
    task: Task
    status: Status
    module: str
    rtl: str
    out: str | None
    diff: str | None
    generator: str
    reflector: str
    iterations: tuple[Iteration, ...] = ()
    budgets: tuple[Budget, ...] = ()
    inputs_changed: tuple[str, ...] = ()
    usage: RoleUsage = field(default_factory=RoleUsage)
    seconds: Seconds = field(default_factory=Seconds)
    message: str | None = None
    warnings: tuple[str, ...] = ()
    behaviour: Behaviour | None = None

    @classmethod
    def refused(
        cls,
        task: Task,
        message: str,
        *,
        module: str | None = None,
        generator: str | None = None,
        reflector: str | None = None,
    ) -> Self:
        """The result of a run that could not begin."""
        return cls(
            run_id="",
            task=task,
            status="error",
            module=module or "",
            rtl="",
            out=None,
            diff=None,
            generator=generator or "",
            reflector=reflector or "",
            message=message,
        )

    @property
    def good(self) -> bool:
        """Is its RTL what was asked for, as far as it could be found out?"""
        return self.status in {"verified", "compiled"}


class _Event(Struct, frozen=True, kw_only=True, tag_field="type"):
    """The envelope: `time` is seconds since the epoch, `seq` counts from 0 within the run."""

    run_id: str = ""
    seq: int = 0
    time: float = 0.0


class RunStarted(_Event, frozen=True, tag="run_started"):
    """The run's inputs are frozen; who writes tests is told as the `generator`."""

    task: Errand
    module: str
    inputs: tuple[Input, ...]
    generator: str
    reflector: str
    policy: Policy
    limits: Limits
    seed: int
    budgets: tuple[str, ...] = ()
    version: int = VERSION
    resumes: str | None = None


class Downloading(_Event, frozen=True, tag="downloading"):
    """A model is on its way; bytes."""

    what: str
    done: int
    total: int


class ModelCalled(_Event, frozen=True, tag="model_called"):
    """A model is asked; `candidate` numbers the attempt within the run."""

    role: Role
    candidate: int
    prompt: tuple[Message, ...]
    prefix: str = ""


class Text(_Event, frozen=True, tag="text"):
    """A piece of a reply, but of the reflector's; `restart`: what came before for this attempt is void."""

    candidate: int
    delta: str
    restart: bool = False


class ModelReplied(_Event, frozen=True, tag="model_replied"):
    """A model's whole reply."""

    role: Role
    candidate: int
    reply: str
    usage: Usage
    seconds: float
    truncated: bool = False


OWN_FILE = "the designer's file"
"""`Candidate.how` of a repair's first candidate."""
SMALL_CHANGE = "by a small change: "
"""How `Candidate.how` begins where no model wrote it and no rule is certain of it."""


class Candidate(_Event, frozen=True, tag="candidate"):
    """RTL to be judged: `id` is its SHA-256, `parent` that of the RTL it was made from."""

    id: str
    candidate: int
    rtl: str
    parent: str | None
    how: str


class Rejected(_Event, frozen=True, tag="rejected"):
    """A reply that holds no usable code: a failed compile iteration."""

    candidate: int
    why: str


class Compiled(_Event, frozen=True, tag="compiled"):
    """The compiler has spoken."""

    candidate: str
    ok: bool
    reason: Reason
    diagnostics: tuple[Diagnostic, ...]
    seconds: float
    cached: bool = False


class SimulationStarted(_Event, frozen=True, tag="simulation_started"):
    """The tests run on a candidate."""

    candidate: str


class TestFinished(_Event, frozen=True, tag="test_finished"):
    """One test has its result."""

    __test__ = False  # not a test class of pytest

    candidate: str
    test: TestResult


class Simulated(_Event, frozen=True, tag="simulated"):
    """All tests are done."""

    candidate: str
    status: SimulationStatus
    reason: Reason
    diagnostics: tuple[Diagnostic, ...]
    tests: tuple[TestResult, ...]
    seconds: float
    sandbox: str
    cached: bool = False


class Measured(_Event, frozen=True, tag="measured"):
    """The budgets were measured on a candidate that passes its tests."""

    candidate: str
    budgets: tuple[Budget, ...]


class Reflected(_Event, frozen=True, tag="reflected"):
    """What the reflector (or the rules) made of a candidate's failure."""

    candidate: str | None
    by: str
    root_cause: str
    lines: tuple[int, ...] = ()
    instruction: str | None = None
    edits: int = 0


class TestExplained(_Event, frozen=True, tag="test_explained"):
    """A failing test of a candidate was recorded and looked into."""

    __test__ = False

    candidate: str
    explained: Explained


class IterationFinished(_Event, frozen=True, tag="iteration_finished"):
    """A turn of the loop is over."""

    iteration: Iteration


class Warned(_Event, frozen=True, tag="warning"):
    """Something the user should know; the run goes on."""

    message: str


class TestsFinished(_Event, frozen=True, tag="tests_finished"):
    """The last event of a run that writes tests, whose text is empty where none are offered.

    `says` is what speaks for them or against them, line by line; `message` why there are none.
    """

    __test__ = False

    status: TestsStatus
    module: str
    text: str = ""
    out: str | None = None
    message: str | None = None
    says: tuple[str, ...] = ()
    seconds: float = 0.0


class RunFinished(_Event, frozen=True, tag="run_finished"):
    """The last event of any other run."""

    result: Result


Event = (
    RunStarted
    | Downloading
    | ModelCalled
    | Text
    | ModelReplied
    | Candidate
    | Rejected
    | Compiled
    | SimulationStarted
    | TestFinished
    | Simulated
    | Measured
    | TestExplained
    | Reflected
    | IterationFinished
    | Warned
    | TestsFinished
    | RunFinished
)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """Write an event as one line of JSON, without the newline."""
    return _encoder.encode(event)


def decode(line: bytes | str) -> Event:
    """Read an event; raises `msgspec.ValidationError` for anything else."""
    return _decoder.decode(line)
