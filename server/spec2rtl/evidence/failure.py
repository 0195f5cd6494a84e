"""What a failing test says: the statement, the signals it speaks of, expected and actual value."""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePath

from msgspec import Struct

from spec2rtl.rtl import Port, Testbench, TestResult
from spec2rtl.syntax.testbench import parse

_COMPARED = re.compile(r"^assert (.+?) (==|!=|<=|>=|<|>|is|in) (.+)$", re.MULTILINE)
_LOGIC = re.compile(r"^(?:Logic|LogicArray)\('([01XZUWLH-]+)'")
_EXPECTED = re.compile(
    r"\b(?:expected|expecting|want(?:ed)?|should be|instead of|rather than)[:=]? *(?:to be *)?"
    r"([^\s,;]+)",
    re.IGNORECASE,
)
_ACTUAL = re.compile(
    r"\b(?:got|actual|was|is|read|found|but)[:=]? +'?"
    r"(\w*'s?[bodh][\da-fxz_]+|-?[\w.]*\d\w*|[xz]+\b)",
    re.IGNORECASE,
)
_VALUE = re.compile(r".*\d|[xz]+$", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z_]\w*")
_VALUE_OF = re.compile(r"\b\w+\.([\w.\[\]]+)\.value\b")
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_HOPS = 3
"""How many assignments are followed from a variable to the signal that it was read from."""


class Failure(Struct, frozen=True):
    """A failing test in short; `expected` and `actual` are None where it doesn't say.

    `signals` are the names of the design that the assertion speaks of, outputs before inputs.
    """

    test: str
    file: str
    line: int | None
    statement: str
    time_ns: float | None
    expected: str | None
    actual: str | None
    signals: tuple[str, ...]


def read_failure(
    test: TestResult, bench: Testbench, ports: Sequence[Port], internal: Iterable[str] = ()
) -> Failure:
    """Read a failing test off its message and its source; never raises.

    `internal` are other names of the design, such as `unit.count`, that it may speak of.
    """
    file, line = test.file or bench.path, test.line
    tree = _parse(_text(bench, file))
    statement = _statement(tree, line) if tree and line else None
    expected, actual = _values(test.message, statement)
    function = _function(tree, statement) if tree and statement else None
    parts = _mentioned(tree, statement, function)
    said = set[str]().union(*map(_all_names, parts))
    outputs = [p.name for p in ports if p.direction != "input"]
    within = _values_read(parts, frozenset(internal).difference(p.name for p in ports))
    signals = (*filter(said.__contains__, outputs), *within)
    return Failure(
        test.name,
        file,
        line,
        _source(statement) or test.message.partition("\n")[0],
        test.time_ns,
        expected,
        actual,
        signals or _said_elsewhere(test, said, function, bench, ports),
    )


def _text(bench: Testbench, file: str) -> str:
    """The text of a file of the tests."""
    if file == bench.path:
        return bench.text
    folder = PurePath(bench.path).parent
    own = (f.data for f in bench.files if str(folder / f.name) == file)
    return next(own, b"").decode("utf-8", "replace")


def _parse(text: str) -> ast.Module | None:
    try:
        return parse(text)
    except (SyntaxError, RecursionError, MemoryError):
        return None


def _covering(tree: ast.AST, line: int) -> Iterator[ast.stmt]:
    """The statements around a line, the outermost first."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            yield node


def _statement(tree: ast.AST, line: int) -> ast.stmt | None:
    *_, last = (None, *_covering(tree, line))
    return last


def _source(statement: ast.stmt | None) -> str | None:
    if statement is None:
        return None
    if isinstance(statement, ast.Assert):
        test = _unparsed(statement.test)
        return test and f"assert {test}"
    return _unparsed(statement).partition("\n")[0] or None


def _unparsed(node: ast.AST) -> str:
    """The source of a part; empty where it is nested too deeply."""
    try:
        return ast.unparse(node)
    except RecursionError:
        return ""


# --- expected and actual


def _values(message: str, statement: ast.stmt | None) -> tuple[str | None, str | None]:
    """The value that was wanted and the one that was there."""
    said, seen = _told(_EXPECTED, message), _told(_ACTUAL, message)
    compared = _COMPARED.search(message)
    if (said and seen) or compared is None:
        return said, seen
    left, relation, right = compared.groups()
    if _reads_right(left, right, statement):
        left, right = right, left
        relation = _MIRRORED.get(relation, relation)
    wanted = _plain(right)
    return wanted if relation in ("==", "is") else f"{relation} {wanted}", _plain(left)


def _told(pattern: re.Pattern[str], message: str) -> str | None:
    """A value in the test's own words, bits as a recording writes them."""
    values = (found[1].rstrip(".") for found in pattern.finditer(message))
    value = next(filter(_VALUE.match, values), None)
    return value.lower() if value and not value.strip("01xXzZ") else value


