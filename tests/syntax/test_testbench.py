import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec2rtl.syntax.testbench import TestbenchFacts, read_testbench

HEAD = "import cocotb\nfrom cocotb.triggers import RisingEdge\n"


def names(text: str) -> tuple[tuple[str, ...], bool]:
    facts = read_testbench(HEAD + text)
    assert facts.error is None
    return facts.tests, facts.dynamic


@pytest.mark.parametrize(
    ("text", "tests", "dynamic"),
    [
        ("@cocotb.test()\nasync def a(dut): ...", ("a",), False),
        ("@cocotb.test\nasync def a(dut): ...", ("a",), False),
        ("@cocotb.test(timeout_time=1, skip=True)\nasync def a(dut): ...", ("a",), False),
        ("@cocotb.test(name='other')\nasync def a(dut): ...", ("other",), False),
        ("@cocotb.test(name=None)\nasync def a(dut): ...", ("a",), False),
        ("@cocotb.test(name=f'{1}')\nasync def a(dut): ...", (), True),
        ("@cocotb.test(**options)\nasync def a(dut): ...", (), True),
        ("from cocotb import test as t\n@t()\nasync def a(dut): ...", ("a",), False),
        ("import cocotb as c\n@c.test()\nasync def a(dut): ...", ("a",), False),
        ("async def a(dut): ...", (), False),
        ("@pytest.test()\ndef a(): ...", (), False),
        ("@cocotb.test()\nasync def a(dut): ...\ndef a(): ...", (), False),
        ("if X:\n    @cocotb.test()\n    async def a(dut): ...", (), True),
        ("a = cocotb.test()(f)", (), True),
        (
            "from cocotb.regression import TestFactory\ntf = TestFactory(f)\ntf.generate_tests()",
            (),
            True,
        ),
    ],
)
def test_tests(text: str, tests: tuple[str, ...], dynamic: bool) -> None:
    assert names(text) == (tests, dynamic)


@pytest.mark.parametrize(
    ("decorators", "tests"),
    [
        ("@cocotb.parametrize(w=[4, 8])", ("t/w=4", "t/w=8")),
        (
            "@cocotb.parametrize(w=WIDTHS, s=('a', 'b'))",
            ("t/w=1/s=a", "t/w=1/s=b", "t/w=2/s=a", "t/w=2/s=b"),
        ),
        ("@cocotb.parametrize(n=range(2))", ("t/n=0", "t/n=1")),
        ("@cocotb.parametrize(n=[[1], [2]])", ("t/n=0", "t/n=1")),
        ("@cocotb.parametrize((('x', 'y'), [(1, 2), (3, 4)]))", ("t/x=1/y=2", "t/x=3/y=4")),
        ("@cocotb.parametrize(a=[1])\n@cocotb.parametrize(b=[-2])", ("t/a=1/b=-2",)),
        ("@cocotb.parametrize(f=[helper])", ("t/f=helper",)),
    ],
)
def test_parametrized(decorators: str, tests: tuple[str, ...]) -> None:
    text = (
        f"WIDTHS = [1, 2]\ndef helper(): ...\n@cocotb.test()\n{decorators}\nasync def t(dut): ..."
    )
    assert names(text) == (tests, False)


def test_parametrized_as_cocotb_names_them() -> None:
    """The installed cocotb agrees with what was read off."""
    import cocotb

    @cocotb.test()
    @cocotb.parametrize(w=[4, None], s=["a", "too long for a name"])
    @cocotb.parametrize((("x", "y"), [(1, [2]), (3, [4])]))
    async def t(dut: object, **_: object) -> None: ...

    text = (
        "@cocotb.test()\n@cocotb.parametrize(w=[4, None], s=['a', 'too long for a name'])\n"
        "@cocotb.parametrize((('x', 'y'), [(1, [2]), (3, [4])]))\nasync def t(dut, **_): ..."
    )
    expected = tuple(test.name.rsplit(".", 1)[-1] for test in t.generate_tests())
    assert names(text) == (expected, False)


def test_unknown_parametrization_is_dynamic() -> None:
    text = "@cocotb.test()\n@cocotb.parametrize(w=compute())\nasync def t(dut, w): ..."
    assert names(text) == ((), True)


