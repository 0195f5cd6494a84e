"""One list of what all tools say, with one message for each cause: pure."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct, structs

from spec2rtl.eda.codes import CODES
from spec2rtl.eda.columns import mentioned
from spec2rtl.eda.order import DECLARED_LATER
from spec2rtl.eda.slang import PLACED
from spec2rtl.rtl import Diagnostic

_NOT_SLANGS = frozenset(
    (
        *(
            "top-not-found",
            "no-top-module",
            "file-not-found",
            "include-not-found",
            "internal-error",
        ),
        *("compiler-crash", "compile-timeout", "compile-memory", "compile-output-limit"),
    )
)
"""Faults that slang, reading on, could not have found."""

_KINDS = {
    "nonblocking-in-combinational": "always-kind",
    "system-task": "always-kind",
    "not-synthesizable": "always-kind",
}
"""Faults that one tool has one name for, and another several."""
_LIMITS = frozenset(("unsupported-construct", "system-task"))
"""Warnings that iverilog gives of good designs too."""
_CODES = frozenset((*CODES, "latch", "truncation", "undriven", "unused"))
_ADVICE = frozenset(("missing-time-scale",))
"""What slang refuses and nobody asks for: files that set no timescale get 1ns/1ps from us."""
_IDLE = frozenset(("undriven", "unused"))


class Said(Struct, frozen=True):
    """What each tool says of one design; None: it was not asked, or couldn't say."""

    slang: tuple[Diagnostic, ...] | None = None
    iverilog: tuple[Diagnostic, ...] | None = None
    lint: tuple[Diagnostic, ...] = ()
    compiles: bool = False
    version: str = ""

    @property
    def icarus(self) -> str:
        """The compiler's name, as people say it: Icarus 11."""
        return f"Icarus {self.version.split('.')[0]}"


class _Lines:
    """Diagnostics by the lines that they touch: of thousands, few are near each other."""

    def __init__(self, found: Iterable[Diagnostic] = ()) -> None:
        self.all: list[Diagnostic] = []
        self.wrong: set[str] = set()
        """The files that hold errors."""
        self._on: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for one in found:
            self.add(one)

    def add(self, one: Diagnostic) -> None:
        """Take one more."""
        for line in _touched(one):
            self._on[one.file, line].append(len(self.all))
        self.all.append(one)
        if one.severity == "error":
            self.wrong.add(one.file)

    def near(self, one: Diagnostic) -> list[int]:
        """The numbers of those that touch a line of its, in their order."""
        return sorted({n for line in _touched(one) for n in self._on.get((one.file, line), ())})

    def same(self, one: Diagnostic) -> int | None:
        """The number of the first that speaks of the same fault."""
        return next((n for n in self.near(one) if _same(self.all[n], one)), None)


def _touched(one: Diagnostic) -> range:
    return range(one.line, _end(one)[0] + 1)


def merged(said: Said) -> tuple[Diagnostic, ...]:
    """One list in the order of places: iverilog's word counts before slang's, a lint's is last.

    The place is that of whoever is most exact. Where only one of the two compilers complains, the
    message says what that means.
    """
    slang = _Lines(d for d in said.slang or () if d.code not in _ADVICE)
    iverilog = _Lines(said.iverilog or ())
    told = [_with_origin(d, slang, said) for d in iverilog.all]
    told += [_of_slang(d, said) for d in slang.all if _counts(d, iverilog)]
    told += said.lint
    kept = _Lines()
    for one in told:
        at = kept.same(one)
        if at is None:
            kept.add(one)
        else:
            kept.all[at] = _narrowed(kept.all[at], one)
    return tuple(sorted((d for d in kept.all if not _follows(d, kept)), key=_place))


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    return diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.code


def _counts(found: Diagnostic, iverilog: _Lines) -> bool:
    """After an error, warnings are guesses about text that isn't finished; they may place it."""
    if found.severity == "error" or found.file not in iverilog.wrong:
        return True
    near = (iverilog.all[n] for n in iverilog.near(found))
    return any(d.severity == "error" and _same(d, found) for d in near)


