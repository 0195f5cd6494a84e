"""A reply's text while its tokens arrive."""

from collections.abc import Callable, Sequence

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""What a decoder writes for bytes that are no character, such as the first ones of one."""


class Transcript:
    """Whole characters only, and nothing from a stop string on.

    What `add` and `flush` return makes up `decode` of all tokens, cut at the first stop string.
    """

    def __init__(self, decode: Callable[[list[int]], str], stops: Sequence[str] = ()) -> None:
        self._decode = decode
        self._stops = tuple(stops)
        self._tokens: list[int] = []
        # Decoding begins one piece back, since a token may read differently at the very beginning.
        self._before, self._told = 0, 0
        self._held = ""
        self.stopped = False

    def add(self, token: int) -> str:
        """Take a token; return the text that is certain now."""
        if self.stopped:
            return ""
        self._tokens.append(token)
        text = self._fresh()
        if text.endswith(REPLACEMENT):  # the rest of a character may follow
            return ""
        self._before, self._told = self._told, len(self._tokens)
        return self._cut(self._held + text)

    def flush(self) -> str:
        """Return what was held back: no more tokens come."""
        if self.stopped:
            return ""
        shown = self._cut(self._held + self._fresh())
        held, self._held = self._held, ""
        return shown + held

    def _fresh(self) -> str:
        known = self._decode(self._tokens[self._before : self._told])
        return self._decode(self._tokens[self._before :])[len(known) :]

    def _cut(self, text: str) -> str:
        """Cut at a stop string, or hold back what may be the beginning of one."""
        found = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)]
        held = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of a text are the beginning of a stop string."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
