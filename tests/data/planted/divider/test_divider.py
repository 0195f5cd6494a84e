import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge


async def start(dut, **inputs):
    """Start the clock and reset the design with these inputs."""
    Clock(dut.clk, 10, unit="ns").start()
    for name, value in inputs.items():
        getattr(dut, name).value = value
    dut.rst.value = 1
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)
    dut.rst.value = 0


@cocotb.test()
async def ticks_every_three_cycles(dut):
    await start(dut)
    for cycle in range(1, 20):
        await FallingEdge(dut.clk)
        assert dut.tick.value == cycle // 3 % 2
