"""Which names of the design under test a cocotb module uses, and which of them it drives.

An abstract reading: each variable stands for a set of names, where the empty name is the design
itself; the sets grow until nothing changes, so helpers and classes that are handed the design, or
one of its signals, are followed.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

DESIGN = ""

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_NOTHING: frozenset[str] = frozenset()
_DRIVING_CALLS = frozenset(("setimmediatevalue", "set"))
_ROUNDS = 8
"""Deep enough for helpers of helpers; more is only more time."""


class Uses(Struct, frozen=True):
    """Names by use; `names` are all of them."""

    driven: frozenset[str]
    names: frozenset[str]


def uses(tree: ast.Module) -> Uses:
    """Tell the names of the design that a module uses; handles that begin with `_` are cocotb's."""
    reader = _Reader(tree)
    reader.settle()
    return reader.collect()


class _Scope:
    """A function's variables, by the names that they may stand for and the strings they hold."""

    def __init__(self, parent: "_Scope | None") -> None:
        self.parent = parent
        self.handles: defaultdict[str, set[str]] = defaultdict(set)
        self.strings: defaultdict[str, set[str]] = defaultdict(set)

    def lookup(self, name: str) -> set[str]:
        scope: _Scope | None = self
        while scope:
            if name in scope.handles:
                return scope.handles[name]
            scope = scope.parent
        return set()

    def lookup_strings(self, name: str) -> set[str]:
        scope: _Scope | None = self
        while scope:
            if name in scope.strings:
                return scope.strings[name]
            scope = scope.parent
        return set()


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self.nodes = list(_scoped(tree))
        self.functions: dict[str, list[tuple[_Function, _Scope, bool]]] = defaultdict(list)
        self.attributes: defaultdict[str, set[str]] = defaultdict(set)
        self.changed = False
        for node, scope, owner in self.nodes:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._define(node, scope, owner)

    def _define(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope, owner: str | None
    ) -> None:
        name = owner if owner and node.name == "__init__" else node.name
        self.functions[name].append((node, scope, owner is not None))
        for argument in _arguments(node):
            if argument.arg == "dut":
                scope.handles["dut"].add(DESIGN)
        positional = node.args.posonlyargs + node.args.args
        if positional and _is_test(node):
            scope.handles[positional[0].arg].add(DESIGN)

    def settle(self) -> None:
        """Let assignments and calls pass handles on until nothing is new."""
        for _ in range(_ROUNDS):
            self.changed = False
            for node, scope, _owner in self.nodes:
                self._flow(node, scope)
            if not self.changed:
                return

    def _flow(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value, scope)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value:
            self._bind(node.target, node.value, scope)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._iterate(node.target, node.iter, scope)
        elif isinstance(node, ast.Call):
            self._pass(node, scope)

    def _bind(self, target: ast.expr, value: ast.expr, scope: _Scope) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
            aligned = len(values) == len(target.elts)
            for i, element in enumerate(target.elts):
                self._bind(element, values[i] if aligned else value, scope)
        elif isinstance(target, ast.Name):
            self._grow(scope.handles, target.id, self.handles(value, scope))
            self._grow(scope.strings, target.id, self.strings(value, scope))
        elif isinstance(target, ast.Attribute) and _is_self(target.value):
            self._grow(self.attributes, target.attr, self.handles(value, scope))

    def _iterate(self, target: ast.expr, over: ast.expr, scope: _Scope) -> None:
        """Bind a loop's variable; iterating over the design itself gives handles without names."""
        if isinstance(over, (ast.Tuple, ast.List)):
            for element in over.elts:
                self._bind(target, element, scope)
        elif DESIGN not in self.handles(over, scope):
            self._bind(target, over, scope)

    def _pass(self, call: ast.Call, scope: _Scope) -> None:
        """Hand a call's arguments to the parameters of the functions it may mean."""
        for function, inner, method in self.functions.get(_called(call), []):
            names = [a.arg for a in function.args.posonlyargs + function.args.args]
            pairs = list(zip(names[method:], call.args, strict=False))
            pairs += [(k.arg, k.value) for k in call.keywords if k.arg]
            for name, value in pairs:
                self._grow(inner.handles, name, self.handles(value, scope))
                self._grow(inner.strings, name, self.strings(value, scope))

    def _grow(self, table: defaultdict[str, set[str]], key: str, more: frozenset[str]) -> None:
        if more and not more <= table[key]:
            table[key] |= more
            self.changed = True

    # --- what an expression may stand for

    def handles(self, node: ast.expr, scope: _Scope) -> frozenset[str]:
        """The names of the design that an expression may stand for."""
        if isinstance(node, ast.Name):
            return frozenset(scope.lookup(node.id))
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope)
        if isinstance(node, ast.Subscript):
            base = self.handles(node.value, scope)
            return self._member(base, self.strings(node.slice, scope)) | (base - {DESIGN})
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return frozenset[str]().union(*(self.handles(e, scope) for e in node.elts))
        if isinstance(node, ast.IfExp):
            return self.handles(node.body, scope) | self.handles(node.orelse, scope)
        return _NOTHING

    def _attribute(self, node: ast.Attribute, scope: _Scope) -> frozenset[str]:
        if node.attr == "top" and isinstance(node.value, ast.Name) and node.value.id == "cocotb":
            return frozenset((DESIGN,))
        base = self.handles(node.value, scope)
        if _is_self(node.value) and DESIGN not in base:
            return frozenset(self.attributes.get(node.attr, ()))
        return self._member(base, frozenset((node.attr,))) | (base - {DESIGN})

    def _member(self, base: frozenset[str], names: frozenset[str]) -> frozenset[str]:
        if DESIGN not in base:
            return _NOTHING
        return frozenset(n for n in names if not n.startswith("_"))

    def _call(self, node: ast.Call, scope: _Scope) -> frozenset[str]:
        """`getattr(dut, "x")` and `dut._id("x")`."""
        name = _called(node)
        if name in ("getattr", "hasattr") and len(node.args) >= 2:
            base, member = node.args[:2]
        elif name == "_id" and isinstance(node.func, ast.Attribute) and node.args:
            base, member = node.func.value, node.args[0]
        else:
            return _NOTHING
        return self._member(self.handles(base, scope), self.strings(member, scope))

    def strings(self, node: ast.expr, scope: _Scope) -> frozenset[str]:
        """The strings that an expression may hold."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return frozenset((node.value,))
        if isinstance(node, ast.Name):
            return frozenset(scope.lookup_strings(node.id))
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return frozenset[str]().union(*(self.strings(e, scope) for e in node.elts))
        return _NOTHING

    # --- what is driven, what is used at all

    def collect(self) -> Uses:
        driven: set[str] = set()
        seen: set[str] = set()
        for node, scope, _owner in self.nodes:
            for target in _driven(node):
                driven |= self.handles(target, scope) - {DESIGN}
            if isinstance(node, (ast.Attribute, ast.Subscript, ast.Call, ast.Name)):
                seen |= self.handles(node, scope) - {DESIGN}
        return Uses(frozenset(driven), frozenset(seen | driven))


def _driven(node: ast.AST) -> Iterator[ast.expr]:
    """The handles to which a statement gives a value."""
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (t for t in _flat(target) if not isinstance(t, ast.Name))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Compare):
        if isinstance(node.value.ops[0], ast.LtE):  # dut.x <= 1 of cocotb 1
            yield node.value.left
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in _DRIVING_CALLS:
            yield node.func
        elif _called(node) == "Clock" and node.args:
            yield node.args[0]


def _flat(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _is_test(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = (d.func if isinstance(d, ast.Call) else d for d in node.decorator_list)
    return any(
        (n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "")) == "test" for n in names
    )


def _arguments(node: _Function) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def _scoped(tree: ast.Module) -> Iterator[tuple[ast.AST, _Scope, str | None]]:
    """Every node with the scope it is in and the class it is right in.

    A function comes with its own scope, for its parameters are in there.
    """
    pending: list[tuple[ast.AST, _Scope, str | None]] = [(tree, _Scope(None), None)]
    while pending:
        node, scope, owner = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            scope = _Scope(scope)
        yield node, scope, owner
        inside = node.name if isinstance(node, ast.ClassDef) else None
        pending += [(child, scope, inside) for child in ast.iter_child_nodes(node)]
