"""What a run works on: everything it reads, frozen when it begins."""

import difflib
import re
from pathlib import PurePath

from msgspec import Struct, structs

from spec2rtl.events import Input, ModelReplied, Task
from spec2rtl.repair.pins import broken_pin
from spec2rtl.repair.replies import Code, Unusable, read_reply
from spec2rtl.rtl import Budget, Design, Interface, Language, SourceFile, Testbench
from spec2rtl.spec.model import Spec
from spec2rtl.spec.require import Require
from spec2rtl.syntax.modules import modules

# What `patch` takes for a line: only a newline ends it.
_LINE = re.compile(r".*\n|.+\Z")


class Job(Struct, frozen=True):
    """One task over frozen inputs.

    `target` is the only file whose text the run may propose to change (its text is empty in
    `generate`); `context` is the rest of the design. `interface` is the one that must hold, as far
    as it is known; `replaces` the text that a generated one takes the place of, where there is one.
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
    replaces: str | None = None

    @property
    def top(self) -> str:
        """The module that the tests drive."""
        return (self.testbench.top if self.testbench else None) or self.context.top or self.module

    def design(self, rtl: str) -> Design:
        """The whole design with `rtl` as the target file's text."""
        sources = (*self.context.sources, SourceFile(self.target.path, rtl))
        return structs.replace(self.context, sources=sources, top=self.top)

    @property
    def previous(self) -> Design | None:
        """The design as it was when the run began; None where there was none."""
        text = self.replaces if self.task == "generate" else self.target.text
        return None if text is None else self.design(text)

    @property
    def requires(self) -> tuple[Require, ...]:
        """The budgets of the spec."""
        return self.spec.front_matter.require if self.spec else ()

    @property
    def unmeasured(self) -> tuple[Budget, ...]:
        """The budgets before anything is measured."""
        return tuple(Budget(require.text) for require in self.requires)

    @property
    def immeasurable(self) -> bool:
        """Is there a budget that can't be measured whatever the candidate?"""
        first = self.previous is None
        ports = {port.name for port in self.interface.ports} if self.interface else None

        def unseen(require: Require) -> bool:
            names = {name for name in (require.start, require.done) if "." not in name}
            return self.testbench is None or (ports is not None and not names <= ports)

        return any((r.share and first) or (r.measured and unseen(r)) for r in self.requires)

    @property
    def elsewhere(self) -> frozenset[str]:
        """The modules that other files of the design hold."""
        return frozenset(m.name for source in self.context.sources for m in modules(source.text))

    def read(self, replied: ModelReplied, base: str = "") -> Code | Unusable:
        """The text that a model's reply leads to, where an edit goes out from `base`."""
        return read_reply(
            replied.reply,
            task=self.task,
            module=self.module,
            base=base,
            interface=self.interface,
            language=self.language,
            truncated=replied.truncated,
            elsewhere=self.elsewhere,
        )

    def misfit(self, rtl: str) -> str | None:
        """Why `rtl` is no candidate: it changes the designer's ports, or in `edit` nothing; else None."""
        if self.task == "edit" and rtl == self.target.text:
            return "leads back to the file as it was"
        bench = self.testbench
        used = bench.signals if bench and self.top == self.module else ()
        return broken_pin(self.target.text, rtl, task=self.task, module=self.module, used=used)

    def diff(self, rtl: str) -> str | None:
        """A unified diff from the designer's file to `rtl`; None where there was no such file."""
        if self.task == "generate":
            return None
        name = PurePath(self.target.path).name
        lines = difflib.unified_diff(
            _LINE.findall(self.target.text),
            _LINE.findall(rtl),
            f"a/{name}",
            f"b/{name}",
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in lines
        )
