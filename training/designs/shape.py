"""What a family of designs consists of.

A member is written twice, as RTL and as a model in Python; its tests hold one against the other.
"""

import itertools
import random
from collections.abc import Callable, Iterator

from msgspec import Struct

from spec2rtl.rtl import Interface, Port

Value = int | str
Choice = dict[str, Value]

RESETS = (
    "synchronous, active high",
    "synchronous, active low",
    "asynchronous, active high",
    "asynchronous, active low",
)


class Signal(Struct, frozen=True):
    """A port other than clock and reset."""

    name: str
    width: int
    meaning: str

    def port(self, direction: str) -> Port:
        """The port of this signal."""
        msb = str(self.width - 1) if self.width > 1 else None
        return Port(
            self.name,
            "input" if direction == "input" else "output",
            msb,
            "0" if msb else None,
            description=self.meaning,
        )


class Reset(Struct, frozen=True):
    """How a clocked member is reset."""

    kind: str

    @property
    def asynchronous(self) -> bool:
        """Does it act without the clock?"""
        return self.kind.startswith("asynchronous")

    @property
    def level(self) -> int:
        """The level at which it resets."""
        return int(self.kind.endswith("high"))

    @property
    def name(self) -> str:
        """The port, named by the usual custom."""
        return ("a" if self.asynchronous else "") + ("rst" if self.level else "rst_n")


class Rtl(Struct, frozen=True):
    """The parts of the module's body; what is clocked is nonblocking."""

    declarations: str = ""
    on_reset: str = ""
    on_edge: str = ""
    continuous: str = ""


class Model(Struct, frozen=True):
    """The same behaviour in Python: statements on `self` and on the inputs' names.

    `outputs` gives an expression per output, after the statements of `compute`.
    """

    outputs: dict[str, str]
    on_reset: str = ""
    on_edge: str = ""
    compute: str = ""


class Member(Struct, frozen=True):
    """One design. `rules` and `story` say the same in two ways; `likely` are the probabilities
    of inputs that a test should not toss a fair coin for."""

    module: str
    title: str
    inputs: tuple[Signal, ...]
    outputs: tuple[Signal, ...]
    rules: tuple[str, ...]
    story: str
    rtl: Rtl
    model: Model
    reset: Reset | None = None
    registers: frozenset[str] = frozenset()
    likely: dict[str, float] = {}

    @property
    def interface(self) -> Interface:
        """The module's ports in order, clock and reset first."""
        clocking: list[Port] = []
        if self.reset:
            words = f"{self.reset.kind.split(',')[0]} reset, {self.reset.kind.split(', ')[1]}"
            clocking = [
                Port("clk", "input", description="clock, rising edge"),
                Port(self.reset.name, "input", description=words),
            ]
        return Interface(
            self.module,
            (
                *clocking,
                *(s.port("input") for s in self.inputs),
                *(s.port("output") for s in self.outputs),
            ),
        )


class Family(Struct, frozen=True):
    """A kind of design: `options` are the values to choose from, `labels` what they are called.

    `build` takes the module's name and one value per option.
    """

    name: str
    names: tuple[str, ...]
    options: dict[str, tuple[Value, ...]]
    labels: dict[str, str]
    build: Callable[..., Member]

    def choices(self, rng: random.Random, count: int) -> list[Choice]:
        """Draw different choices, at most as many as there are."""
        every = list(itertools.product(*self.options.values()))
        drawn = rng.sample(every, min(count, len(every)))
        return [dict(zip(self.options, values, strict=True)) for values in drawn]

    def neighbours(self, choice: Choice) -> Iterator[tuple[str, Choice]]:
        """The choices that differ in one option only, each with that option's name."""
        for option, values in self.options.items():
            for value in values:
                if value != choice[option]:
                    yield option, choice | {option: value}


def bits(width: int) -> str:
    """A range in a declaration, with the blank after it."""
    return f"[{width - 1}:0] " if width > 1 else ""


def plural(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count} {noun}" + ("" if count == 1 else "s")
