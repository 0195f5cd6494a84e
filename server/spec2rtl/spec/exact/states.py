"""State machines drawn in text: transition tables and arrows."""

import re

from msgspec import Struct

from spec2rtl.rtl import Port
from spec2rtl.spec.document import Line
from spec2rtl.spec.exact.grid import Cells, cells
from spec2rtl.spec.model import Exact, SpecIssue

# `A (0) --x=1--> B`, `A --(x=1)/z=0--> B`, `A -> B: x=1`
_LABELLED = re.compile(
    r"[\s*>-]{0,8}(?P<source>[A-Za-z_]\w*)\s*(?:\((?P<output>[^()]{0,60})\))?\s*-{2,}\s?"
    r"(?P<label>[^<>\n]{0,120}?)\s?-+>\s*(?P<target>[A-Za-z_]\w*)\s*(?:\([^()]{0,60}\))?\s*[.;]?\s*"
)
_ARROW = re.compile(
    r"[\s*-]{0,8}(?P<source>[A-Za-z_]\w*)\s*(?:\((?P<output>[^()]{0,60})\))?\s*(?:-+>|=+>|→|⟶)\s*"
    r"(?P<target>[A-Za-z_]\w*)\s*(?::|\bon\b|\bwhen\b|\bif\b|,)\s*(?P<label>[^\n]{1,120})"
)
_MEALY = re.compile(r"\s*(?:\((?P<paren>[^()]*=[^()]*)\)|/\s*(?P<slash>[^/]+))\s*$")
_CONDITION = re.compile(r"[A-Za-z_]\w*(?:\[\d+\])?\s*(?:==?)\s*\S+")
_NEXT = re.compile(r"\bnext\b", re.IGNORECASE)
_STATE = re.compile(r"\bstates?\b|\bcurrent\b|\bpresent\b", re.IGNORECASE)
_OUTPUT = re.compile(r"\bout(?:puts?)?\b", re.IGNORECASE)
_MAX_LINE = 300


class _Transition(Struct, frozen=True):
    source: str
    condition: str
    target: str
    line: int


class _Columns(Struct, frozen=True):
    """What the columns of a state table hold."""

    names: tuple[str, ...]
    nexts: list[int]
    inputs: list[int]
    outputs: list[int]


class _Machine:
    """Collects transitions by state, in the order of the text."""

    def __init__(self) -> None:
        self.outputs: dict[str, str] = {}
        self.transitions: dict[str, list[_Transition]] = {}

    def add(self, transition: _Transition, output: str) -> None:
        self.transitions.setdefault(transition.source, []).append(transition)
        if output:
            self.outputs.setdefault(transition.source, output)

    def text(self) -> str:
        lines: list[str] = []
        for state, leaving in self.transitions.items():
            output = f" ({self.outputs[state]})" if state in self.outputs else ""
            arrows = "; ".join(f"{t.condition} -> {t.target}" for t in leaving)
            lines.append(f"state {state}{output}: {arrows}")
        return "\n".join(lines)

    def conflicts(self) -> list[SpecIssue]:
        """Find one condition that leads to two states."""
        issues: list[SpecIssue] = []
        for state, leaving in self.transitions.items():
            seen: dict[str, str] = {}
            for one in leaving:
                condition = one.condition.split(" (")[0]
                if seen.setdefault(condition, one.target) != one.target:
                    message = f"state {state} goes to both {seen[condition]} and {one.target} on {condition}"
                    issues.append(SpecIssue("state-transition-conflict", message, one.line))
        return issues


def diagram(
    run: tuple[Line, ...], inputs: tuple[Port, ...]
) -> tuple[Exact, list[SpecIssue]] | None:
    """Read the arrows with which a run begins, and find those that contradict one another."""
    machine = _Machine()
    count = 0
    for line in run:
        if len(line.text) > _MAX_LINE:
            break
        found = _LABELLED.fullmatch(line.text) or _ARROW.fullmatch(line.text)
        if not found:
            break
        condition = _condition(found["label"], inputs)
        output = found["output"] or ""
        shown = output if "=" in output or not output else f"output {output}"
        machine.add(_Transition(found["source"], condition, found["target"], line.number), shown)
        count += 1
    if count < 2:
        return None
    last = run[count - 1].number
    exact = Exact("state_table", machine.text(), run[0].number, last)
    return exact, machine.conflicts()


def _condition(label: str, inputs: tuple[Port, ...]) -> str:
    """Write a transition's label in full: `1` means that the only input is 1."""
    label = label.strip(" -`[]|")
    mealy = _MEALY.search(label)
    output = (mealy["paren"] or mealy["slash"] or "").strip() if mealy else ""
    condition = label[: mealy.start()].strip() if mealy else label
    if condition.startswith("(") and condition.endswith(")"):
        condition = condition[1:-1]
    condition = ", ".join(part.strip() for part in condition.split(",")) or "always"
    if re.fullmatch(r"[01]", condition):
        name = inputs[0].name if len(inputs) == 1 else "input"
        condition = f"{name}={condition}"
    if not output:
        return condition
    return f"{condition} ({output if '=' in output else f'output {output}'})"


def table(run: tuple[Line, ...]) -> Exact | None:
    """Read a table of current and next states that begins with the run's first line."""
    if len(run) < 3 or "|" not in run[0].text or not _NEXT.search(run[0].text[:_MAX_LINE]):
        return None
    header = _split(cells(run[0]))
    rows = [_split(cells(line)) for line in run[1:]]
    width = len(header.cells)
    if not header.cells or not _STATE.search(header.cells[0]) or _NEXT.search(header.cells[0]):
        return None
    if any(len(row.cells) != width or not all(row.cells) for row in rows):
        return None
    columns = _columns(header.cells)
    if not columns.nexts:
        return None
    machine = _Machine()
    for row in rows:
        _add_row(machine, columns, row)
    return Exact("state_table", machine.text(), run[0].number, run[-1].number)


def _columns(names: tuple[str, ...]) -> _Columns:
    nexts = [n for n in range(1, len(names)) if _NEXT.search(names[n])]
    rest = [n for n in range(1, len(names)) if n not in nexts]
    outputs = [n for n in rest if _OUTPUT.search(names[n])]
    return _Columns(names, nexts, [n for n in rest if n not in outputs], outputs)


def _split(row: Cells) -> Cells:
    """Split cells that hold one entry for each value of an input: `A, B`."""
    return Cells(row.line, tuple(part.strip() for cell in row.cells for part in cell.split(",")))


def _add_row(machine: _Machine, columns: _Columns, row: Cells) -> None:
    names = columns.names
    shown = ", ".join(_output(names[n], row.cells[n]) for n in columns.outputs)
    given = ", ".join(f"{names[n]}={row.cells[n]}" for n in columns.inputs)
    for column in columns.nexts:
        found = _CONDITION.search(names[column])
        own = found.group().replace(" ", "").strip("()") if found else ""
        condition = ", ".join(part for part in (given, own) if part) or "always"
        mealy = f" ({shown})" if given and shown else ""
        machine.add(
            _Transition(row.cells[0], condition + mealy, row.cells[column], row.line),
            "" if mealy else shown,
        )


def _output(name: str, value: str) -> str:
    last = name.rsplit(maxsplit=1)[-1].strip("()")
    return f"output {value}" if last.lower() in {"output", "outputs"} else f"{last}={value}"
