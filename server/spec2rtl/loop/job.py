"""What a run works on: everything it reads, frozen when it begins."""

import difflib
from pathlib import PurePath

from msgspec import Struct

from spec2rtl.events import Input, Task
from spec2rtl.repair.pins import broken_pin
from spec2rtl.rtl import Design, Interface, Language, SourceFile, Testbench
from spec2rtl.spec.model import Spec


class Job(Struct, frozen=True):
    """One task over frozen inputs.

    `target` is the only file whose text the run may propose to change (its text is empty in
    `generate`); `context` is the rest of the design. `interface` is the one that must hold, as far
    as it is known.
    """

    task: Task
    module: str
    target: SourceFile
    language: Language = "verilog"
    context: Design = Design(sources=())
    testbench: Testbench | None = None
    spec: Spec | None = None
    interface: Interface | None = None
    instruction: str | None = None
    inputs: tuple[Input, ...] = ()

    @property
    def top(self) -> str:
        """The module that the tests drive."""
        return (self.testbench.top if self.testbench else None) or self.context.top or self.module

    def design(self, rtl: str) -> Design:
        """The whole design with `rtl` as the target file's text."""
        context = self.context
        return Design(
            sources=(*context.sources, SourceFile(self.target.path, rtl)),
            top=self.top,
            headers=context.headers,
            data=context.data,
            defines=context.defines,
            parameters=context.parameters,
        )

    def misfit(self, rtl: str) -> str | None:
        """What `rtl` does to the designer's ports that it may not; None: it fits."""
        bench = self.testbench
        used = bench.signals if bench and self.top == self.module else ()
        return broken_pin(self.target.text, rtl, task=self.task, module=self.module, used=used)

    def diff(self, rtl: str) -> str | None:
        """A unified diff from the designer's file to `rtl`; None where there was no such file."""
        if self.task == "generate":
            return None
        name = PurePath(self.target.path).name
        lines = difflib.unified_diff(
            self.target.text.splitlines(keepends=True),
            rtl.splitlines(keepends=True),
            f"a/{name}",
            f"b/{name}",
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in lines
        )
