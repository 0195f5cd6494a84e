"""Runs the harness of a CVDP problem natively, as its own Docker image would.

The harness's files stay as they are but for the folders of the image: `/code`, `/src` and
`/rundir` become folders of a scratch folder, in files, commands and environment alike.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from spec2rtl.eda.cocotb import START, START_MODULE, put_start
from spec2rtl.eda.layout import write
from spec2rtl.eda.outcome import LOG_CHARS, exceeded
from spec2rtl.errors import ToolError
from spec2rtl.evals import harness_log as logs
from spec2rtl.evals.bench import Workbench
from spec2rtl.evals.environments import OLD_COCOTB
from spec2rtl.evals.gate import writes_files
from spec2rtl.evals.oracle import Evidence
from spec2rtl.evals.problem import Candidate
from spec2rtl.evals.record import NEEDS
from spec2rtl.evidence.wave import Recording
from spec2rtl.process.run import SIGNALS, Ended, ProcessResult, run
from spec2rtl.process.sandbox import Binds
from spec2rtl.process.scratch import left_text, scratch
from spec2rtl.rtl import (
    CompileReport,
    Design,
    Diagnostic,
    SimulationReport,
    SourceFile,
    Testbench,
    TestResult,
)
from spec2rtl.syntax.testbench import read_testbench

NEEDS_ICARUS = 13
"""The version in the benchmark's own image."""
_FOLDERS = re.compile(r"(?<![\w./-])/(code|src|rundir)(?![\w-])")
_COLLECTED = 2
"""pytest's exit status from which on it is not the tests that failed, but the harness."""
_SITE = """\
import os
import random

random.seed({seed})
os.environ.update({start})
os.environ["PYTEST_ADDOPTS"] = os.environ.get("PYTEST_ADDOPTS", "") + " -p {plugin}"
"""
"""Runs first in each Python of a harness: what that draws itself is the same in every run."""
_OWN_LOGS = ("sim.log", "build.log")
"""Where cocotb's runner is told to put what the compiler says."""


class Service(Struct, frozen=True):
    """One command of the harness, its working folder and its environment."""

    argv: tuple[str, ...]
    folder: str
    environment: dict[str, str]


class _Run(Struct, frozen=True):
    """What became of one command: its log and, where it is pytest's, its report."""

    process: ProcessResult
    log: str
    xml: str | None
    pytest: bool


