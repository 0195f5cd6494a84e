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
async def keeps_the_largest(dut):
    await start(dut, valid=0, number=0)
    dut.valid.value = 1
    best = 0
    for number in (3, 9, 4, 200, 17, 255, 0):
        dut.number.value = number
        await FallingEdge(dut.clk)
        best = max(best, number)
        assert dut.most.value == best
