"""Small models fall into saying the same again and again, until their token limit ends it."""

_LOOPS = ((200, 800), (400, 1200))
"""Longest passages whose repetition is recognised, and how much must be nothing else.

In characters; 800 are some ten lines of RTL.
"""


def repeats_itself(text: str) -> bool:
    """Is the end of a reply nothing but one passage again and again?"""
    return any(_loops(text[-tail:], period) for period, tail in _LOOPS if len(text) >= tail)


def _loops(tail: str, period: int) -> bool:
    return tail.find(tail[period:]) < period
