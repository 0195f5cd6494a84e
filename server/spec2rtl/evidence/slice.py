"""How a failing value came to be: the assignments that were carried out, back from the failure."""

from collections import deque
from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from spec2rtl.evidence.condition import holds
from spec2rtl.evidence.cone import Hierarchy, Node, Step
from spec2rtl.evidence.cycles import Moments
from spec2rtl.evidence.netlist import Driver, Netlist
from spec2rtl.evidence.wave import Recording
from spec2rtl.rtl import Design
from spec2rtl.syntax.expression import PLAIN, Bits, Form, Values, read
from spec2rtl.syntax.header import split
from spec2rtl.syntax.lexer import Token, code, join

_VISITED = 400
"""Names at moments that are looked at."""
_HELD = 64
"""Cycles that a value is followed back through while nothing changes it."""

_INTEGER, _WIDEST = 32, 4096
_WIDTHS = {"byte": 8, "shortint": 16, "int": 32, "integer": 32, "longint": 64}

Place = tuple[str, int]
"""A file and a line."""


class Slice(Struct, frozen=True):
    """Lines on the way back from a failure, the last step of it first.

    `ran` are assignments that were carried out; `near` all lines that had a say in that, or whose
    condition kept another assignment from being carried out. `words` are those of memories.
    """

    ran: dict[Place, int]
    near: dict[Place, int]
    words: list[Node]


def follow(
    recording: Recording, design: Design, hierarchy: Hierarchy, when: Moments, names: Iterable[str]
) -> Slice:
    """Follow values of the top module back through the cycles of a recording."""
    return _Follower(recording, design, hierarchy, when).follow(names)


class _Follower:
    """A moment is the index of an edge, for what is there before it; the last one is the failure."""

    def __init__(
        self, recording: Recording, design: Design, hierarchy: Hierarchy, when: Moments
    ) -> None:
        self.recording, self.design = recording, design
        self.hierarchy, self.when = hierarchy, when
        self.pending: deque[tuple[Node, int]] = deque()
        self.seen: set[tuple[Node, int]] = set()
        self.constants: dict[str, dict[str, Bits]] = {}
        self.found = Slice({}, {}, [])

    def follow(self, names: Iterable[str]) -> Slice:
        last = len(self.when.edges)
        self._look_at((self.hierarchy.node(name) for name in names), last)
        while self.pending and len(self.seen) < _VISITED:
            self._come_from(*self.pending.popleft())
        return self.found

    def _look_at(self, nodes: Iterable[Node], moment: int) -> None:
        for node in nodes:
            if (node, moment) not in self.seen:
                self.seen.add((node, moment))
                self.pending.append((node, moment))
                if node.word is not None and node not in self.found.words:
                    self.found.words.append(node)

    def _come_from(self, node: Node, moment: int) -> None:
        """Find what gave a name the value that it has at a moment.

        Of the assignments of a process the last one counts: it comes first on the way back.
        """
        steps = list(self.hierarchy.steps(node))[::-1]
        for step in steps:
            if step.driver is None:
                self._note(self.found.near, step.file, step.lines)
                self._look_at(step.reads, moment)
            elif not step.driver.declares and step.driver.clock is None:
                self._try(node, step, step.driver, moment)
        clocked = [(s, s.driver) for s in steps if s.driver and s.driver.clock]
        for edge in range(moment - 1, max(moment - 1 - _HELD, -1), -1):
            ran = [self._try(node, step, driver, edge) for step, driver in clocked]
            if any(ran) or not clocked:
                return

    def _try(self, node: Node, step: Step, driver: Driver, moment: int) -> bool:
        """Was an assignment carried out? It takes its values, else only its conditions count."""
        values = self._values(node, moment)
        told = [holds(text or "", values) for text, _ in driver.guards]
        missed = any(
            value is not None and value is not wanted
            for value, (_, wanted) in zip(told, driver.guards, strict=True)
        )
        if missed:
            self._look_at((r for r in step.reads if r.name in driver.tested), moment)
            return False
        written = _number(driver.word, values) if driver.word is not None else None
        if written is not None and node.word not in (None, written):
            return False
        if None not in told:
            self._note(self.found.ran, step.file, (driver.line,))
        self._note(self.found.near, step.file, driver.lines)
        self._look_at(self._read(step, driver, values), moment)
        return True

    def _read(self, step: Step, driver: Driver, values: Values) -> Iterator[Node]:
        """What an assignment reads: of a memory, the words that are recorded."""
        for node in step.reads:
            numbers = [_number(text, values) for name, text in driver.words if name == node.name]
            words = [structs.replace(node, word=number) for number in numbers]
            known = words and all(word.full in self.recording.names for word in words)
            yield from words if known else (node,)

    def _note(self, table: dict[Place, int], file: str, lines: Iterable[int]) -> None:
        for line in lines:
            table.setdefault((file, line), len(table))

    def _values(self, node: Node, moment: int) -> Values:
        """The bits of a module's names at a moment."""
        constants = self._constants(node)
        netlist = self.hierarchy.known.get(node.module)
        forms = netlist.forms if netlist else {}

        def value(name: str) -> Bits | None:
            trace = self.recording.names.get(self.hierarchy.beside(node, name).full)
            if trace is None:
                return constants.get(name)
            edges = self.when.edges
            seen = trace.before(edges[moment]) if moment < len(edges) else self.when.final(trace)
            return Bits(seen, forms.get(name, PLAIN))

        return value

    def _constants(self, node: Node) -> dict[str, Bits]:
        home = self.hierarchy.home(node.path)[0]
        if home not in self.constants:
            netlist = self.hierarchy.known.get(node.module)
            given = dict(self.design.parameters) if home == self.hierarchy.top else {}
            self.constants[home] = constants(netlist, given) if netlist else {}
        return self.constants[home]


