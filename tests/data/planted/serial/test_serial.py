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


async def sent(dut):
    bits = []
    for _ in range(8):
        bits.append(int(dut.line.value))
        await FallingEdge(dut.clk)
    return sum(bit << i for i, bit in enumerate(bits))


@cocotb.test()
async def sends_the_lowest_bit_first(dut):
    await start(dut, load=0, data=0)
    for byte in (0x00, 0xFF, 0xA5, 0x01):
        dut.data.value = byte
        dut.load.value = 1
        await FallingEdge(dut.clk)
        dut.load.value = 0
        assert await sent(dut) == byte
        assert dut.busy.value == 0
