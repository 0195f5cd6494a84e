"""Tests of the pulse-width modulator that pwm.spec.md describes, for any WIDTH.

Inputs change on a falling edge of clk and out is read on the next falling edge: each as far as
can be from the rising edge on which the modulator works.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, Timer

PERIOD_NS = 10
SEED = 3


class Bench:
    """Drives the modulator and holds it against a model, cycle by cycle."""

    def __init__(self, dut):
        self.dut = dut
        self.period = 2 ** int(dut.WIDTH.value)
        self.cycle = 0
        self.position = 0  # the model: where in the period the next edge falls
        self.held = 0  # the duty cycle of this period
        self.out = 0

    async def start(self):
        """Start the clock and reset the modulator."""
        Clock(self.dut.clk, PERIOD_NS, unit="ns").start()
        await self.step(0, rst=1)
        await self.step(0, rst=1)
        return self

    async def step(self, duty, rst=0):
        """Let the modulator see one rising edge with these inputs, then compare."""
        self.dut.duty.value = duty
        self.dut.rst.value = rst
        await FallingEdge(self.dut.clk)
        self.cycle += 1
        position = self.position
        self.move(duty, rst)
        self.compare(
            f"after a rising edge with rst={rst}, duty={duty}, in cycle {position} of a period"
            f" that began with duty {self.held}"
        )

    def move(self, duty, rst):
        """Move the model on by one clock cycle."""
        if rst:
            self.position = self.held = self.out = 0
            return
        if self.position == 0:
            self.held = duty
        self.out = int(self.position < self.held)
        self.position = (self.position + 1) % self.period

    def compare(self, when):
        actual = self.dut.out.value
        assert actual == self.out, (
            f"cycle {self.cycle}: out is {actual}, expected {self.out} {when}"
        )


@cocotb.test()
async def every_duty_cycle(dut):
    bench = await Bench(dut).start()
    for duty in range(bench.period):
        for _ in range(bench.period):
            await bench.step(duty)


@cocotb.test()
async def duty_is_taken_once_a_period(dut):
    bench = await Bench(dut).start()
    for _ in range(2):
        await bench.step(bench.period // 2)
        for _ in range(bench.period - 1):
            await bench.step(bench.period - 1)
    for _ in range(2):
        await bench.step(bench.period // 2)
        for _ in range(bench.period - 1):
            await bench.step(0)


@cocotb.test()
async def reset_begins_a_new_period(dut):
    bench = await Bench(dut).start()
    for length in (1, 2, bench.period // 2, bench.period - 1, bench.period):
        for _ in range(length):
            await bench.step(1)
        await bench.step(1, rst=1)
    await bench.step(1)


@cocotb.test()
async def reset_waits_for_the_clock(dut):
    """Between two rising edges a synchronous reset does nothing, an asynchronous one clears."""
    bench = await Bench(dut).start()
    await bench.step(bench.period - 1)
    dut.rst.value = 1
    await Timer(2, unit="ns")
    bench.compare("when rst rose but clk did not: the reset is synchronous")
    await bench.step(bench.period - 1)


@cocotb.test()
async def random_duty(dut):
    dut._log.info("seed %d", SEED)
    rng = random.Random(SEED)
    bench = await Bench(dut).start()
    for _ in range(30 * bench.period):
        await bench.step(rng.randrange(bench.period), rst=int(rng.random() < 0.01))
