"""Which part of a spec speaks of what: headings, labels and lead-ins give blocks their topic."""

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from spec2rtl.rtl import Direction
from spec2rtl.spec.document import Block, Fence, Heading, Item, Line, Rule, Table, Text
from spec2rtl.spec.prose import plain

Topic = Literal["input", "output", "inout", "interface", "parameter", "example", "other"]

DIRECTIONS: dict[Topic, Direction] = {"input": "input", "output": "output", "inout": "inout"}
"""The direction of the ports that a topic is about."""
INTERFACE = frozenset[Topic]((*DIRECTIONS, "interface", "parameter"))
"""The topics under which a bare name is a port or a parameter."""

_DECOR = re.compile(
    r"^[\s#>]*(?:\(?\d+(?:\.\d+)*[.)]?\s+|[-*•]\s+)?|[\s:.]+$|\s*\([^()]{0,60}\)\s*:?\s*$"
)
_EXAMPLE = re.compile(
    r"\b(?:examples?|tests?|testing|test ?bench|usage|scenarios?|simulation|internal)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:states?|registers? map|waveforms?|timing|behaviou?r(?:s|al)?"
    r"|edge cases?|reset behaviou?r|logic|constraints?|assumptions?|verification"
    r"|handling|encoding|algorithm|generation|arrangement|mapping|operation)\b",
    re.IGNORECASE,
)
_NOUN = (
    r"(?:\s+(?:ports?|signals?|pins?|interfaces?|specifications?|definitions?|descriptions?|list"
    r"|table|details|vectors?|bus(?:es)?))*"
)
_BOTH = re.compile(
    rf"(?:inputs?{_NOUN}\s*(?:and|/|&|,)\s*outputs?|i/?os?|in/out){_NOUN}$", re.IGNORECASE
)
_INPUT = re.compile(rf"\binputs?{_NOUN}$", re.IGNORECASE)
_OUTPUT = re.compile(rf"\boutputs?{_NOUN}$", re.IGNORECASE)
_INOUT = re.compile(rf"\b(?:inouts?|bidirectional){_NOUN}$", re.IGNORECASE)
_PARAMETER = re.compile(rf"\b(?:parameters?|generics?){_NOUN}$", re.IGNORECASE)
_INTERFACE = re.compile(
    r"(?:\b(?:interfaces?|ports?|pins?|pinout|signals?)(?:\s+(?:definitions?|descriptions?|list"
    r"|table|specifications?|details|summary|signals?|ports?))*)$",
    re.IGNORECASE,
)
_TOPICS: tuple[tuple[re.Pattern[str], Topic], ...] = (
    (_BOTH, "interface"),
    (_INOUT, "inout"),
    (_INPUT, "input"),
    (_OUTPUT, "output"),
    (_PARAMETER, "parameter"),
    (_INTERFACE, "interface"),
)
_LABEL_WORDS = 7


class Placed(Struct, frozen=True):
    """A block, what its surroundings say it speaks of, and the label that stands over it."""

    block: Block
    topic: Topic
    label: str = ""


class _Level(Struct, frozen=True):
    """An open heading, label or item; the lower its rank, the more it spans."""

    rank: int
    topic: Topic | None
    label: str = ""


def topic_of(text: str) -> Topic | None:
    """Tell what a heading or label announces; None if it doesn't say."""
    label = plain(text)
    for _ in range(3):
        label = _DECOR.sub("", label)
    if _EXAMPLE.search(label):
        return "example"
    if _OTHER.search(label):
        return "other"
    if len(label.split()) > _LABEL_WORDS:
        return None
    for pattern, topic in _TOPICS:
        if pattern.search(label):
            return topic
    return None


def place(blocks: tuple[Block, ...]) -> Iterator[Placed]:
    """Give each block the topic of the innermost heading, label or item around it."""
    outline = _Outline()
    for block in blocks:
        yield from outline.enter(block)


# Ranks: headings 1 to 6, a label paragraph 10, list items 20 + depth.
_LABEL_RANK = 10
_ITEM_RANK = 20


