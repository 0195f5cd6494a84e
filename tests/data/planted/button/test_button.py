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
async def counts_presses(dut):
    await start(dut, pressed=0)
    for press in range(1, 4):
        dut.pressed.value = 1
        for _ in range(5):
            await FallingEdge(dut.clk)
        assert dut.presses.value == press
        dut.pressed.value = 0
        for _ in range(5):
            await FallingEdge(dut.clk)
