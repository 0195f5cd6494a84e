"""Tests of the round-robin arbiter that arbiter.spec.md describes.

Inputs change on a falling edge of clk and grant is read on the next falling edge: each as far
as can be from the rising edge on which the arbiter decides.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, Timer

PERIOD_NS = 10
SEED = 11


class Bench:
    """Drives the arbiter and holds it against a model, cycle by cycle."""

    def __init__(self, dut):
        self.dut = dut
        self.cycle = 0
        self.last = 3  # the model: who was granted last (3, too, when nobody was)
        self.grant = 0

    async def start(self):
        """Start the clock and reset the arbiter."""
        Clock(self.dut.clk, PERIOD_NS, unit="ns").start()
        await self.step(0b1111, rst=1)
        await self.step(0b1111, rst=1)
        return self

    async def step(self, req, rst=0):
        """Let the arbiter see one rising edge with these inputs, then compare."""
        self.dut.req.value = req
        self.dut.rst.value = rst
        await FallingEdge(self.dut.clk)
        self.cycle += 1
        last = self.last
        self.decide(req, rst)
        self.compare(f"after a rising edge with rst={rst}, req={req:04b}, granted last: {last}")

    def decide(self, req, rst):
        """Move the model on by one clock cycle."""
        order = [(self.last + distance) % 4 for distance in (1, 2, 3, 4)]
        winner = next((i for i in order if req >> i & 1), None)
        if rst or winner is None:
            self.grant = 0
            self.last = 3 if rst else self.last
        else:
            self.grant = 1 << winner
            self.last = winner

    def compare(self, when):
        actual = self.dut.grant.value
        assert actual == self.grant, (
            f"cycle {self.cycle}: grant is {actual}, expected {self.grant:04b} {when}"
        )


@cocotb.test()
async def idle_grants_nobody(dut):
    bench = await Bench(dut).start()
    for _ in range(4):
        await bench.step(0b0000)


@cocotb.test()
async def all_take_turns(dut):
    bench = await Bench(dut).start()
    for _ in range(9):
        await bench.step(0b1111)


@cocotb.test()
async def a_lone_requester_keeps_the_grant(dut):
    bench = await Bench(dut).start()
    for requester in range(4):
        for _ in range(3):
            await bench.step(1 << requester)


@cocotb.test()
async def who_does_not_ask_is_passed_over(dut):
    bench = await Bench(dut).start()
    for req in (0b0110, 0b0110, 0b0110, 0b1001, 0b1001, 0b1010, 0b0101, 0b1010):
        await bench.step(req)


@cocotb.test()
async def the_turn_survives_idle_cycles(dut):
    bench = await Bench(dut).start()
    for req in (0b1111, 0b1111, 0b0000, 0b0000, 0b1111, 0b0000, 0b1111):
        await bench.step(req)


@cocotb.test()
async def reset_begins_with_requester_0(dut):
    bench = await Bench(dut).start()
    for turns in range(1, 5):
        for _ in range(turns):
            await bench.step(0b1111)
        await bench.step(0b1111, rst=1)
    await bench.step(0b1111)


@cocotb.test()
async def output_changes_only_at_the_clock(dut):
    bench = await Bench(dut).start()
    await bench.step(0b0001)
    dut.req.value = 0b0100
    await Timer(2, unit="ns")
    bench.compare("when req changed but clk did not rise: grant is a register")
    dut.rst.value = 1
    await Timer(2, unit="ns")
    bench.compare("when rst rose but clk did not: the reset is synchronous")
    await bench.step(0b0100)


@cocotb.test()
async def random_requests(dut):
    dut._log.info("seed %d", SEED)
    rng = random.Random(SEED)
    bench = await Bench(dut).start()
    for _ in range(500):
        await bench.step(rng.randrange(16), rst=int(rng.random() < 0.02))
