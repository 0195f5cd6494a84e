"""A small generator's small changes: tried against a harness that is shown, never a hidden one."""

from collections import Counter

import pytest

from spec2rtl.events import SMALL_CHANGE, Candidate, Event
from spec2rtl.journal.store import Journal
from tests.evals.shell import Shell
from tests.evals.small import VE_WRONG, WRONG, cvdp, cvdp_file, fenced, verilog_eval_folder
from tests.evals.small_model import small_model

EXTRAS = {"Measured", "TestExplained"}
"""Budgets and recordings: an evaluation pays for neither."""


def generated(shell: Shell, benchmark: str, *argv: object) -> tuple[str, list[Event]]:
    """The verdict on a model that always subtracts, and what happened in its run."""
    if benchmark == "cvdp":
        dataset, reply = cvdp_file(shell.folder / "d.jsonl", cvdp()), fenced(WRONG)
    else:
        dataset, reply = verilog_eval_folder(shell.folder / "d", "Prob1"), fenced(VE_WRONG)
    with small_model(reply) as generator:
        report = shell.report(
            benchmark, "--dataset", dataset, "--generator", generator, "--reflector", "rules",
            "--out", shell.folder / "out", *argv,
        )  # fmt: skip
    with Journal.open(shell.folder / "out" / "journal.db") as journal:
        (run,) = journal.runs(10)
        return report["problems"][0]["verdict"], list(journal.events(run.run_id))


@pytest.mark.parametrize("benchmark", ["cvdp", "verilog-eval"])
def test_a_harness_that_is_shown_selects_a_small_change(shell: Shell, benchmark: str) -> None:
    verdict, events = generated(shell, benchmark, "--feedback", "harness")
    assert verdict == "passed"
    assert not EXTRAS & {type(event).__name__ for event in events}
    last = [event for event in events if isinstance(event, Candidate)][-1]
    assert last.how.startswith(SMALL_CHANGE)
    assert "a + b" in last.rtl


@pytest.mark.parametrize("benchmark", ["cvdp", "verilog-eval"])
@pytest.mark.parametrize("argv", [("--feedback", "none"), ("--loop", "single")])
def test_a_hidden_harness_selects_nothing(
    shell: Shell, benchmark: str, argv: tuple[str, ...]
) -> None:
    verdict, events = generated(shell, benchmark, *argv)
    assert verdict == "failed"
    kinds = Counter(type(event).__name__ for event in events)
    assert kinds["Compiled"] == 1
    assert not (EXTRAS | {"SimulationStarted", "TestFinished", "Simulated"}) & kinds.keys()
    tried = [event for event in events if isinstance(event, Candidate)]
    assert not any(event.how.startswith(SMALL_CHANGE) for event in tried)
