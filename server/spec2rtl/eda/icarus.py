"""Compiles a design with iverilog in a scratch folder."""

import asyncio
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct, structs

from spec2rtl.eda import logs
from spec2rtl.eda.layout import OPTIONS, Layout, lay_out
from spec2rtl.eda.lint import placed
from spec2rtl.eda.order import told
from spec2rtl.eda.outcome import LOG_CHARS, exceeded
from spec2rtl.errors import ConfigError, InputError
from spec2rtl.process.limits import Limits
from spec2rtl.process.run import ProcessResult, run
from spec2rtl.process.sandbox import Binds, Sandbox
from spec2rtl.process.scratch import left_behind, scratch
from spec2rtl.rtl import CompileReport, Design, Diagnostic, Reason
from spec2rtl.syntax.dialect import foreign_words

_IMAGE = "spec2rtl.vvp"
_WARNINGS = ("-Wall", "-Wno-timescale")
"""All but the advice to set a timescale everywhere: files without one get 1ns/1ps from us."""
_NOT_STARTED = re.compile(
    r"^\S*sh: .*(?:not found|[Pp]ermission denied|No such file)", re.MULTILINE
)
_READ_CHARS = 1 << 17
"""How much of a log is read for messages: a macro that grows gives the same one a million times."""
_LOOK_FOR = "look for an endless generate loop, a macro that grows or a huge memory"


class Compilation(Struct, frozen=True):
    """A report and, where the design compiles, what vvp runs.

    `crash` names the signal that ended the compiler before it had said what is wrong.
    """

    report: CompileReport
    image: bytes | None = None
    crash: str | None = None


@dataclass(frozen=True)
class Compiler:
    """iverilog, and what it may use."""

    iverilog: str
    limits: Limits
    sandbox: Sandbox

    async def compile(self, design: Design) -> Compilation:
        """Compile; raises `InputError` or `ConfigError` for what can't be given to iverilog.

        iverilog 11 aborts on some wrong designs. That is their fault where it reported errors
        before, or dies the same way twice; else it is the tool that is broken.
        """
        if not design.sources:
            raise InputError("no source file to compile")
        first = await self._attempt(design)
        if first.report.reason != "tool_broken":
            return first
        second = await self._attempt(design)
        if second.crash is None or second.crash != first.crash:
            return second
        message = f"iverilog crashes on this design ({second.crash}): a construct is unsupported"
        report = structs.replace(
            second.report,
            reason="compile_error",
            diagnostics=(*second.report.diagnostics, _fault(design, "compiler-crash", message)),
            seconds=first.report.seconds + second.report.seconds,
        )
        return structs.replace(second, report=report)

    async def _attempt(self, design: Design) -> Compilation:
        with scratch() as folder:
            layout = lay_out(design, folder)
            result = await run(
                _command(self.iverilog, design, layout),
                cwd=folder,
                limits=self.limits,
                sandbox=self.sandbox,
                binds=Binds(read=layout.outside, write=(folder,)),
            )
            image = folder / _IMAGE
            data = left_behind(image, self.limits.file_size)
            log = (result.stderr + result.stdout).replace(f"{folder}/", "")
        return await asyncio.to_thread(self._judge, design, layout, result, log, data)

    def _judge(
        self, design: Design, layout: Layout, result: ProcessResult, log: str, image: bytes | None
    ) -> Compilation:
        """Decide by what was reported and written; the exit status counts errors modulo 256."""
        shown = _readable(log, cut=result.ended != "ok")
        found = logs.parse(shown, {name: file.text for name, file in layout.files.items()})
        diagnostics = told((layout.in_user_terms(d) for d in found), design)
        # The driver's exit status counts errors; only where it names none can it be a signal.
        counted = "error(s) during elaboration" in log
        ended, signalled = (result.ended, None) if counted else result.beneath()
        crash: str | None = None
        reason: Reason
        if limit := exceeded(ended, self.limits):
            reason, what = limit
            code = f"compile-{reason.replace('_', '-')}"
            diagnostics = (*diagnostics, _fault(design, code, f"iverilog {what}: {_LOOK_FOR}"))
        elif ended == "killed":
            reason = "killed"
        elif _NOT_STARTED.search(log):
            reason = "tool_broken"
        elif any(d.severity == "error" for d in diagnostics):
            reason = "compile_error"
        elif image is not None and result.exit_code == 0:
            reason = "ok"
            diagnostics = (*diagnostics, *_foreign(design))
        else:
            reason = "tool_broken"
            crash = signal.Signals(signalled).name if signalled else None
        shown = layout.spoken(log)[-LOG_CHARS:]
        report = CompileReport(reason == "ok", reason, diagnostics, result.seconds, shown)
        return Compilation(report, image if report.ok else None, crash)


def _readable(log: str, *, cut: bool) -> str:
    """As many whole lines as anybody reads; the last one of a compiler that was killed is none."""
    read = log[:_READ_CHARS]
    return read[: read.rfind("\n") + 1] if cut or len(read) < len(log) else read


def _command(iverilog: str, design: Design, layout: Layout) -> list[str]:
    if design.parameters and not design.top:
        raise ConfigError("a parameter needs a top module to be set on; name it with --top")
    return [
        iverilog,
        "-g2012",
        *_WARNINGS,
        *("-c", OPTIONS),
        *("-o", _IMAGE),
        *("-I", layout.include),
        # Those beside the top come first: a design that dumps too then goes on in their file.
        *(part for root in (*design.roots, design.top) if root for part in ("-s", root)),
        *(f"-D{name}={value}" if value else f"-D{name}" for name, value in design.defines),
        *(f"-P{design.top}.{name}={value}" for name, value in design.parameters),
        *layout.sources,
    ]


def _foreign(design: Design) -> Iterator[Diagnostic]:
    """SystemVerilog in Verilog files: `-g2012` lets it pass without a word."""
    for source in design.sources:
        if source.path.endswith(".v") and (fault := foreign_words(source.text)):
            yield placed(fault, source)


def _fault(design: Design, code: str, message: str) -> Diagnostic:
    """A fault of the design as a whole, put at its beginning."""
    return Diagnostic(design.sources[0].path, 1, 1, 1, 1, "error", code, message, "iverilog")
