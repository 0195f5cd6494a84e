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
async def finds_the_pattern(dut):
    await start(dut, bit_in=0)
    seen = ""
    for bit in "1011011001010110":
        dut.bit_in.value = int(bit)
        await FallingEdge(dut.clk)
        seen += bit
        assert dut.found.value == seen.endswith("1011"), f"found is {dut.found.value} after {seen}"
