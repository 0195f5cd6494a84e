"""Does evidence help a small model? Repairs of planted bugs with more and less of it, as a table.

    python -m scripts.evidence [SEEDS] [SECONDS]

The designs are those of tests/data/planted and examples/fifo_repair, the generator the embedded
model, the seeds and the budget the same in each column: no evidence but the failing assertion; the
explanation from the recording in the prompt; besides, replies begun with what drives the wrong
signal; besides, small changes there, which ask no model.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

from msgspec import structs

from spec2rtl import events as e
from spec2rtl.backends.embedded import EmbeddedModel
from spec2rtl.eda.testbench import load_testbench
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.loop import policy
from spec2rtl.loop.engine import run
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import Crew, Recorder
from spec2rtl.outlet import KeepOutlet
from spec2rtl.rtl import SourceFile
from spec2rtl.session import SystemClock

ROOT = Path(__file__).parent.parent
SMALL = policy.choose(strong=False, candidates=None)
COLUMNS: dict[str, tuple[e.Policy, bool]] = {
    "assertion only": (structs.replace(SMALL, prefilled=0.0, variants=0), False),
    "explained": (structs.replace(SMALL, prefilled=0.0, variants=0), True),
    "explained, begun": (structs.replace(SMALL, variants=0), True),
    "explained, begun, small changes": (SMALL, True),
}


def jobs() -> Iterator[Job]:
    """A repair of each planted bug."""
    planted = sorted((ROOT / "tests" / "data" / "planted").iterdir())
    folders = [*(folder for folder in planted if folder.is_dir()), ROOT / "examples/fifo_repair"]
    for folder in folders:
        bench = load_testbench(next(folder.glob("test_*.py")))
        source = folder / f"{bench.module.removeprefix('test_')}.v"
        yield Job(
            task="repair",
            module=bench.top or source.stem,
            target=SourceFile(str(source), source.read_text()),
            testbench=bench,
        )


async def repair(
    job: Job, column: str, model: EmbeddedModel, seed: int, seconds: float
) -> e.Result:
    """Run one repair as far as the column's evidence and the budget carry."""
    chosen, explained = COLUMNS[column]
    async with aclosing(IcarusToolchain(find_tools())) as tools:
        recorder: Recorder | None = tools if explained else None
        crew = Crew(model, None, tools, KeepOutlet(()), SystemClock(), recorder=recorder)
        limits = e.Limits(seconds=seconds)
        stream = run(job, crew, run_id=column, policy=chosen, limits=limits, seed=seed)
        last = [event async for event in stream][-1]
    if not isinstance(last, e.RunFinished):
        raise SystemExit(f"{job.module}: the run has no end")
    return last.result


async def measure(seeds: int, seconds: float) -> dict[tuple[str, str], list[e.Result]]:
    """Every repair under every column, seed by seed."""
    results: dict[tuple[str, str], list[e.Result]] = {}
    async with aclosing(EmbeddedModel()) as model:
        for seed in range(seeds):
            for job in jobs():
                for column in COLUMNS:
                    result = await repair(job, column, model, seed * 1000, seconds)
                    results.setdefault((job.module, column), []).append(result)
                    said = f"{job.module}, {column}, seed {seed * 1000}: {result.status}"
                    sys.stderr.write(f"{said}, {result.seconds.total:.0f} s\n")
    return results


def table(results: dict[tuple[str, str], list[e.Result]]) -> Iterator[str]:
    """How many of the seeds verified, by design and column, and the sums."""
    yield f"| design | {' | '.join(COLUMNS)} |"
    yield "|---" * (1 + len(COLUMNS)) + "|"
    verified = {
        key: sum(result.status == "verified" for result in found) for key, found in results.items()
    }
    for design in dict.fromkeys(design for design, _ in results):
        cells = [f"{verified[design, c]} of {len(results[design, c])}" for c in COLUMNS]
        yield f"| `{design}` | {' | '.join(cells)} |"
    sums = [str(sum(n for (_, c), n in verified.items() if c == column)) for column in COLUMNS]
    yield f"| all | {' | '.join(sums)} |"


def main() -> None:
    """Measure and print."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 120.0
    results = asyncio.run(measure(seeds, seconds))
    sys.stdout.write("\n".join(table(results)) + "\n")


if __name__ == "__main__":
    main()
