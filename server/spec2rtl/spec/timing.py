"""Clocks and resets among the inputs, and what the spec says of them."""

import re
from collections.abc import Iterator
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
    r"(?:^|_)(?:[a-oq-z]?|sys|async|sync|master|global|power|por)_?(?:rst|reset)(?:_?[nb])?(?:_?(?:i|in|n|b|ni|\d+))?$",
    re.IGNORECASE,
)
_LOW_NAME = re.compile(r"(?:rst|reset)_?(?:n|b|ni|n_i)$|(?:^|_)n_?(?:rst|reset)", re.IGNORECASE)
_ASYNC_NAME = re.compile(r"(?:^|_)(?:a|async_?)(?:rst|reset)", re.IGNORECASE)
_FALLING = re.compile(r"\b(?:falling|negative|neg)[\s-]?edge|\bnegedge", re.IGNORECASE)
_RISING = re.compile(r"\b(?:rising|positive|pos)[\s-]?edge|\bposedge", re.IGNORECASE)
_ASYNC = re.compile(
    r"\basynchronous(?:ly)?\b|\basync\b|\b(?:effect|acts|works) (?:immediately|at once)\b"
    r"|\b(?:independent(?:ly)?|regardless|irrespective) of (?:the |a |any )?clock\b"
    r"|\bwithout (?:waiting for )?(?:the|a|any) clock\b",
    re.IGNORECASE,
)
_SYNC = re.compile(r"(?<![\w-])synchronous(?:ly)?\b|\bsync\b", re.IGNORECASE)
_RESET_WORD = re.compile(r"re-?set|(?<![a-z])[an]?rst", re.IGNORECASE)
_GOES_ON = re.compile(r"(?:it|this)(?:'s)?\b", re.IGNORECASE)
"""How a sentence begins that speaks of what the one before it does."""
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
_LEVEL = re.compile(
    r"\b(?P<name>\w+)\W{0,4}(?:=|==|is|goes|at)?\s{0,2}(?:asserted )?\W{0,2}(?P<level>high|low|0|1)\b",
    re.IGNORECASE,
)
_CALLED_CLOCK = re.compile(
    r"\bedge (?:of )?(?:the )?(?:signal )?\W?(\w+)|\bclock(?: \w+)? called \W?(\w+)", re.IGNORECASE
)
_CALLED_RESET = re.compile(
    r"\breset(?: signal| input)?(?: called| named)?\W{1,3}(\w+)", re.IGNORECASE
)
_RESET_WORDS = re.compile(
    r"\breset (?:signal|input)\b|\b(?:synchronous|active[\s-]\w+) reset\b", re.IGNORECASE
)
_CLOCK_WORD = re.compile(r"\bclocks?\b", re.IGNORECASE)
_PAREN = re.compile(r"\([^()]{0,80}\)")
_WORD = re.compile(r"[A-Za-z_]\w*")
_LETS_GO = re.compile(
    r"\b(?:de-?asserted|released?|inactive|not active|while|resume|normal|operation)\b",
    re.IGNORECASE,
)


class Said:
    """The sentences of a spec, found by the words in them."""

    def __init__(self, sentences: tuple[Sentence, ...]) -> None:
        self.texts = tuple(sentence.text for sentence in sentences)
        self._by_word: dict[str, list[str]] = {}
        for text in self.texts:
            for word in {found.lower() for found in _WORD.findall(text)}:
                self._by_word.setdefault(word, []).append(text)

    def of(self, name: str) -> list[str]:
        """List the sentences that use a name."""
        return self._by_word.get(name.lower(), [])


def clocks(ports: tuple[Port, ...], said: Said) -> tuple[Clock, ...]:
    """Find the clocks among the inputs and the edge that counts; rising where none is said."""
    scalars = [p for p in ports if p.direction == "input" and p.msb is None]
    usable = [p for p in scalars if not _NOT_CLOCK.search(p.name)]
    found = [p for p in usable if _CLOCK_NAME.search(p.name) or _CLOCK_WORDS.search(_head(p))]
    if not found:
        found = [p for p in usable if any(_names_clock(p.name, t) for t in said.of(p.name))][:1]
    return tuple(Clock(p.name, _edge(p, said, only=len(found) == 1), p.line) for p in found)


def _head(port: Port) -> str:
    return port.description[:200]


def _names_clock(name: str, text: str) -> bool:
    """Does a sentence use a name as a clock's: "the rising edge of `tick`"?"""
    if "detect" in text.lower():
        return False
    return any(name in {found[1], found[2]} for found in _CALLED_CLOCK.finditer(text))


