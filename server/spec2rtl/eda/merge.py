"""One list of what all tools say, with one message for each cause: pure."""

from collections.abc import Iterable

from msgspec import Struct, structs

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


def merged(said: Said) -> tuple[Diagnostic, ...]:
    """One list in the order of places: iverilog's word counts before slang's, a lint's is last.

    Where only one of the two compilers complains, the message says what that means.
    """
    slang, iverilog = said.slang or (), said.iverilog or ()
    kept = [_with_origin(d, slang, said) for d in iverilog]
    kept += [
        _of_slang(d, said)
        for d in slang
        if not any(_same(d, other) for other in iverilog) and _counts(d, iverilog)
    ]
    for diagnostic in said.lint:
        if not any(_same(diagnostic, other) for other in kept):
            kept.append(diagnostic)
    return tuple(sorted(dict.fromkeys(kept), key=_place))


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    return diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.code


def _counts(found: Diagnostic, iverilog: Iterable[Diagnostic]) -> bool:
    """After a syntax error, warnings are guesses about text that isn't finished."""
    broken = any(d.severity == "error" and d.file == found.file for d in iverilog)
    return found.severity == "error" or not broken


def _with_origin(found: Diagnostic, slang: tuple[Diagnostic, ...], said: Said) -> Diagnostic:
    """Say of an error of iverilog's whether slang agrees."""
    if said.slang is None or found.severity != "error" or found.code in _NOT_SLANGS:
        return found
    refused = [d for d in slang if d.severity == "error" or d.code == found.code]
    if any(_same(found, other) for other in refused):
        return _adding(found, "slang agrees")
    if not refused:
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
    """Do two tools speak of the same fault: of the same text, or by the same name on one line?"""
    if one.file != other.file:
        return False
    if one.line == other.line and one.code == other.code:
        return True
    return _start(one) < _end(other) and _start(other) < _end(one)


def _start(diagnostic: Diagnostic) -> tuple[int, int]:
    return diagnostic.line, diagnostic.column


def _end(diagnostic: Diagnostic) -> tuple[int, int]:
    after = (diagnostic.line, diagnostic.column + 1)  # an empty range still has a place
    return max(after, (diagnostic.end_line, diagnostic.end_column))
