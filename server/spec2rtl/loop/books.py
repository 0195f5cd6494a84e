"""What a run has used so far, and whether that is more than it may."""

from typing import Literal

from msgspec import structs

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
        self.usage = RoleUsage()
        self.seconds = Seconds()
        self.warnings: list[str] = []
        self._unpriced: set[Role] = set()

    def enter(self, event: Event) -> None:
        """Book an event; most cost nothing."""
        match event:
            case ModelReplied():
                before: Usage = getattr(self.usage, event.role)
                used = {event.role: before + event.usage}
                self.usage = structs.replace(self.usage, **used)
                self._spend(event.role, event.seconds)
            case Compiled():
                self._spend("compile", event.seconds)
            case Simulated():
                self._spend("simulate", event.seconds)
            case Warned():
                self.warnings.append(event.message)
            case _:
                pass

    def over(self, limits: Limits) -> Literal["tokens", "cost"] | None:
        """Name the budget that is spent, if one is."""
        total = self.usage.generator + self.usage.reflector
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

    def _spend(self, what: str, seconds: float) -> None:
        spent = {what: getattr(self.seconds, what) + seconds}
        self.seconds = structs.replace(self.seconds, **spent)
