"""What Claude's tokens cost, as Anthropic's price list had it in November 2026."""

import re

from msgspec import Struct

LONG_PROMPT = 100_000
"""Prompt tokens above which Haiku 5.5 has its higher price."""


class Price(Struct, frozen=True):
    """US dollars for a million tokens; `write` is the five-minute cache."""

    input: float
    write: float
    read: float
    output: float


class Tokens(Struct, frozen=True):
    """What a reply used, by price: `input` is neither read from the cache nor written to it."""

    input: int = 0
    write: int = 0
    read: int = 0
    output: int = 0

    @property
    def prompt(self) -> int:
        """The whole prompt."""
        return self.input + self.write + self.read


_PRICES = {
    "claude-fable-5-2": Price(8, 10, 0.20, 40),
    "claude-fable-5-1": Price(10, 12.5, 0.25, 50),
    "claude-fable-5": Price(10, 12.5, 1, 50),
    "claude-opus-5-5": Price(4, 5, 0.20, 20),
    "claude-opus-5": Price(5, 6.25, 0.50, 25),
    "claude-opus-4-8": Price(5, 6.25, 0.50, 25),
    "claude-opus-4-7": Price(5, 6.25, 0.50, 25),
    "claude-opus-4-6": Price(5, 6.25, 0.50, 25),
    "claude-opus-4-5": Price(5, 6.25, 0.50, 25),
    "claude-sonnet-5-5": Price(2, 2.5, 0.10, 10),
    "claude-sonnet-5": Price(2, 2.5, 0.20, 10),
    "claude-sonnet-4-6": Price(3, 3.75, 0.30, 15),
    "claude-sonnet-4-5": Price(3, 3.75, 0.30, 15),
    "claude-haiku-5-5": Price(0.10, 0.125, 0.01, 0.50),
    "claude-haiku-4-5": Price(1, 1.25, 0.10, 5),
}

_LONG_PRICES = {"claude-haiku-5-5": Price(0.50, 0.625, 0.05, 2.50)}


def cost(model: str, tokens: Tokens) -> float | None:
    """The price in US dollars; None where it isn't known."""
    name = re.sub(r"-\d{8}$", "", model)  # a dated snapshot costs what its model costs
    price = _PRICES.get(name)
    if tokens.prompt > LONG_PROMPT:
        price = _LONG_PRICES.get(name, price)
    if price is None:
        return None
    dollars = (
        tokens.input * price.input
        + tokens.write * price.write
        + tokens.read * price.read
        + tokens.output * price.output
    )
    return dollars / 1_000_000
