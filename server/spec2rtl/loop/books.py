"""What a run has used so far, and whether that is more than it may."""

from collections import defaultdict
from typing import Literal

from spec2rtl.chat import Role, Usage
from spec2rtl.events import (
    Compiled,
    Event,
    Limits,
    ModelReplied,
    RoleUsage,
    Seconds,
    Simulated,
    Warned,
)


class Books:
    """Tokens, cost, seconds and warnings of one run, entered event by event."""

    def __init__(self) -> None:
        self._usage: defaultdict[Role, Usage] = defaultdict(Usage)
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self.warnings: list[str] = []
        self._unpriced: set[Role] = set()

    def enter(self, event: Event) -> None:
        """Book an event; most cost nothing."""
        match event:
            case ModelReplied():
                self._usage[event.role] += event.usage
                self._seconds[event.role] += event.seconds
            case Compiled():
                self._seconds["compile"] += event.seconds
            case Simulated():
                self._seconds["simulate"] += event.seconds
            case Warned():
                self.warnings.append(event.message)
            case _:
                pass

    def warned(self, message: str) -> Warned:
        """Book a warning; returns its event."""
        self.warnings.append(message)
        return Warned(message=message)

    @property
    def usage(self) -> RoleUsage:
        """What each role used."""
        return RoleUsage(self.used("generator"), self.used("reflector"))

    def used(self, role: Role) -> Usage:
        """What one role used."""
        return self._usage[role]

    def seconds(self, total: float) -> Seconds:
        """Where the time went, of a total."""
        return Seconds(**self._seconds, total=total)

    def over(self, limits: Limits) -> Literal["tokens", "cost"] | None:
        """Name the budget that is spent, if one is."""
        total = sum(self._usage.values(), Usage())
        tokens = total.prompt_tokens + total.completion_tokens
        if limits.tokens is not None and tokens > limits.tokens:
            return "tokens"
        limit, cost = limits.cost_usd, total.cost_usd
        if limit is not None and cost is not None and cost > limit:
            return "cost"
        return None

    def unpriced(self, event: Event, limits: Limits) -> str | None:
        """Say, once a role, that a cost budget can't be kept."""
        if limits.cost_usd is None or not isinstance(event, ModelReplied):
            return None
        if event.usage.cost_usd is not None or event.role in self._unpriced:
            return None
        self._unpriced.add(event.role)
        return f"no price is known for the {event.role}: the cost budget can't be kept"
