"""The public development problems: every verdict agrees with the published one, or is no verdict."""

import asyncio
import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from spec2rtl.eda.cache import Cache
from spec2rtl.evals import cvdp, verilog_eval
from spec2rtl.evals.bench import Workbench
from spec2rtl.evals.candidates import read_candidate
from spec2rtl.evals.oracle import Problem, Score, score
from spec2rtl.evals.problem import Candidate
from spec2rtl.process.limits import Limits

AGREE = {"passed": "pass", "failed": "fail"}
SECONDS = 30.0
"""Two harnesses run on for minutes after their first failure: to be ended is their verdict."""


async def all_of(
    problems: Sequence[Problem], candidates: Sequence[Candidate | None]
) -> list[Score]:
    gate = asyncio.Semaphore(2)

    async def one(problem: Problem, candidate: Candidate | None) -> Score:
        async with gate:
            return await score(problem, candidate)

    return await asyncio.gather(*map(one, problems, candidates))


async def test_cvdp_agrees_with_the_published_verdicts(bench: Workbench, data: Path) -> None:
    folder = data / "cvdp_cid003_dev"
    with (folder / "published_verdicts.csv").open() as file:
        published = {row["id"]: row["published_verdict"] for row in csv.DictReader(file)}
    problems, bad = cvdp.read(
        folder / "problems.jsonl", replace(bench, harness=Limits(seconds=SECONDS))
    )
    written = [read_candidate(folder / "candidates" / p.task.id, p.task) for p in problems]
    scores = await all_of(problems, written)
    assert bad == []
    for problem, found in zip(problems, scores, strict=True):
        if found.verdict == "errored":
            assert "needs Icarus ≥" in found.reason
        else:
            assert AGREE[found.verdict] == published[problem.task.id], (problem.task.id, found)
    assert sum(s.verdict != "errored" for s in scores) >= 21


async def test_the_references_of_verilog_eval_pass(bench: Workbench, data: Path) -> None:
    folder = data / "verilog_eval_dev"
    problems, _ = verilog_eval.read(folder, bench, Cache())
    candidates = [
        {
            f"{p.task.id}.sv": re.sub(
                r"\bRefModule\b", "TopModule", (folder / f"{p.task.id}_ref.sv").read_text()
            )
        }
        for p in problems
    ]
    scores = await all_of(problems, candidates)
    others = {p.task.id: s for p, s in zip(problems, scores, strict=True) if s.verdict != "passed"}
    for found in others.values():
        assert "the reference doesn't compile with Icarus" in found.reason
    assert len(others) <= 1
