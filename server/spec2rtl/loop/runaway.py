"""Small models fall into saying the same again and again, until their token limit ends it."""

_TAIL = 800
"""Characters that must be one repetition, as much as some ten lines of RTL."""
_PERIOD = 200
"""The longest passage, in characters, whose repetition is recognised."""


def repeats_itself(text: str) -> bool:
    """Is the end of a reply nothing but one passage again and again?"""
    tail = text[-_TAIL:]
    return len(tail) == _TAIL and tail.find(tail[_PERIOD:]) < _PERIOD
