"""Clocks and resets among the inputs, and what the spec says of them."""

import re
from typing import Literal

from spec2rtl.rtl import Port
from spec2rtl.spec.model import Clock, Reset, SpecIssue
from spec2rtl.spec.prose import Sentence

_CLOCK_NAME = re.compile(
    r"(?:^|_)[a-z]{0,4}(?:clk|clock)(?:_?(?:i|in|\d+|[a-z]))?$|^(?:clk|clock)", re.IGNORECASE
)
_NOT_CLOCK = re.compile(
    r"(?:^|_)(?:en|ena|enable|div|sel|ce|gate|freq|valid|count)(?:_|$)", re.IGNORECASE
)
_CLOCK_WORDS = re.compile(
    r"\b(?:clock (?:signal|input|for)|(?:system|master|main|input) clock|acts? as (?:a |the )?clock)\b",
    re.IGNORECASE,
)
_RESET_NAME = re.compile(
    r"(?:^|_)(?:[a-z]?|sys|async|sync|master|global|power|por)_?(?:rst|reset)(?:_?[nb])?(?:_?(?:i|in|n|b|ni|\d+))?$",
    re.IGNORECASE,
)
_LOW_NAME = re.compile(r"(?:rst|reset)_?(?:n|b|ni|n_i)$|(?:^|_)n_?(?:rst|reset)", re.IGNORECASE)
_ASYNC_NAME = re.compile(r"(?:^|_)(?:a|async_?)(?:rst|reset)", re.IGNORECASE)
_FALLING = re.compile(r"\b(?:falling|negative|neg)[\s-]?edge|\bnegedge", re.IGNORECASE)
_RISING = re.compile(r"\b(?:rising|positive|pos)[\s-]?edge|\bposedge", re.IGNORECASE)
_ASYNC = re.compile(r"\basynchronous(?:ly)?\b|\basync\b", re.IGNORECASE)
_SYNC = re.compile(r"(?<![\w-])synchronous(?:ly)?\b|\bsync\b", re.IGNORECASE)
_RESET_WORD = re.compile(r"\b\w*re-?set\w*\b|\b\w*rst\w*\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;:]\s+")
_HIGH_WORDS = re.compile(
    r"\bactive[\s-]*(?:\()?high\b|\b(?:asserted|active|is|if|when|goes|logic) high\b|\bpositive[\s-]edge[\s-]triggered\b"
    r"|\bposedge\b|\bhigh[\s-]active\b",
    re.IGNORECASE,
)
_LOW_WORDS = re.compile(
    r"\bactive[\s-]*(?:\()?low\b|\b(?:asserted|active|is|if|when|goes|logic) low\b|\bnegedge\b|\blow[\s-]active\b"
    r"|\bactive \(low\)",
    re.IGNORECASE,
)
_LETS_GO = re.compile(
    r"\b(?:de-?asserted|released?|inactive|not active|while|resume|normal|operation)\b",
    re.IGNORECASE,
)


def clocks(ports: tuple[Port, ...], sentences: tuple[Sentence, ...]) -> tuple[Clock, ...]:
    """Find the clocks among the inputs and the edge that counts; rising where none is said."""
    scalars = [p for p in ports if p.direction == "input" and p.msb is None]
    named = [p for p in scalars if _CLOCK_NAME.search(p.name) and not _NOT_CLOCK.search(p.name)]
    called = [p for p in scalars if p not in named and _is_called_clock(p, sentences)]
    found = named or called[:1]
    if named:
        found = named + [p for p in called if _CLOCK_WORDS.search(p.description)]
    return tuple(Clock(p.name, _edge(p, sentences, only=len(found) == 1), p.line) for p in found)


def _is_called_clock(port: Port, sentences: tuple[Sentence, ...]) -> bool:
    if _CLOCK_WORDS.search(port.description[:200]) and not _NOT_CLOCK.search(port.name):
        return True
    name = re.escape(port.name)
    edge = re.compile(
        rf"\bedge (?:of )?(?:the )?(?:signal )?{name}\b|\bclock(?: \w+)? called {name}\b",
        re.IGNORECASE,
    )
    return any(
        port.name in s.text and edge.search(s.text) and "detect" not in s.text for s in sentences
    )