def _number(text: str, values: Values) -> int | None:
    term = read(code(text), values)
    return term.own if term else None


def constants(netlist: Netlist, given: dict[str, str]) -> dict[str, Bits]:
    """The parameters and the labels of enumerations whose value can be told."""
    scope = netlist.scope
    values: dict[str, Bits] = {}
    for name, declarations in scope.declarations.items():
        declared = declarations[-1]
        if declared.constant:
            at, end = scope.tokens[declared.at].end, scope.tokens[declared.last].end
            text = given.get(name, scope.text[at:end].partition("=")[2])
            words = scope.tokens[declared.first : declared.at]
            value = _parameter(text, words, netlist.forms.get(name, PLAIN), values)
            values |= {name: value} if value else {}
    last: int | None = None
    for label, text in _labels([*netlist.shared, *scope.tokens]):
        term = read(code(text), values.get) if text else None
        last = term.own if term else None if text or last is None else last + 1
        if last is not None:
            values[label] = Bits.of(last, _INTEGER)
    return values


def _parameter(text: str, words: list[Token], form: Form, values: dict[str, Bits]) -> Bits | None:
    """A parameter's value in the width that it is declared with, else in its own."""
    term = read(code(text), values.get)
    if term is None:
        return None
    typed = next((_WIDTHS[word.text] for word in words if word.text in _WIDTHS), term.width)
    ends = join(words).partition("[")[2].rpartition("]")[0]
    if ends:
        high, low = (read(code(end), values.get) for end in ends.partition(":")[::2])
        if high is None or low is None or high.own is None or low.own is None:
            return None
        typed = min(abs(high.own - low.own) + 1, _WIDEST)
    number = term.number(max(typed, term.width), signed=term.signed)
    signed = form.signed or (term.signed and not ends)
    return None if number is None else Bits.of(number, typed, signed=signed)


def _labels(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    """The labels of the enumerations, each with the text of its value where it is given one."""
    for i, token in enumerate(tokens):
        if token.text != "enum":
            continue
        opening = next((j for j in range(i, len(tokens)) if tokens[j].text in "{;"), len(tokens))
        if opening == len(tokens) or tokens[opening].text == ";":
            continue
        close = next((j for j in range(opening, len(tokens)) if tokens[j].text == "}"), opening)
        for number, label in enumerate(split(tokens[opening + 1 : close])):
            given = join(label[2:]) if len(label) > 2 and label[1].text == "=" else ""
            yield label[0].text, given or ("" if number else "0")
