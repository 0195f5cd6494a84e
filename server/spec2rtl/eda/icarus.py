"""Compiles a design with iverilog in a scratch folder.

Sources go there under names of our own: iverilog is a driver that builds a shell command, and
each message must lead back to the path that the user knows, whatever characters that holds.
"""

import asyncio
import posixpath
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from msgspec import Struct, structs

from spec2rtl.eda import logs
from spec2rtl.errors import ConfigError, InputError
from spec2rtl.process.limits import MIB, Limits
from spec2rtl.process.run import SIGNALS, Ended, ProcessResult, run
from spec2rtl.process.sandbox import Binds, Sandbox
from spec2rtl.process.scratch import scratch
from spec2rtl.rtl import CompileReport, DataFile, Design, Diagnostic, Reason, SourceFile

LOG_CHARS = 1 << 16
"""How much of a log a report keeps: its end, which says how it ended."""

_HEADERS = "spec2rtl-headers"
_OPTIONS = "spec2rtl.f"
_IMAGE = "spec2rtl.vvp"
_WARNINGS = ("-Wall", "-Wno-timescale")
"""All but the advice to set a timescale everywhere: files without one get 1ns/1ps from us."""
_SHELL_SIGNAL = 128
"""A shell adds this to the number of the signal that ended its child."""
_NOT_STARTED = re.compile(
    r"^\S*sh: .*(?:not found|[Pp]ermission denied|No such file)", re.MULTILINE
)
_OWN_NAME = re.compile(r"source(\d+)\.s?v\b")
_LIMITED: Mapping[Ended, tuple[Reason, str]] = {
    "timeout": ("timeout", "iverilog does not end within {0.seconds:g} s"),
    "memory": ("memory", "iverilog needs more than {1} MiB of memory"),
    "output_limit": ("output_limit", "iverilog prints more than {2} MiB"),
    "file_size": ("output_limit", "iverilog writes a file of more than {3} MiB"),
}
_LOOK_FOR = "look for an endless generate loop, a macro that grows or a huge memory"


class Compilation(Struct, frozen=True):
    """A report and, where the design compiles, what vvp runs.

    `crash` names the signal that ended the compiler before it had said what is wrong.
    """

    report: CompileReport
    image: bytes | None = None
    crash: str | None = None


@dataclass(frozen=True)
class _Layout:
    """Where a design lies in the scratch folder, by the names that iverilog gets to see."""

    sources: tuple[str, ...]
    include: str
    files: Mapping[str, SourceFile]


async def compile_design(
    iverilog: str, design: Design, *, limits: Limits, sandbox: Sandbox
) -> Compilation:
    """Compile; raises `InputError` or `ConfigError` for a design that can't be given to iverilog.

    iverilog 11 aborts on some wrong designs. That is their fault where it reported errors before,
    or dies the same way twice; else it is the tool that is broken.
    """
    first = await _attempt(iverilog, design, limits, sandbox)
    if first.report.reason != "tool_broken":
        return first
    second = await _attempt(iverilog, design, limits, sandbox)
    if second.crash is None or second.crash != first.crash:
        return second
    message = f"iverilog crashes on this design ({second.crash}): it holds something unsupported"
    report = structs.replace(
        second.report,
        reason="compile_error",
        diagnostics=(*second.report.diagnostics, _fault(design, "compiler-crash", message)),
        seconds=first.report.seconds + second.report.seconds,
    )
    return structs.replace(second, report=report)


async def _attempt(iverilog: str, design: Design, limits: Limits, sandbox: Sandbox) -> Compilation:
    with scratch() as folder:
        layout = _lay_out(design, folder)
        result = await run(
            _command(iverilog, design, layout),
            cwd=folder,
            limits=limits,
            sandbox=sandbox,
            binds=Binds(write=(folder,)),
        )
        image = folder / _IMAGE
        data = await asyncio.to_thread(image.read_bytes) if image.is_file() else None
        log = (result.stderr + result.stdout).replace(f"{folder}/", "")
    return _judge(design, layout, result, log, data, limits)


def _lay_out(design: Design, folder: Path) -> _Layout:
    """Write all files; a header's name may climb (`../rtl/defs.vh`), but not out of the scratch."""
    if not design.sources:
        raise InputError("no source file to compile")
    files: dict[str, SourceFile] = {}
    for number, source in enumerate(design.sources):
        files[f"source{number}{'.sv' if source.path.endswith('.sv') else '.v'}"] = source
    sources = tuple(files)
    climbs = max((_climb(name) for name, _ in design.headers), default=0)
    include = "/".join((_HEADERS, *("up",) * climbs))
    for name, header in design.headers:
        # An absolute name is read where it lies, as every other compiler would.
        files[name if name.startswith("/") else f"{include}/{name}"] = header
    (folder / include).mkdir(parents=True)
    for name, file in files.items():
        if not name.startswith("/"):
            write(folder, posixpath.normpath(name), file.text.encode())
    (folder / _OPTIONS).write_text("+timescale+1ns/1ps\n")
    return _Layout(sources, include, files)


