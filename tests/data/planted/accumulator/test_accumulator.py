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
async def adds_only_when_enabled(dut):
    await start(dut, en=0, data=0)
    total = 0
    for en, data in ((1, 5), (1, 250), (0, 9), (1, 1), (0, 255)):
        dut.en.value = en
        dut.data.value = data
        await FallingEdge(dut.clk)
        total += en * data
        assert int(dut.total.value) == total
