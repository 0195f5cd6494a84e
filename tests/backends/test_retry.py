"""When to ask again."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from spec2rtl.backends.retry import Policy, Retrier, Retryable, is_transient, retry_after
from spec2rtl.chat import Chunk, Delta, Reply, Restart, Usage
from spec2rtl.errors import BackendError

NOON = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT


@pytest.mark.parametrize(
    ("attempt", "luck", "asked", "wanted"),
    [
        (1, 1.0, None, 0.5),
        (1, 0.0, None, 0.25),
        (2, 1.0, None, 1.0),
        (5, 1.0, None, 8.0),
        (20, 1.0, None, 30.0),
        (1, 1.0, 4.0, 4.0),
        (5, 1.0, 4.0, 8.0),
        (1, 1.0, 0.0, 0.5),
    ],
)
def test_delay(attempt: int, luck: float, asked: float | None, wanted: float):
    assert Policy().delay(attempt, luck, asked) == wanted


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 15 Jan 2027 07:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
    ],
)
def test_retry_after(headers: dict[str, str], wanted: float | None):
    assert retry_after(headers, NOON) == wanted


@pytest.mark.parametrize(
    ("status", "wanted"),
    [(400, False), (401, False), (404, False), (408, True), (429, True), (500, True), (529, True)],
)
def test_which_statuses_may_pass(status: int, wanted: bool):
    assert is_transient(status) is wanted


class Script:
    """An attempt that yields what it is given, and raises the failures in it."""

    def __init__(self, *attempts: list[Chunk | Exception]) -> None:
        self.attempts = list(attempts)
        self.closed = 0

    async def __call__(self) -> AsyncGenerator[Chunk, None]:
        try:
            for step in self.attempts.pop(0):
                if isinstance(step, Exception):
                    raise step
                yield step
        finally:
            self.closed += 1


def busy(**options: Any) -> Retryable:
    return Retryable(BackendError("busy"), **options)


async def chunks(retrier: Retrier, script: Script) -> list[Chunk]:
    return [chunk async for chunk in retrier.stream(script)]


async def test_begins_afresh_and_charges_what_failed(waits: Any):
    spent = Usage(10, 0, 1, 0.25)
    script = Script(
        [Delta("a"), busy(spent=spent)],
        [busy(after=5.0)],
        [Delta("b"), Reply("b", Usage(10, 4, 2, 0.5))],
    )
    assert await chunks(waits.retrier, script) == [
        Delta("a"),
        Restart("busy"),
        Restart("busy"),
        Delta("b"),
        Reply("b", Usage(20, 4, 3, 0.75)),
    ]
    assert waits.slept == [1.0, 5.0]
    assert script.closed == 3


async def test_an_error_that_will_not_pass_is_not_retried(waits: Any):
    script = Script([Delta("a"), BackendError("no")])
    with pytest.raises(BackendError, match=r"^no$"):
        await chunks(waits.retrier, script)
    assert waits.slept == []


@pytest.mark.parametrize(
    ("failures", "slept", "line"),
    [
        ([busy()] * 9, [1.0, 2.0, 4.0], r"^busy \(gave up after 4 attempts\)$"),
        ([busy(attempts=2)] * 9, [1.0], r"^busy \(gave up after 2 attempts\)$"),
        (
            [busy(after=40.0)] * 9,
            [40.0],
            r"^busy \(gave up after 2 attempts; the server asks to wait 40 s\)$",
        ),
        ([busy(after=61.0)], [], r"^busy \(the server asks to wait 61 s\)$"),
    ],
)
async def test_gives_up(
    waits: Any, failures: list[Chunk | Exception], slept: list[float], line: str
):
    with pytest.raises(BackendError, match=line):
        await chunks(waits.retrier, Script(*[[failure] for failure in failures]))
    assert waits.slept == slept


async def test_closing_closes_the_attempt(waits: Any):
    script = Script([Delta("a"), Delta("b")])
    async with aclosing(waits.retrier.stream(script)) as stream:
        assert await anext(stream) == Delta("a")
        assert script.closed == 0
    assert script.closed == 1
