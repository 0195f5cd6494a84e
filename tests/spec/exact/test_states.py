"""State machines in canonical form."""

import pytest

from spec2rtl.spec.parse import parse

PORTS = "- input clk\n- input reset\n- input w\n- output z\n\n"

MACHINES = {
    "a Moore diagram": (
        "  A (0) --0--> B\n  A (0) --1--> A\n  B (1) --0--> B\n  B (1) --1--> A\n",
        ("state A (output 0): w=0 -> B; w=1 -> A", "state B (output 1): w=0 -> B; w=1 -> A"),
    ),
    "named outputs and conditions": (
        "  IDLE        --r0=0,r1=0--> IDLE\n  IDLE        ---r0=1---> ONE\n  ONE (g0=1) --r0=0--> IDLE\n",
        ("state IDLE: r0=0, r1=0 -> IDLE; r0=1 -> ONE", "state ONE (g0=1): r0=0 -> IDLE"),
    ),
    "a Mealy diagram": (
        "A --w=0 (z=0)--> A\nA --w=1/1--> B\nB --1 (z=1)--> B\n",
        ("state A: w=0 (z=0) -> A; w=1 (output 1) -> B", "state B: w=1 (z=1) -> B"),
    ),
    "arrows": (
        "- S0 -> S1: w=1\n- S1 → S0 when w=0\n",
        ("state S0: w=1 -> S1", "state S1: w=0 -> S0"),
    ),
    "always": ("A ----> B\nB --w=1--> A\n", ("state A: always -> B", "state B: w=1 -> A")),
    "a table with a column for each input": (
        "State | Next state w=0, Next state w=1 | Output\nA | A, B | 0\nB | C, B | 1\n",
        ("state A (output 0): w=0 -> A; w=1 -> B", "state B (output 1): w=0 -> C; w=1 -> B"),
    ),
    "states that are numbers": (
        "Present state y[1:0] | Next state w=0 | Next state w=1 | Output z\n00 | 01 | 10 | 0\n"
        "01 | 00 | 11 | 1\n",
        ("state 00 (z=0): w=0 -> 01; w=1 -> 10", "state 01 (z=1): w=0 -> 00; w=1 -> 11"),
    ),
    "a row for each transition": (
        "| Current state | w | Next state | Output |\n|--|--|--|--|\n| A | 0 | A | 0 |\n| A | 1 | B | 1 |\n",
        ("state A: w=0 (output 0) -> A; w=1 (output 1) -> B",),
    ),
}


@pytest.mark.parametrize(("text", "lines"), MACHINES.values(), ids=MACHINES)
def test_machines(text: str, lines: tuple[str, ...]) -> None:
    (exact,) = parse(PORTS + text).exact
    assert (exact.kind, exact.canonical.split("\n")) == ("state_table", list(lines))


def test_one_condition_that_leads_to_two_states_is_an_issue() -> None:
    spec = parse(PORTS + "A --w=0--> A\nA --w=0--> B\nB --w=1--> A\n")
    conflicts = [i for i in spec.issues if i.code == "state-transition-conflict"]
    assert [i.line for i in conflicts] == [7]


@pytest.mark.parametrize("text", ["a --> b\n", "Data flows in -> out.\n", "A -- B\nB -- C\n"])
def test_not_a_machine(text: str) -> None:
    assert parse(PORTS + text).exact == ()