def _with_origin(found: Diagnostic, slang: _Lines, said: Said) -> Diagnostic:
    """Say of what only iverilog complains of; what it can't do is no fault of the design."""
    if said.slang is None or found.code in _NOT_SLANGS:
        return found
    at = slang.same(found)
    agree = None if at is None else slang.all[at]
    if found.severity == "warning" and found.code in _LIMITS and not agree:
        limit = structs.replace(found, severity="info")
        return _adding(limit, f"valid SystemVerilog, a limit of {said.icarus}")
    if found.severity != "error":
        return found
    if agree:
        more = found.code == "syntax-error" and agree.message not in found.message
        said_too = f"slang: {agree.message}" if more else "slang agrees"
        return _adding(found, said_too)
    if not slang.wrong and DECLARED_LATER not in found.message:
        return _adding(found, f"valid SystemVerilog, not simulated by {said.icarus}")
    return found


def _of_slang(found: Diagnostic, said: Said) -> Diagnostic:
    """slang refuses some of what iverilog compiles: then its errors are no more than warnings."""
    if found.severity != "error" or not said.compiles:
        return found
    warning = structs.replace(found, severity="warning")
    return _adding(warning, f"not valid SystemVerilog, though {said.icarus} compiles it")


def _adding(found: Diagnostic, origin: str) -> Diagnostic:
    return structs.replace(found, message=f"{found.message} ({origin})")


def _same(one: Diagnostic, other: Diagnostic) -> bool:
    """Do two messages speak of the same fault?

    Of the same text, unless both names are known to mean different faults; by the same name on one
    line where a tool knows no columns; as text that no parser gets past.
    """
    if one.file != other.file:
        return False
    overlap = _start(one) < _end(other) and _start(other) < _end(one)
    if _kind(one) == _kind(other):
        return overlap or (one.line == other.line and _alike(one, other))
    if one.source == other.source:
        return False
    if one.severity == other.severity == "error" and (one.code in PLACED or other.code in PLACED):
        return overlap or one.line == other.line
    return overlap and not (_named(one) and _named(other))


def _kind(found: Diagnostic) -> str:
    return _KINDS.get(found.code, found.code)


def _named(found: Diagnostic) -> bool:
    """Is its code a name of ours, which says what it is not?"""
    return found.severity != "error" and (found.source != "slang" or found.code in _CODES)


def _alike(one: Diagnostic, other: Diagnostic) -> bool:
    """Can two messages of one code on one line, apart from each other, be of one fault?"""
    if "iverilog" in (one.source, other.source):
        return one.source != other.source
    names = [next(mentioned(d.message), None) for d in (one, other)]
    return one.source != other.source and names[0] == names[1]


def _narrowed(kept: Diagnostic, other: Diagnostic) -> Diagnostic:
    """What was said of a fault, at the more exact of two places."""
    inside = _start(kept) <= _start(other) and _end(other) <= _end(kept)
    late = kept.code in PLACED and kept.source == "iverilog" and kept.line == other.line
    weaker = kept.severity == "error" != other.severity and kept.code != other.code
    if other.severity == "warning" and kept.severity == "info":
        return other
    if other.severity == "error" and other.source == "iverilog":
        kept = structs.replace(kept, severity="error")  # the compile failed by it
    if weaker or kept.code in _NOT_SLANGS or not (inside or late):
        return kept
    return structs.replace(
        kept,
        line=other.line,
        column=other.column,
        end_line=other.end_line,
        end_column=other.end_column,
    )


def _follows(found: Diagnostic, kept: _Lines) -> bool:
    """Is a message no more than a consequence of another one at its place?"""
    if found.code in _IDLE:
        near = (kept.all[n] for n in kept.near(found))
        return any(
            d.code not in _IDLE and _start(d) < _end(found) and _start(found) < _end(d)
            for d in near
        )
    if found.code == "lint-incomplete":
        return any(
            d.severity != "info" and (d.line == found.line or d.code == "parameter-not-found")
            for d in kept.all
            if d is not found and d.file == found.file
        )
    return False


def _start(diagnostic: Diagnostic) -> tuple[int, int]:
    return diagnostic.line, diagnostic.column


def _end(diagnostic: Diagnostic) -> tuple[int, int]:
    after = (diagnostic.line, diagnostic.column + 1)  # an empty range still has a place
    return max(after, (diagnostic.end_line, diagnostic.end_column))
