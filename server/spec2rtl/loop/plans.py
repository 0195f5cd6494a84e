"""What the loop may try next: the prompts of an iteration, as many as its policy draws."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
        prompt = prompts.fresh(self.job, attempt.evidence, reflection)
        plan = Plan("a fresh start", prompt=prompt, base=self.job.target.text)
        return [plan] * self.policy.candidates

    def repairs(
        self, source: Attempt, reflection: Reflection | None, past: Sequence[Past]
    ) -> list[Plan]:
        """Repairs of an attempt; the prefilled ones begin with what drives a wrong signal."""
        base = source.rtl if source.rtl is not None else self.job.target.text
        prompt = prompts.repair(self.job, source.evidence, reflection, past)
        plan = Plan("repaired", prompt=prompt, base=base, parent=source.name)
        tests = source.simulated.tests if source.simulated else ()
        suspects = drivers(self.job, base, tests) if self.policy.prefilled else []
        plans = [plan] * self.policy.candidates
        for index in range(self.policy.candidates):
            if suspects and self._prefills(index):
                focus = suspects[index // 2 % len(suspects)]
                begun = replace(plan, prompt=prompts.begun(prompt, focus))
                plans[index] = replace(begun, how="repaired where it is driven")
        return plans

    def _prefills(self, index: int) -> bool:
        """Spread the prefilled share evenly over the samples, the first one left out."""
        share = self.policy.prefilled if self.continues else 0.0
        return int((index + 1) * share) > int(index * share)
