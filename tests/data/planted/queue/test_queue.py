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


async def step(dut, push, pop, value=0):
    dut.push.value = push
    dut.pop.value = pop
    getattr(dut, "in").value = value
    await FallingEdge(dut.clk)


@cocotb.test()
async def first_in_first_out(dut):
    await start(dut, push=0, pop=0)
    model = []
    for push, pop, value in ((1, 0, 11), (1, 0, 22), (1, 0, 33), (0, 1, 0), (1, 1, 44), (0, 1, 0)):
        await step(dut, push, pop, value)
        expected = model.pop(0) if pop and model else None
        model += [value] * push
        if expected is not None:
            assert dut.out.value == expected, f"out is {dut.out.value}, expected {expected:08b}"
        assert dut.empty.value == (not model)
