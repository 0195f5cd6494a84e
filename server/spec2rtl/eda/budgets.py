"""Measures a spec's budgets: by synthesis, and in the simulation of the tests."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from msgspec import Struct

from spec2rtl.eda.latency import Timing, latencies, timing_of
from spec2rtl.eda.synthesis import Figures, synthesizer
from spec2rtl.eda.waves import VCD, dumping
from spec2rtl.evidence.wave import Trace, Wave
from spec2rtl.process.both import both
from spec2rtl.rtl import Budget, Design, Diagnostic, Testbench
from spec2rtl.spec.model import Spec
from spec2rtl.spec.require import Require

NO_HARDWARE = frozenset(("not-synthesizable", "multiple-drivers"))
_NO_PREVIOUS = "there is no previous version; generate one without this budget first"


class _Measured(Struct, frozen=True):
    """A figure; None where there is none, which `note` explains."""

    value: int | None
    note: str | None = None


@dataclass(frozen=True)
class Meter:
    """What a budget needs to be measured.

    `record` runs the tests on a design that dumps as `VCD`; None where that can't be done.
    """

    synthesize: Callable[[Design], Awaitable[Figures]]
    lint: Callable[[Design], Awaitable[tuple[Diagnostic, ...]]]
    record: Callable[[Design, Testbench], Awaitable[Wave | None]]

    async def measure(
        self, design: Design, testbench: Testbench | None, spec: Spec, previous: Design | None
    ) -> tuple[Budget, ...]:
        """Measure the budgets of a spec, in its order."""
        one_by_one = [
            await self._judged(require, design, testbench, spec, previous)
            for require in spec.front_matter.require
        ]
        return tuple(one_by_one)

    async def _judged(
        self,
        require: Require,
        design: Design,
        testbench: Testbench | None,
        spec: Spec,
        previous: Design | None,
    ) -> Budget:
        if require.share and previous is None:
            return Budget(require.text, note=_NO_PREVIOUS)
        before: _Measured | None = None
        if previous and require.share:
            now, before = await both(
                self._measured(require, design, testbench, spec),
                self._measured(require, previous, testbench, spec),
            )
        else:
            now = await self._measured(require, design, testbench, spec)
        if now.value is None:
            return Budget(require.text, note=now.note)
        if before and before.value is None:
            return Budget(require.text, now.value, note=f"of the previous version: {before.note}")
        limit = require.limit(before.value if before else None) or 0
        met = require.met(now.value, limit)
        notes = [] if met else [_beyond(now.value - limit)]
        notes += [f"{before.value} in the previous version"] if before else []
        return Budget(require.text, now.value, met, "; ".join((*notes, now.note or "")))

    async def _measured(
        self, require: Require, design: Design, testbench: Testbench | None, spec: Spec
    ) -> _Measured:
        match require.what:
            case "latency":
                return await self._latency(require, design, testbench, spec)
            case "synthesizable":
                return await self._synthesizable(design)
            case "no-latches":
                figures = await self.synthesize(design)
                value = figures.latches
            case "cells":
                figures = await self.synthesize(design)
                value = figures.cells
            case "flip_flops":
                figures = await self.synthesize(design)
                value = figures.flip_flops
        return _Measured(value, figures.why or f"generic synthesis by {synthesizer()}")

    async def _synthesizable(self, design: Design) -> _Measured:
        """How many places synthesis can't make hardware of."""
        faults = [d for d in await self.lint(design) if d.code in NO_HARDWARE]
        if faults:
            return _Measured(len(faults), f"line {faults[0].line}: {faults[0].message}")
        figures = await self.synthesize(design)
        if figures.latches and figures.cells is None:
            return _Measured(1, figures.why)
        if figures.cells is None:
            return _Measured(None, figures.why)
        return _Measured(0, f"generic synthesis by {synthesizer()}")

    async def _latency(
        self, require: Require, design: Design, testbench: Testbench | None, spec: Spec
    ) -> _Measured:
        """The worst latency that the tests show."""
        if testbench is None:
            return _Measured(None, "latency is measured in the tests, and there are none")
        when = timing_of(design, spec)
        if when is None:
            return _Measured(None, "no clock was found")
        wave = await self.record(_dumping(design, require, when), testbench)
        if wave is None:
            return _Measured(
                None, f"`{require.start}` and `{require.done}` can't be recorded; are both there?"
            )
        if wave.begin:
            return _Measured(None, "the recording is too long")
        return _worst(require, when, {trace.name: trace for trace in wave.traces}, design.top or "")


def _beyond(excess: float) -> str:
    """How far a figure is from its limit."""
    if not excess:
        return "must be less"
    return f"{abs(excess):g} too {'many' if excess > 0 else 'few'}"


def _worst(require: Require, when: Timing, traces: Mapping[str, Trace], top: str) -> _Measured:
    start, done = traces.get(f"{top}.{require.start}"), traces.get(f"{top}.{require.done}")
    clock, reset = traces.get(f"{top}.{when.clock}"), traces.get(f"{top}.{when.reset}")
    if start is None or done is None or clock is None:
        return _Measured(None, f"`{require.start}` or `{require.done}` is not in the recording")
    found = latencies(start, done, clock, rising=when.rising, reset=reset, level=when.active)
    if not found:
        return _Measured(None, f"`{require.done}` never follows `{require.start}` in the tests")
    return _Measured(max(found), f"cycles, the worst of {len(found)} in the tests")


def _dumping(design: Design, require: Require, when: Timing) -> Design:
    """The design with a second root module that dumps what a latency is read from."""
    names = [n for n in (when.clock, when.reset, require.start, require.done) if n]
    return dumping(design, VCD, [f"{design.top}.{name}" for name in dict.fromkeys(names)])
