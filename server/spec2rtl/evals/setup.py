"""From a request to all that an evaluation needs: tools, problems, folder and designer."""

import hashlib
import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Literal

from msgspec import Struct, structs

from spec2rtl.backends.name import Backend, Rules
from spec2rtl.backends.warm import Warm
from spec2rtl.chat import Role
from spec2rtl.config.folders import cache_dir, data_dir
from spec2rtl.config.load import secrets
from spec2rtl.config.settings import Settings
from spec2rtl.eda.cache import Cache
from spec2rtl.eda.slang import Slang
from spec2rtl.eda.toolchain import IcarusToolchain, Tools
from spec2rtl.errors import ConfigError, InputError
from spec2rtl.evals import cvdp, verilog_eval
from spec2rtl.evals.bench import Workbench
from spec2rtl.evals.environments import Environments
from spec2rtl.evals.generation import Studio, spend
from spec2rtl.evals.oracle import Problem
from spec2rtl.evals.record import Feedback, Loop, Plan, PolicyName, Switch
from spec2rtl.evals.runner import Designer, Engine, Published
from spec2rtl.evals.store import JOURNAL, Store
from spec2rtl.events import Limits
from spec2rtl.journal.store import Journal
from spec2rtl.loop.policy import choose
from spec2rtl.loop.ports import ChatModel, Crew
from spec2rtl.loop.recorded import replies_of
from spec2rtl.outlet import KeepOutlet
from spec2rtl.process.confinement import best_sandbox, choose_sandbox
from spec2rtl.process.limits import Limits as ToolLimits
from spec2rtl.session import SystemClock
from spec2rtl.wiring import choose_backend, open_model, toolchain, unconfined

Benchmark = Literal["cvdp", "verilog-eval"]
HARNESS_SIMULATIONS = 10
"""A harness may take so many times the seconds of one simulation."""
PATIENCE = 3
"""A design fails by its own work alone; a busy machine may take so much longer over it."""
HARNESS_OUTPUT = 64 << 20
HARNESS_FILE = 1 << 30
SEED = 1
"""Of the harnesses' random numbers: the same candidate gets the same verdict."""


class Request(Struct, frozen=True):
    """What was asked for; `candidates` None: the generator writes them.

    `ids` and `limit` choose problems, the latter at random by the seed; `out` None: a new folder.
    `policy` None: as suits the generator; `evidence` None: on where it reaches a prompt.
    """

    benchmark: Benchmark
    dataset: Path
    candidates: Path | None = None
    loop: Loop = "agentic"
    feedback: Feedback = "none"
    policy: PolicyName | None = None
    evidence: Switch | None = None
    samples: int = 1
    ids: tuple[str, ...] = ()
    limit: int | None = None
    out: Path | None = None
    resume: bool = False


@dataclass(frozen=True)
class Evaluation:
    """All that `runner.evaluate` needs; `warnings` say what of the data set was left out."""

    plan: Plan
    problems: Sequence[Problem]
    warnings: Sequence[str]
    store: Store
    designer: Designer


@asynccontextmanager
async def prepared(
    request: Request,
    settings: Settings,
    notice: Callable[[str], None],
    environ: Mapping[str, str] = os.environ,
) -> AsyncGenerator[Evaluation, None]:
    """Read, open and start what is needed; raises `Spec2rtlError`."""
    if request.resume and request.out is None:
        raise ConfigError("--resume needs the folder to go on with: --out DIR")
    if request.candidates:
        _check_scored(request, request.candidates)
    for line in unconfined(settings, best_sandbox()):
        notice(f"warning: {line}")
    async with AsyncExitStack() as stack:
        tools = toolchain(settings, environ)
        stack.push_async_callback(tools.aclose)
        bench = _workbench(settings, tools.tools, environ)
        stack.push_async_callback(bench.aclose)
        problems, warnings = _read(request, bench, environ)
        problems = _chosen(problems, request, settings.seed)
        backends = None if request.candidates else _backends(settings, environ, notice)
        warm = Warm()
        stack.push_async_callback(warm.aclose)
        policy = await _policy(request, backends, settings, warm, environ)
        plan = _plan(request, settings, bench, problems, backends, policy=policy)
        store = Store(request.out or _new_folder(request, environ), plan, resume=request.resume)
        place = partial(_place, request)
        designer: Designer
        if request.candidates:
            designer = Published(request.candidates, place, parallel=max(len(problems), 1))
        else:
            assert backends is not None
            studio = await _studio(
                plan,
                backends,
                settings,
                tools=tools,
                store=store,
                stack=stack,
                warm=warm,
                environ=environ,
            )
            designer = Engine(studio, tools, plan, store, place)
        yield Evaluation(plan, problems, warnings, store, designer)


