"""Which of some names a misspelt one means."""

from collections.abc import Iterable
from difflib import get_close_matches

from msgspec import Struct


class Near(Struct, frozen=True):
    """The name that is meant; `certain` when only letter case or underscores differ."""

    name: str
    certain: bool


def nearest(name: str, known: Iterable[str]) -> Near | None:
    """Find the one name that another is a slip of: none, if two are as near."""
    names = sorted(set(known) - {name})
    same = [k for k in names if _plain(k) == _plain(name)]
    if len(same) == 1:
        return Near(same[0], certain=True)
    slips = [k for k in names if len(name) >= 4 and _one_letter_off(name, k)]
    if len(slips) == 1:
        return Near(slips[0], certain=False)
    close = get_close_matches(name, names, n=1, cutoff=0.85)
    return Near(close[0], certain=False) if close and not slips and not same else None


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


def _one_letter_off(a: str, b: str) -> bool:
    """Is one letter (no digit: `d1` is not `d2`) added, dropped, changed or swapped?"""
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    if start is None:
        return not max(a, b, key=len)[-1].isdigit()
    rest_a, rest_b = a[start:], b[start:]
    if any(c.isdigit() for c in rest_a[:1] + rest_b[:1]):
        return False
    swapped = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
    dropped = rest_a[1:] == rest_b or rest_a == rest_b[1:]
    return swapped or dropped or rest_a[1:] == rest_b[1:]
