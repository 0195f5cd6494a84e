"""Rewards on all cores, against the usual way: one candidate after the other by `subprocess.run`."""

import itertools
import os

from bench.eda import RTL, TESTS, bare, workspace
from bench.measure import Row, compare
from spec2rtl.eda.toolchain import find_tools
from training.rewards import Claim, Rewards

BATCH = 16
ROUNDS = 4
SHARE = 0.9
"""Of the cores, what they are wanted to make a batch faster by."""


def rows() -> list[Row]:
    """Measure the batch; both sides compile each candidate and run its tests."""
    rewards, numbers = Rewards(), itertools.count()
    with workspace() as folder:
        one = bare(find_tools(), folder)

        def ours() -> None:
            claims = [
                Claim(f"```verilog\n{RTL}// {next(numbers)}\n```", "counter", TESTS)
                for _ in range(BATCH)
            ]
            assert rewards.score("function", claims) == [1.0] * BATCH

        def theirs() -> None:
            for _ in range(BATCH):
                one()

        cores = os.cpu_count() or 1
        name = f"{BATCH} rewards on {cores} cores"
        row = compare(name, 1 / (SHARE * cores), ours, theirs, ROUNDS)
    rewards.close()
    return [row]