def _check_scored(request: Request, candidates: Path) -> None:
    """Refuse candidates that aren't there, and to be told how to write what is."""
    if not candidates.is_dir():
        raise InputError(f"{candidates}: no such folder; --candidates names one")
    plain = Request(request.benchmark, request.dataset)
    for name in ("loop", "feedback", "policy", "evidence"):
        if getattr(request, name) != getattr(plain, name):
            raise ConfigError(
                f"--{name} goes with --generator; --candidates are scored as they are"
            )


def _workbench(settings: Settings, tools: Tools, environ: Mapping[str, str]) -> Workbench:
    def limits(seconds: float, output: int) -> ToolLimits:
        memory = settings.memory_mib << 20
        return ToolLimits(seconds * PATIENCE, cpu=seconds, memory=memory, output=output)

    seconds, output = settings.simulation_seconds, settings.output_mib << 20
    return Workbench(
        tools=tools,
        compiling=limits(settings.compile_seconds, output),
        simulating=limits(seconds, output),
        harness=structs.replace(
            limits(seconds * HARNESS_SIMULATIONS, max(output, HARNESS_OUTPUT)),
            file_size=HARNESS_FILE,
        ),
        sandbox=choose_sandbox(settings.sandbox, best_sandbox()),
        slang=Slang(),
        environments=Environments(cache_dir(environ) / "environments"),
        seed=SEED,
    )


def _read(
    request: Request, bench: Workbench, environ: Mapping[str, str]
) -> tuple[list[Problem], list[str]]:
    if request.benchmark == "cvdp":
        return cvdp.read(request.dataset, bench)
    return verilog_eval.read(request.dataset, bench, Cache(cache_dir(environ) / "references"))


def _chosen(problems: list[Problem], request: Request, seed: int) -> list[Problem]:
    """The problems asked for, in the order of the data set."""
    known = {problem.task.id for problem in problems}
    if unknown := [name for name in request.ids if name not in known]:
        raise InputError(f"{request.dataset}: no problem {unknown[0]}")
    if request.ids:
        problems = [p for p in problems if p.task.id in request.ids]
    if request.limit is not None and request.limit < len(problems):
        drawn = set(Random(seed).sample(range(len(problems)), request.limit))
        problems = [p for n, p in enumerate(problems) if n in drawn]
    return problems


async def _policy(
    request: Request,
    backends: tuple[Backend, Backend] | None,
    settings: Settings,
    warm: Warm,
    environ: Mapping[str, str],
) -> PolicyName | None:
    """The policy of the loop, where there is one."""
    if backends is None or request.loop == "single":
        return None
    if request.policy:
        return request.policy
    async with open_model(backends[0], settings, warm, environ) as generator:
        return choose(strong=generator.strong, candidates=None).name


def _evidence(request: Request, policy: PolicyName | None, generator: Backend | None) -> Switch:
    """Is a failing test explained to the models? Raises `ConfigError` where it can't be."""
    why = None
    if policy is None or request.feedback == "none":
        why = "only a test that the loop is shown can be explained; say --feedback harness"
    elif request.benchmark == "cvdp":
        why = "the harnesses of CVDP are not recorded; those of verilog-eval are"
    elif policy == "sampling":
        why = f"{generator} draws anew and is shown no failure; say --policy reflection"
    if why and request.evidence == "on":
        raise ConfigError(f"--evidence on: {why}")
    return "off" if why else request.evidence or "on"


