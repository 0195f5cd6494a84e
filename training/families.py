"""Stage 1a: designs of our own, each with specifications and tests that were run on it.

    python -m training.families --out build/training/families.jsonl --per-family 40

The paper has no such stage: it took RTL from public data sets. Members are correct by
construction, which is not believed: only what passes its own tests in the simulator is written.
Simulations are cached, so the same command goes on after a kill.
"""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from spec2rtl.testgen.cores import on_all_cores
from training.designs.families import FAMILIES
from training.designs.render import rtl_of, specs_of, tests_of
from training.designs.shape import Choice, Family
from training.entry import arguments_of, count, say, script
from training.examine import examined, job_of, toolchain
from training.records import Source, write

LICENCE = "Apache-2.0"


class Made(Struct, frozen=True):
    """A member and whether the simulator agrees."""

    source: Source
    good: bool


def main() -> None:
    """Make, simulate, write."""
    parser = arguments_of(__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the JSON lines to write")
    parser.add_argument("--per-family", type=count, default=40, help="members of each at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("build/training/cache"))
    args = parser.parse_args()
    drawn = draw(args.per_family, args.seed)
    made = asyncio.run(_simulate(drawn, args.cache))
    good = [m.source for m in made if m.good]
    for bad in (m.source for m in made if not m.good):
        say(f"{bad.id}: fails its own tests and is left out")
    write(args.out, good)
    say(f"{args.out}: {len(good)} members of {len(FAMILIES)} families, all simulated")


def draw(per_family: int, seed: int, families: Sequence[Family] = FAMILIES) -> list[Source]:
    """Choose members of every family; the same seed draws the same."""
    found: list[Source] = []
    for family in families:
        rng = random.Random(f"{seed}/{family.name}")
        choices = family.choices(rng, per_family)
        found += [member(family, choice, rng.choice(family.names)) for choice in choices]
    return found


def member(family: Family, choice: Choice, module: str) -> Source:
    """Write out one member."""
    made = family.build(module, **choice)
    return Source(
        id="/".join([family.name, module, *(str(v).replace(" ", "-") for v in choice.values())]),
        module=module,
        rtl=rtl_of(made),
        origin=f"spec2rtl family {family.name}",
        licence=LICENCE,
        specs=specs_of(made),
        tests=tests_of(made),
        family=family.name,
        choice=choice,
    )


async def _simulate(sources: Sequence[Source], cache: Path) -> list[Made]:
    tools = toolchain(cache)

    async def simulate(source: Source) -> Made:
        job = job_of(source.module, tests=source.tests)
        attempt = await examined(tools, job, source.rtl)
        return Made(source, attempt.verdict.outcome == "verified")

    made: list[Made] = []
    async for result in on_all_cores(sources, simulate):
        made.append(result)
        if len(made) % 50 == 0:
            say(f"{len(made)} of {len(sources)} simulated")
    await tools.aclose()
    return made


if __name__ == "__main__":
    script(main)