@pytest.mark.parametrize(
    ("body", "driven", "others"),
    [
        ("dut.a.value = 1", "a", ""),
        ("assert dut.y.value == 1", "", "y"),
        ("await RisingEdge(dut.clk)", "", "clk"),
        ("Clock(dut.clk, 10, unit='ns')", "clk", ""),
        ("dut.a <= 1", "a", ""),
        ("dut.a.setimmediatevalue(0)", "a", ""),
        ("dut['a'].value = 1", "a", ""),
        ("getattr(dut, 'a').value = dut._id('y', extended=False).value", "a", "y"),
        ("for n in ('a', 'b'):\n        getattr(dut, n).value = 0", "a b", ""),
        ("for s in (dut.a, dut.b):\n        s.value = 0", "a b", ""),
        ("for s in dut:\n        s.value = 0", "", ""),
        ("d = dut\n    s = d.y\n    print(int(s.value))", "", "y"),
        ("dut._log.info('x')", "", ""),
        ("dut.mem[3].value = 1", "mem", ""),
        ("helper(dut)", "h", "k"),
        ("drive(dut.a)", "a", ""),
        ("driver = Driver(dut, dut.b)", "valid b", "ready"),
        ("cocotb.top.z.value = 1", "z", ""),
    ],
)
def test_signals(body: str, driven: str, others: str) -> None:
    text = f"""
from cocotb.clock import Clock
def helper(device):
    device.h.value = device.k.value
def drive(signal, value=1):
    signal.value = value
class Driver:
    def __init__(self, device, line):
        self.device = device
        self.line = line
    def go(self):
        self.device.valid.value = 1
        self.line.value = 2
        return self.device.ready.value
@cocotb.test()
async def a(dut):
    {body}
"""
    facts = read_testbench(HEAD + text)
    assert set(facts.driven) == set(driven.split())
    assert set(facts.signals) == {*driven.split(), *others.split()}


def test_the_first_parameter_of_a_test_is_the_design() -> None:
    facts = read_testbench(HEAD + "@cocotb.test()\nasync def a(top):\n    top.x.value = 1\n")
    assert facts.driven == ("x",)


@pytest.mark.parametrize(
    ("text", "top"),
    [
        ("runner.build(hdl_toplevel='counter')", "counter"),
        ("TOP_MODULE = 'counter'", "counter"),
        ("T = 'counter'\nrun(toplevel=T)", "counter"),
        ("import os\nt = os.getenv('TOPLEVEL', 'counter')", "counter"),
        ("import os\nt = os.environ.get('HDL_TOPLEVEL', 'counter')", "counter"),
        ("run(toplevel='a')\nrun(toplevel='b')", None),
        ("run(toplevel=x)", None),
        ("", None),
    ],
)
def test_top(text: str, top: str | None) -> None:
    assert read_testbench(HEAD + text).top == top


@pytest.mark.parametrize(
    ("text", "line"),
    [("x = 1\ny = (\n", 2), ("a\n\0", 2), ("(" * 5000, 1), ("-" * 100_000 + "1", 1)],
)
def test_errors(text: str, line: int) -> None:
    facts = read_testbench(text)
    assert facts.error is not None
    assert facts.error[0] == line
    assert facts.error[1]
    assert facts == TestbenchFacts(error=facts.error)


def test_an_invalid_escape_is_no_error() -> None:
    assert read_testbench("x = '\\d'").error is None


@given(st.text(max_size=200))
def test_never_raises(text: str) -> None:
    read_testbench(text)


PIECES = st.sampled_from(
    ["dut.a.value = 1", "x = dut", "x.b <= 2", "def f(dut): ...", "@cocotb.test()", "x = x.y",
     "for s in dut.z: s.value = 1", "f(x, *y, **z)", "import cocotb", "a, b = dut.a, dut.b",
     "class C: ...", "@cocotb.parametrize(('a', [1]), b=x)", "async def g(*, k=1): ..."]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("\n".join))
def test_never_raises_on_python(text: str) -> None:
    read_testbench(text)


MARK = "# spec2rtl: generated tests, not reviewed\n"


@pytest.mark.parametrize(
    ("text", "generated"),
    [
        (MARK + HEAD, True),
        ("# SPDX-License-Identifier: MIT\n\n" + MARK + HEAD, True),
        ("\ufeff" + MARK + HEAD, True),
        (HEAD + MARK, False),
        (HEAD, False),
    ],
)
def test_generated(text: str, generated: bool) -> None:
    facts = read_testbench(text)
    assert facts.error is None
    assert facts.generated is generated
