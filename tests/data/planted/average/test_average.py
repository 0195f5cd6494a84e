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
async def means(dut):
    await start(dut, a=0, b=0)
    for a, b in ((2, 4), (7, 8), (100, 50), (200, 100), (255, 255)):
        dut.a.value = a
        dut.b.value = b
        await FallingEdge(dut.clk)
        mean = dut.mean.value.to_unsigned()
        assert mean == (a + b) // 2
