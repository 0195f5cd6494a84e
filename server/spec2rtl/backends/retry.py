"""When to ask a server again, and the loop that does.

`Policy` and `retry_after` are pure; `Retrier` does the waiting. An adapter raises `Retryable` for
what may pass by itself and `BackendError` for what won't.
"""

import asyncio
import math
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from msgspec import Struct
from msgspec.structs import replace

from spec2rtl.chat import Chunk, Reply, Restart, Usage
from spec2rtl.errors import BackendError

TRANSIENT_STATUS = frozenset({408, 409, 425, 429})
"""Refusals that may pass; so may every 5xx."""


class Policy(Struct, frozen=True):
    """How often to try, and how long to wait for that: `patience` seconds in all."""

    attempts: int = 6
    first: float = 0.5
    longest: float = 30.0
    patience: float = 120.0

    def delay(self, attempt: int, luck: float, asked: float | None = None) -> float:
        """Seconds to wait after failed attempt number `attempt` (from 1).

        Grows exponentially, never less than the server `asked` for; `luck` in [0, 1) spreads
        clients that failed together.
        """
        backoff = min(self.longest, self.first * 2 ** (attempt - 1)) * (0.5 + luck / 2)
        return max(backoff, asked or 0.0)


class Retryable(Exception):
    """A failure that may pass; `error` is what it is when it doesn't.

    `after` is the wait that the server asked for, `attempts` a bound tighter than the policy's,
    `spent` what the failed attempt used.
    """

    def __init__(
        self,
        error: BackendError,
        *,
        after: float | None = None,
        attempts: int | None = None,
        spent: Usage | None = None,
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after
        self.attempts = attempts
        self.spent = spent or Usage()


def is_transient(status: int) -> bool:
    """May a request answered by this HTTP status succeed later?"""
    return status in TRANSIENT_STATUS or status >= 500


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Read the seconds that a server asks to wait; `now` is seconds since the epoch."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if not value:
            continue
        try:
            seconds = float(value) * scale
        except ValueError:
            seconds = _until(value, now)
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None


@dataclass(frozen=True)
class Retrier:
    """Streams a reply, beginning afresh while the policy allows; a test holds time and chance."""

    policy: Policy = field(default_factory=Policy)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    luck: Callable[[], float] = random.random

    async def stream(
        self, attempt: Callable[[], AsyncGenerator[Chunk, None]]
    ) -> AsyncGenerator[Chunk, None]:
        """Yield the chunks of the attempt that succeeds, a `Restart` before each but the first."""
        waited = 0.0
        spent = Usage()
        number = 0
        while True:
            number += 1
            try:
                async with aclosing(attempt()) as chunks:
                    async for chunk in chunks:
                        yield _with_spent(chunk, spent)
                return
            except Retryable as failure:
                spent += failure.spent
                delay = self.policy.delay(number, self.luck(), failure.after)
                waited += delay
                last = number >= min(self.policy.attempts, failure.attempts or self.policy.attempts)
                if last or waited > self.policy.patience:
                    raise BackendError(_final(failure, number)) from None
                why = str(failure)
            yield Restart(why)
            await self.sleep(delay)


def _until(date: str, now: float) -> float:
    """Seconds until an HTTP date; infinite where it is none."""
    try:
        return parsedate_to_datetime(date).timestamp() - now
    except ValueError:
        return math.inf


def _with_spent(chunk: Chunk, spent: Usage) -> Chunk:
    """Charge the failed attempts to the reply that came at last."""
    return replace(chunk, usage=chunk.usage + spent) if isinstance(chunk, Reply) else chunk


def _final(failure: Retryable, number: int) -> str:
    notes: list[str] = []
    if number > 1:
        notes.append(f"gave up after {number} attempts")
    if failure.after:
        notes.append(f"the server asks to wait {failure.after:.0f} s")
    return f"{failure.error} ({'; '.join(notes)})" if notes else str(failure.error)
