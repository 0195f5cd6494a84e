"""The words that the test writer is given: it sees the specification and never RTL."""

from spec2rtl.chat import Message, Prompt
from spec2rtl.loop.prompts import specification
from spec2rtl.rtl import Interface
from spec2rtl.spec.header import header
from spec2rtl.spec.model import Spec
from spec2rtl.testgen.skeleton import driven, word

WRITER = (
    "You are an expert in RTL verification. From a specification alone you write tests for cocotb "
    "2 that a right design passes and a wrong one fails. You have not seen any design. You answer "
    "with one Python module in one fenced block and nothing else."
)
_RULES = """\
Write the tests of the module `{module}`, whose interface is
```verilog
{header}
```
Requirements, by their numbers:
{requirements}

Rules:
- A Python class models the module from the specification, one step per clock cycle; every expected value comes from it.
- One test per requirement: an `async def` under `@cocotb.test()` with a parameter `dut`, whose docstring begins with `Requirement N:`. One more test drives random inputs for some hundred cycles, from `random.Random(SEED)` with a constant SEED that it prints by `dut._log.info("seed %d", SEED)`.
- Use nothing of `dut` but the ports above, and import nothing but cocotb and Python's standard library.
- Start a clock by `Clock(dut.clk, 10, unit="ns").start()` (that of the interface); drive every input from the start; change inputs at the falling edge (`await FallingEdge(dut.clk)`) and compare outputs at the next one, so that no race with the rising edge is possible. Without a clock, set inputs and `await Timer(1, unit="ns")`.
- Begin every test with the reset, if there is one. Compare nothing before it that the specification leaves open.
- Compare as `assert dut.q.value == expected, f"cycle {{cycle}}: q is {{dut.q.value}}, expected {{expected}}"`, which also fails on an unknown value. Bound every wait by a number of cycles."""


_BEGUN = """\
A test module of `{module}` is begun. Go on with it:

1. Finish the class `Model`. `__init__(self)` sets what the module holds after its reset. `step(self, {inputs})` takes the inputs of one clock cycle, as unsigned numbers, and returns the outputs behind it: `return {{{outputs}}}`. It has no other inputs; what the specification leaves open is left out of the dict.
2. Write a test for each requirement, such as
```python
@cocotb.test()
async def requirement_1(dut):
    \"\"\"Requirement 1: what is tried.\"\"\"
    await begin(dut)
    model = Model()
    await check(dut, model, {example})
```
It calls `check` once a clock cycle, which compares; it has no assert of its own.

Requirements, by their numbers:
{requirements}"""
BEGUN_TOKENS = 1600
"""Of a reply that goes on with a skeleton: it is no longer than that if it is any good."""


def write(spec: Spec, interface: Interface) -> Prompt:
    """Ask for tests."""
    rules = _RULES.format(
        module=interface.module,
        header=header(interface, "verilog"),
        requirements=_numbered(spec),
    )
    task = Message("user", f"{specification(spec)}\n\n{rules}")
    return Prompt(messages=(Message("system", WRITER), task), stable=2)


def go_on(spec: Spec, interface: Interface, begun: str) -> Prompt:
    """Ask a small model to go on with a skeleton."""
    names = [word(port.name) for port in driven(interface, spec)]
    outputs = [port.name for port in interface.ports if port.direction == "output"]
    rules = _BEGUN.format(
        module=interface.module,
        inputs=", ".join(names),
        outputs=", ".join(f'"{name}": …' for name in outputs),
        example=", ".join(f"{name}=1" for name in names),
        requirements=_numbered(spec),
    )
    task = Message("user", f"{specification(spec)}\n\n{rules}")
    return Prompt(
        messages=(Message("system", WRITER), task),
        prefix=f"```python\n{begun}",
        stable=2,
        max_tokens=BEGUN_TOKENS,
    )


def _numbered(spec: Spec) -> str:
    numbered = [f"{n}. {r.text}" for n, r in enumerate(spec.requirements, 1)]
    return "\n".join(numbered) or "1. (the specification as a whole)"


def again(spec: Spec, interface: Interface, text: str, why: str) -> Prompt:
    """Ask for better tests after a reply that was refused."""
    first = write(spec, interface)
    turn = Message("assistant", f"```python\n{text.rstrip()}\n```" if text else "(no tests)")
    asks = Message(
        "user", f"These tests can't be used: {why}\n\nAnswer with the whole module, mended."
    )
    return Prompt(messages=(*first.messages, turn, asks), stable=2)
