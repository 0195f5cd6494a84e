"""What a simulation was seen to do: the values of signals over time.

Times are counted in ticks of the recording. A value is its bits, the most significant first, each
of them `0`, `1`, `x` or `z`.
"""

from bisect import bisect_left, bisect_right

from msgspec import Struct, field

WANTED = " wanted"
"""What a reference gave for a signal is recorded under the signal's name with this behind it."""


class Trace(Struct, frozen=True):
    """One signal under its full name, such as `top.unit.count`: when it changed, and to what."""

    name: str
    width: int
    times: tuple[int, ...]
    values: tuple[str, ...]

    def at(self, time: int) -> str:
        """The value at a time, once all has settled that happens then."""
        return self._value(bisect_right(self.times, time))

    def before(self, time: int) -> str:
        """The value just before a time: what a flip-flop takes that is clocked then."""
        return self._value(bisect_left(self.times, time))

    def _value(self, count: int) -> str:
        return self.values[count - 1] if count else "x" * self.width


class Wave(Struct, frozen=True):
    """A recording; `end` is its last time, `begin` the first that it was kept from."""

    tick_ns: float
    begin: int
    end: int
    traces: tuple[Trace, ...] = ()


class Recording(Struct, frozen=True):
    """A test, recorded: it ran from `began` until it `failed`, on the wave's clock.

    `names` find a signal's trace by its full name. `passed`: it came out otherwise this
    time. `file` is where it was kept, if it was.
    """

    test: str
    wave: Wave
    began: int
    failed: int
    names: dict[str, Trace] = field(default_factory=dict[str, Trace])
    passed: bool = False
    file: str | None = None

    @staticmethod
    def of(test: str, wave: Wave, began_ns: float, failed_ns: float) -> "Recording":
        """Put a test's times, in nanoseconds, on a wave."""
        began, failed = round(began_ns / wave.tick_ns), round(failed_ns / wave.tick_ns)
        names = {trace.name: trace for trace in wave.traces}
        return Recording(test, wave, began, failed, names)

    def nanoseconds(self, time: int) -> float:
        """A time of the wave in nanoseconds since the test began."""
        return round((time - self.began) * self.wave.tick_ns, 6)


def unknown(value: str) -> bool:
    """Is a bit of it neither 0 nor 1?"""
    return "x" in value or "z" in value


def number(value: str, *, signed: bool) -> int:
    """What known bits are as a number."""
    return int(value, 2) - (1 << len(value) if signed and value[0] == "1" else 0)


def spell(value: str, *, signed: bool = False) -> str:
    """A value as people write it: bits as they are where one is unknown or there are few."""
    if signed and not unknown(value):
        return str(number(value, signed=True))
    if len(value) <= 4 or (unknown(value) and len(set(value)) > 1):
        return value
    if unknown(value):
        return f"{value[0]}…{value[0]}" if len(value) > 8 else value
    return f"0x{int(value, 2):0{(len(value) + 3) // 4}x}"
