"""Which sentence of a spec a failure touches, on the specs of the examples."""

from pathlib import Path

import pytest

from spec2rtl.evidence.failure import Failure
from spec2rtl.evidence.requirement import touched
from spec2rtl.spec.parse import parse

EXAMPLES = Path(__file__).parents[2] / "examples"

ROWS = [
    ("counter", "reset_clears", "count", "rst=1 en=0", "if rst is 1, count becomes 0"),
    ("counter", "counts_and_wraps", "count", "rst=1 en=0", "if rst is 1, count becomes 0"),
    ("counter", "counts_and_wraps", "count", "rst=0 en=1", "count becomes count + 1"),
    ("counter", "holds_while_disabled", "count", "rst=0 en=0", "count stays as it is"),
    ("counter", "random_inputs", "count", "rst=0 en=0", "count stays as it is"),
    ("counter", "reset_waits_for_the_clock", "count", "rst=0 en=1", "The reset is synchronous"),
    ("counter", "reset_wins_over_enable", "count", "rst=1 en=1", "if rst is 1, count becomes 0"),
    ("edge_detector", "reset_clears", "rise", "rst=1 sig=0", "if rst is 1, rise and previous"),
    ("edge_detector", "random_inputs", "rise", "rst=0 sig=1", "rise becomes sig & ~previous"),
    ("fifo", "a_write_to_a_full_fifo_is_ignored", "full", "wr_en=1 full=1", "the write is ignored"),
    ("fifo", "words_come_out_in_order", "rd_data", "rd_en=1 empty=0", "the oldest word is taken"),
    ("pwm", "reset", "out", "rst=1", "out becomes 0 and the period is abandoned"),
    ("pwm", "duty_zero_stays_low", "out", "rst=0", "With duty 0 out stays 0"),
]


@pytest.mark.parametrize(("name", "test", "signal", "values", "says"), ROWS)
def test_touched(name: str, test: str, signal: str, values: str, says: str) -> None:
    spec = parse((EXAMPLES / name / f"{name}.spec.md").read_text())
    failure = Failure(
        test, "t.py", 1, f"assert actual == self.{signal}", 1.0, None, None, (signal,)
    )
    levels = dict(pair.split("=") for pair in values.split())
    found = touched(failure, levels.get, spec)
    assert found
    assert says in " ".join(found.text.split())


def test_a_failure_that_no_sentence_speaks_of() -> None:
    spec = parse((EXAMPLES / "counter/counter.spec.md").read_text())
    failure = Failure("t", "t.py", 1, "assert False", 1.0, None, None, ("other",))
    assert touched(failure, dict[str, str]().get, spec) is None
