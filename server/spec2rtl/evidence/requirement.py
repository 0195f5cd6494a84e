"""Which sentence of a spec a failure touches."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from spec2rtl.evidence.failure import Failure
from spec2rtl.spec.model import Requirement, Spec

_WORD = re.compile(r"[A-Za-z_]\w*")
_COMMON = frozenset(
    """a after all an and are as at be before by does each every expected for from has if in into
    is it its more must no not of off on only or than that the then there this to up was when
    while with without test tests assert cycle edge value""".split()  # noqa: SIM905
)
_SHORT = {"clk": "clock", "rst": "reset"}
_LEVEL = re.compile(r"(\w+)`? (?:is|=|==|at) `?([01])\b")
_SIGNAL, _WORDS, _LEVEL_HOLDS, _LEVEL_FAILS = 4.0, 3.0, 1.0, -4.0
_LEAST = 4.0


def touched(
    failure: Failure, values: Callable[[str], str | None], spec: Spec | None
) -> Requirement | None:
    """The demand that names the failing signals and what the test is about; None where none does.

    One that speaks of other levels than `values` give at the time is about another case.
    """
    if spec is None or not spec.requirements:
        return None
    about = set(_stems((failure.test, failure.statement)))
    words = [set(_stems((requirement.text,))) for requirement in spec.requirements]
    rarity = Counter(word for own in words for word in own & about)
    scored: list[tuple[float, Requirement]] = []
    for requirement, own in zip(spec.requirements, words, strict=True):
        names = set(_WORD.findall(requirement.text))
        score = _SIGNAL * len(names & set(failure.signals))
        score += sum(_WORDS / rarity[word] for word in own & about)
        for name, level in _LEVEL.findall(requirement.text):
            value = values(name) if name not in failure.signals else None
            if value in ("0", "1"):
                score += _LEVEL_HOLDS if value == level else _LEVEL_FAILS
        scored.append((score, requirement))
    best = max(scored, key=lambda pair: pair[0])
    return best[1] if best[0] >= _LEAST else None


def _stems(texts: Iterable[str]) -> list[str]:
    """The telling words, without their endings."""
    words = (part.lower() for t in texts for w in _WORD.findall(t) for part in w.split("_"))
    meant = (_SHORT.get(word) or word for word in words if word not in _COMMON)
    stems = (re.sub(r"(?:ing|ed|es|s)$", "", word) for word in meant)
    return [stem for stem in stems if len(stem) > 2]
