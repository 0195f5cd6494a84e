"""The cocotb modules that a member's words are put into."""

_MEMBER = """\
SEED = 7
ZEROS = (<ZEROS>)


<MODEL>


def stimulus(rng):
    return (
        <STIMULUS>,
    )


def drive(dut, <PARAMETERS>):
<DRIVE>


def compare(dut, wanted, when):
<COMPARE>
"""

CLOCKED = '''\
"""Tests of <TITLE>: cycle by cycle against a model."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, Timer

<MEMBER>

async def start(dut):
    """Start the clock and reset; inputs change on falling edges only."""
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    dut.<RESET>.value = <ON>
    drive(dut, *ZEROS)
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)
    dut.<RESET>.value = <OFF>
    await Timer(1, unit="ns")
    return Model()


async def run(dut, model, rng, cycles):
    """Let the design see random inputs; return the last ones."""
    inputs = ZEROS
    for cycle in range(cycles):
        inputs = stimulus(rng)
        drive(dut, *inputs)
        await Timer(1, unit="ns")
        compare(dut, model.outputs(*inputs), f"in cycle {cycle} before the edge")
        await FallingEdge(dut.clk)
        model.edge(*inputs)
        compare(dut, model.outputs(*inputs), f"in cycle {cycle} with inputs {inputs}")
    return inputs


@cocotb.test()
async def starts_from_reset(dut):
    model = await start(dut)
    compare(dut, model.outputs(*ZEROS), "after reset")


@cocotb.test()
async def follows_the_model(dut):
    model = await start(dut)
    await run(dut, model, random.Random(SEED), <CYCLES>)


@cocotb.test()
async def resets_in_the_middle(dut):
    """The reset is <KIND>: what it does between two rising edges tells."""
    model = await start(dut)
    rng = random.Random(SEED + 1)
    for round in range(8):
        inputs = await run(dut, model, rng, 9 + round)
        dut.<RESET>.value = <ON>
        await Timer(2, unit="ns")
        compare(dut, <BETWEEN>.outputs(*inputs), "right after the reset, before a rising edge")
        await FallingEdge(dut.clk)
        model = Model()
        compare(dut, model.outputs(*inputs), "in reset")
        dut.<RESET>.value = <OFF>
        await Timer(1, unit="ns")
'''.replace("<MEMBER>", _MEMBER)

COMBINATIONAL = '''\
"""Tests of <TITLE>: its outputs against a model."""

<IMPORTS>import random

import cocotb
from cocotb.triggers import Timer

<MEMBER>

async def check(dut, inputs):
    drive(dut, *inputs)
    await Timer(1, unit="ns")
    compare(dut, expected(*inputs), f"for the inputs {inputs}")


@cocotb.test()
async def all_zeros(dut):
    await check(dut, ZEROS)


@cocotb.test()
async def follows_the_model(dut):
    rng = random.Random(SEED)
    for inputs in <SPACE>:
        await check(dut, inputs)
'''.replace("<MEMBER>", _MEMBER)