@dataclass(frozen=True)
class Harness:
    """The oracle of a CVDP problem; `files` are the harness's and those given with the problem."""

    id: str
    files: dict[str, str]
    services: tuple[Service, ...]
    bench: Workbench

    @property
    def testbench(self) -> Testbench:
        """The harness's cocotb module."""
        environment = self.services[0].environment
        module = environment.get("MODULE", "").split(",")[0]
        path = f"src/{module.replace('.', '/')}.py"
        text = self.files.get(path) or "\n".join(
            text for name, text in self.files.items() if name.endswith(".py")
        )
        facts = read_testbench(text)
        return Testbench(
            module or "harness",
            f"{self.id}/{path}",
            text,
            tests=facts.tests,
            top=environment.get("TOPLEVEL") or facts.top,
            signals=facts.signals,
        )

    async def examine(self, candidate: Candidate) -> Evidence:
        """Compile as the harness does, then run it, under an older cocotb where it needs one."""
        design = self._design(candidate)
        compiled = (await self.bench.compile(design)).report
        if task := next(filter(None, map(writes_files, candidate.values())), None):
            return Evidence(compiled, _failed(f"refused: the design calls {task}", design))
        environments, note = self.bench.environments, ""
        python = await environments.own(self.bench.tools.cocotb_version)
        runs = await self._run(candidate, python)
        if outdated := _outdated(runs):
            python = await environments.old()
            runs = await self._run(candidate, python)
            if again := _outdated(runs):
                raise ToolError(f"the harness runs with neither cocotb: {outdated}; {again}")
            note = f"with cocotb {OLD_COCOTB}: {outdated}"
        if crash := _crash(runs):
            runs = await self._run(candidate, python)
            if _crash(runs) == crash:
                why = f"vvp crashes on this design (signal {crash}), twice"
                return Evidence(compiled, _failed(why, design), note=note)
        if not compiled.ok:
            if not all(ran.process.exit_code == 0 for ran in runs):
                doubt = await self.bench.unsupported(design, compiled, NEEDS_ICARUS)
                return Evidence(compiled, doubt=doubt)
            compiled = CompileReport(True, "ok")  # with options that only the harness knows
        return Evidence(compiled, self._report(runs), self._doubt(runs), note)

    async def record(self, candidate: Candidate, failed: TestResult) -> Recording | None:
        """None: a harness says itself what its simulator does."""
        return None

    def _design(self, candidate: Candidate) -> Design:
        """What the harness compiles, as far as its environment says."""
        files = {f"/code/{name}": text for name, text in (self.files | candidate).items()}
        files |= {f"/{name}": text for name, text in self.files.items()}
        environment = self.services[0].environment
        named = [n for n in environment.get("VERILOG_SOURCES", "").split() if n in files]
        sources = named or [f"/code/{name}" for name in candidate]
        headers = ((Path(n).name, n) for n in files if n.endswith((".vh", ".svh")))
        return Design(
            tuple(SourceFile(name, files[name]) for name in sources),
            environment.get("TOPLEVEL") or None,
            tuple((name, SourceFile(path, files[path])) for name, path in headers),
        )

    async def _run(self, candidate: Candidate, python: Path) -> list[_Run]:
        with scratch() as root:
            if " " in str(root):
                raise ToolError(f"{root}: a harness can't run where a path has blanks; set TMPDIR")
            for name, text in self.files.items():
                place = name if self._is_harness(name) else f"code/{name}"
                write(root, place, _moved(text, root).encode())
            for name, text in candidate.items():
                write(root, f"code/{name}", text.encode())
            site = _SITE.format(seed=self.bench.seed, start=START, plugin=START_MODULE)
            write(root, "seed/sitecustomize.py", site.encode())
            put_start(root / "seed")
            return [
                await self._serve(service, root, python, number)
                for number, service in enumerate(self.services)
            ]

    def _is_harness(self, name: str) -> bool:
        return name.startswith("src/") or "/" not in name

    async def _serve(self, service: Service, root: Path, python: Path, number: int) -> _Run:
        folder = Path(_moved(service.folder, root))
        for needed in (folder, root / "rundir", root / "code" / "rundir"):
            needed.mkdir(parents=True, exist_ok=True)
        report = root / f"results-{number}.xml"
        environment = self._environment(service, root, python, report)
        argv = [_moved(part, root) for part in service.argv]
        argv[0] = shutil.which(argv[0], path=environment["PATH"]) or argv[0]
        process = await run(
            argv,
            cwd=folder,
            limits=self.bench.harness,
            env=environment,
            sandbox=self.bench.sandbox,
            binds=Binds(read=self.bench.environments.shown(python), write=(root,)),
        )
        most = self.bench.harness.file_size
        own = [left_text(folder / name, most) or "" for name in _OWN_LOGS]
        texts = [text[-LOG_CHARS:] for text in own if text]
        log = "\n".join([*texts, process.stdout, process.stderr]).replace(str(root), "")
        return _Run(process, log, left_text(report, most), "pytest" in " ".join(service.argv))

    def _environment(
        self, service: Service, root: Path, python: Path, report: Path
    ) -> dict[str, str]:
        given = {name: _moved(value, root) for name, value in service.environment.items()}
        programs = (python.parent, Path(self.bench.tools.iverilog).parent)
        search = [*map(str, programs), os.environ.get("PATH", os.defpath)]
        modules = [given.get("PYTHONPATH", ""), str(root / "seed")]
        seed = str(self.bench.seed)
        own = {
            "COCOTB_RANDOM_SEED": seed,
            "RANDOM_SEED": seed,
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",  # nobody will read it
            "COCOTB_ANSI_OUTPUT": "0",
            # The harness needs no plugin, and importing those that are installed takes long.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": f"--junitxml={report}",
        }
        paths = {
            "PATH": os.pathsep.join(search),
            "PYTHONPATH": os.pathsep.join(filter(None, modules)),
        }
        return own | given | paths

    def _report(self, runs: list[_Run]) -> SimulationReport:
        """All commands must end well; raises `ToolError` where the harness itself didn't run."""
        seconds = sum(r.process.seconds for r in runs)
        log = "\n".join(r.log for r in runs)[-LOG_CHARS:]
        tests = tuple(test for r in runs for test in logs.tests(r.log, r.xml))
        sandbox = self.bench.sandbox.name
        for ran in runs:
            if limit := exceeded(_ended(ran), self.bench.harness):
                reason, what = limit
                fault = _fault(f"the harness {what}", self.testbench.path)
                return SimulationReport("failed", reason, (fault,), tests, seconds, sandbox, log)
            self._check(ran)
        # Without pytest, cocotb's runner ends well whatever its tests say; with it, a report that
        # somebody else wrote might be the one that it reads.
        passed = all(r.process.exit_code == 0 and logs.none_failed(r.log) for r in runs)
        status, reason = ("passed", "ok") if passed else ("failed", "test_failed")
        return SimulationReport(status, reason, (), tests, seconds, sandbox, log)

    def _check(self, ran: _Run) -> None:
        """Raise `ToolError` for an end that says nothing of the design."""
        code, (_, signalled) = ran.process.exit_code, ran.process.beneath()
        if _ended(ran) == "killed" or signalled or code is None:
            raise ToolError("the harness was killed, or got no processor; run it again")
        if ran.pytest and code >= _COLLECTED:
            raise ToolError(f"the harness is broken: {logs.last_error(ran.log)}")
        if not logs.tests(ran.log, ran.xml):
            raise ToolError(f"the harness ran no test: {logs.last_error(ran.log)}")
        if ran.pytest and code == 0 and not logs.all_passed(ran.xml):
            raise ToolError("the harness ended well without a report that says so")
        if code != 0 and (missing := logs.not_imported(ran.log)):
            raise ToolError(f"the harness can't be imported: {missing}")
        if died := _died(ran):
            raise ToolError(f"vvp crashes now and then (signal {died}); run it again")

    def _doubt(self, runs: list[_Run]) -> str | None:
        """Why a failure may be the simulator's: it refused a parameter's variant of the design."""
        if self.bench.icarus >= NEEDS_ICARUS or all(r.process.exit_code == 0 for r in runs):
            return None
        sorry = next(filter(None, (logs.sorry(r.log) for r in runs)), None)
        return f"{NEEDS} {self.bench.icarus + 1}: {sorry}" if sorry else None


def _died(ran: _Run) -> int | None:
    """The signal by which vvp died beneath a harness that ended by itself."""
    return logs.crashed(ran.log) if ran.process.exit_code else None


def _ended(ran: _Run) -> Ended:
    """How a command ended, or the vvp that it ran."""
    return SIGNALS.get(_died(ran) or 0, ran.process.beneath()[0])


def _crash(runs: list[_Run]) -> int | None:
    """The signal by which vvp ended itself, with nobody else sending it."""
    return next((_died(ran) for ran in runs if _died(ran) and _ended(ran) == "ok"), None)


def _outdated(runs: list[_Run]) -> str | None:
    return next(filter(None, (logs.outdated(ran.log) for ran in runs)), None)


def _moved(text: str, root: Path) -> str:
    """Put the scratch folder's own `code`, `src` and `rundir` in place of the image's."""
    return _FOLDERS.sub(lambda match: f"{root}/{match[1]}", text)


def _fault(message: str, path: str) -> Diagnostic:
    return Diagnostic(path, 1, 1, 1, 1, "error", "harness", message, "cocotb")


def _failed(why: str, design: Design) -> SimulationReport:
    return SimulationReport("failed", "test_failed", (_fault(why, design.sources[0].path),))
