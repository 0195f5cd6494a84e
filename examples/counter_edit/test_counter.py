"""Tests of the counter as it shall be once it is widened to 8 bits.

Inputs change on a falling edge of clk and outputs are read on the next falling edge: each as far
as can be from the rising edge on which the counter works.
"""

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

WIDTH = 8


class Bench:
    """Drives the counter and holds it against a model, cycle by cycle."""

    def __init__(self, dut):
        self.dut = dut
        self.cycle = 0
        self.count = 0  # what the model says

    async def start(self):
        """Start the clock and reset the counter."""
        Clock(self.dut.clk, 10, unit="ns").start()
        await self.step(rst=1)
        await self.step(rst=1)
        return self

    async def step(self, rst=0, en=0):
        """Let the counter see one rising edge with these inputs, then compare."""
        self.dut.rst.value = rst
        self.dut.en.value = en
        await FallingEdge(self.dut.clk)
        self.cycle += 1
        self.count = 0 if rst else (self.count + en) % 2**WIDTH
        count, last = self.dut.count.value, self.dut.last.value
        assert count == self.count, (
            f"cycle {self.cycle}: count is {count}, expected {self.count:0{WIDTH}b}"
            f" after a rising edge with rst={rst}, en={en}"
        )
        assert last == int(self.count == 2**WIDTH - 1), (
            f"cycle {self.cycle}: last is {last} while count is {count};"
            f" it is 1 for {2**WIDTH - 1} only"
        )


@cocotb.test()
async def count_is_eight_bits_wide(dut):
    assert len(dut.count) == WIDTH, f"count is {len(dut.count)} bits wide, expected {WIDTH}"


@cocotb.test()
async def counts_to_255_and_wraps(dut):
    bench = await Bench(dut).start()
    for _ in range(2**WIDTH + 20):
        await bench.step(en=1)


@cocotb.test()
async def reset_and_enable_work_as_before(dut):
    bench = await Bench(dut).start()
    for rst, en in ((0, 1), (0, 1), (0, 0), (0, 0), (0, 1), (1, 1), (0, 1), (1, 0), (0, 0)):
        await bench.step(rst=rst, en=en)
