"""The sentences of a spec that demand behaviour."""

import re

from spec2rtl.spec.document import Item, Line, Text
from spec2rtl.spec.model import Requirement
from spec2rtl.spec.outline import Placed
from spec2rtl.spec.prose import Sentence, sentences

_DEMAND = re.compile(
    r"\b(?:must|shall|should|will|has to|have to|needs? to|is to|are to|never|always|only|at most"
    r"|at least|exactly|on (?:reset|each|every|the)|when|if|once|until|unless|while|after|whenever"
    r"|assume|otherwise|asserts?|asserted|deasserts?|de-asserted|resets?|cleared|clears|sets|holds"
    r"|increments?|decrements?|counts?|loads?|shifts?|toggles?|outputs?|returns?|transitions?|moves"
    r"|waits?|remains?|stays?|updates?|updated|registered|sampled|computes?|selects?|divides?"
    r"|wraps?|stores?|drives?|implement|latency|cycles?|takes precedence|priority|triggered"
    r"|combinational|synchronous|asynchronous)\b",
    re.IGNORECASE,
)
_ASK = re.compile(
    r"\b(?:I would like|could you|please (?:write|provide|implement|give)|following interface)\b"
    r"|\bunless otherwise specified|\bmodule \w+ ?[#(]",
    re.IGNORECASE,
)
_MODAL = re.compile(
    r"\b(?:must|shall|should|when|if|until|only|while|resets?|clears?)\b", re.IGNORECASE
)
_TABULAR = re.compile(r"\|.*\||->|--\S+--|^\s*\d+\s*ns\b|^\s*(?:[01xXzZ]\s+){3,}")


def requirements(placed: tuple[Placed, ...], declared: frozenset[int]) -> tuple[Requirement, ...]:
    """List the demands; of the lines that declare a port only what is demanded of it."""
    prose = (
        _prose(one.block.lines)
        for one in placed
        if one.topic != "example" and isinstance(one.block, Item | Text)
    )
    return tuple(
        Requirement(sentence.text, sentence.line, sentence.end_line)
        for lines in prose
        for sentence in sentences(lines)
        if _demands(sentence, declared)
    )


def _prose(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(line for line in lines if not _TABULAR.search(line.text))


def _demands(sentence: Sentence, declared: frozenset[int]) -> bool:
    text = sentence.text
    if len(text.split()) < 3 or text.endswith(":") or _ASK.search(text):
        return False
    pattern = _MODAL if sentence.line in declared else _DEMAND
    return bool(pattern.search(text))
