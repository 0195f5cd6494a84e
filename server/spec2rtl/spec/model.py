"""A specification as it was understood; lines are 1-based within the spec's text."""

from typing import Literal

from msgspec import Struct, field

from spec2rtl.rtl import Interface, Language, Parameter, Port
from spec2rtl.spec.require import Require


class Clock(Struct, frozen=True):
    """A clock and the edge that counts."""

    name: str
    edge: Literal["rising", "falling"] = "rising"
    line: int = 0


class Reset(Struct, frozen=True):
    """A reset; None where the spec doesn't say."""

    name: str
    active: Literal["high", "low"] | None = None
    synchronous: bool | None = None
    line: int = 0


class Requirement(Struct, frozen=True):
    """A sentence that the RTL must fulfil, with its place."""

    text: str
    line: int
    end_line: int


class Exact(Struct, frozen=True):
    """A part of the spec that is itself exact, in a form that can't be misread.

    `canonical` is plain text for a model: a row list, a minterm list, cycle by cycle values.
    """

    kind: Literal["truth_table", "karnaugh_map", "waveform", "state_table"]
    canonical: str
    line: int
    end_line: int


class SpecIssue(Struct, frozen=True):
    """Something that is unclear or contradictory; `code` is a stable kebab-case name."""

    code: str
    message: str
    line: int


class FrontMatter(Struct, frozen=True):
    """The YAML block at the spec's head; paths are relative to the spec."""

    module: str | None = None
    tests: str | None = None
    language: Language | None = None
    sources: tuple[str, ...] = ()
    require: tuple[Require, ...] = ()


class Spec(Struct, frozen=True):
    """What was found in a spec; `text` is the body without front matter, as written."""

    text: str
    module: str | None = None
    ports: tuple[Port, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    clocks: tuple[Clock, ...] = ()
    resets: tuple[Reset, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    exact: tuple[Exact, ...] = ()
    issues: tuple[SpecIssue, ...] = ()
    front_matter: FrontMatter = field(default_factory=FrontMatter)

    def interface(self, module: str) -> Interface | None:
        """The interface as far as the spec gives one, under the name that counts."""
        return Interface(module, self.ports, self.parameters) if self.ports else None
