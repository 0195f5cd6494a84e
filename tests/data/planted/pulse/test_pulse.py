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
async def lasts_five_cycles(dut):
    await start(dut, start=0)
    dut.start.value = 1
    await FallingEdge(dut.clk)
    dut.start.value = 0
    for cycle in range(9):
        assert dut.active.value == (cycle < 5), f"cycle {cycle}: active is {dut.active.value}"
        await FallingEdge(dut.clk)
