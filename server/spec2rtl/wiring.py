"""From settings to a crew and a run: the only module that names every adapter."""

import os
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    aclosing,
    asynccontextmanager,
)
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from spec2rtl.backends import name as backend
from spec2rtl.backends.anthropic import AnthropicModel
from spec2rtl.backends.name import Backend, parse_backend
from spec2rtl.backends.openai import OpenAIModel
from spec2rtl.backends.peft_wire import Options
from spec2rtl.backends.scripted import ScriptedModel
from spec2rtl.backends.warm import Warm
from spec2rtl.chat import Role
from spec2rtl.config.folders import cache_dir, data_dir
from spec2rtl.config.load import secrets
from spec2rtl.config.settings import Settings
from spec2rtl.eda.cache import Cache
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.errors import ConfigError, InputError
from spec2rtl.events import Event, Limits
from spec2rtl.journal.runs import new_run_id
from spec2rtl.journal.store import Journal
from spec2rtl.loop.job import Job
from spec2rtl.loop.merge import Stop
from spec2rtl.loop.ports import ChatModel, Crew, Outlet
from spec2rtl.loop.recorded import replies_of
from spec2rtl.outlet import FileOutlet, KeepOutlet, RegionOutlet
from spec2rtl.process.confinement import best_sandbox, choose_sandbox
from spec2rtl.process.limits import Limits as ToolLimits
from spec2rtl.process.sandbox import Sandbox
from spec2rtl.session import Order, SystemClock, begin, execute, read_order
from spec2rtl.spec.comments import SpecComment
from spec2rtl.spec.module_name import SEVERAL_MODULES


