"""Replies of a test writer, read without running them."""

import pytest

from spec2rtl.rtl import Interface, Origin, Port, Testbench
from spec2rtl.syntax.testbench import GENERATED
from spec2rtl.testgen.replies import Unusable, read_tests, requirements_of

INTERFACE = Interface("inv", (Port("a", "input"), Port("y", "output")))
TESTS = """\
import cocotb

@cocotb.test()
async def inverts(dut):
    \"\"\"Requirements 1 and 3: y is the inverse.\"\"\"
    assert dut.y.value == 1

@cocotb.test()
async def random_inputs(dut):
    dut.a.value = 1
"""


@pytest.mark.parametrize(
    "reply",
    [
        f"```python\n{TESTS}```",
        f"Sure!\n\n~~~\n{TESTS}~~~\nDone.",
        f"```sh\npip install cocotb\n```\n\n```py\n{TESTS}```",
        TESTS,
        f"```python\n{GENERATED}, mine\n{TESTS}```",
    ],
)
def test_tests_are_found_and_marked(reply: str) -> None:
    read = read_tests(reply, INTERFACE, truncated=False)
    assert isinstance(read, Testbench)
    assert read.text.startswith(GENERATED)
    assert read.text.count(GENERATED) == 1
    assert read.text.endswith(TESTS)
    assert read.origin is Origin.GENERATED
    assert (read.module, read.top, read.tests) == ("test_inv", "inv", ("inverts", "random_inputs"))


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ("", "no fenced block"),
        ("```verilog\nmodule inv; endmodule\n```", "no fenced block"),
        (f"```python\n{TESTS}", "cut off"),
        (f"```python\n{TESTS.replace('dut)', 'dut')}```", "is no Python"),
        (f"```python\nfrom . import golden\n{TESTS}```", "imports `.`"),
        (f"```python\nimport os, pandas.io\n{TESTS}```", "imports `pandas`"),
        (f"```python\n{TESTS.replace('dut.y', 'dut.u1')}```", "`dut.u1`, which is no port"),
    ],
)
def test_a_reply_without_usable_tests_says_why(reply: str, says: str) -> None:
    read = read_tests(reply, INTERFACE, truncated=False)
    assert isinstance(read, Unusable)
    assert says in read.why


def test_a_reply_that_its_limit_cut_is_not_used() -> None:
    assert isinstance(read_tests(f"```python\n{TESTS}```", INTERFACE, truncated=True), Unusable)


def test_tests_name_their_requirements() -> None:
    assert requirements_of(TESTS) == {"inverts": (1, 3), "random_inputs": ()}
