"""How a row is measured: two sides in turns, so that both meet the same machine.

The smaller of each side's times counts: whatever else runs only ever adds.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

ROUNDS = 15


class Row(NamedTuple):
    """Seconds of ours and of theirs; the target is the greatest ratio wanted."""

    name: str
    ours: float
    theirs: float
    target: float

    @property
    def ratio(self) -> float:
        """Ours as a multiple of theirs."""
        return self.ours / self.theirs


def compare(
    name: str,
    target: float,
    ours: Callable[[], None],
    theirs: Callable[[], None],
    rounds: int = ROUNDS,
) -> Row:
    """Time both sides in turns."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for side, run in enumerate((ours, theirs)):
            began = time.perf_counter()
            run()
            best[side] = min(best[side], time.perf_counter() - began)
    return Row(name, best[0], best[1], target)
