"""Budgets of a spec's front matter: what a design must keep to besides passing its tests."""

import re
from typing import Literal

from msgspec import Struct, convert

Property = Literal["no-latches", "synthesizable"]
Figure = Literal["cells", "flip_flops", "latency"]

ALLOWED = (
    "no-latches, synthesizable, cells <= N, flip_flops <= N or latency(START, DONE) <= N; "
    "N is a number or `P% of previous`"
)
_BUDGET = re.compile(
    r"""(?:(?P<property>no-latches|synthesizable)
      |(?:(?P<figure>cells|flip_flops)
         |latency\s*\(\s*(?P<start>[A-Za-z_][\w$.]*)\s*,\s*(?P<done>[A-Za-z_][\w$.]*)\s*\))
       \s*(?P<relation><=|<|==)\s*
       (?P<bound>\d{1,9})\s*(?P<share>%\s*of\s+previous)?)""",
    re.VERBOSE,
)


class Require(Struct, frozen=True):
    """One budget, `text` as it was written.

    `bound` is a number, or with `share` the percentage of what the previous version has. `start`
    and `done` are the signals of a latency: the cycles from the one to the other.
    """

    text: str
    what: Property | Figure
    relation: Literal["<=", "<", "=="] = "<="
    bound: int = 0
    share: bool = False
    start: str = ""
    done: str = ""

    @property
    def measured(self) -> bool:
        """Is it measured in the tests' simulation, not by synthesis?"""
        return self.what == "latency"

    def limit(self, previous: int | None) -> float | None:
        """The figure that it allows; None where it depends on a previous one that isn't known."""
        if not self.share:
            return self.bound
        return None if previous is None else previous * self.bound / 100

    def met(self, value: int, limit: float) -> bool:
        """Does a figure keep to the limit?"""
        if self.relation == "==":
            return value == limit
        return value < limit if self.relation == "<" else value <= limit


def read_require(text: str) -> Require | None:
    """Read a budget; None for anything else than `ALLOWED`."""
    match = _BUDGET.fullmatch(text.strip())
    if match is None:
        return None
    what = match["property"] or match["figure"] or "latency"
    given = {name: value for name, value in match.groupdict().items() if value is not None}
    share = "share" in given
    return convert({**given, "text": text, "what": what, "share": share}, Require, strict=False)
