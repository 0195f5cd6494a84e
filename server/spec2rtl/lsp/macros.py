"""Which files give the macros that a design uses and does not define: pure."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from spec2rtl.lsp.index import Index, Known
from spec2rtl.lsp.skim import lacking

Reached = Mapping[Path, Known]
"""Files and all that they include."""


def missing_macros(
    files: Sequence[Path], defines: Mapping[str, str], index: Index
) -> tuple[list[Path], dict[str, str]]:
    """Where the macros are that one of `files` uses, and itself does not define.

    They are in files of directives, to be compiled first, and with plain values in others. What
    declares nothing is in `files` as a list puts it where its macros are to count. No macro that
    the design has gets another value.
    """
    own, each = index.reached(files), [index.reached([file]) for file in files]
    values = {**defines, **_defined(own)}
    silent = (one for one in each if not any(known.names for known in one.values()))
    done = {*defines}.union(*map(_defined, silent))
    pending = sorted(frozenset[str]().union(*map(_lacking, each)))
    preferred = (index.reached(index.includers(files[0])), own)
    first: dict[Path, None] = {}
    plain: dict[str, str] = {}
    while pending:
        name = pending.pop(0)
        if name in done:
            continue
        done.add(name)
        for file in _candidates(name, files[0], preferred, index):
            reached = index.reached([file])
            given = _defined(reached)
            if all(known.directives for known in reached.values()) and _agree(given, values):
                first[file] = None
                values |= given
                done |= given.keys()
                pending += sorted(_lacking(reached))
                break
            if (value := given.get(name)) and _agree({name: value}, values):
                plain[name] = values[name] = value
                pending += sorted(lacking(value))
                break
    return list(first), plain


def _candidates(
    name: str, near: Path, preferred: tuple[Reached, Reached], index: Index
) -> list[Path]:
    """The files that define a macro: those that are preferred, and that declare nothing, first."""

    def rank(file: Path) -> tuple[bool, ...]:
        known = index.known(file)
        return *(file not in some for some in preferred), bool(known and known.names)

    return sorted(index.defining(name, near), key=rank)


def _agree(given: Mapping[str, str], values: Mapping[str, str]) -> bool:
    return all(values.get(name, value) == value for name, value in given.items())


def _defined(files: Reached) -> dict[str, str]:
    return {name: value for known in files.values() for name, value in known.macros.items()}


def _lacking(files: Reached) -> frozenset[str]:
    lacks = frozenset[str]().union(*(known.lacks for known in files.values()))
    return lacks.difference(*(known.macros for known in files.values()))
