"""`reflect`: repairs proposed for a file's faults, each tried in a scratch copy before it is shown."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from msgspec import Struct

from spec2rtl.backends.name import parse_backend
from spec2rtl.chat import Reply
from spec2rtl.config.settings import Settings
from spec2rtl.eda.toolchain import IcarusToolchain
from spec2rtl.errors import Spec2rtlError
from spec2rtl.loop import prompts
from spec2rtl.loop.job import Job
from spec2rtl.loop.prompts import Evidence
from spec2rtl.lsp import wire
from spec2rtl.lsp.commands import file_of, read_modify
from spec2rtl.lsp.consent import consent
from spec2rtl.lsp.offers import Offer
from spec2rtl.lsp.progress import Progress
from spec2rtl.repair.edits import EditFailure, apply_edits
from spec2rtl.repair.reflection import Reflection, Unreadable, read_reflection
from spec2rtl.repair.rules import diagnose
from spec2rtl.verdict import Verdict, judge
from spec2rtl.wiring import open_model, order_for

if TYPE_CHECKING:
    from spec2rtl.lsp.server import Server

RULES = "rules"


class _Tried(Struct, frozen=True):
    """A text with what the tools say of it."""

    evidence: Evidence
    verdict: Verdict

    @property
    def words(self) -> str:
        """The evidence in a few words."""
        simulated = self.evidence.simulated
        if simulated:
            passed = sum(t.status == "passed" for t in simulated.tests)
            return f"compiles, {passed} of {len(simulated.tests)} tests pass"
        return "compiles" if self.verdict.compiles else f"{self.verdict.errors} errors"


async def reflect(
    ls: "Server", args: wire.ReflectArgs, token: types.ProgressToken | None
) -> wire.Proposals:
    """Propose repairs; they are offered as code actions too."""
    try:
        path = file_of(args.uri)
        settings = await ls.workspaces.settings(
            path, generator=args.generator, reflector=args.reflector
        )
        job = await asyncio.to_thread(
            read_modify,
            ls,
            path,
            wire.RepairArgs(args.uri, args.tests, args.spec),
            settings,
            None,
        )
        return await _propose(ls, args.uri, job, settings, token)
    except Spec2rtlError as error:
        return wire.Proposals(args.uri, message=str(error))


async def _propose(
    ls: "Server", uri: str, job: Job, settings: Settings, token: types.ProgressToken | None
) -> wire.Proposals:
    tools = await ls.workspaces.tools(settings)
    task = asyncio.current_task()
    cancel = task.cancel if task else None
    title = f"Repairs for {Path(job.target.path).name}"
    async with Progress(ls, title, token=token, on_cancel=cancel) as progress:
        now = await _try(tools, job, job.target.text)
        if now.verdict.good:
            return wire.Proposals(uri, message="nothing to repair: it compiles and its tests pass")
        proposals: list[wire.Proposal] = []
        async for by, reflection in _reflections(ls, job, now.evidence, settings, progress):
            text = apply_edits(job.target.text, reflection.edits or ())
            if isinstance(text, EditFailure) or text == job.target.text:
                continue
            if any(text == p.rtl for p in proposals):
                continue
            progress.report("trying a repair")
            tried = await _try(tools, job, text)
            if tried.verdict > now.verdict:
                proposals.append(_proposal(job, reflection, by, text, tried))
        proposals.sort(key=lambda p: not p.verified)
    for proposal in proposals:
        _offer(ls, job, proposal)
    message = None if proposals else "no repair was found that makes it better"
    return wire.Proposals(uri, tuple(proposals), message)


async def _reflections(
    ls: "Server", job: Job, evidence: Evidence, settings: Settings, progress: Progress
) -> AsyncIterator[tuple[str, Reflection]]:
    """What the rules say, then what the chosen reflector says."""
    ruled = rules(job, evidence)
    if ruled and ruled.edits:
        yield RULES, ruled
    order, notices = order_for(job, settings, to=None)
    if order.reflector == RULES:
        return
    await consent(ls, order, notices)
    progress.report(f"asking {order.reflector}")
    found = parse_backend(order.reflector)
    async with (
        open_model(found, settings, ls.warm, os.environ) as model,
        aclosing(model.stream(prompts.reflect(job, evidence, ()))) as chunks,
    ):
        async for chunk in chunks:
            if isinstance(chunk, Reply):
                read = read_reflection(chunk.text)
                if isinstance(read, Unreadable):
                    ls.log(f"Spec2RTL: {order.reflector}: {read.why}")
                elif read.edits:
                    yield order.reflector, read


def rules(job: Job, evidence: Evidence) -> Reflection | None:
    """What the rules say of a failure."""
    return diagnose(
        evidence.rtl or "",
        evidence.compiled.diagnostics if evidence.compiled else (),
        evidence.simulated.tests if evidence.simulated else (),
        module=job.module,
        language=job.language,
        spec=job.spec,
    )


async def _try(tools: IcarusToolchain, job: Job, text: str) -> _Tried:
    compiled = await tools.compile(job.design(text))
    simulated = None
    if compiled.ok and job.testbench:
        simulated = await tools.simulate(job.design(text), job.testbench)
    origin = job.testbench.origin if job.testbench else None
    return _Tried(
        Evidence(text, None, compiled, simulated), judge(compiled, simulated, origin=origin)
    )


def _proposal(job: Job, reflection: Reflection, by: str, text: str, tried: _Tried) -> wire.Proposal:
    verified = tried.verdict.outcome == "verified"
    return wire.Proposal(
        title=f"{headline(reflection.root_cause)} ({tried.words})",
        root_cause=reflection.root_cause,
        by=by,
        diff=job.diff(text) or "",
        rtl=text,
        evidence=tried.words,
        verified=verified,
    )


def headline(cause: str) -> str:
    """The first sentence of a diagnosis, short enough for a menu."""
    first = cause.strip().split("\n")[0].split(". ")[0].rstrip(".")
    return first if len(first) <= 90 else first[:89] + "…"


def _offer(ls: "Server", job: Job, proposal: wire.Proposal) -> None:
    ls.offers.put(
        Offer(
            "",
            Path(job.target.path),
            job.target.text,
            proposal.rtl,
            f"Repair: {proposal.title}",
            proposal.verified,
        )
    )
