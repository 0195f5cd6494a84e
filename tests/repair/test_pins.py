"""Which ports a repair and an edit must keep."""

import pytest

from spec2rtl.events import Task
from spec2rtl.repair.pins import broken_pin

USED = ("clk", "en", "q")


def module(*ports: str, body: str = "") -> str:
    return f"module m({', '.join(f'input {p}' for p in ports)});{body} endmodule\n"


BEFORE = module("clk", "en", "q", "spare")


@pytest.mark.parametrize(
    ("task", "after", "used", "says"),
    [
        ("repair", module("clk", "en", "q", "spare", body=" wire w;"), USED, None),
        ("repair", module("clk", "en", "[3:0] q", "spare"), USED, None),
        ("repair", module("clk", "q", "spare"), USED, "drops the port `en`, which a repair must"),
        ("repair", module("clk", "en", "q"), USED, "drops the port `spare`, which a repair must"),
        ("repair", module("clk", "en", "q", "spare", "x"), USED, "adds the port `x`"),
        ("repair", module("clk", "en", "q"), (), "drops the port `spare`"),
        # The tests want what the designer's header lacks: the header is the fault.
        ("repair", module("clk", "en", "q", "rst"), (*USED, "rst"), None),
        ("repair", module("clk", "q", "rst"), (*USED, "rst"), "drops the port `en`, which its tests"),
        ("edit", module("clk", "en", "q", "x"), USED, None),
        ("edit", module("clk", "enable", "q"), ("clk", "enable", "q"), None),
        ("edit", module("clk", "enable", "q"), USED, "drops the port `en`, which its tests use"),
        ("edit", module("clk"), (), None),
        ("generate", module("clk"), USED, None),
        # What can't be read is the compiler's to judge.
        ("repair", "module m(input clk, ; endmodule\n", USED, None),
    ],
)  # fmt: skip
def test_pins(task: Task, after: str, used: tuple[str, ...], says: str | None) -> None:
    found = broken_pin(BEFORE, after, task=task, module="m", used=used)
    assert found == says if says is None else says in (found or "")


def test_names_inside_of_the_module_are_no_lacking_ports() -> None:
    before = module("clk", "en", body=" reg state;")
    after = module("clk", body=" reg state;")
    found = broken_pin(before, after, task="repair", module="m", used=("clk", "state"))
    assert found == "drops the port `en`, which a repair must keep"