def write(folder: Path, name: str, data: bytes) -> None:
    """Write a file below a folder; raises `InputError` for a name that leads elsewhere."""
    path = folder / name
    if "\0" in name or ".." in PurePosixPath(name).parts or not path.is_relative_to(folder):
        raise InputError(f"{name}: a file of a design or a test must lie below its folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"{name}: can't be copied: {error.strerror}") from None


def write_all(folder: Path, files: tuple[DataFile, ...]) -> None:
    """Write the files that a reader in this folder finds."""
    for file in files:
        write(folder, posixpath.normpath(file.name), file.data)


def _climb(name: str) -> int:
    """How many folders a relative name climbs at its beginning."""
    parts = posixpath.normpath(name).split("/")
    return next((n for n, part in enumerate(parts) if part != ".."), len(parts))


def _command(iverilog: str, design: Design, layout: _Layout) -> list[str]:
    if design.parameters and not design.top:
        raise ConfigError("a parameter needs a top module to be set on; name it with --top")
    return [
        iverilog,
        "-g2012",
        *_WARNINGS,
        *("-c", _OPTIONS),
        *("-o", _IMAGE),
        *("-I", layout.include),
        *(("-s", design.top) if design.top else ()),
        *(f"-D{name}={value}" if value else f"-D{name}" for name, value in design.defines),
        *(f"-P{design.top}.{name}={value}" for name, value in design.parameters),
        *layout.sources,
    ]


def _judge(
    design: Design,
    layout: _Layout,
    result: ProcessResult,
    log: str,
    image: bytes | None,
    limits: Limits,
) -> Compilation:
    """Decide by what was reported and written: the exit status is the number of errors mod 256."""
    found = logs.parse(log, {name: file.text for name, file in layout.files.items()})
    diagnostics = tuple(_rename(d, layout.files) for d in found)
    reason: Reason = "compile_error"
    crash: str | None = None
    ended, signalled = _ended(result, log)
    if ended in _LIMITED:
        reason, text = _LIMITED[ended]
        sizes = (limits.memory // MIB, limits.output // MIB, limits.file_size // MIB)
        message = f"{text.format(limits, *sizes)}: {_LOOK_FOR}"
        diagnostics = (*diagnostics, _fault(design, f"compile-{reason.replace('_', '-')}", message))
    elif ended == "killed":
        reason = "killed"
    elif _NOT_STARTED.search(log):
        reason = "tool_broken"
    elif any(d.severity == "error" for d in diagnostics):
        reason = "compile_error"
    elif image is not None and result.exit_code == 0:
        reason = "ok"
    else:
        reason, crash = "tool_broken", signalled
    shown = _own_words(log, layout.files)[-LOG_CHARS:]
    report = CompileReport(reason == "ok", reason, diagnostics, result.seconds, shown)
    return Compilation(report, image if report.ok else None, crash)


def _ended(result: ProcessResult, log: str) -> tuple[Ended, str | None]:
    """How the compiler proper ended, and the signal that did it, seen through driver and shell."""
    number = result.signal or (result.exit_code or 0) - _SHELL_SIGNAL
    if result.ended != "ok" or number <= 0 or "error(s) during elaboration" in log:
        return result.ended, None
    try:
        return SIGNALS.get(number, "ok"), signal.Signals(number).name
    except ValueError:
        return "ok", None


def _fault(design: Design, code: str, message: str) -> Diagnostic:
    """A fault of the design as a whole, put at its beginning."""
    return Diagnostic(design.sources[0].path, 1, 1, 1, 1, "error", code, message, "iverilog")


def _rename(diagnostic: Diagnostic, files: Mapping[str, SourceFile]) -> Diagnostic:
    """Give a diagnostic the paths that the user knows."""
    return structs.replace(
        diagnostic,
        file=_user_path(diagnostic.file, files),
        message=_own_words(diagnostic.message, files),
        related=tuple(
            structs.replace(r, file=_user_path(r.file, files), message=_own_words(r.message, files))
            for r in diagnostic.related
        ),
    )


def _user_path(name: str, files: Mapping[str, SourceFile]) -> str:
    file = files.get(name)
    return file.path if file else name


def _own_words(text: str, files: Mapping[str, SourceFile]) -> str:
    """Put the user's paths in place of ours."""
    sources = list(files.values())
    text = re.sub(rf"{_HEADERS}/(?:up/)*", "", text)
    return _OWN_NAME.sub(
        lambda m: sources[int(m[1])].path if int(m[1]) < len(sources) else m[0], text
    )
