"""How a run spends its iterations, by the kind of generator.

A strong generator is told what was wrong and repairs it. A small one rarely follows a critique:
on 64 failures the embedded 1.5B turned a critique into a right module once and repeated itself 43
times, while the best of 8 samples nearly trebled its single-sample rate. So it samples, certain
mechanical repairs are tried on every sample, small changes on the best of them, and evidence
selects.
"""

from spec2rtl.events import Policy

SAMPLES = 4
"""Candidates an iteration with a small generator."""
VARIANTS = 40
"""Small changes tried an iteration; each costs a simulation, some hundredths of a sample."""


def choose(*, strong: bool, candidates: int | None) -> Policy:
    """Choose a policy; `candidates` overrides how many are drawn an iteration."""
    if strong:
        return Policy(
            name="reflection",
            candidates=candidates or 1,
            prefilled=0.0,
            temperatures=(None, 0.8),
            critique=True,
            mechanical=False,
        )
    return Policy(
        name="sampling",
        candidates=candidates or SAMPLES,
        prefilled=0.5,
        temperatures=(0.2, 0.8),
        critique=False,
        mechanical=True,
        variants=VARIANTS,
    )
