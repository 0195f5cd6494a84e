"""The tools that score: compiler, simulator, slang and the environments of the harnesses."""

from dataclasses import dataclass

from spec2rtl.eda.icarus import Compilation, Compiler
from spec2rtl.eda.slang import Slang
from spec2rtl.eda.toolchain import Tools
from spec2rtl.errors import ToolError
from spec2rtl.evals.environments import Environments
from spec2rtl.evals.record import NEEDS
from spec2rtl.process.limits import Limits
from spec2rtl.process.sandbox import Sandbox
from spec2rtl.rtl import CompileReport, Design
from spec2rtl.syntax.modules import find_module

_ERRORS = frozenset(("redefinition", "duplicate-declaration"))
"""Errors that our slang only warns of."""


@dataclass(frozen=True)
class Workbench:
    """One for a whole evaluation; `harness` limits one run of a problem's whole harness."""

    tools: Tools
    compiling: Limits
    simulating: Limits
    harness: Limits
    sandbox: Sandbox
    slang: Slang
    environments: Environments
    seed: int

    @property
    def icarus(self) -> int:
        """The simulator's major version."""
        return int(self.tools.iverilog_version.split(".")[0])

    async def compile(self, design: Design) -> Compilation:
        """Compile past the loop's cache; raises `ToolError` where that says nothing of the design."""
        compiler = Compiler(self.tools.iverilog, self.compiling, self.sandbox)
        compilation = await compiler.compile(design)
        if (reason := compilation.report.reason) in {"tool_broken", "killed"}:
            raise ToolError(f"{self.tools.iverilog}: {reason}; run it again")
        return compilation

    async def unsupported(self, design: Design, compiled: CompileReport, needs: int) -> str | None:
        """Why an Icarus older than the benchmark's own can't tell that this RTL is wrong.

        What it calls sorry, or refuses though slang reads and elaborates it without an error, may
        well be right.
        """
        if compiled.ok or compiled.reason != "compile_error" or self.icarus >= needs:
            return None
        faults = [d for d in compiled.diagnostics if d.severity == "error"]
        sorry = next((d for d in faults if d.code == "unsupported-construct"), None)
        if sorry is None:
            top = design.top
            if top and not any(find_module(source.text, top) for source in design.sources):
                return None  # which slang has no place to say of
            found = await self.slang.check(design)
            if found is None or any(d.severity == "error" or d.code in _ERRORS for d in found):
                return None
        place = sorry or (faults[0] if faults else None)
        what = f": line {place.line}: {place.message}" if place else ""
        return f"{NEEDS} {self.icarus + 1}{what}"

    async def aclose(self) -> None:
        """End slang's worker."""
        await self.slang.aclose()
