import cocotb
from cocotb.triggers import Timer


@cocotb.test()
async def lowest_first(dut):
    for stall in (0, 1):
        for req in range(16):
            dut.req.value = req
            dut.stall.value = stall
            await Timer(1, unit="ns")
            assert dut.grant.value == (0 if stall else req & -req)
