"""How a result is compared with the version before: what is asked, and that it ends when told."""

import asyncio

import pytest

from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.behaviour import compare
from spec2rtl.loop.job import Job
from spec2rtl.loop.merge import Stop
from spec2rtl.rtl import (
    Budget,
    Design,
    Diagnostic,
    Equal,
    Equivalence,
    SourceFile,
    Testbench,
    Unknown,
)
from spec2rtl.spec.model import Spec
from tests.loop.crew import CommentToolchain

OLD = "module m(input a, output y); assign y = a; endmodule\n"
NEW = OLD.replace("= a", "= a & a")
BENCH = Testbench("test_m", "/w/test_m.py", "")


class FixedGauge:
    """Gives one answer, or none until it is cancelled."""

    def __init__(self, answer: Equivalence | None) -> None:
        self.answer, self.cancelled = answer, False
        self.asked: list[tuple[Design, Design, str]] = []

    async def measure(
        self, design: Design, testbench: Testbench | None, spec: Spec, previous: Design | None
    ) -> tuple[Budget, ...]:
        return ()

    async def doubts(self, design: Design) -> tuple[Diagnostic, ...]:
        return ()

    async def equivalent(self, old: Design, new: Design, top: str, seconds: float) -> Equivalence:
        self.asked.append((old, new, top))
        try:
            if self.answer is None:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        assert self.answer is not None
        return self.answer


def job(old: str = OLD, testbench: Testbench | None = BENCH) -> Job:
    return Job("repair", "m", SourceFile("/w/m.v", old), testbench=testbench)


async def said(one: Job, new: str, gauge: FixedGauge, stop: Stop | None = None) -> str | None:
    toolchain = CommentToolchain()
    attempt = Attempt(0, rtl=new)
    attempt.simulated = await toolchain.simulate(one.design(new), BENCH)
    found = await compare(one, attempt, gauge, toolchain, stop or Stop())
    return found.says if found else None


@pytest.mark.parametrize(
    ("old", "new", "answer", "says"),
    [
        (OLD, NEW, Equal(), "behaviour unchanged (proved)"),
        (OLD, NEW, Equal("`r` is high"), "behaviour unchanged (proved; `r` is high)"),
        (OLD, NEW, Unknown("odd"), "whether behaviour changed is unknown "
         "(odd; the tests say the same of both versions)"),
        (OLD + "// tests: 1/2", NEW + "// tests: 2/2", Unknown("odd"),
         "behaviour changed: test test_1 failed, now passed"),
        (OLD + "// errors: 1", NEW, Unknown("odd"),
         "whether behaviour changed is unknown (the old version does not compile)"),
        (OLD, OLD, Equal(), None),
        (OLD, NEW.replace("input a", "input a, b"), Equal(), None),
        ("no module", NEW, Equal(), None),
    ],
)  # fmt: skip
async def test_what_is_said(old: str, new: str, answer: Equivalence, says: str | None) -> None:
    assert await said(job(old), new, FixedGauge(answer)) == says


async def test_it_ends_when_the_run_is_told_to() -> None:
    gauge, stop = FixedGauge(None), Stop()
    asyncio.get_running_loop().call_later(0.05, stop.set, "cancelled")
    assert await said(job(), NEW, gauge, stop) == "whether behaviour changed is unknown (cancelled)"
    assert gauge.cancelled
    assert await said(job(), NEW, gauge, stop) == "whether behaviour changed is unknown (cancelled)"
    assert await said(job(), OLD, gauge, stop) is None
    assert len(gauge.asked) == 1
    late = Stop()
    late.set("seconds")
    unknown = "whether behaviour changed is unknown (the budget of seconds is spent)"
    assert await said(job(), NEW, gauge, late) == unknown


async def test_an_inner_module_is_compared_alone() -> None:
    gauge = FixedGauge(Equal())
    top = Design(
        (SourceFile("/w/t.v", "module t; m u(); endmodule"),), "t", parameters=(("N", "2"),)
    )
    await said(Job("repair", "m", SourceFile("/w/m.v", OLD), context=top), NEW, gauge)
    ((old, _, name),) = gauge.asked
    assert (name, old.top, old.parameters) == ("m", "m", ())