class _Outline:
    """The headings, labels and items that are open at a place."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []
        self._listed = False

    def _pop(self, rank: int) -> None:
        while self._levels and self._levels[-1].rank >= rank:
            self._levels.pop()

    def _leave_items(self, depth: int) -> None:
        """Leave the items that a block `depth` lists deep is no part of."""
        self._pop(_ITEM_RANK + depth + 1)

    def _push(self, rank: int, text: str) -> None:
        self._pop(rank)
        topic = topic_of(text)
        if (rank == 1 and topic == "example") or (rank > _ITEM_RANK and topic == "other"):
            topic = None  # a title; a bullet that happens to name a state
        self._levels.append(_Level(rank, topic, text))

    def _topic(self) -> Topic:
        """Find the innermost topic; a direction outranks `interface` below it."""
        # Every section stands below the document's title: that it does says nothing of it.
        sections = any(1 < level.rank < _LABEL_RANK for level in self._levels)
        outermost = 2 if sections else 1
        topics: list[Topic] = [
            level.topic for level in self._levels if level.topic and level.rank >= outermost
        ]
        if not topics:
            return "other"
        if topics[-1] == "interface" and len(topics) > 1 and topics[-2] in {"input", "output"}:
            return topics[-2]
        # What stands under "Example" is an example, whatever its own heading says.
        return "example" if "example" in topics else topics[-1]

    def _label(self) -> str:
        return self._levels[-1].label if self._levels else ""

    def enter(self, block: Block) -> Iterator[Placed]:
        """Open what a block opens and place it."""
        match block:
            case Heading():
                self._push(block.level, block.text)
                self._listed = False
                yield Placed(block, self._topic())
            case Rule():
                self._pop(_LABEL_RANK)
            case Item():
                self._pop(_ITEM_RANK + block.depth)
                self._listed = True
                placed = Placed(block, self._topic(), self._label())
                self._push(_ITEM_RANK + block.depth, _label_part(block.lines[0].text))
                yield placed
            case Text():
                yield from self._text(block)
            case Table() | Fence():
                self._leave_items(block.depth)
                self._listed = True
                yield Placed(block, self._topic(), self._label())

    def _text(self, block: Text) -> Iterator[Placed]:
        """Split a paragraph at its label lines: `Inputs:` followed by lines of ports."""
        self._leave_items(block.depth)
        rank = _ITEM_RANK + block.depth if block.depth else _LABEL_RANK
        run: list[Line] = []
        for line in block.lines:
            if is_label(line.text):
                if run:
                    yield self._run(block.depth, run)
                    run = []
                self._push(rank, line.text)
                self._listed = False
            else:
                run.append(line)
        if run:
            yield self._run(block.depth, run)

    def _run(self, depth: int, run: list[Line]) -> Placed:
        if self._listed and not depth:
            self._pop(_LABEL_RANK)
        placed = Placed(Text(depth, tuple(run)), self._topic(), self._label())
        last = plain(run[-1].text).strip()
        if last.endswith(":") and not depth:  # "There are 3 outputs:"
            sentence = re.split(r"(?<=[.!?])\s", " ".join(plain(r.text) for r in run))[-1]
            topic = topic_of(" ".join(sentence.split()[-4:]))
            if topic not in {None, "other", "example"}:
                self._pop(_LABEL_RANK)
                self._levels.append(_Level(_LABEL_RANK, topic))
                self._listed = False
        return placed


def is_label(text: str) -> bool:
    """Does a paragraph's line only announce what follows?"""
    words = plain(text).strip()
    short = 0 < len(words.split()) <= _LABEL_WORDS
    bold = text.strip().startswith("**") and text.strip().rstrip(":").endswith("**")
    ends = words.endswith(":") and not re.search(r"[.=;]|:\s", words[:-1])
    known = topic_of(words) not in {None, "other", "example"} and bool(
        re.fullmatch(r"[A-Z][\w/&, ()-]*", words)
    )
    return short and (bold or ends or known) and "`" not in text


def _label_part(text: str) -> str:
    """Take an item for a label unless something follows its colon."""
    head, _, rest = plain(text).partition(":")
    return "" if rest.strip() else head
