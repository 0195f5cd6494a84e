"""Tests of the UART transmitter that uart_tx.spec.md describes, for any CLKS_PER_BIT.

Inputs change on a falling edge of clk and outputs are read on the next falling edge: each as far
as can be from the rising edge on which the transmitter works.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, Timer

PERIOD_NS = 10
SEED = 8


def frame(byte):
    """The ten bits of a byte in the order of the line: start, data from bit 0 on, stop."""
    return [0, *(byte >> i & 1 for i in range(8)), 1]


class Bench:
    """Drives the transmitter and holds tx and busy against a model, cycle by cycle."""

    def __init__(self, dut):
        self.dut = dut
        self.clks_per_bit = int(dut.CLKS_PER_BIT.value)
        self.cycle = 0
        self.line = []  # the model: what is still to come on tx, a bit for each clock cycle

    async def start(self):
        """Start the clock and reset the transmitter."""
        self.dut.start.value = 0
        self.dut.data.value = 0
        self.dut.rst_n.value = 0
        Clock(self.dut.clk, PERIOD_NS, unit="ns").start()
        await FallingEdge(self.dut.clk)
        await FallingEdge(self.dut.clk)
        self.compare("in reset")
        self.dut.rst_n.value = 1
        await self.step()
        return self

    async def step(self, start=0, data=0):
        """Let the transmitter see one rising edge with these inputs, then compare."""
        self.dut.start.value = start
        self.dut.data.value = data
        await FallingEdge(self.dut.clk)
        self.cycle += 1
        if self.line:
            self.line.pop(0)
        elif start:
            self.line = [bit for bit in frame(data) for _ in range(self.clks_per_bit)]
        self.compare(f"after a rising edge with start={start}, data={data:#04x}")

    def compare(self, when):
        left = len(self.line)
        if left:
            at = 10 * self.clks_per_bit - left
            where = f"{when}, in cycle {at % self.clks_per_bit} of bit {at // self.clks_per_bit}"
        else:
            where = f"{when}, idle"
        self.expect("tx", self.line[0] if left else 1, where)
        self.expect("busy", int(left > 0), where)

    def expect(self, name, expected, where):
        actual = getattr(self.dut, name).value
        assert actual == expected, (
            f"cycle {self.cycle}: {name} is {actual}, expected {expected} {where}"
        )

    async def send(self, data):
        """Ask for one byte and watch its whole frame and two idle cycles behind it."""
        await self.step(start=1, data=data)
        for _ in range(10 * self.clks_per_bit + 2):
            await self.step()


@cocotb.test()
async def idle_line_is_high(dut):
    bench = await Bench(dut).start()
    for _ in range(2 * bench.clks_per_bit):
        await bench.step(data=0x55)


@cocotb.test()
async def sends_the_least_significant_bit_first(dut):
    bench = await Bench(dut).start()
    await bench.send(0x01)
    await bench.send(0x80)


@cocotb.test()
async def sends_every_kind_of_byte(dut):
    bench = await Bench(dut).start()
    for data in (0x00, 0xFF, 0x55, 0xAA):
        await bench.send(data)


@cocotb.test()
async def a_byte_on_its_way_is_not_disturbed(dut):
    bench = await Bench(dut).start()
    await bench.step(start=1, data=0xC5)
    for cycle in range(10 * bench.clks_per_bit - 1):
        await bench.step(start=cycle % 2, data=0x3A)
    await bench.step()
    await bench.step()


@cocotb.test()
async def back_to_back_with_one_idle_cycle(dut):
    bench = await Bench(dut).start()
    for _ in range(3 * (10 * bench.clks_per_bit + 1)):
        await bench.step(start=1, data=0x96)


@cocotb.test()
async def start_waits_for_the_clock(dut):
    bench = await Bench(dut).start()
    dut.start.value = 1
    await Timer(2, unit="ns")
    bench.compare("when start rose but clk did not: tx and busy are registers")
    await bench.step(start=0)
    await bench.send(0x42)


@cocotb.test()
async def reset_does_not_wait_for_the_clock(dut):
    bench = await Bench(dut).start()
    await bench.step(start=1, data=0x00)
    for _ in range(3 * bench.clks_per_bit):
        await bench.step()

    dut.rst_n.value = 0
    await Timer(2, unit="ns")
    bench.line = []
    bench.compare("when rst_n fell but clk did not rise: the reset is asynchronous")
    dut.start.value = 1
    await FallingEdge(dut.clk)
    bench.compare("with start=1 while rst_n is 0")
    dut.rst_n.value = 1
    await bench.step()

    await bench.send(0x5A)


@cocotb.test()
async def random_bytes(dut):
    dut._log.info("seed %d", SEED)
    rng = random.Random(SEED)
    bench = await Bench(dut).start()
    for _ in range(8):
        for _ in range(rng.randrange(3 * bench.clks_per_bit)):
            await bench.step(data=rng.randrange(256))
        await bench.step(start=1, data=rng.randrange(256))
        while bench.line:
            await bench.step(start=rng.randrange(2), data=rng.randrange(256))
