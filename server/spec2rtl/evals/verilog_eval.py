"""VerilogEval: a folder of prompts, references and test benches, scored without trusting a print."""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from spec2rtl.eda.cache import Cache, key
from spec2rtl.eda.icarus import Compilation
from spec2rtl.eda.outcome import LOG_CHARS, exceeded
from spec2rtl.eda.waves import VCD, dumping, read_wave
from spec2rtl.errors import InputError, ToolError
from spec2rtl.evals.bench import Workbench
from spec2rtl.evals.gate import reaches_out, without_benches
from spec2rtl.evals.oracle import Evidence, Problem
from spec2rtl.evals.problem import Candidate, Task
from spec2rtl.evals.sealed import ANSWER, CLOCK, DESIGN, FORM, Report, Sealed, seal
from spec2rtl.evidence.wave import WANTED, Recording, Wave
from spec2rtl.process.run import ProcessResult, run
from spec2rtl.process.sandbox import Binds
from spec2rtl.process.scratch import left_behind, scratch
from spec2rtl.rtl import (
    CompileReport,
    Design,
    Diagnostic,
    SimulationReport,
    SourceFile,
    Testbench,
    TestResult,
)
from spec2rtl.syntax.modules import modules

NEEDS_ICARUS = 12
"""The version that the benchmark names."""
_PROMPT = "_prompt.txt"
_HINT = re.compile(r"Hint: Output '(\w+)' has (no|\d+) mismatches\.(?: First [^\n]*? time (\d+))?")


def read(folder: Path, bench: Workbench, references: Cache) -> tuple[list[Problem], list[str]]:
    """Read a data set; raises `InputError` for a folder that is none."""
    if not folder.is_dir():
        raise InputError(f"{folder}: not a folder; a VerilogEval data set is one of *{_PROMPT}")
    prompts = sorted(folder.glob(f"*{_PROMPT}"))
    if not prompts:
        raise InputError(f"{folder}: no *{_PROMPT}; a VerilogEval data set is wanted")
    return [_problem(path, bench, references) for path in prompts], []


def _problem(path: Path, bench: Workbench, references: Cache) -> Problem:
    name = path.name.removesuffix(_PROMPT)
    task = Task(name, "", (f"{name}.sv",), "systemverilog", module=DESIGN)
    try:
        task = structs.replace(task, prompt=path.read_text("utf-8"))
        reference, test = (
            path.with_name(f"{name}_{kind}.sv").read_text("utf-8") for kind in ("ref", "test")
        )
    except (OSError, UnicodeDecodeError) as error:
        return Problem(task, broken=f"can't be read: {error}")
    return Problem(task, SealedBench(name, test, reference, bench, references))


