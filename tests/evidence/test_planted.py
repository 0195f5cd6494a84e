"""Twelve designs with one planted bug each: what a failure's explanation says of it, on real tools."""

import difflib
from pathlib import Path

import pytest

from spec2rtl.eda.testbench import load_testbench
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.evidence.explain import Explanation, explain
from spec2rtl.evidence.show import HEIGHT, WIDTH, text
from spec2rtl.rtl import Design, SourceFile

PLANTED = Path(__file__).parents[1] / "data" / "planted"

ROWS = {
    "accumulator": "total",  # a missing enable
    "average": "sum",  # a width cut
    "button": "finder.rise",  # a wrong edge, in a submodule
    "detector": "next",  # a wrong transition of a state machine
    "divider": "count",  # a reset that resets nothing
    "gray": "code",  # a shift the wrong way, without a clock
    "largest": "more",  # a swapped comparison
    "lowest": "pick",  # swapped priorities
    "pulse": "left",  # off by one
    "queue": "out",  # a stale pointer
    "serial": "shift",  # the wrong end first
    "stage": "in_ready",  # the wrong signal in a handshake
}
"""By design: the signal in which it first parts from the right one."""


@pytest.fixture(scope="module")
def toolchain() -> IcarusToolchain:
    return IcarusToolchain(find_tools())


def design(name: str, file: str) -> Design:
    path = PLANTED / name / f"{file}.v"
    return Design((SourceFile(str(path), path.read_text()),), top=name)


async def explained(toolchain: IcarusToolchain, name: str) -> Explanation:
    """Record the failing test of the wrong design, and the same test of the right one."""
    bench = load_testbench(PLANTED / name / f"test_{name}.py")
    wrong, right = design(name, name), design(name, "right")
    assert (await toolchain.simulate(right, bench)).status == "passed"
    report = await toolchain.simulate(wrong, bench)
    failed = next(test for test in report.tests if test.status == "failed")
    now = await toolchain.record(wrong, bench, report.tests, failed)
    before = await toolchain.record(right, bench, report.tests, failed)
    assert now
    assert before
    explanation = explain(now, failed, wrong, bench, previous=before)
    assert explanation
    return explanation


def planted(name: str) -> list[int]:
    """The numbers of the lines that differ from the right design."""
    right, wrong = ((PLANTED / name / f"{f}.v").read_text().splitlines() for f in ("right", name))
    codes = difflib.SequenceMatcher(None, right, wrong, autojunk=False).get_opcodes()
    return [n + 1 for tag, _, _, start, end in codes if tag != "equal" for n in range(start, end)]


def test_there_are_twelve() -> None:
    assert sorted(ROWS) == sorted(path.name for path in PLANTED.iterdir())
    assert len(ROWS) == 12


@pytest.mark.parametrize("name", ROWS)
async def test_a_planted_bug_is_told(toolchain: IcarusToolchain, name: str) -> None:
    explanation = await explained(toolchain, name)
    bug = planted(name)
    assert set(bug) <= {line.line for line in explanation.lines}, "the cone holds the bug"
    assert explanation.divergence
    assert explanation.divergence.signals[0] == f"{name}.{ROWS[name]}"
    shown = text(explanation).splitlines()
    assert len(shown) <= HEIGHT
    assert max(map(len, shown)) <= WIDTH
    for line in bug:
        assert any(row.startswith(f"{line:>4} ") for row in shown), "the screen shows the bug"