def _reads_right(left: str, right: str, statement: ast.stmt | None) -> bool:
    """Does the right side of a comparison hold the design's value?"""
    logic = bool(_LOGIC.match(left)), bool(_LOGIC.match(right))
    if logic[0] != logic[1]:
        return logic[1]
    test = statement.test if isinstance(statement, ast.Assert) else None
    if not isinstance(test, ast.Compare):
        return False
    sides = _unparsed(test.left), _unparsed(test.comparators[0])
    return ".value" in sides[1] and ".value" not in sides[0]


def _plain(text: str) -> str:
    """A value without the words around it; a sum that was not carried out yet is."""
    if bits := _LOGIC.match(text):
        return bits[1].lower()
    try:
        return str(_computed(ast.parse(text, mode="eval").body))
    except (SyntaxError, ValueError, RecursionError, MemoryError, ArithmeticError):
        return text[:40]


_OPERATORS: dict[type[ast.AST], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: operator.mod,
    ast.BitAnd: lambda a, b: a & b,
    ast.BitOr: lambda a, b: a | b,
    ast.BitXor: lambda a, b: a ^ b,
    ast.RShift: lambda a, b: a >> min(b, 64),
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def _computed(node: ast.expr) -> int:
    """The number that an expression of numbers is, a truth value as a bit."""
    match node:
        case ast.Constant(int(value)):
            return int(value)
        case ast.UnaryOp(ast.USub(), operand):
            return -_computed(operand)
        case ast.BinOp(left, kind, right) if type(kind) in _OPERATORS:
            return int(_OPERATORS[type(kind)](_computed(left), _computed(right)))
        case ast.Compare(left, [kind], [right]) if type(kind) in _OPERATORS:
            return int(_OPERATORS[type(kind)](_computed(left), _computed(right)))
        case _:
            raise ValueError("not a number")


# --- signals


def _said_elsewhere(
    test: TestResult,
    said: set[str],
    function: ast.stmt | None,
    bench: Testbench,
    ports: Sequence[Port],
) -> tuple[str, ...]:
    """The ports that a test speaks of other than in its assertion, which `said` no output.

    A test of a Verilog test bench has the name of the output that it is about.
    """
    outputs = [p.name for p in ports if p.direction != "input"]
    sources = (
        {test.name},
        set(_WORD.findall(test.message)),
        _all_names(function) if function else set[str](),
        set(bench.signals),
        set(outputs),
    )
    for names in sources:
        found = [name for name in outputs if name in names]
        if found:
            return tuple(found)
    named = said.union(*sources[:2])
    return tuple(port.name for port in ports if port.name in named)


def _function(tree: ast.Module, statement: ast.stmt) -> ast.stmt | None:
    around = [
        node
        for node in _covering(tree, statement.lineno)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    return around[-1] if around else None


def _mentioned(
    tree: ast.Module | None, statement: ast.stmt | None, function: ast.stmt | None
) -> list[ast.AST]:
    """A statement, what its variables were read from and what it calls."""
    if tree is None or statement is None:
        return []
    found: list[ast.AST] = [statement.test if isinstance(statement, ast.Assert) else statement]
    names = _all_names(found[0])
    bound = list(_bindings(function)) if function else []
    bound += [
        ({node.name}, node)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node is not function
    ]
    for _ in range(_HOPS):
        found += [value for target, value in bound if target & names and value not in found]
        names = set[str]().union(*map(_all_names, found))
    return found


def _values_read(nodes: Iterable[ast.AST], internal: frozenset[str]) -> Iterator[str]:
    """The internal names whose value is read, as in `dut.unit.count.value`."""
    texts = (_unparsed(node) for node in nodes) if internal else ()
    for path in dict.fromkeys(found[1] for text in texts for found in _VALUE_OF.finditer(text)):
        parts = path.split(".")
        names = (".".join(parts[n:]) for n in range(len(parts)))
        if name := next((name for name in names if name in internal), None):
            yield name


def _bindings(function: ast.stmt) -> Iterator[tuple[set[str], ast.AST]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            names = {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            yield names, node.value


def _all_names(node: ast.AST) -> set[str]:
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            found.add(part.attr)
        elif isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            found.add(part.value)
    return found