@dataclass(frozen=True)
class SealedBench:
    """The oracle of a VerilogEval problem; `references` keeps what the references came to."""

    id: str
    test: str
    reference: str
    bench: Workbench
    references: Cache

    @property
    def testbench(self) -> Testbench:
        """The bench as a model may be shown it."""
        return Testbench("tb", f"{self.id}_test.sv", self.test, top=DESIGN)

    async def examine(self, candidate: Candidate) -> Evidence:
        """Compile, simulate under the sealed bench, compare with the reference's own run."""
        sealed = self._seal()
        expected = await self._expected(sealed)
        ((name, text),) = candidate.items()
        design = self._design(sealed, SourceFile(name, text))
        compilation = await self.bench.compile(design)
        own = without_benches(text)
        if compilation.report.ok and own != text:  # what runs is what is looked at below
            compilation = await self.bench.compile(self._design(sealed, SourceFile(name, own)))
        compiled = compilation.report
        if not compiled.ok:
            return await self._uncompiled(design, sealed, compiled)
        if why := self._refusal(text, own):
            return Evidence(compiled, _failed(name, f"refused: {why}"))
        process, _ = await self._simulate(compilation)
        if crash := _crash(process):
            process, _ = await self._simulate(compilation)
            if _crash(process) == crash:
                why = f"vvp crashes on this design (signal {crash}), twice"
                return Evidence(compiled, _failed(name, why))
        report = sealed.read(process.stdout)
        return Evidence(compiled, self._report(process, report, expected, name))

    async def record(self, candidate: Candidate, failed: TestResult) -> Recording | None:
        """Simulate once more, recording the design and what the reference answers."""
        sealed = self._seal(until=failed.name)
        ((name, text),) = candidate.items()
        shown = (f"{sealed.top}.{name}" for name in (sealed.design, CLOCK, *sealed.answers))
        design = dumping(self._design(sealed, SourceFile(name, text)), VCD, list(shown))
        compilation = await self.bench.compile(design)
        if not compilation.report.ok:
            return None
        _, data = await self._simulate(compilation, VCD.option)
        wave = await read_wave(data, self.bench.sandbox) if data else None
        return _recording(failed.name, wave, sealed) if wave else None

    async def _uncompiled(
        self, design: Design, sealed: Sealed, compiled: CompileReport
    ) -> Evidence:
        """Only what doesn't compile by itself may be right: the bench's demands are no doubt."""
        alone = structs.replace(design, sources=design.sources[-1:], top=DESIGN)
        report = (await self.bench.compile(alone)).report
        if report.ok:
            faults = (
                structs.replace(d, message=sealed.spoken(d.message)) for d in compiled.diagnostics
            )
            return Evidence(structs.replace(compiled, diagnostics=tuple(faults)))
        return Evidence(report, doubt=await self.bench.unsupported(alone, report, NEEDS_ICARUS))

    def _seal(self, until: str | None = None) -> Sealed:
        sealed = seal(
            self.test,
            self.reference,
            secret=secrets.token_hex(12),
            mark=secrets.token_hex(16),
            until=until,
        )
        if sealed is None:
            raise ToolError(f"{self.id}_test.sv: not a test bench of VerilogEval's form")
        return sealed

    def _design(self, sealed: Sealed, candidate: SourceFile) -> Design:
        """The candidate comes last: no directive of its own reaches the bench."""
        bench = SourceFile(f"{self.id}_test.sv", sealed.bench)
        return Design((bench, SourceFile(f"{self.id}_ref.sv", sealed.model), candidate), sealed.top)

    def _refusal(self, text: str, running: str) -> str | None:
        """Why a text is not run; `running` is the part of it that would be."""
        if call := reaches_out(running):
            return f"the design uses {call}"
        taken = {m.name for m in (*modules(self.test), *modules(self.reference))}
        own = {m.name for m in modules(text)} & taken - {DESIGN}
        return f"the design defines {min(own)}, a module of the test bench" if own else None

    async def _expected(self, sealed: Sealed) -> Report:
        """What the reference comes to in its own place; raises `ToolError` where it doesn't pass."""
        icarus = self.bench.tools.iverilog_version
        name = key("verilog-eval reference", FORM, self.test, self.reference, icarus)
        if found := self.references.get(name, Report):
            return found
        stand_in = SourceFile(f"{self.id}_ref.sv", sealed.reference)
        compilation = await self.bench.compile(self._design(sealed, stand_in))
        if not compilation.report.ok:
            faults = (d.message for d in compilation.report.diagnostics if d.severity == "error")
            why = next(faults, compilation.report.reason)
            raise ToolError(f"the reference doesn't compile with Icarus {icarus}: {why}")
        process, _ = await self._simulate(compilation)
        report = sealed.read(process.stdout)
        if report is None or report.mismatches:
            raise ToolError(f"the reference fails its own test bench with Icarus {icarus}")
        self.references.put(name, report)
        return report

    async def _simulate(
        self, compilation: Compilation, recorded: str = "-none"
    ) -> tuple[ProcessResult, bytes]:
        """Run it; also returns what it recorded, under whatever name bench or design chose.

        Raises `ToolError` for an end that says nothing of the design.
        """
        with scratch() as folder:
            image = folder / "design.vvp"
            image.write_bytes(compilation.image or b"")
            process = await run(
                [self.bench.tools.vvp, "-n", str(image), recorded],
                cwd=folder,
                limits=self.bench.simulating,
                sandbox=self.bench.sandbox,
                binds=Binds(write=(folder,)),
            )
            most = self.bench.simulating.file_size
            written = (left_behind(path, most) for path in folder.iterdir() if path != image)
            data = next(filter(None, written), b"")
        if process.beneath()[0] == "killed":
            raise ToolError("the simulator was killed, or got no processor; run it again")
        return process, data

    def _report(
        self, process: ProcessResult, report: Report | None, expected: Report, name: str
    ) -> SimulationReport:
        log = (process.stdout + process.stderr)[-LOG_CHARS:]
        found = SimulationReport(
            "errored",
            "untrusted",
            tests=tuple(map(_output, _HINT.finditer(process.stdout))),
            seconds=process.seconds,
            sandbox=self.bench.sandbox.name,
            log=log,
        )
        ended, _ = process.beneath()
        if limit := exceeded(ended, self.bench.simulating):
            reason, what = limit
            fault = _fault(name, f"the simulation {what}")
            return structs.replace(found, status="failed", reason=reason, diagnostics=(fault,))
        if report is None:
            return found
        if report.mismatches:
            said = f"{report.mismatches} of {report.samples} samples differ"
            fault = _fault(name, said)
            return structs.replace(
                found, status="failed", reason="test_failed", diagnostics=(fault,)
            )
        if not report.agrees(expected):
            said = "inputs or reference were not those of the reference's own run"
            return structs.replace(found, log=said)
        return structs.replace(found, status="passed", reason="ok")


