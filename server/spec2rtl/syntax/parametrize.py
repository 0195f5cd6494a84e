"""The names that `cocotb.parametrize` gives to the tests it makes (cocotb 2)."""

import ast
from collections.abc import Sequence
from itertools import product

from msgspec import Struct

_MOST = 10_000
"""Above so many tests the names are not worth their memory."""


class Unknown(Struct, frozen=True):
    """Only running the module can tell."""


class _Option(Struct, frozen=True):
    """One or more parameters and, for each choice of values, what the name says of it."""

    names: tuple[str, ...]
    choices: tuple[tuple[str, ...], ...]


def parametrized(
    name: str, decorators: Sequence[ast.expr], tree: ast.Module
) -> list[str] | Unknown:
    """Name the tests that one function becomes; the outermost decorator comes first."""
    options: list[_Option] = []
    for decorator in decorators:
        found = _options(decorator, tree)
        if found is None:
            return Unknown()
        options += found
    count = 1
    for option in options:
        count *= len(option.choices)
    if count > _MOST:
        return Unknown()
    return [name + "".join(parts) for parts in product(*(_parts(o) for o in options))]


def _parts(option: _Option) -> list[str]:
    return [
        "".join(f"/{n}={text}" for n, text in zip(option.names, choice, strict=True))
        for choice in option.choices
    ]


def _options(decorator: ast.expr, tree: ast.Module) -> list[_Option] | None:
    if not isinstance(decorator, ast.Call):
        return None
    options: list[_Option | None] = []
    for argument in decorator.args:
        pair = _elements(argument, tree)
        options.append(_packed(pair, tree) if pair and len(pair) == 2 else None)
    options += [_single(k.arg, k.value, tree) if k.arg else None for k in decorator.keywords]
    known = [option for option in options if option is not None]
    return known if len(known) == len(options) else None


def _single(name: str, values: ast.expr, tree: ast.Module) -> _Option | None:
    elements = _elements(values, tree)
    texts = _texts(elements, tree) if elements is not None else None
    return None if texts is None else _Option((name,), tuple((t,) for t in texts))


def _packed(pair: list[ast.expr], tree: ast.Module) -> _Option | None:
    """`("a", values)`, or `(("a", "b"), rows)`."""
    name, values = pair
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        return _single(name.value, values, tree)
    names = [n.value for n in _elements(name, tree) or [] if isinstance(n, ast.Constant)]
    rows = [_elements(row, tree) for row in _elements(values, tree) or []]
    if not names or not rows or any(row is None or len(row) != len(names) for row in rows):
        return None
    columns = [_texts([row[i] for row in rows if row], tree) for i in range(len(names))]
    if any(column is None for column in columns):
        return None
    choices = zip(*(column for column in columns if column is not None), strict=True)
    return _Option(tuple(str(n) for n in names), tuple(choices))


def _elements(node: ast.expr, tree: ast.Module) -> list[ast.expr] | None:
    """The elements of a literal sequence, of `range(…)`, or of a module's constant."""
    if isinstance(node, ast.Name):
        bound = [
            n.value
            for n in tree.body
            if isinstance(n, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == node.id for t in n.targets)
        ]
        node = bound[0] if len(bound) == 1 else node
    if isinstance(node, (ast.List, ast.Tuple)):
        return None if any(isinstance(e, ast.Starred) for e in node.elts) else node.elts
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        return _range(node)
    return None


def _range(call: ast.Call) -> list[ast.expr] | None:
    try:
        bounds = [ast.literal_eval(argument) for argument in call.args]
        numbers = range(*bounds)
    except (ValueError, TypeError):
        return None
    return [ast.Constant(n) for n in numbers] if len(numbers) <= _MOST else None


def _texts(values: list[ast.expr], tree: ast.Module) -> list[str] | None:
    """What a name says of each value: the value where cocotb can show it, else all by index."""
    texts = [_text(value, tree) for value in values]
    if any(isinstance(text, Unknown) for text in texts):
        return None
    shown = [text for text in texts if isinstance(text, str)]
    return shown if len(shown) == len(texts) else [str(i) for i in range(len(texts))]


def _text(value: ast.expr, tree: ast.Module) -> str | Unknown | None:
    """The text of one value; None when cocotb shows none, Unknown when it can't be told."""
    if isinstance(value, ast.Name):
        defined = any(
            isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and n.name == value.id
            for n in tree.body
        )
        return value.id if defined else Unknown()
    if isinstance(value, (ast.List, ast.Tuple, ast.Dict, ast.Set)):
        return None
    try:
        literal = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return Unknown()
    if isinstance(literal, str):
        return literal if len(literal) <= 10 and literal.isidentifier() else None
    return repr(literal) if isinstance(literal, (int, float, bool, type(None))) else None
