"""Tests of the FIFO that the head of fifo.v describes.

Inputs change on a falling edge of clk and outputs are read on the next falling edge: each as far
as can be from the rising edge on which the FIFO works.
"""

from collections import deque

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

DEPTH = 4


class Bench:
    """Drives the FIFO and holds it against a queue, cycle by cycle."""

    def __init__(self, dut):
        self.dut = dut
        self.cycle = 0
        self.words = deque()  # what the model holds
        self.rd_data = None  # None: nothing was read since the reset

    async def start(self):
        """Start the clock and reset the FIFO."""
        Clock(self.dut.clk, 10, unit="ns").start()
        await self.step(rst=1)
        await self.step(rst=1)
        return self

    async def step(self, write=None, read=0, rst=0):
        """Let the FIFO see one rising edge, with a write unless it is None, then compare."""
        self.dut.rst.value = rst
        self.dut.wr_en.value = int(write is not None)
        self.dut.wr_data.value = write or 0
        self.dut.rd_en.value = read
        await FallingEdge(self.dut.clk)
        self.cycle += 1
        before = len(self.words)
        self.move(write, read, rst)
        self.compare(
            f"after a rising edge with rst={rst}, wr_en={int(write is not None)}, rd_en={read}"
            f" and {before} of {DEPTH} words stored"
        )

    def move(self, write, read, rst):
        """Move the model on by one clock cycle."""
        full = len(self.words) == DEPTH
        if rst:
            self.words.clear()
            self.rd_data = None
            return
        if read and self.words:
            self.rd_data = self.words.popleft()
        if write is not None and not full:
            self.words.append(write)

    def compare(self, when):
        expected = {
            "level": len(self.words),
            "full": int(len(self.words) == DEPTH),
            "empty": int(not self.words),
        }
        if self.rd_data is not None:
            expected["rd_data"] = self.rd_data
        for name, value in expected.items():
            handle = getattr(self.dut, name)
            assert handle.value == value, (
                f"cycle {self.cycle}: {name} is {handle.value},"
                f" expected {value:0{len(handle)}b} {when}"
            )


@cocotb.test()
async def words_come_out_in_order(dut):
    bench = await Bench(dut).start()
    for write in (0x11, 0x22, 0x33):
        await bench.step(write=write)
    for _ in range(3):
        await bench.step(read=1)


@cocotb.test()
async def fills_and_drains(dut):
    bench = await Bench(dut).start()
    for _ in range(3):
        for write in range(DEPTH):
            await bench.step(write=write)
        for _ in range(DEPTH):
            await bench.step(read=1)


@cocotb.test()
async def write_and_read_at_once(dut):
    bench = await Bench(dut).start()
    await bench.step(write=0xA0)
    for write in range(0xA1, 0xAA):
        await bench.step(write=write, read=1)
    await bench.step(read=1)


@cocotb.test()
async def a_write_to_a_full_fifo_is_ignored(dut):
    bench = await Bench(dut).start()
    for write in range(DEPTH):
        await bench.step(write=write)
    await bench.step(write=0xEE)
    await bench.step(write=0xEE, read=1)
    for _ in range(DEPTH - 1):
        await bench.step(read=1)


@cocotb.test()
async def a_read_from_an_empty_fifo_is_ignored(dut):
    bench = await Bench(dut).start()
    await bench.step(read=1)
    await bench.step(write=0x5A, read=1)
    await bench.step(read=1)
    await bench.step()
