"""Which sentence of a spec a failure touches."""

import re
from collections.abc import Collection, Iterable

from spec2rtl.evidence.failure import Failure
from spec2rtl.spec.model import Requirement, Spec

_WORD = re.compile(r"[A-Za-z_]\w*")
_COMMON = frozenset(
    """a after all an and are as at be before by does each every expected for from has if in into
    is it its more must no not of off on only or than that the then there this to up was when
    while with without test tests assert cycle edge value""".split()  # noqa: SIM905
)
_SIGNAL, _NEAR, _WORDS = 4.0, 1.0, 2.0
_LEAST = 4.0


def touched(failure: Failure, near: Collection[str], spec: Spec | None) -> Requirement | None:
    """The demand that names the failing signals and what the test is about; None where none does."""
    if spec is None:
        return None
    about = set(_stems((failure.test, failure.statement)))
    scored = [(_score(r, failure.signals, near, about), r) for r in spec.requirements]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] >= _LEAST else None


def _score(
    requirement: Requirement, signals: Collection[str], near: Collection[str], about: set[str]
) -> float:
    names = set(_WORD.findall(requirement.text))
    words = set(_stems((requirement.text,)))
    return (
        _SIGNAL * len(names & set(signals))
        + _NEAR * len(names & set(near))
        + _WORDS * len(words & about)
    )


def _stems(texts: Iterable[str]) -> list[str]:
    """The telling words, without their endings."""
    words = (part.lower() for t in texts for w in _WORD.findall(t) for part in w.split("_"))
    stems = (re.sub(r"(?:ing|ed|es|s)$", "", word) for word in words if word not in _COMMON)
    return [stem for stem in stems if len(stem) > 2]
