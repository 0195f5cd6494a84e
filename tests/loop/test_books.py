"""What a run has used, and when that is too much."""

import pytest

from spec2rtl.chat import Role, Usage
from spec2rtl.events import Compiled, Event, Limits, ModelReplied, Seconds, Simulated, Warned
from spec2rtl.loop.books import Books


def replied(role: Role = "generator", cost: float | None = 0.25) -> ModelReplied:
    usage = Usage(100, 40, 10, cost)
    return ModelReplied(role=role, candidate=0, reply="", usage=usage, seconds=2.0)


def booked(*events: Event) -> Books:
    books = Books()
    for event in events:
        books.enter(event)
    return books


def test_each_role_and_tool_has_its_own_account() -> None:
    books = booked(
        replied(),
        replied("reflector"),
        replied(),
        Compiled(candidate="", ok=True, reason="ok", diagnostics=(), seconds=0.5),
        Simulated(
            candidate="", status="passed", reason="ok", diagnostics=(), tests=(), seconds=1.5,
            sandbox="",
        ),
        Warned(message="mind"),
    )  # fmt: skip
    assert books.usage.generator == Usage(200, 80, 20, 0.5)
    assert books.usage.reflector == Usage(100, 40, 10, 0.25)
    assert books.seconds(9.0) == Seconds(4.0, 2.0, 0.5, 1.5, 9.0)
    assert books.warnings == ["mind"]


@pytest.mark.parametrize(
    ("limits", "spent"),
    [
        (Limits(), None),
        (Limits(tokens=220), None),
        (Limits(tokens=219), "tokens"),
        (Limits(cost_usd=0.5), None),
        (Limits(cost_usd=0.49), "cost"),
    ],
)
def test_a_budget_covers_both_roles(limits: Limits, spent: str | None) -> None:
    assert booked(replied(), replied("reflector")).over(limits) == spent


@pytest.mark.parametrize("role", ["generator", "reflector"])
def test_an_unknown_price_hides_no_known_one(role: Role) -> None:
    books = booked(replied(cost=None), replied(role), replied(cost=None))
    assert books.used(role).cost_usd == 0.25
    assert books.over(Limits(cost_usd=0.24)) == "cost"
    assert books.over(Limits(cost_usd=0.25)) is None


def test_an_unknown_price_spends_no_budget_and_says_so_once() -> None:
    limits, reply = Limits(cost_usd=0.01), replied(cost=None)
    books = booked(reply)
    assert books.over(limits) is None
    assert "cost budget can't be kept" in (books.unpriced(reply, limits) or "")
    assert books.unpriced(reply, limits) is None
    assert books.unpriced(replied("reflector", cost=0.0), limits) is None
    assert booked(reply).unpriced(reply, Limits()) is None
