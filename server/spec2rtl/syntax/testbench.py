"""What a cocotb test module says of itself, read off its source without running it."""

import ast
import warnings
from collections.abc import Iterator
from itertools import chain, takewhile

from msgspec import Struct

from spec2rtl.syntax.handles import uses
from spec2rtl.syntax.parametrize import Unknown, parametrized

GENERATED = "# spec2rtl: generated tests"
"""What a line of its first comments begins with in a module that was generated and that nobody has
adopted by removing the line."""

TOO_DEEP = "nested too deeply to be read"


class TestbenchFacts(Struct, frozen=True):
    """What could be read off.

    `tests` are the names that must come up in a report; `dynamic` says that there are others
    whose names only running the module tells, `generated` that they are marked as such. `signals`
    are the names of the design under test that it uses, `driven` those that it gives values.
    `error` is line and message of a syntax error, which leaves all else empty.
    """

    __test__ = False  # not a test class of pytest

    tests: tuple[str, ...] = ()
    dynamic: bool = False
    generated: bool = False
    driven: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    top: str | None = None
    error: tuple[int, str] | None = None


def read_testbench(text: str) -> TestbenchFacts:
    """Read a cocotb module; never raises."""
    try:
        tree = parse(text)
        tests, dynamic = _tests(tree)
        handles = uses(tree)
        top = _top(tree)
    except SyntaxError as error:
        return TestbenchFacts(error=(error.lineno or 1, error.msg))
    except (RecursionError, MemoryError):
        return TestbenchFacts(error=(1, TOO_DEEP))
    return TestbenchFacts(
        tests=tuple(tests),
        dynamic=dynamic,
        generated=_is_generated(text),
        driven=tuple(sorted(handles.driven)),
        signals=tuple(sorted(handles.names)),
        top=top,
    )


def _is_generated(text: str) -> bool:
    """Is the mark among the comments at the top, such as under a line on its licence?"""
    lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    top = takewhile(lambda line: not line or line.startswith("#"), lines)
    return any(line.startswith(GENERATED) for line in top)


def parse(text: str) -> ast.Module:
    """The module's syntax tree, without a word on doubtful escapes; raises `SyntaxError`."""
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise SyntaxError("holds a null byte", (None, line, None, None))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape is not ours to report
        try:
            return ast.parse(text.removeprefix("\ufeff"))  # as Python reads a file
        except ValueError as error:  # such as a lone surrogate
            raise SyntaxError(str(error)) from None


# --- tests


def _tests(tree: ast.Module) -> tuple[list[str], bool]:
    """The tests' names in order, and whether there may be more."""
    aliases = _cocotb_names(tree)
    found: dict[str, list[str]] = {}
    dynamic, understood = False, 0
    for node in tree.body:
        if not isinstance(node, (ast.AsyncFunctionDef, ast.FunctionDef, ast.ClassDef)):
            continue
        found.pop(node.name, None)  # a later definition hides the earlier one
        roles = [(_role(d, aliases), d) for d in node.decorator_list]
        marks = [d for role, d in roles if role == "test"]
        understood += len(marks)
        if not marks and not any(role == "parametrize" for role, _ in roles):
            continue
        name = _given_name(marks, node.name)
        options = [d for role, d in roles if role == "parametrize"]
        names = parametrized(name, options, tree) if name else Unknown()
        if isinstance(names, Unknown):
            dynamic = True
        else:
            found[node.name] = names
    uses_of_test = sum(_role(n, aliases) in ("test", "factory") for n in _references(tree))
    return list(chain.from_iterable(found.values())), dynamic or uses_of_test > understood


def _cocotb_names(tree: ast.Module) -> dict[str, str]:
    """What the names that stem from cocotb stand for: a module or one of its members."""
    names = {"cocotb": "cocotb"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                if item.name.split(".")[0] == "cocotb":
                    names[item.asname or "cocotb"] = item.name if item.asname else "cocotb"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "cocotb":
            for item in node.names:
                names[item.asname or item.name] = f"{node.module}.{item.name}"
    return names


_ROLES = {"test": "test", "parametrize": "parametrize", "TestFactory": "factory"}


def _role(node: ast.expr, aliases: dict[str, str]) -> str | None:
    """Is this expression, called or not, cocotb's `test`, `parametrize` or `TestFactory`?"""
    dotted = _dotted(node.func if isinstance(node, ast.Call) else node)
    first, *rest = dotted.split(".")
    if first not in aliases:
        return None
    return _ROLES.get(".".join([aliases[first], *rest]).rsplit(".", 1)[-1])


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _references(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)) and isinstance(node.ctx, ast.Load):
            yield node


def _given_name(marks: list[ast.expr], default: str) -> str | None:
    """The test's name: the outermost `name=`, else the function's; None when it is computed."""
    for mark in marks:
        for keyword in mark.keywords if isinstance(mark, ast.Call) else []:
            if keyword.arg is None:
                return None
            if keyword.arg == "name" and not _is_none(keyword.value):
                value = keyword.value
                literal = isinstance(value, ast.Constant) and isinstance(value.value, str)
                return value.value if literal else None  # type: ignore[union-attr,return-value]
    return default


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


# --- the top level that it names


_TOP_NAMES = frozenset(("TOPLEVEL", "HDL_TOPLEVEL", "COCOTB_TOPLEVEL", "TOP_LEVEL", "TOP_MODULE"))
_TOP_KEYWORDS = frozenset(("hdl_toplevel", "toplevel"))


def _top(tree: ast.Module) -> str | None:
    """The module that the tests name as their top level; None when none or several are named."""
    constants = string_constants(tree)
    found = {value for name, value in constants.items() if name in _TOP_NAMES}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            values = [k.value for k in node.keywords if k.arg in _TOP_KEYWORDS]
            if len(node.args) == 2 and _string(node.args[0], {}) in _TOP_NAMES:
                values.append(node.args[1])  # os.getenv("TOPLEVEL", "counter")
            found |= {s for v in values if (s := _string(v, constants))}
    return found.pop() if len(found) == 1 else None


def string_constants(tree: ast.Module) -> dict[str, str]:
    """The module's names that are bound to a string, once."""
    found: dict[str, str | None] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    again = target.id in found
                    found[target.id] = None if again else _string(node.value, {})
    return {name: value for name, value in found.items() if value is not None}


def _string(node: ast.expr, constants: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return constants.get(node.id) if isinstance(node, ast.Name) else None
