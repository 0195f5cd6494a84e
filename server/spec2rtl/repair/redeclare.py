"""Change what names are declared as, a wire to a reg or back, and nothing else."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

from spec2rtl.repair.edits import Splice
from spec2rtl.syntax.keywords import DIRECTIONS, NETS, VARIABLES
from spec2rtl.syntax.scope import Declaration, Scope

_KINDS = NETS | VARIABLES


def redeclare(scope: Scope, kinds: dict[str, str]) -> dict[str, tuple[Splice, ...]]:
    """What declares each name of `kinds` as that kind; names that share a declaration keep theirs.

    What is changed in a declaration is said of each of its names.
    """
    groups: defaultdict[int, list[Declaration]] = defaultdict(list)
    for declaration in chain.from_iterable(scope.declarations.values()):
        groups[declaration.first].append(declaration)
    splices: dict[int, tuple[Splice, ...]] = {}
    found: dict[str, tuple[Splice, ...]] = {}
    for name in kinds:
        target = _target(scope, name)
        if target is None:
            continue
        if target.first not in splices:
            group = sorted(groups[target.first], key=lambda d: d.at)
            change = _in_header if target.in_header else _in_body
            splices[target.first] = tuple(change(scope, group, kinds))
        found[name] = splices[target.first]
    return found


def _target(scope: Scope, name: str) -> Declaration | None:
    """The declaration that says wire or reg; else the first."""
    declared = scope.declarations.get(name, ())
    return next((d for d in declared if d.words & _KINDS), declared[0] if declared else None)


def _in_header(scope: Scope, group: list[Declaration], kinds: dict[str, str]) -> Iterator[Splice]:
    """`output [3:0] a, b` with b to be a reg becomes `output [3:0] a, output reg [3:0] b`."""
    own = next(iter(group[0].words & _KINDS), None)
    current = kinds.get(group[0].name, own)
    if current != own and current:
        yield _kind_splice(scope, group[0], current)
    for declaration in group[1:]:
        kind = kinds.get(declaration.name, own)
        if kind != current:
            words = (declaration.direction, kind, scope.range_text(declaration))
            at = scope.tokens[declaration.at].start
            yield Splice(at, at, "".join(f"{word} " for word in words if word))
            current = kind


def _in_body(scope: Scope, group: list[Declaration], kinds: dict[str, str]) -> Iterator[Splice]:
    wanted = {kinds[d.name] for d in group if d.name in kinds}
    own = next(iter(group[0].words & _KINDS), None)
    if len(wanted) == 1 and all(d.name in kinds for d in group):
        yield _kind_splice(scope, group[0], wanted.pop())
        return
    changed = [d for d in group if d.name in kinds]
    end = scope.tokens[group[0].end].end if group[0].end < len(scope.tokens) else None
    if end is None:
        return
    if own:  # a name can have one kind only: take it out of the list
        yield _without(scope, group, changed)
    added = (
        " ".join(word for word in (kinds[d.name], scope.range_text(d)) if word)
        + f" {_own_text(scope, d)};"
        for d in changed
    )
    yield Splice(end, end, "".join(f" {text}" for text in added))


def _kind_splice(scope: Scope, declaration: Declaration, kind: str) -> Splice:
    words = scope.tokens[declaration.first : declaration.at]
    for word in words:
        if word.text in _KINDS:
            return Splice(word.start, word.end, kind)
    after = next((w.end for w in words if w.text in DIRECTIONS), words[0].start)
    return Splice(after, after, f" {kind}")


def _without(scope: Scope, group: list[Declaration], removed: list[Declaration]) -> Splice:
    """The list of names without some."""
    kept = [_own_text(scope, d) for d in group if d not in removed]
    start, end = scope.tokens[group[0].at].start, scope.tokens[group[-1].last].end
    return Splice(start, end, ", ".join(kept))


def _own_text(scope: Scope, declaration: Declaration) -> str:
    """A name with its unpacked dimensions and its initial value."""
    start, end = scope.tokens[declaration.at].start, scope.tokens[declaration.last].end
    return scope.text[start:end]
