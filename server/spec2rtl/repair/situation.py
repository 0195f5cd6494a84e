"""What a rule is given and what it finds."""

import re

from msgspec import Struct

from spec2rtl.repair.edits import Splice
from spec2rtl.rtl import Diagnostic, Language, TestResult
from spec2rtl.spec.model import Spec
from spec2rtl.syntax.modules import Module
from spec2rtl.syntax.scope import Scope, scope_of


class Finding(Struct, frozen=True):
    """One fault; `splices` mend it where that is certain, else `instruction` says how."""

    cause: str
    line: int
    splices: tuple[Splice, ...] = ()
    instruction: str | None = None


class Situation(Struct, frozen=True):
    """A candidate that fails, and all that is known of it."""

    rtl: str
    modules: tuple[Module, ...]
    module: str
    language: Language
    errors: tuple[Diagnostic, ...]
    failed: tuple[TestResult, ...]
    spec: Spec | None

    def scope(self, name: str) -> Scope | None:
        """The module of that name."""
        found = next((m for m in self.modules if m.name == name), None)
        return scope_of(self.rtl, found) if found else None

    def scope_at(self, line: int) -> Scope | None:
        """The module that a line is in; the asked one where none is."""
        before = [module for module in self.modules if module.line <= line]
        if before and line <= self.line_of(before[-1].end):
            return scope_of(self.rtl, before[-1])
        return self.scope(self.module)

    def line_of(self, offset: int) -> int:
        """The 1-based line of an offset."""
        return self.rtl.count("\n", 0, offset) + 1

    @property
    def variable(self) -> str:
        """The word that declares a variable in the language."""
        return "logic" if self.language == "systemverilog" else "reg"


_QUOTED = re.compile(r"[`'\"]+([\w$.\[\]\\]+)['\"]+")


def quoted(message: str) -> str | None:
    """The first quoted name of a message, without its hierarchy."""
    match = _QUOTED.search(message)
    return match[1].split("[")[0].split(".")[-1] if match else None
