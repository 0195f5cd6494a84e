"""What a spec leaves open that two engineers would build differently, and sentences that settle it.

`parse` notes what it could not tell; here is what a reader misses beyond that.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from spec2rtl.rtl import Direction, Port
from spec2rtl.spec.model import Spec, SpecIssue
from spec2rtl.spec.parse import parse
from spec2rtl.spec.prose import plain

_TIMING = re.compile(
    r"\b(?:cycles?|edges?|latency|combinational\w*|registered|clocked|pipelined?|immediately"
    r"|asynchronously|synchronously|posedge|negedge|flip-?flops?|registers?|latch\w*)\b"
    r"|\bclocks? (?:later|after)|\bnext clock|\balways @",
    re.IGNORECASE,
)
_WRITE = re.compile(r"(?:^|_)(?:wr|we|write|push|enq|enqueue|wen)(?:_|$)", re.IGNORECASE)
_READ = re.compile(r"(?:^|_)(?:rd|re|read|pop|deq|dequeue|ren)(?:_|$)", re.IGNORECASE)
_FULL = re.compile(r"(?:^|_)full(?:_|$)", re.IGNORECASE)
_EMPTY = re.compile(r"(?:^|_)empty(?:_|$)", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.;|\n]+(?:\n(?!\s*(?:\n|[-*|#]|\d+\.))[^.;|\n]+)*")


class _Corner(NamedTuple):
    """Two ports whose meeting must be spoken of: by the words that do, else with a question."""

    one: re.Pattern[str]
    other: re.Pattern[str]
    side: Direction
    said: re.Pattern[str]
    question: str
    answers: tuple[str, ...]


_CORNERS = (
    _Corner(
        _WRITE,
        _FULL,
        "output",
        re.compile(
            r"\bfull\b.*\b(?:writ\w*|wr|push\w*|enqueu\w*|overflow\w*|ignor\w*|dropp\w*)\b"
            r"|\b(?:writ\w*|wr\w*|push\w*|enqueu\w*|overflow\w*)\b.*full\b|\boverflow",
            re.IGNORECASE | re.DOTALL,
        ),
        "what `{one}` does while `{other}` is 1 is not said",
        (
            "A write with `{one}` at 1 while `{other}` is 1 is ignored.",
            "A write with `{one}` at 1 while `{other}` is 1 overwrites the oldest word.",
        ),
    ),
    _Corner(
        _READ,
        _EMPTY,
        "output",
        re.compile(
            r"\bempty\b.*\b(?:reads?|reading|rd|pop\w*|dequeu\w*|underflow\w*|ignor\w*)\b"
            r"|\b(?:read\w*|rd\w*|pop\w*|dequeu\w*|underflow\w*)\b.*empty\b|\bunderflow",
            re.IGNORECASE | re.DOTALL,
        ),
        "what `{one}` does while `{other}` is 1 is not said",
        (
            "A read with `{one}` at 1 while `{other}` is 1 is ignored.",
            "A read with `{one}` at 1 while `{other}` is 1 returns 0.",
        ),
    ),
    _Corner(
        _WRITE,
        _READ,
        "input",
        re.compile(
            r"\b(?:both|simultaneous\w*|same (?:cycle|edge|time|clock)|at once|together|concurrent\w*"
            r"|dual[- ]port|priority|precedence)\b",
            re.IGNORECASE,
        ),
        "what happens with `{one}` and `{other}` at 1 in the same cycle is not said",
        (
            "With `{one}` and `{other}` at 1 in the same cycle, both take place.",
            "With `{one}` and `{other}` at 1 in the same cycle, the write has priority.",
        ),
    ),
)


def lint(spec: Spec) -> tuple[SpecIssue, ...]:
    """What `parse` noted, and what is not spoken of or can't be read, in the text's order."""
    corners = (issue for issue, _ in _corners(spec))
    found = (*spec.issues, *_unreadable(spec), *_latency(spec), *corners)
    return tuple(sorted(found, key=lambda issue: issue.line))


def mends(spec: Spec, issue: SpecIssue) -> tuple[str, ...]:
    """Sentences of which each settles an issue, one way or another; none for most."""
    name = next(iter(re.findall(r"`(\w+)`", issue.message)), "")
    match issue.code:
        case "reset-polarity-unsaid":
            return f"`{name}` is active high.", f"`{name}` is active low."
        case "reset-synchrony-unsaid":
            return f"`{name}` is a synchronous reset.", f"`{name}` is an asynchronous reset."
        case "width-unsaid":
            side = next((port.direction for port in spec.ports if port.name == name), "input")
            among_others = sum(port.line == issue.line for port in spec.ports) > 1
            byte = (
                f"`{name}[7:0]` has 8 bits." if among_others else f"- `{side} [7:0] {name}`: 8 bits"
            )
            return byte, f"- `{side} {name}`: 1 bit"
        case "latency-unsaid":
            clock = spec.clocks[0]
            return (
                f"The outputs are registered: they change at the {clock.edge} edge of "
                f"`{clock.name}` only.",
                "The outputs are combinational: they follow the inputs within the same cycle.",
            )
        case _:
            corners = dict(_corners(spec))
            return corners.get(issue, ())


def with_sentence(text: str, issue: SpecIssue, sentence: str) -> str | None:
    """A spec with a sentence below the block that an issue is in.

    None if that settles nothing, or makes a list of its own that hides ports.
    """
    lines = text.split("\n")
    ending = "\r" if "\r\n" in text else ""
    at = _block_end(lines, issue.line)
    new = "\n".join([*lines[:at], ending, sentence + ending, *(lines[at:] or [""])])
    old, after = parse(text), parse(new)
    lost = {port.name for port in old.ports} - {port.name for port in after.ports}
    left = {(one.code, one.message) for one in lint(after)}
    return None if lost or (issue.code, issue.message) in left else new


def _block_end(lines: list[str], line: int) -> int:
    """How many lines there are up to the end of the block that holds a line."""
    fenced = False
    for number, text in enumerate(lines, 1):
        fence = text.lstrip().startswith(("```", "~~~"))
        fenced ^= fence
        if number >= line and not fenced and (number == len(lines) or not lines[number].strip()):
            return number
    return len(lines)


def _unreadable(spec: Spec) -> Iterator[SpecIssue]:
    """What an editor shows for bytes that are no UTF-8: models would be sent that."""
    before, sign, _ = spec.text.partition("\N{REPLACEMENT CHARACTER}")
    if sign:
        message = (
            "holds characters that could not be read: open it in its encoding, save it as UTF-8"
        )
        yield SpecIssue("not-utf-8", message, before.count("\n") + 1)


def _latency(spec: Spec) -> Iterator[SpecIssue]:
    """A clock, and not a word on when an output changes."""
    outputs = [port for port in spec.ports if port.direction == "output"]
    words = "\n".join(_SENTENCE.findall(plain(spec.text)))
    if spec.clocks and outputs and not spec.exact and not _TIMING.search(words):
        message = (
            f"when `{outputs[0].name}` changes is not said: at an edge of the clock, or at once"
        )
        yield SpecIssue("latency-unsaid", message, outputs[0].line)


def _corners(spec: Spec) -> Iterator[tuple[SpecIssue, tuple[str, ...]]]:
    for corner in _CORNERS:
        one = _named(spec, corner.one, "input")
        other = _named(spec, corner.other, corner.side)
        if one is None or other is None or not spec.clocks:
            continue
        described = {f"{port.name} {port.description}" for port in spec.ports}
        texts = [*_SENTENCE.findall(plain(spec.text)), *described]
        if not any(corner.said.search(text) for text in texts):
            names = {"one": one.name, "other": other.name}
            issue = SpecIssue("corner-unsaid", corner.question.format(**names), other.line)
            yield issue, tuple(answer.format(**names) for answer in corner.answers)


def _named(spec: Spec, pattern: re.Pattern[str], side: Direction) -> Port | None:
    """The first scalar port with such a name."""
    return next(
        (
            port
            for port in spec.ports
            if port.msb is None and port.direction == side and pattern.search(port.name)
        ),
        None,
    )
