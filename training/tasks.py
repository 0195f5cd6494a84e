"""Stage 2: modules become prompts with answers, in the words of the loop itself.

    python -m training.tasks build/training/families.jsonl build/training/modules.jsonl \\
        --out build/training/tasks.jsonl

Three tasks: spec to RTL, editing (a member of a family becomes its neighbour, which fails
before the edit and passes after it), debugging (a typed fault that the compiler or the simulation
confirms, with their real words). The paper trained on spec to RTL only, with its own prompt.
Answers to the latter two are search/replace blocks, read back by the loop's own reader before
they count. Tool runs are cached, so the same command goes on after a kill.
"""

import asyncio
import difflib
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from spec2rtl.chat import Message, Prompt
from spec2rtl.loop import prompts
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import Toolchain
from spec2rtl.repair.edits import Splice, as_edits
from spec2rtl.repair.replies import Code, read_reply
from spec2rtl.testgen.cores import on_all_cores
from training.designs.families import FAMILIES
from training.entry import arguments_of, say, script
from training.examine import examined, job_of, toolchain
from training.families import member
from training.mutate import Mutant, mutants
from training.records import Sample, Source, Task, read, write

EDITS_PER_MEMBER = 2
FAULTS_PER_MODULE = 3
_REQUESTS = (
    "Change {label} from {old} to {new}.",
    "{label} shall be {new} instead of {old}; nothing else changes.",
    "Make this module work with {new} as {label} (now it is {old}).",
)


