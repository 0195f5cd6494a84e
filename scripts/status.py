"""Run every example with the embedded model over several seeds, and print the README's table.

    python -m scripts.status [SEEDS] [SECONDS]

One row an example: how many seeds verified within the loop's budgets, and how many of them by the
first reply as it was, with no repair and no other sample. Each run is also stopped after SECONDS.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from spec2rtl import events as e

EXAMPLES = Path(__file__).parent.parent / "examples"
WIDEN = "Widen the counter to 8 bits."

TASKS: dict[str, list[str]] = {
    name: ["generate", f"{name}/{name}.spec.md"]
    for name in ("counter", "edge_detector", "arbiter", "pwm", "fifo", "uart_tx")
} | {
    "fifo_repair": ["repair", "fifo_repair/fifo.v", "--tests", "fifo_repair/test_fifo.py"],
    "counter_edit": [
        *("edit", "counter_edit/counter.v", "--instruction", WIDEN),
        *("--tests", "counter_edit/test_counter.py"),
    ],
}


class Run(Struct, frozen=True):
    """How one seed ended."""

    task: str
    seed: int
    status: e.Status
    one_shot: bool
    seconds: float


def main() -> None:
    """Run and print."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 600.0
    runs: list[Run] = []
    for seed in range(seeds):
        for task in TASKS:
            runs.append(run(task, seed, seconds))
            sys.stderr.write(
                f"{json.dumps({f: getattr(runs[-1], f) for f in Run.__struct_fields__})}\n"
            )
    sys.stdout.write("\n".join(table(runs)) + "\n")


def run(task: str, seed: int, seconds: float) -> Run:
    """Run one task with one seed."""
    flags = ["--generator", "embedded", "--reflector", "rules", "--events"]
    limits = ["--seed", str(seed * 1000), "--max-seconds", str(seconds)]
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(EXAMPLES, Path(folder) / "examples")
        done = subprocess.run(
            [sys.executable, "-m", "spec2rtl.cli", *TASKS[task], *flags, *limits],
            cwd=copy,
            capture_output=True,
            check=False,
        )
    events = [e.decode(line) for line in done.stdout.splitlines()]
    last = events[-1]
    if not isinstance(last, e.RunFinished):
        raise SystemExit(done.stderr.decode())
    return Run(task, seed, last.result.status, one_shot(events), last.result.seconds.total)


def one_shot(events: list[e.Event]) -> bool:
    """Did the first reply pass as it was?"""
    written = [x.id for x in events if isinstance(x, e.Candidate) and x.how != e.OWN_FILE]
    passed = {x.candidate for x in events if isinstance(x, e.Simulated) and x.status == "passed"}
    return bool(written) and written[0] in passed


def table(runs: list[Run]) -> Iterator[str]:
    """The rows of the README's table."""
    yield "| example | verified within the budgets | in one shot | median seconds |"
    yield "|---|---|---|---|"
    for task in TASKS:
        mine = [r for r in runs if r.task == task]
        verified = sum(r.status == "verified" for r in mine)
        once = sum(r.one_shot for r in mine)
        median = sorted(r.seconds for r in mine)[len(mine) // 2]
        yield f"| `{task}` | {verified} of {len(mine)} | {once} of {len(mine)} | {median:.0f} |"


if __name__ == "__main__":
    main()