def _edge(
    port: Port, sentences: tuple[Sentence, ...], *, only: bool
) -> Literal["rising", "falling"]:
    name = re.compile(rf"\b{re.escape(port.name)}\b")
    for text in [port.description, *(s.text for s in sentences if name.search(s.text))]:
        if edge := _edge_in(text):
            return edge
    if only:
        for sentence in sentences:
            if re.search(r"\bclocks?\b", sentence.text, re.IGNORECASE) and (
                edge := _edge_in(sentence.text)
            ):
                return edge
    return "rising"


def _edge_in(text: str) -> Literal["rising", "falling"] | None:
    falling, rising = bool(_FALLING.search(text)), bool(_RISING.search(text))
    if falling == rising or "detect" in text.lower():
        return None
    return "falling" if falling else "rising"


def resets(
    ports: tuple[Port, ...], sentences: tuple[Sentence, ...]
) -> tuple[tuple[Reset, ...], tuple[SpecIssue, ...]]:
    """Find the resets among the inputs, their polarity and whether they wait for the clock."""
    scalars = [p for p in ports if p.direction == "input" and p.msb is None]
    found = [p for p in scalars if _RESET_NAME.search(p.name)]
    if not found:
        found = [p for p in scalars if _is_called_reset(p, sentences)][:1]
    resets: list[Reset] = []
    issues: list[SpecIssue] = []
    for port in found:
        clauses = _clauses(port, sentences, only=len(found) == 1)
        active, synchronous = _polarity(port, clauses), _synchrony(port, clauses)
        resets.append(Reset(port.name, active, synchronous, port.line))
        if active is None:
            message = f"whether `{port.name}` is active high or low is not said"
            issues.append(SpecIssue("reset-polarity-unsaid", message, port.line))
        if synchronous is None:
            message = f"whether `{port.name}` is synchronous or asynchronous is not said"
            issues.append(SpecIssue("reset-synchrony-unsaid", message, port.line))
    return tuple(resets), tuple(issues)


def _is_called_reset(port: Port, sentences: tuple[Sentence, ...]) -> bool:
    if re.search(
        r"\breset (?:signal|input)\b|\b(?:synchronous|active[\s-]\w+) reset\b",
        port.description[:120],
        re.IGNORECASE,
    ):
        return True
    name = re.escape(port.name)
    called = re.compile(
        rf"\breset(?: signal| input)?(?: called| named)?\W{{1,3}}{name}\b(?!\w)", re.IGNORECASE
    )
    return any(port.name in s.text and called.search(s.text) for s in sentences)


def _clauses(port: Port, sentences: tuple[Sentence, ...], *, only: bool) -> list[str]:
    """List what is said of a reset, the most certain first."""
    name = re.compile(rf"\b{re.escape(port.name)}\b", re.IGNORECASE)
    own = [port.description] if port.description else []
    named: list[str] = []
    general: list[str] = []
    for sentence in sentences:
        # A comma in parentheses doesn't end a clause: "(synchronous, active low)".
        text = re.sub(r"\([^()]{0,80}\)", lambda m: m.group().replace(",", " "), sentence.text)
        for clause in _CLAUSE.split(text):
            if name.search(clause):
                named.append(clause)
            elif only and _RESET_WORD.search(clause):
                general.append(clause)
    return own + named + general


def _polarity(port: Port, clauses: list[str]) -> Literal["high", "low"] | None:
    name = re.escape(port.name)
    level = re.compile(
        rf"\b{name}\W{{0,4}}(?:=|==|is|goes|at)?\s*(?:asserted )?\W{{0,2}}(?P<v>high|low|0|1)\b",
        re.IGNORECASE,
    )
    for clause in clauses:
        high, low = bool(_HIGH_WORDS.search(clause)), bool(_LOW_WORDS.search(clause))
        if high != low:
            return "high" if high else "low"
    if _LOW_NAME.search(port.name):
        return "low"
    for clause in clauses:
        found = level.search(clause)
        if found and not _LETS_GO.search(clause):
            return "high" if found["v"].lower() in {"high", "1"} else "low"
    return None


def _synchrony(port: Port, clauses: list[str]) -> bool | None:
    for clause in clauses:
        asynchronous, synchronous = bool(_ASYNC.search(clause)), bool(_SYNC.search(clause))
        if asynchronous != synchronous:
            return synchronous
        if asynchronous and synchronous:  # the first counts: "synchronous, not asynchronous"
            first = (_ASYNC.search(clause), _SYNC.search(clause))
            if first[0] and first[1]:
                return first[1].start() < first[0].start()
    return False if _ASYNC_NAME.search(port.name) else None
