"""Tests of the rising-edge detector that edge_detector.spec.md describes.

Inputs change on a falling edge of clk and rise is read on the next falling edge: each as far
as can be from the rising edge on which the detector works.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, Timer

PERIOD_NS = 10
SEED = 7


class Bench:
    """Drives the detector and holds it against a model, cycle by cycle."""

    def __init__(self, dut):
        self.dut = dut
        self.cycle = 0
        self.sample = 0  # the model's two registers
        self.rise = 0

    async def start(self):
        """Start the clock and reset the detector."""
        Clock(self.dut.clk, PERIOD_NS, unit="ns").start()
        await self.step(0, rst=1)
        await self.step(0, rst=1)
        return self

    async def step(self, sig, rst=0):
        """Let the detector see one rising edge with these inputs, then compare."""
        self.dut.sig.value = sig
        self.dut.rst.value = rst
        await FallingEdge(self.dut.clk)
        self.cycle += 1
        before = self.sample
        self.rise = int(not rst and sig and not before)
        self.sample = 0 if rst else sig
        self.compare(f"after a rising edge with rst={rst}, sig={sig}, sample before {before}")

    def compare(self, when):
        actual = self.dut.rise.value
        assert actual == self.rise, (
            f"cycle {self.cycle}: rise is {actual}, expected {self.rise} {when}"
        )


@cocotb.test()
async def one_pulse_for_a_rising_edge(dut):
    bench = await Bench(dut).start()
    for sig in (0, 1, 1, 1, 1, 0, 0, 0):
        await bench.step(sig)


@cocotb.test()
async def pulses_of_one_cycle_are_seen(dut):
    bench = await Bench(dut).start()
    for sig in (0, 1, 0, 1, 0, 0, 1, 0):
        await bench.step(sig)


@cocotb.test()
async def output_changes_only_at_the_clock(dut):
    bench = await Bench(dut).start()
    await bench.step(0)
    dut.sig.value = 1
    await Timer(2, unit="ns")
    bench.compare("when sig rose but clk did not: rise is a register")
    await bench.step(1)
    dut.sig.value = 0
    await Timer(2, unit="ns")
    bench.compare("when sig fell but clk did not rise: rise is a register")
    await bench.step(0)


@cocotb.test()
async def reset_clears_the_sample(dut):
    bench = await Bench(dut).start()
    for rst in (0, 0, 1, 1, 0, 0):
        await bench.step(1, rst=rst)


@cocotb.test()
async def reset_waits_for_the_clock(dut):
    """Between two rising edges a synchronous reset does nothing, an asynchronous one clears."""
    bench = await Bench(dut).start()
    await bench.step(0)
    await bench.step(1)
    dut.rst.value = 1
    await Timer(2, unit="ns")
    bench.compare("when rst rose but clk did not: the reset is synchronous")
    dut.rst.value = 0
    await Timer(2, unit="ns")
    await bench.step(1)


@cocotb.test()
async def random_inputs(dut):
    dut._log.info("seed %d", SEED)
    rng = random.Random(SEED)
    bench = await Bench(dut).start()
    for _ in range(300):
        await bench.step(rng.randrange(2), rst=int(rng.random() < 0.1))
