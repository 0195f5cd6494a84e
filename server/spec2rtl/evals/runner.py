"""Carries an evaluation out: problems side by side, each on disk as soon as it is judged."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import Protocol

from msgspec import Struct, structs

from spec2rtl.backends.endpoint import UNREACHABLE
from spec2rtl.errors import BackendError, InputError, Spec2rtlError
from spec2rtl.evals.candidates import read_candidate
from spec2rtl.evals.feedback import harness_of
from spec2rtl.evals.generation import Studio, as_candidate
from spec2rtl.evals.oracle import Once, Problem, Score, score
from spec2rtl.evals.problem import Candidate
from spec2rtl.evals.record import Generation, Plan, Record
from spec2rtl.evals.store import Store
from spec2rtl.events import Result
from spec2rtl.journal.runs import new_run_id
from spec2rtl.loop.ports import Toolchain


class Designed(Struct, frozen=True):
    """What a designer handed in; `trouble` is what kept it from designing at all."""

    candidate: Candidate | None
    generation: Generation | None = None
    trouble: str | None = None


class Designer(Protocol):
    """Gives the candidates that are scored."""

    @property
    def parallel(self) -> int:
        """How many problems it works on at once."""
        ...

    async def design(self, problem: Problem, sample: int) -> Designed:
        """Give a sample of a problem."""
        ...


@dataclass(frozen=True)
class Published:
    """Candidates that lie in a folder; `place` says where a sample of a problem does."""

    folder: Path
    place: Callable[[str, int], Path]
    parallel: int

    async def design(self, problem: Problem, sample: int) -> Designed:
        """Read it."""
        folder = self.folder / self.place(problem.task.id, sample)
        try:
            return Designed(read_candidate(folder, problem.task))
        except InputError as error:
            return Designed(None, trouble=str(error))


@dataclass(frozen=True)
class Engine:
    """The product's own loop; only under feedback `harness` does it get the problem's tests."""

    studio: Studio
    tools: Toolchain
    plan: Plan
    store: Store
    place: Callable[[str, int], Path]

    @property
    def parallel(self) -> int:
        """As many as the generator answers at once."""
        return self.studio.crew.generator.parallel

    async def design(self, problem: Problem, sample: int) -> Designed:
        """Run the loop and keep what it wrote; raises `BackendError` for a host that is away."""
        if problem.oracle is None:
            return Designed(None)
        run_id = new_run_id(datetime.now(UTC), SystemRandom())
        shown = None
        if self.plan.feedback == "harness":
            shown = harness_of(problem, self.tools, explained=self.plan.evidence == "on")
        result = await self.studio.generate(problem.task, sample, run_id, shown)
        generation = _generation(result)
        if result.status == "error":
            if UNREACHABLE in (result.message or ""):  # for the other problems too
                raise BackendError(
                    f"{result.message}; what was judged so far is kept, and --resume goes on from "
                    f"there: --out {self.store.folder}"
                )
            return Designed(None, generation, result.message or "error")
        candidate = as_candidate(problem.task, result.rtl)
        self.store.keep(self.place(problem.task.id, sample), candidate)
        return Designed(candidate, generation)


async def evaluate(
    problems: Sequence[Problem],
    designer: Designer,
    store: Store,
    *,
    samples: int,
    jobs: int,
    show: Callable[[Record], None],
) -> None:
    """Design and judge all samples that the store doesn't hold yet, `jobs` of them at a time.

    They begin in the order of the data set, a sample of every problem before the next sample.
    """
    lanes, desks = asyncio.Semaphore(jobs), asyncio.Semaphore(designer.parallel)

    async def one(problem: Problem, sample: int) -> None:
        async with lanes:
            began = time.monotonic()
            if problem.oracle:  # the loop may have been shown what is scored in the end
                problem = structs.replace(problem, oracle=Once(problem.oracle))
            async with desks:
                designed = await designer.design(problem, sample)
            judged = await _judged(problem, designed)
            record = Record(
                id=problem.task.id,
                sample=sample,
                difficulty=problem.task.difficulty,
                verdict=judged.verdict,
                reason=judged.reason,
                seconds=time.monotonic() - began,
                compiles=judged.compiles,
                generation=designed.generation,
            )
            store.add(record)
            show(record)

    try:
        async with asyncio.TaskGroup() as group:
            for sample in range(samples):
                for problem in problems:
                    if (problem.task.id, sample) not in store.done:
                        group.create_task(one(problem, sample))
    except* Spec2rtlError as failures:
        raise failures.exceptions[0] from None


async def _judged(problem: Problem, designed: Designed) -> Score:
    if designed.trouble:
        return Score("errored", designed.trouble)
    if designed.generation and designed.candidate and not any(designed.candidate.values()):
        return Score("failed", "no usable code in any reply", compiles=False)
    return await score(problem, designed.candidate)


def _generation(result: Result) -> Generation:
    good = (i.index + 1 for i in result.iterations if i.ok)
    return Generation(
        run_id=result.run_id,
        status=result.status,
        iterations=len(result.iterations),
        first_good=next(good, None),
        usage=result.usage,
        seconds=result.seconds.total,
    )
