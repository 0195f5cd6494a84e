"""Print what each step of the loop gave, over the runs in the journal of a small generator.

    SPEC2RTL_DATA_DIR=… python -m scripts.steps

A row is one way in which a candidate came to be: how many there were, how many of them compile,
how many pass every test. A candidate made from another counts as what it was made into last.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from spec2rtl import events as e
from spec2rtl.wiring import open_journal

WAYS = {
    "written": "reply as it stood",
    "written; header replaced": "reply with its header replaced",
    "from the known header": "reply begun with the known header",
    "repaired": "repair as it stood",
    "repaired where it is driven": "repair begun with what drives the wrong signal",
    "by rule": "certain repair by a rule",
    "by a small change": "small change near a wrong signal",
}


def main() -> None:
    """Fold the journal and print."""
    made: Counter[tuple[str, str]] = Counter()
    with open_journal() as journal:
        for run in journal.runs():
            made.update(outcomes(journal.events(run.run_id)))
    sys.stdout.write("\n".join(table(made)) + "\n")


def outcomes(events: Iterable[e.Event]) -> Iterator[tuple[str, str]]:
    """For each candidate of a run how it came to be, and each stage that it reached."""
    ways: dict[str, str] = {}
    for event in events:
        if isinstance(event, e.Candidate) and event.id not in ways:
            way = event.how.partition(":")[0]
            ways[event.id] = way if way in WAYS else "other"
            yield ways[event.id], "made"
        elif isinstance(event, e.Compiled) and event.ok:
            yield ways[event.candidate], "compile"
        elif isinstance(event, e.Simulated) and event.status == "passed":
            yield ways[event.candidate], "pass"


def table(made: Counter[tuple[str, str]]) -> Iterator[str]:
    """The rows, in the order in which the loop takes the steps."""
    yield "| candidate | made | compile | pass every test |"
    yield "|---|---|---|---|"
    for way, words in WAYS.items():
        counts = [made[way, stage] for stage in ("made", "compile", "pass")]
        yield f"| {words} | {counts[0]} | {counts[1]} | {counts[2]} |"


if __name__ == "__main__":
    main()
