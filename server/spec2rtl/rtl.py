"""RTL, test benches, and what the EDA tools say of them, as values.

Lines and columns are 1-based, columns count Unicode code points, `end_column` is exclusive.
"""

import hashlib
import re
from enum import StrEnum
from typing import Literal

from msgspec import Struct

Severity = Literal["error", "warning", "info"]
Source = Literal["iverilog", "slang", "yosys", "lint", "cocotb", "spec"]
Direction = Literal["input", "output", "inout"]
Language = Literal["verilog", "systemverilog"]
TestStatus = Literal["passed", "failed", "errored", "skipped"]
SimulationStatus = Literal["passed", "failed", "errored"]
Reason = Literal[
    "ok",
    "compile_error",
    "test_failed",
    "timeout",
    "memory",
    "output_limit",
    "killed",
    "untrusted",
    "tool_broken",
]


NEWLINE = re.compile(r"\r\n?|\n")
"""The line ends that editors count: a form feed or U+2028 ends no line."""


def split_lines(text: str) -> list[str]:
    """Split at the line ends, and at nothing else."""
    return NEWLINE.split(text)


class Related(Struct, frozen=True):
    """A second place that a diagnostic speaks of."""

    file: str
    line: int
    column: int
    message: str


class Diagnostic(Struct, frozen=True):
    """One fault at one place; `code` is our stable kebab-case name of the kind of fault."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    severity: Severity
    code: str
    message: str
    source: Source
    related: tuple[Related, ...] = ()


class Port(Struct, frozen=True):
    """A port; `msb` and `lsb` are Verilog expressions, both None for a scalar."""

    name: str
    direction: Direction
    msb: str | None = None
    lsb: str | None = None
    signed: bool = False
    line: int = 0
    description: str = ""

    @property
    def range(self) -> str:
        """Its bits, as a declaration says them; empty for a scalar."""
        return "" if self.msb is None else f"[{self.msb}:{self.lsb}]"


class Parameter(Struct, frozen=True):
    """A module parameter and its default as a Verilog expression (None: not said)."""

    name: str
    default: str | None = None
    line: int = 0


class Interface(Struct, frozen=True):
    """What a module shows to its surroundings."""

    module: str
    ports: tuple[Port, ...] = ()
    parameters: tuple[Parameter, ...] = ()


class SourceFile(Struct, frozen=True):
    """A text file, frozen when a run began; `path` is absolute, as the user knows it."""

    path: str
    text: str


class DataFile(Struct, frozen=True):
    """A file that a test or a design reads, under the name that its reader uses.

    A relative name counts from the folder of the reader; only a design's may climb or be absolute.
    """

    name: str
    data: bytes


class Design(Struct, frozen=True):
    """All that a compile needs.

    `headers` are the files that `include directives reach, each under the name the directive
    uses; `data` the files that $readmem reads; `defines` and `parameters` are name/value pairs.
    `roots` are modules that are elaborated beside `top`; `listed` the paths that a list names, in its
    order, be they here or not. `nearer` says which file reaches another header by a name than the
    rest do: its path, that name, and the header's name in `headers`.
    """

    sources: tuple[SourceFile, ...]
    top: str | None = None
    headers: tuple[tuple[str, SourceFile], ...] = ()
    data: tuple[DataFile, ...] = ()
    defines: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    roots: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    nearer: tuple[tuple[str, str, str], ...] = ()


class Origin(StrEnum):
    """Who wrote a test bench: generated tests never make anything `verified`."""

    GIVEN = "given"
    GENERATED = "generated"


class Testbench(Struct, frozen=True):
    """A cocotb test module and the files beside it that it uses, frozen.

    `tests` are the names that must be in the report (those that can be read off the source);
    `top` is the module that the tests ask for, where they name one; `signals` the names of the
    design under test that they use. `only` are the tests to run, empty for all.
    """

    __test__ = False  # not a test class of pytest

    module: str
    path: str
    text: str
    files: tuple[DataFile, ...] = ()
    tests: tuple[str, ...] = ()
    top: str | None = None
    signals: tuple[str, ...] = ()
    origin: Origin = Origin.GIVEN
    only: tuple[str, ...] = ()


class TestResult(Struct, frozen=True):
    """One cocotb test; `file` and `line` are where it failed.

    `time_ns` is simulated time, `seconds` how long that took.
    """

    __test__ = False

    name: str
    status: TestStatus
    message: str = ""
    time_ns: float | None = None
    file: str | None = None
    line: int | None = None
    seconds: float | None = None

    @property
    def failed(self) -> bool:
        """Did it run and not pass?"""
        return self.status in {"failed", "errored"}


class Explained(Struct, frozen=True):
    """Why a test failed, from its recording and the RTL; `text` fits one screen.

    `signals` are those that matter, under their full names in a recording, without the words of
    memories, which each viewer calls its own way; `time_ns` is when it failed, counted from the
    recording's beginning. `wave` is the slice before that as WaveJSON, `file` where the recording
    was kept, if it was.
    """

    test: str
    text: str
    signals: tuple[str, ...]
    time_ns: float
    wave: str
    file: str | None = None


class CompileReport(Struct, frozen=True):
    """What the compiler said; `log` is what it printed, bounded; `cached`: it said so earlier."""

    ok: bool
    reason: Reason
    diagnostics: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0
    log: str = ""
    cached: bool = False


class SimulationReport(Struct, frozen=True):
    """What the tests said; `log` is what the simulation printed, bounded."""

    status: SimulationStatus
    reason: Reason
    diagnostics: tuple[Diagnostic, ...] = ()
    tests: tuple[TestResult, ...] = ()
    seconds: float = 0.0
    sandbox: str = "rlimits"
    log: str = ""
    cached: bool = False


class Budget(Struct, frozen=True):
    """A budget of the spec's front matter; `met` None: it could not be measured.

    `value` is the figure, `note` where it comes from or why there is none.
    """

    require: str
    value: int | None = None
    met: bool | None = None
    note: str | None = None

    @property
    def says(self) -> str:
        """The budget and its figure in a few words."""
        figure = "not measured" if self.met is None else str(self.value)
        return f"{self.require}: {figure}" + (f" ({self.note})" if self.note else "")


class Steps(Struct, frozen=True):
    """Inputs that hold for some cycles, each value as Verilog writes it."""

    cycles: int
    inputs: dict[str, str]


class Equal(Struct, frozen=True):
    """Two designs whose outputs never differ; `given` is what that takes for granted, if anything."""

    given: str | None = None


class Different(Struct, frozen=True):
    """Two designs that were seen to differ: `steps` are the inputs from cycle 0 on."""

    cycle: int
    output: str
    was: str
    now: str
    steps: tuple[Steps, ...]


class Unknown(Struct, frozen=True):
    """It could not be decided whether two designs differ."""

    reason: str


Equivalence = Equal | Different | Unknown


def digest(text: str) -> str:
    """Name a candidate: the SHA-256 of its text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
