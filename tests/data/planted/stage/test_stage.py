import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge


@cocotb.test()
async def loses_nothing(dut):
    Clock(dut.clk, 10, unit="ns").start()
    dut.rst.value = 1
    dut.in_valid.value = 0
    dut.in_data.value = 0
    dut.out_ready.value = 0
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    rng = random.Random(5)
    waiting = []
    for number in range(60):
        dut.in_valid.value = int(rng.random() < 0.7)
        dut.in_data.value = number
        dut.out_ready.value = int(rng.random() < 0.5)
        await RisingEdge(dut.clk)
        if dut.out_valid.value == 1 and dut.out_ready.value == 1:
            expected = waiting.pop(0)
            assert dut.out_data.value == expected
        if dut.in_valid.value == 1 and dut.in_ready.value == 1:
            waiting.append(number)
        await FallingEdge(dut.clk)
