"""Text that came as JSON, where half a character may stand alone: no encoder takes that.

A character beyond 16 bits is escaped as two surrogates, which a server may cut between two deltas.
"""


def whole(text: str) -> str:
    """Join surrogates that belong together; one alone becomes U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Joined:
    """A text that grows by pieces: half a character is held back until the other half comes."""

    def __init__(self) -> None:
        self._half = ""

    def add(self, piece: str) -> str:
        """Return what is whole now."""
        text = self._half + piece
        self._half = text[-1] if text and "\ud800" <= text[-1] <= "\udbff" else ""
        return whole(text.removesuffix(self._half))

    def end(self) -> str:
        """Return what is left."""
        half, self._half = self._half, ""
        return whole(half)
