"""What a model may know of a problem: nothing here knows how it is scored."""

from msgspec import Struct

from spec2rtl.rtl import Language, SourceFile


class Task(Struct, frozen=True):
    """A problem as its author put it to the designer.

    `writes` are the files to be written, relative to the problem; `context` the RTL that is given;
    `module` the name of the module where the benchmark says it for all problems.
    """

    id: str
    prompt: str
    writes: tuple[str, ...]
    language: Language
    difficulty: str = ""
    module: str | None = None
    context: tuple[SourceFile, ...] = ()


Candidate = dict[str, str]
"""The files that a designer wrote, by the names of `Task.writes`."""
