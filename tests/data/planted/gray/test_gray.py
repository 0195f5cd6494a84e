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
async def one_bit_at_a_time(dut):
    await start(dut, en=1)
    for number in range(1, 20):
        await FallingEdge(dut.clk)
        binary = number % 16
        expected = binary ^ binary >> 1
        assert dut.code.value == expected, (
            f"after {number}: got {dut.code.value}, expected {expected:04b}"
        )
