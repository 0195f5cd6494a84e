"""Tests of the FIFO that fifo.spec.md describes, for any DATA_WIDTH and DEPTH.

Inputs change on a falling edge of clk and outputs are read on the next falling edge: each as far
as can be from the rising edge on which the FIFO works.
"""

import random
from collections import deque

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, Timer

PERIOD_NS = 10
SEED = 16


class Bench:
    """Drives the FIFO and holds it against a queue, cycle by cycle."""

    def __init__(self, dut):
        self.dut = dut
        self.width = int(dut.DATA_WIDTH.value)
        self.depth = int(dut.DEPTH.value)
        self.rng = random.Random(SEED)
        self.cycle = 0
        self.words = deque()  # what the model holds
        self.rd_data = None  # None: nothing was read since the reset

    async def start(self):
        """Start the clock and reset the FIFO."""
        Clock(self.dut.clk, PERIOD_NS, unit="ns").start()
        await self.step(rst=1)
        await self.step(rst=1)
        return self

    async def step(self, write=0, read=0, rst=0):
        """Let the FIFO see one rising edge, a write with a random word, then compare."""
        word = self.rng.getrandbits(self.width)
        self.dut.rst.value = rst
        self.dut.wr_en.value = write
        self.dut.wr_data.value = word
        self.dut.rd_en.value = read
        await FallingEdge(self.dut.clk)
        self.cycle += 1
        stored = len(self.words)
        self.apply(word if write else None, read, rst)
        self.compare(
            f"after a rising edge with rst={rst}, wr_en={write}, wr_data={word:#x}, rd_en={read}"
            f" and {stored} of {self.depth} words stored"
        )

    def apply(self, word, read, rst):
        """Move the model on by one clock cycle; both flags count as they were before it."""
        full = len(self.words) == self.depth
        if rst:
            self.words.clear()
            self.rd_data = None
            return
        if read and self.words:
            self.rd_data = self.words.popleft()
        if word is not None and not full:
            self.words.append(word)

    def compare(self, when):
        self.expect("empty", int(not self.words), when)
        self.expect("full", int(len(self.words) == self.depth), when)
        if self.rd_data is not None:
            self.expect("rd_data", self.rd_data, when)

    def expect(self, name, expected, when):
        handle = getattr(self.dut, name)
        bits = f"{expected:0{len(handle)}b}"
        assert handle.value == expected, (
            f"cycle {self.cycle}: {name} is {handle.value}, expected {bits} {when}"
        )

    async def fill(self, count):
        for _ in range(count):
            await self.step(write=1)

    async def drain(self, count):
        for _ in range(count):
            await self.step(read=1)


@cocotb.test()
async def empty_after_reset(dut):
    bench = await Bench(dut).start()
    await bench.step()
    await bench.fill(2)
    await bench.step(rst=1, write=1, read=1)
    await bench.step()
    await bench.fill(1)
    await bench.drain(1)


@cocotb.test()
async def words_come_out_in_order(dut):
    bench = await Bench(dut).start()
    for _ in range(3):
        await bench.fill(bench.depth // 2 + 1)
        await bench.drain(bench.depth // 2 + 1)


@cocotb.test()
async def every_word_can_be_used(dut):
    bench = await Bench(dut).start()
    await bench.fill(bench.depth)
    await bench.drain(bench.depth)


@cocotb.test()
async def a_write_to_a_full_fifo_is_ignored(dut):
    bench = await Bench(dut).start()
    await bench.fill(bench.depth + 3)
    await bench.step(write=1, read=1)
    await bench.drain(bench.depth - 1)
    await bench.step()


@cocotb.test()
async def a_read_of_an_empty_fifo_is_ignored(dut):
    bench = await Bench(dut).start()
    await bench.fill(2)
    await bench.drain(5)
    await bench.step(write=1, read=1)
    await bench.drain(2)
    await bench.fill(bench.depth)


@cocotb.test()
async def write_and_read_at_once(dut):
    bench = await Bench(dut).start()
    await bench.fill(1)
    for _ in range(2 * bench.depth):
        await bench.step(write=1, read=1)
    await bench.drain(1)


@cocotb.test()
async def rd_data_holds_between_reads(dut):
    bench = await Bench(dut).start()
    await bench.fill(2)
    await bench.drain(1)
    await bench.step()
    await bench.fill(1)
    dut.rd_en.value = 1
    await Timer(2, unit="ns")
    bench.compare("when rd_en rose but clk did not: rd_data is a register")
    await bench.step(read=1)


@cocotb.test()
async def reset_waits_for_the_clock(dut):
    """Between two rising edges a synchronous reset does nothing, an asynchronous one clears."""
    bench = await Bench(dut).start()
    await bench.fill(2)
    dut.wr_en.value = 0
    dut.rst.value = 1
    await Timer(2, unit="ns")
    bench.compare("when rst rose but clk did not: the reset is synchronous")
    await bench.step()
    await bench.drain(2)


@cocotb.test()
async def random_traffic(dut):
    """Phases that mostly write, mostly read, and do both alike, to meet both ends."""
    dut._log.info("seed %d", SEED)
    bench = await Bench(dut).start()
    for writes, reads in ((0.9, 0.3), (0.3, 0.9), (0.6, 0.6)) * 2:
        for _ in range(4 * bench.depth + 40):
            write = int(bench.rng.random() < writes)
            read = int(bench.rng.random() < reads)
            await bench.step(write=write, read=read, rst=int(bench.rng.random() < 0.005))