def _plan(
    request: Request,
    settings: Settings,
    bench: Workbench,
    problems: list[Problem],
    backends: tuple[Backend, Backend] | None,
    *,
    policy: PolicyName | None,
) -> Plan:
    return Plan(
        benchmark=request.benchmark,
        dataset=str(request.dataset.absolute()),
        fingerprint=_fingerprint(request.dataset),
        iverilog=bench.tools.iverilog_version,
        cocotb=bench.tools.cocotb_version,
        candidates=str(request.candidates.absolute()) if request.candidates else None,
        generator=str(backends[0]) if backends else None,
        reflector=str(backends[1]) if backends else None,
        loop=request.loop,
        # One reply is never shown what a test said of it.
        feedback=request.feedback if request.loop == "agentic" else "none",
        samples=request.samples,
        seed=settings.seed,
        limits=Limits(
            settings.max_compile_iterations,
            settings.max_simulation_iterations,
            settings.max_seconds,
            settings.max_tokens,
            settings.max_cost,
        ),
        draws=settings.candidates,
        ids=tuple(p.task.id for p in problems),
        policy=policy,
        evidence=_evidence(request, policy, backends[0] if backends else None),
    )


def _fingerprint(dataset: Path) -> str:
    files = [dataset] if dataset.is_file() else sorted(p for p in dataset.iterdir() if p.is_file())
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _new_folder(request: Request, environ: Mapping[str, str]) -> Path:
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{request.benchmark}-{os.getpid()}"
    return data_dir(environ) / "evals" / name


def _place(request: Request, name: str, sample: int) -> Path:
    """Where a problem's files lie below the folder of candidates."""
    own = Path(name) if request.benchmark == "cvdp" else Path()
    return Path(f"sample-{sample}") / own if request.samples > 1 else own


def _backends(
    settings: Settings, environ: Mapping[str, str], notice: Callable[[str], None]
) -> tuple[Backend, Backend]:
    """Choose generator and reflector; what leaves the machine is said."""
    generator, chosen = choose_backend(settings.generator, "generator", settings, environ)
    reflector, reflects = choose_backend(settings.reflector, "reflector", settings, environ)
    for line in filter(None, (chosen, reflects)):
        notice(line)
    return generator, reflector


async def _studio(
    plan: Plan,
    backends: tuple[Backend, Backend],
    settings: Settings,
    *,
    tools: IcarusToolchain,
    store: Store,
    stack: AsyncExitStack,
    warm: Warm,
    environ: Mapping[str, str],
) -> Studio:
    """The models, made once for all problems, and a journal in the evaluation's own folder."""
    journal = stack.enter_context(Journal.open(store.folder / JOURNAL, secrets(environ)))

    async def model(found: Backend, role: Role) -> ChatModel:
        used = _used(store, journal, role)
        opened = open_model(found, settings, warm, environ, used=used)
        return await stack.enter_async_context(opened)

    generator = await model(backends[0], "generator")
    reflector = None if isinstance(backends[1], Rules) else await model(backends[1], "reflector")
    policy, limits = spend(
        plan.loop,
        plan.limits,
        strong=generator.strong,
        draws=plan.draws,
        policy_name=plan.policy,
    )
    crew = Crew(generator, reflector, tools, KeepOutlet(()), SystemClock())
    return Studio(crew, journal, policy, limits, plan.seed)


def _used(store: Store, journal: Journal, role: Role) -> int:
    """How many replies the finished problems had: a script goes on behind them."""
    runs = (r.generation.run_id for r in store.done.values() if r.generation)
    return sum(replies_of(journal.events(run_id), role) for run_id in runs)