def order_for(
    job: Job,
    settings: Settings,
    *,
    to: str | None,
    comment: SpecComment | None = None,
    force: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> tuple[Order, list[str]]:
    """Choose backends and policy; also returns the lines that the user must see before it runs."""
    generator, chosen = choose_backend(settings.generator, "generator", settings, environ)
    reflector, reflects = choose_backend(settings.reflector, "reflector", settings, environ)
    order = Order(
        job=job,
        generator=str(generator),
        reflector=str(reflector),
        candidates=settings.candidates,
        limits=limits_of(settings),
        seed=settings.seed,
        out=to,
        comment=comment,
        force=force,
    )
    return order, [line for line in (chosen, reflects) if line]


def limits_of(settings: Settings) -> Limits:
    """What a run may spend."""
    return Limits(
        compile_iterations=settings.max_compile_iterations,
        simulation_iterations=settings.max_simulation_iterations,
        seconds=settings.max_seconds,
        tokens=settings.max_tokens,
        cost_usd=settings.max_cost,
    )


def choose_backend(
    text: str | None, role: str, settings: Settings, environ: Mapping[str, str]
) -> tuple[Backend, str | None]:
    """The backend of a role, and the line that says what was chosen and what leaves the machine.

    Without a choice: Claude if there is a key, else the configured endpoint, else the embedded
    model (for the reflector: the rules). Raises `ConfigError`.
    """
    url = environ.get("ANTHROPIC_BASE_URL")
    if text:
        found = parse_backend(text, anthropic_base_url=url)
        why = ""
    else:
        found, why = _default(role, settings, environ)
    if isinstance(found, backend.Rules) and role != "reflector":
        raise ConfigError(f"{role} `rules`: the rules only reflect; choose a model")
    forbid_remote(found, settings)
    return found, _line(role, found, why)


def forbid_remote(found: Backend, settings: Settings) -> None:
    """Raise `ConfigError` for a backend on another machine where the settings forbid any."""
    if found.remote and not settings.remote:
        raise ConfigError(
            f"`{found}` is remote, and `remote = false` forbids that text leaves the machine"
        )


def _line(role: str, found: Backend, why: str = "") -> str | None:
    leaves = "; specification, RTL and tests are sent to it" if found.remote else ""
    return f"{role}: {found}{why}{leaves}" if why or leaves else None


def _default(role: str, settings: Settings, environ: Mapping[str, str]) -> tuple[Backend, str]:
    if settings.remote and environ.get("ANTHROPIC_API_KEY"):
        claude = backend.Anthropic(base_url=environ.get("ANTHROPIC_BASE_URL") or None)
        return claude, " (chosen because ANTHROPIC_API_KEY is set)"
    if settings.endpoint:
        found = parse_backend(settings.endpoint)
        if settings.remote or not found.remote:
            return found, " (the configured endpoint)"
    if role == "reflector":
        return backend.Rules(), ""
    return backend.Embedded(), " (no key and no endpoint is set)"


class Recorded(Struct, frozen=True):
    """What the journal holds of a run: its name, its order, and what happened so far."""

    run_id: str
    order: Order
    events: tuple[Event, ...]


def recorded(journal: Journal, run_id: str) -> Recorded:
    """Read a run by its name or the beginning of it; raises `InputError`."""
    name = journal.find(run_id)
    order = read_order(journal.frozen(name))
    return Recorded(name, order, tuple(journal.events(name)))


def unfinished(journal: Journal, run_id: str) -> Recorded:
    """The same of a run that was cancelled or killed; raises `InputError` for any other."""
    name = journal.find(run_id)
    summary = journal.summary(name)
    if summary.task == "tests":
        raise InputError(f"run {name} wrote tests; begin again: spec2rtl tests {summary.title}")
    if not summary.resumable:
        raise InputError(f"run {name} is {summary.status}: there is nothing to go on with")
    return recorded(journal, name)


class Run:
    """One run with all it needs: `async with run: async for event in run.events(stop)`."""

    def __init__(
        self,
        order: Order,
        settings: Settings,
        *,
        resumes: Recorded | None = None,
        tools: IcarusToolchain | None = None,
        outlet: Outlet | None = None,
        warm: Warm | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """`resumes` is the run that this one goes on with.

        `tools` and `outlet` stand in for those that settings and order lead to.
        `warm` holds the models that stay loaded after the run; they are its owner's to close.
        """
        self.order, self._settings, self._environ = order, settings, environ
        self._tools, self._to, self._warm = tools, outlet, warm
        self._resumes, self._before = resumes, resumes.events if resumes else ()
        self.run_id = new_run_id(datetime.now(UTC), random.SystemRandom())
        self._stack = AsyncExitStack()

    @property
    def notices(self) -> list[str]:
        """The lines that the user must see before it runs: where text goes."""
        roles = (("generator", self.order.generator), ("reflector", self.order.reflector))
        lines = (_line(role, self._backend(text)) for role, text in roles)
        return [line for line in lines if line]

    async def __aenter__(self) -> Self:
        """Open the journal, the tools and the models; raises `Spec2rtlError`."""
        async with AsyncExitStack() as stack:
            self._journal = stack.enter_context(open_journal(self._environ))
            tools = self._tools
            if tools is None:
                tools = toolchain(self._settings)
                stack.push_async_callback(tools.aclose)
            warm = self._warm
            if warm is None:
                warm = Warm()
                stack.push_async_callback(warm.aclose)
            generator = await stack.enter_async_context(self._model("generator", warm))
            reflector = generator if self._reflects_itself(generator) else None
            if reflector is None and self.order.reflector != "rules":
                reflector = await stack.enter_async_context(self._model("reflector", warm))
            outlet = self._to or self._outlet()
            self._crew = Crew(
                generator,
                reflector,
                tools,
                outlet,
                SystemClock(),
                gauge=tools,
                recorder=tools,
            )
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close what was opened."""
        await self._stack.aclose()

    async def events(self, stop: Stop) -> AsyncGenerator[Event, None]:
        """Run it."""
        order = self.order
        begin(self._journal, self.run_id, order, order.job.task)
        stream = execute(
            order,
            self._crew,
            self._journal,
            run_id=self.run_id,
            stop=stop,
            resumes=self._resumes.run_id if self._resumes else None,
            before=self._before,
            warnings=self._warnings(),
        )
        async with aclosing(stream):
            async for event in stream:
                yield event

    def _warnings(self) -> list[str]:
        """What may make the run another one than the user thinks it is."""
        job = self.order.job
        unsafe = unconfined(self._settings, best_sandbox()) if job.testbench else ()
        issues = job.spec.issues if job.spec else ()
        told = [i.message for i in issues if i.code.startswith(("front-matter", SEVERAL_MODULES))]
        return [*unsafe, *told]

    def _model(self, role: Role, warm: Warm) -> AbstractAsyncContextManager[ChatModel]:
        text = self.order.generator if role == "generator" else self.order.reflector
        found = self._backend(text)
        used = replies_of(self._before, role)
        return open_model(found, self._settings, warm, self._environ, used=used)

    def _backend(self, text: str) -> Backend:
        return parse_backend(text, anthropic_base_url=self._environ.get("ANTHROPIC_BASE_URL"))

    def _reflects_itself(self, generator: ChatModel) -> bool:
        """Is the generator the reflector too? A script has its own for each."""
        same = self.order.reflector == self.order.generator
        return same and not isinstance(generator, ScriptedModel)

    def _outlet(self) -> Outlet:
        order, job, journal = self.order, self.order.job, self._journal
        if order.out is None:
            return KeepOutlet(job.inputs)
        path, ledger = Path(order.out), JournalLedger(journal, self.run_id)
        if order.comment:
            return RegionOutlet(
                path, job.inputs, order.comment, job.module, ledger, force=order.force
            )
        mine = None if job.task == "generate" else job.target.text
        return FileOutlet(path, job.inputs, ledger, mine=mine, force=order.force)


class JournalLedger:
    """What a run writes is written down in the journal."""

    def __init__(self, journal: Journal, run_id: str) -> None:
        self._journal, self._run_id = journal, run_id

    def written(self, place: str) -> str | None:
        """The SHA-256 of the text that we last wrote to a place."""
        return self._journal.last_written(Path(place))

    def wrote(self, place: str, sha256: str) -> None:
        """Note that the run wrote a text to a place."""
        self._journal.wrote(Path(place), sha256, self._run_id)


def open_journal(environ: Mapping[str, str] = os.environ) -> Journal:
    """The user's journal."""
    return Journal.open(data_dir(environ) / "journal.db", secrets(environ))


def peft_options(settings: Settings) -> Options:
    """How the settings want a transformers model to be loaded and kept."""
    return Options(
        merge=settings.peft_merge,
        precision=settings.peft_precision,
        device=settings.peft_device,
        max_tokens=settings.peft_max_tokens,
        idle_seconds=settings.peft_idle_seconds,
    )


@asynccontextmanager
async def open_model(
    found: Backend,
    settings: Settings,
    warm: Warm,
    environ: Mapping[str, str],
    *,
    used: int = 0,
) -> AsyncGenerator[ChatModel, None]:
    """A model that is closed at the end, but for one that stays warm; raises `ConfigError`.

    `used` replies of a script are left out.
    """
    forbid_remote(found, settings)
    model: ChatModel
    match found:
        case backend.Peft():
            yield warm.model(found, peft_options(settings), environ)
            return
        case backend.Embedded(name):
            from spec2rtl.backends.embedded import EmbeddedModel

            model = EmbeddedModel(name)
        case backend.Anthropic(name, url):
            model = AnthropicModel(name, api_key=environ.get("ANTHROPIC_API_KEY"), base_url=url)
        case backend.OpenAI(name, url):
            model = OpenAIModel(name, base_url=url, api_key=environ.get("OPENAI_API_KEY"))
        case backend.Scripted(path):
            model = ScriptedModel(Path(path), used=used)
        case backend.Rules():
            raise ConfigError("rules: no model")
    try:
        yield model
    finally:
        await model.aclose()


def toolchain(settings: Settings, environ: Mapping[str, str] = os.environ) -> IcarusToolchain:
    """iverilog and cocotb as the settings say.

    Raises `ToolError` where one is missing, `ConfigError` where a required sandbox is.
    """
    return IcarusToolchain(
        find_tools(settings.iverilog, settings.vvp),
        compiling=_tool_limits(settings, settings.compile_seconds),
        simulating=_tool_limits(settings, settings.simulation_seconds),
        cache=Cache(cache_dir(environ) / "results"),
        sandbox=choose_sandbox(settings.sandbox, best_sandbox()),
    )


def unconfined(settings: Settings, best: Sandbox | None) -> tuple[str, ...]:
    """What a user must know before tests run who did not ask for no sandbox."""
    if settings.sandbox == "off" or best:
        return ()
    return (
        "no sandbox: tests and simulation can read and write all that you can (their time, memory "
        "and output are limited); run only what you trust, or say `--sandbox off`",
    )


def _tool_limits(settings: Settings, seconds: float) -> ToolLimits:
    return ToolLimits(
        seconds=seconds, memory=settings.memory_mib << 20, output=settings.output_mib << 20
    )
