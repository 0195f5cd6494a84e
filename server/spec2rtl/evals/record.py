"""What an evaluation is made of and what came out, as values: the lines of its folder."""

from typing import Literal

from msgspec import Struct

from spec2rtl.events import Limits, RoleUsage, Status

Verdict = Literal["passed", "failed", "errored"]
Loop = Literal["single", "agentic"]
Feedback = Literal["none", "harness"]
PolicyName = Literal["reflection", "sampling"]
Switch = Literal["on", "off"]
NEEDS = "needs Icarus ≥"
"""How a reason begins that only another simulator takes away."""


class Plan(Struct, frozen=True):
    """Everything that decides an evaluation; `candidates` is a folder, None where a model writes.

    `fingerprint` is the SHA-256 of the data set as it was read, `draws` how many candidates an
    iteration of the loop draws (None: as suits the generator), `ids` the problems chosen. `policy`
    is the loop's: failures are shown to the models, or each iteration draws anew; `evidence` on:
    those of the benchmark's tests are explained from recordings.
    """

    benchmark: str
    dataset: str
    fingerprint: str
    iverilog: str
    cocotb: str
    candidates: str | None = None
    generator: str | None = None
    reflector: str | None = None
    loop: Loop = "agentic"
    feedback: Feedback = "none"
    samples: int = 1
    seed: int = 0
    limits: Limits = Limits()
    draws: int | None = None
    ids: tuple[str, ...] = ()
    policy: PolicyName | None = None
    evidence: Switch = "off"


class Generation(Struct, frozen=True):
    """What a run of the loop came to; `first_good` counts iterations from 1."""

    run_id: str
    status: Status
    iterations: int
    first_good: int | None
    usage: RoleUsage
    seconds: float


class Record(Struct, frozen=True):
    """One sample of one problem, judged."""

    id: str
    sample: int
    difficulty: str
    verdict: Verdict
    reason: str
    seconds: float
    compiles: bool | None = None
    generation: Generation | None = None
