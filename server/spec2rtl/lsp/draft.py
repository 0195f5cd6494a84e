"""The RTL in a reply that is still coming: pure."""

import re

_FENCE = re.compile(r"^[ \t]*```[\w+-]*[ \t]*\n", re.MULTILINE)
_BARE = re.compile(r"\s*(?:`timescale|`default_nettype|`include|`define|module\b|\(\*|//|/\*)")


class Drafts:
    """Folds the pieces of each attempt's reply."""

    def __init__(self) -> None:
        self._replies: dict[int, str] = {}
        self._sent: dict[int, str] = {}

    def add(self, candidate: int, delta: str, *, restart: bool) -> tuple[str, bool] | None:
        """What a piece adds to an attempt's RTL, and whether what came before is void."""
        reply = "" if restart else self._replies.get(candidate, "")
        self._replies[candidate] = reply = reply + delta
        code, sent = code_in(reply), self._sent.get(candidate, "")
        void = restart or not code.startswith(sent)
        new = code if void else code[len(sent) :]
        self._sent[candidate] = code
        return (new, void and bool(sent)) if new or (void and sent) else None


def code_in(reply: str) -> str:
    """The code of the fences so far, or the whole of a reply that begins as Verilog does."""
    opened = _FENCE.search(reply)
    if opened is None:
        return reply if _BARE.match(reply) and "```" not in reply else ""
    parts: list[str] = []
    while opened:
        closed = re.compile(r"^[ \t]*```[ \t]*$", re.MULTILINE).search(reply, opened.end())
        body = reply[opened.end() : closed.start() if closed else _safe_end(reply)]
        parts.append(body)
        opened = _FENCE.search(reply, closed.end()) if closed else None
    return "\n".join(parts)


def _safe_end(reply: str) -> int:
    """Where the code surely ends: what may become a closing fence is held back."""
    start = reply.rfind("\n") + 1
    return start if reply[start:].lstrip(" \t").startswith("`") else len(reply)