def main() -> None:
    """Read, make the three tasks, write."""
    parser = arguments_of(__doc__)
    parser.add_argument("sources", type=Path, nargs="+", help="JSON lines of modules")
    parser.add_argument("--out", type=Path, required=True, help="the JSON lines to write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("build/training/cache"))
    args = parser.parse_args()
    sources = [source for path in args.sources for source in read(path, Source)]
    samples = asyncio.run(samples_of(sources, args.seed, args.cache))
    write(args.out, samples)
    counts = {task: sum(s.task == task for s in samples) for task in ("spec", "edit", "debug")}
    say(f"{args.out}: " + ", ".join(f"{n} {task}" for task, n in counts.items()))


async def samples_of(sources: Sequence[Source], seed: int, cache: Path | None) -> list[Sample]:
    """Make every sample of some modules; the same seed makes the same."""
    tools = toolchain(cache)

    async def work(source: Source) -> list[Sample]:
        rng = random.Random(f"{seed}/{source.id}")
        edits = await _edits(source, tools, rng)
        return [*_specs(source), *edits, *await _faults(source, tools, rng)]

    found: list[Sample] = []
    done, told = 0, 0
    async for samples in on_all_cores(sources, work):
        found += samples
        done += 1
        if done * 20 // len(sources) > told:  # a line at each twentieth
            told = done * 20 // len(sources)
            say(f"{done} of {len(sources)} designs: {len(found)} tasks")
    await tools.aclose()
    return found


# --- spec to RTL


def _specs(source: Source) -> Iterator[Sample]:
    for number, spec in enumerate(source.specs):
        prompt = prompts.first(job_of(source.module, spec=spec), prefill=False)
        yield _sample("spec", f"{source.id}#spec{number}", source, prompt, _fenced(source.rtl))


# --- editing


async def _edits(source: Source, tools: Toolchain, rng: random.Random) -> list[Sample]:
    """From a member to neighbours whose tests the member fails."""
    family = next((f for f in FAMILIES if f.name == source.family), None)
    neighbours = list(family.neighbours(source.choice)) if family else []
    found: list[Sample] = []
    for option, choice in rng.sample(neighbours, min(EDITS_PER_MEMBER, len(neighbours))):
        assert family is not None
        target = member(family, choice, source.module)
        tested = job_of(source.module, tests=target.tests)
        before, after = [await examined(tools, tested, t) for t in (source.rtl, target.rtl)]
        if before.verdict.good or not after.verdict.good:
            continue
        words = {"label": family.labels[option], "old": source.choice[option]}
        request = rng.choice(_REQUESTS).format(**words, new=choice[option])
        request = request[0].upper() + request[1:]
        job = job_of(source.module, task="edit", base=source.rtl, instruction=request)
        answer = answer_of(source.rtl, target.rtl)
        if _leads_to(target.rtl, answer, job, source.rtl):
            prompt = prompts.first(job, prefill=False)
            name = f"{source.id}#edit-{option}-{choice[option]}"
            found.append(_sample("edit", name, target, prompt, answer, base=source.rtl))
    return found


# --- debugging


async def _faults(source: Source, tools: Toolchain, rng: random.Random) -> list[Sample]:
    """Mutants that the tools refuse, with what the tools say; half of them as `repair`s."""
    found: list[Sample] = []
    drawn = mutants(source.rtl, rng)
    rng.shuffle(drawn)
    for mutant in drawn:
        if len(found) == FAULTS_PER_MODULE:
            break
        if mutant.shows == "simulate" and not source.tests:
            continue
        task = "repair" if rng.random() < 0.5 else "generate"
        spec = rng.choice(source.specs) if source.specs else ""
        base = mutant.rtl if task == "repair" else ""
        job = job_of(source.module, spec=spec, tests=source.tests, task=task, base=base)
        attempt = await examined(tools, job, mutant.rtl)
        answer = answer_of(mutant.rtl, source.rtl)
        if _shows(mutant, attempt) and _leads_to(source.rtl, answer, job, mutant.rtl):
            prompt = prompts.repair(job, attempt, None, ())
            name = f"{source.id}#{mutant.kind}"
            found.append(_sample("debug", name, source, prompt, answer, base=mutant.rtl))
    return found


def _shows(mutant: Mutant, attempt: Attempt) -> bool:
    """Does the fault show at the stage that its type says?"""
    if attempt.compiled is None or attempt.verdict.good:
        return False
    if mutant.shows == "compile":
        return attempt.compiled.reason == "compile_error"
    return attempt.simulated is not None and attempt.simulated.reason == "test_failed"


# --- answers


def answer_of(base: str, rtl: str) -> str:
    """Search/replace blocks from one text to the other; the whole text where that is shorter."""
    edits = as_edits(base, _splices(base, rtl))
    blocks = "\n".join(
        f"<<<<<<< SEARCH\n{e.search}\n=======\n{e.replace}\n>>>>>>> REPLACE" for e in edits
    )
    return blocks if len(blocks) < len(rtl) else _fenced(rtl)


def _splices(base: str, rtl: str) -> Iterator[Splice]:
    """The differences, as changes of whole lines but for the last newline of each."""
    old, new = base.split("\n"), rtl.split("\n")
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line) + 1)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "replace":
            yield Splice(starts[a], starts[b] - 1, "\n".join(new[c:d]))
        elif tag == "delete":
            yield Splice(starts[a], starts[b], "")
        elif tag == "insert":
            yield Splice(starts[a], starts[a], "".join(f"{line}\n" for line in new[c:d]))


def _leads_to(rtl: str, answer: str, job: Job, base: str) -> bool:
    """Would the loop get the wanted text from this answer?"""
    read = read_reply(
        answer,
        task=job.task,
        module=job.module,
        base=base,
        interface=job.interface,
        language=job.language,
        truncated=False,
    )
    return isinstance(read, Code) and read.rtl == rtl


def _fenced(rtl: str) -> str:
    return f"```verilog\n{rtl.rstrip()}\n```"


def _sample(
    task: Task, name: str, target: Source, prompt: Prompt, answer: str, *, base: str = ""
) -> Sample:
    """`target` is what the answer leads to, and what its tests test."""
    return Sample(
        id=name,
        task=task,
        prompt=prompt.messages,
        completion=(Message("assistant", answer),),
        module=target.module,
        origin=target.origin,
        licence=target.licence,
        base=base,
        rtl=target.rtl,
        tests=target.tests,
    )


if __name__ == "__main__":
    script(main)