def _recording(test: str, wave: Wave, sealed: Sealed) -> Recording | None:
    """What led to the first sample that failed a test, which has the name of an output.

    The design's signals get the names that they have by themselves.
    """
    seen = {trace.name: trace for trace in wave.traces}
    own = f"{sealed.top}.{sealed.design}."
    traces = [
        structs.replace(trace, name=f"{DESIGN}.{name.removeprefix(own)}")
        for name, trace in seen.items()
        if name.startswith(own)
    ]
    for answer in sealed.answers:
        if (trace := seen.get(f"{sealed.top}.{answer}")) is not None:
            name = f"{DESIGN}.{answer.removesuffix(ANSWER)}{WANTED}"
            traces.append(structs.replace(trace, name=name))
    names = {trace.name: trace for trace in traces}
    output = f"{DESIGN}.{test}"
    samples, wanted, given = (
        seen.get(f"{sealed.top}.{CLOCK}"),
        *map(names.get, (output + WANTED, output)),
    )
    if samples is None or wanted is None or given is None:
        return None
    wrong = (t for t in samples.times if t and _differ(wanted.before(t), given.before(t)))
    if (time := next(wrong, None)) is None:
        return None
    # The bench compares what was there before the edge.
    recorded = structs.replace(wave, traces=tuple(traces))
    return Recording(test, recorded, wave.begin, time - 1, names)


def _differ(wanted: str, given: str) -> bool:
    """Is a bit of the reference's answer, where it is known, another one?"""
    given = given.rjust(len(wanted), "z")[-len(wanted) :]
    return any(w in "01" and w != g for w, g in zip(wanted, given, strict=True))


def _crash(process: ProcessResult) -> int | None:
    """The signal by which vvp ended itself."""
    ended, number = process.beneath()
    return number if ended == "ok" else None


def _output(match: re.Match[str]) -> TestResult:
    name, count, time = match.groups()
    if count == "no":
        return TestResult(name, "passed")
    return TestResult(name, "failed", f"{count} mismatches, the first at time {time}")


def _failed(name: str, why: str) -> SimulationReport:
    return SimulationReport("failed", "test_failed", (_fault(name, why),))


def _fault(name: str, why: str) -> Diagnostic:
    return Diagnostic(name, 1, 1, 1, 1, "error", "test-failed", why, "iverilog")
