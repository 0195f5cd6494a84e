"""The words that the test writer is given: it sees the specification and never RTL."""

from spec2rtl.chat import Message, Prompt
from spec2rtl.loop.prompts import specification
from spec2rtl.rtl import Interface
from spec2rtl.spec.header import header
from spec2rtl.spec.model import Spec

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


def write(spec: Spec, interface: Interface) -> Prompt:
    """Ask for tests."""
    numbered = [f"{n}. {r.text}" for n, r in enumerate(spec.requirements, 1)]
    rules = _RULES.format(
        module=interface.module,
        header=header(interface, "verilog"),
        requirements="\n".join(numbered) or "1. (the specification as a whole)",
    )
    task = Message("user", f"{specification(spec)}\n\n{rules}")
    return Prompt(messages=(Message("system", WRITER), task), stable=2)


def again(spec: Spec, interface: Interface, text: str, why: str) -> Prompt:
    """Ask for better tests after a reply that was refused."""
    first = write(spec, interface)
    turn = Message("assistant", f"```python\n{text.rstrip()}\n```" if text else "(no tests)")
    asks = Message(
        "user", f"These tests can't be used: {why}\n\nAnswer with the whole module, mended."
    )
    return Prompt(messages=(*first.messages, turn, asks), stable=2)