def _edge(port: Port, said: Said, *, only: bool) -> Literal["rising", "falling"]:
    for text in (port.description, *said.of(port.name)):
        if edge := edge_in(text):
            return edge
    for text in said.texts if only else ():
        if _CLOCK_WORD.search(text) and (edge := edge_in(text)):
            return edge
    return "rising"


def edge_in(text: str) -> Literal["rising", "falling"] | None:
    """Find the edge that a text speaks of; None if it speaks of none or of both."""
    falling, rising = bool(_FALLING.search(text)), bool(_RISING.search(text))
    if falling == rising or "detect" in text.lower():
        return None
    return "falling" if falling else "rising"


def resets(ports: tuple[Port, ...], said: Said) -> tuple[tuple[Reset, ...], tuple[SpecIssue, ...]]:
    """Find the resets among the inputs, their polarity and whether they wait for the clock."""
    scalars = [p for p in ports if p.direction == "input" and p.msb is None]
    found = [p for p in scalars if _RESET_NAME.search(p.name)]
    if not found:
        found = [p for p in scalars if _is_called_reset(p, said)][:1]
    general = _general_clauses(said) if len(found) == 1 else []
    resets: list[Reset] = []
    issues: list[SpecIssue] = []
    for port in found:
        clauses = _clauses(port, said) + general
        reset = Reset(port.name, _polarity(port, clauses), _synchrony(port, clauses), port.line)
        resets.append(reset)
        issues += _unclear(reset)
    return tuple(resets), tuple(issues)


def _unclear(reset: Reset) -> Iterator[SpecIssue]:
    if reset.active is None:
        message = f"whether `{reset.name}` is active high or low is not said"
        yield SpecIssue("reset-polarity-unsaid", message, reset.line)
    if reset.synchronous is None:
        message = f"whether `{reset.name}` is synchronous or asynchronous is not said"
        yield SpecIssue("reset-synchrony-unsaid", message, reset.line)
    if reset.active == "high" and _LOW_NAME.search(reset.name):
        message = f"`{reset.name}` is named like an active-low reset and said to be active high"
        yield SpecIssue("reset-polarity-conflict", message, reset.line)


def _is_called_reset(port: Port, said: Said) -> bool:
    if _RESET_WORDS.search(_head(port)):
        return True
    return any(
        port.name == found[1]
        for text in said.of(port.name)
        for found in _CALLED_RESET.finditer(text)
    )


def _clauses(port: Port, said: Said) -> list[str]:
    """List what is said of a reset by its name, the most certain first."""
    clauses = [port.description] if port.description else []
    for text in said.of(port.name):
        clauses += [clause for clause in _split(text) if port.name.lower() in _words(clause)]
    return clauses


def _general_clauses(said: Said) -> list[str]:
    """List what is said of "reset"."""
    found: list[str] = []
    resetting = False
    for text in said.texts:
        goes_on = resetting and _GOES_ON.match(text) is not None
        found += [c for c in _split(text) if goes_on or _RESET_WORD.search(c)]
        resetting = goes_on or _RESET_WORD.search(text) is not None
    return found


def _split(text: str) -> list[str]:
    # A comma in parentheses doesn't end a clause: "(synchronous, active low)".
    return _CLAUSE.split(_PAREN.sub(lambda m: m.group().replace(",", " "), text))


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}


def _polarity(port: Port, clauses: list[str]) -> Literal["high", "low"] | None:
    for clause in clauses:
        high, low = bool(_HIGH_WORDS.search(clause)), bool(_LOW_WORDS.search(clause))
        if high != low:
            return "high" if high else "low"
    if _LOW_NAME.search(port.name):
        return "low"
    for clause in clauses:
        if _LETS_GO.search(clause):
            continue
        for found in _LEVEL.finditer(clause):
            if found["name"].lower() == port.name.lower():
                return "high" if found["level"].lower() in {"high", "1"} else "low"
    return None


def _synchrony(port: Port, clauses: list[str]) -> bool | None:
    for clause in clauses:
        asynchronous, synchronous = _ASYNC.search(clause), _SYNC.search(clause)
        if asynchronous and synchronous:  # the first counts: "synchronous, not asynchronous"
            return synchronous.start() < asynchronous.start()
        if asynchronous or synchronous:
            return synchronous is not None
    return False if _ASYNC_NAME.search(port.name) else None
