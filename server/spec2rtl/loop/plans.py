"""What the loop may try next: the prompts of an iteration, as many as its policy draws."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

from spec2rtl.events import Policy
from spec2rtl.loop import prompts
from spec2rtl.loop.attempt import Attempt, Plan
from spec2rtl.loop.job import Job
from spec2rtl.loop.prompts import Past
from spec2rtl.loop.suspects import drivers
from spec2rtl.repair.reflection import Reflection


@dataclass(frozen=True)
class Planner:
    """Makes the plans of a run; `continues`: the generator continues a given beginning."""

    job: Job
    policy: Policy
    continues: bool

    def opening(self) -> list[Plan]:
        """First candidates."""
        plans: list[Plan] = []
        for index in range(self.policy.candidates):
            prefill = self.job.interface is not None and self._prefills(index)
            prompt = prompts.first(self.job, prefill=prefill)
            how = "from the known header" if prefill else "written"
            plans.append(Plan(how, prompt=prompt, base=self.job.target.text))
        return plans

    def afresh(self, attempt: Attempt, reflection: Reflection | None) -> list[Plan]:
        """A start from nothing but the specification and the latest diagnosis."""
        prompt = prompts.fresh(self.job, attempt, reflection)
        plan = Plan("a fresh start", prompt=prompt, base=self.job.target.text)
        return [plan] * self.policy.candidates

    def repairs(
        self, source: Attempt, reflection: Reflection | None, past: Sequence[Past]
    ) -> list[Plan]:
        """Repairs of an attempt: of a generator that continues, all but one of what is suspect.

        A small model that may answer with the whole module copies it (seen: 9 of 10 replies).
        """
        base = source.rtl if source.rtl is not None else self.job.target.text
        prompt = prompts.repair(self.job, source, reflection, past)
        plan = Plan("repaired", prompt=prompt, base=base, parent=source.name)
        tests = source.simulated.tests if source.simulated else ()
        begins = self.continues and self.policy.prefilled
        suspects = drivers(self.job, base, tests) if begins else []
        others = self.policy.candidates - 1
        if not suspects:
            return [plan] * (1 + others)
        begun = [
            replace(plan, how="repaired where it is driven", prompt=prompts.begun(prompt, text))
            for text in suspects
        ]
        return [plan, *islice(cycle(begun), others)]

    def _prefills(self, index: int) -> bool:
        """Spread the prefilled share evenly over the samples, the first one left out."""
        share = self.policy.prefilled if self.continues else 0.0
        return int((index + 1) * share) > int(index * share)
