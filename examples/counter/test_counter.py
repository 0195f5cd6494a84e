"""Tests of the counter that counter.spec.md describes.

Inputs change on a falling edge of clk and count is read on the next falling edge: each as far
as can be from the rising edge on which the counter works.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, Timer

PERIOD_NS = 10
SEED = 4


class Bench:
    """Drives the counter and holds it against a model, cycle by cycle."""

    def __init__(self, dut):
        self.dut = dut
        self.cycle = 0
        self.count = 0  # what the model says

    async def start(self):
        """Start the clock and reset the counter."""
        Clock(self.dut.clk, PERIOD_NS, unit="ns").start()
        await self.step(rst=1)
        await self.step(rst=1)
        return self

    async def step(self, rst=0, en=0):
        """Let the counter see one rising edge with these inputs, then compare."""
        self.dut.rst.value = rst
        self.dut.en.value = en
        await FallingEdge(self.dut.clk)
        self.cycle += 1
        self.count = 0 if rst else (self.count + en) % 16
        self.compare(f"after a rising edge with rst={rst}, en={en}")

    def compare(self, when):
        actual = self.dut.count.value
        assert actual == self.count, (
            f"cycle {self.cycle}: count is {actual}, expected {self.count:04b} {when}"
        )


@cocotb.test()
async def reset_clears(dut):
    bench = await Bench(dut).start()
    for _ in range(5):
        await bench.step(en=1)
    await bench.step(rst=1)
    await bench.step(en=1)


@cocotb.test()
async def counts_and_wraps(dut):
    bench = await Bench(dut).start()
    for _ in range(40):
        await bench.step(en=1)


@cocotb.test()
async def holds_while_disabled(dut):
    bench = await Bench(dut).start()
    for en in (1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 0):
        await bench.step(en=en)


@cocotb.test()
async def reset_wins_over_enable(dut):
    bench = await Bench(dut).start()
    for rst in (0, 0, 0, 1, 1, 0, 0, 1):
        await bench.step(rst=rst, en=1)


@cocotb.test()
async def reset_waits_for_the_clock(dut):
    """Between two rising edges a synchronous reset does nothing, an asynchronous one clears."""
    bench = await Bench(dut).start()
    for _ in range(5):
        await bench.step(en=1)

    dut.rst.value = 1
    await Timer(2, unit="ns")
    bench.compare("when rst rose but clk did not: the reset is synchronous")
    dut.rst.value = 0
    await Timer(2, unit="ns")
    bench.compare("after a pulse of rst between two rising edges: the reset is synchronous")
    await bench.step(en=1)

    await bench.step(rst=1)


@cocotb.test()
async def random_inputs(dut):
    dut._log.info("seed %d", SEED)
    rng = random.Random(SEED)
    bench = await Bench(dut).start()
    for _ in range(300):
        await bench.step(rst=int(rng.random() < 0.05), en=int(rng.random() < 0.8))
