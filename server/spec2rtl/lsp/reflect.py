"""`reflect`: repairs proposed for a file's faults, each tried in a scratch copy before it is shown."""

import asyncio
import os
from pathlib import Path

from msgspec import structs

from spec2rtl.backends.name import Rules
from spec2rtl.config.settings import Settings
from spec2rtl.eda.toolchain import IcarusToolchain
from spec2rtl.errors import InputError, Spec2rtlError
from spec2rtl.events import Iteration, Result
from spec2rtl.loop.attempt import Attempt, examine
from spec2rtl.loop.job import Job
from spec2rtl.lsp import wire
from spec2rtl.lsp.commands import carried_out, file_of, read_modify
from spec2rtl.lsp.consent import consent, consent_unconfined
from spec2rtl.lsp.evidence import Evidence, of_attempt, of_run
from spec2rtl.lsp.offers import change_of
from spec2rtl.lsp.progress import Progress, Token
from spec2rtl.lsp.server import Server
from spec2rtl.repair.edits import EditFailure, apply_edits
from spec2rtl.session import Order
from spec2rtl.wiring import choose_backend, order_for

RULES = "rules"


async def reflect(ls: Server, args: wire.RepairArgs, token: Token) -> wire.Proposals:
    """Propose repairs; they are offered as code actions too."""
    try:
        path = file_of(args.uri)
        settings = await ls.workspaces.settings(
            path, generator=args.generator, reflector=args.reflector
        )
        job = await asyncio.to_thread(read_modify, ls, path, args, settings, None)
        proposals = await _proposals(ls, job, settings, token)
    except Spec2rtlError as error:
        return wire.Proposals(args.uri, message=str(error))
    for one in proposals:
        ls.offers.put(change_of(job, one.rtl, f"Repair: {one.title}", verified=one.verified))
    message = None if proposals else "no repair was found that makes it better"
    return wire.Proposals(args.uri, proposals, message)


async def _proposals(
    ls: Server, job: Job, settings: Settings, token: Token
) -> tuple[wire.Proposal, ...]:
    tools = await ls.workspaces.tools(settings)
    if job.testbench:
        await consent_unconfined(ls, settings)
    reflector, said = choose_backend(settings.reflector, "reflector", settings, os.environ)
    asks = not isinstance(reflector, Rules)
    title = f"Repairs for {Path(job.target.path).name}"
    async with Progress(ls, title, token=None if asks else token):
        now = await _try(tools, job, job.target.text)
        if now.verdict.good:
            raise InputError("nothing to repair: it compiles and its tests pass")
        ruled = await _ruled(tools, job, now)
    if not asks or (ruled and ruled.verified):
        return (ruled,) if ruled else ()
    order = _one_round(job, settings, str(reflector), compiles=now.verdict.compiles)
    await consent(ls, order, [said] if said else [])
    result = await carried_out(ls, order, settings, title, token, unasked=True)
    found = {one.rtl: one for one in (ruled, _asked(job, result)) if one}
    return tuple(reversed(found.values()))


def _one_round(job: Job, settings: Settings, reflector: str, *, compiles: bool) -> Order:
    """The run of a reflector alone: one diagnosis, and what it leads to is tried."""
    alone = structs.replace(
        settings,
        generator=reflector,
        reflector=reflector,
        max_compile_iterations=2 - compiles,
        max_simulation_iterations=1 + compiles,
    )
    return order_for(job, alone, to=None)[0]


def _asked(job: Job, result: Result) -> wire.Proposal | None:
    """What a run has led to, where that is better than what it began with."""
    if not result.good and result.status != "failed":
        raise InputError(result.message or result.status)
    if result.rtl == job.target.text:
        return None
    first = result.iterations[0]
    known = _and_was(of_run(structs.replace(result, behaviour=None)), first)
    return _proposal(job, result.rtl, first.diagnosis or "", result.reflector, known)


async def _ruled(tools: IcarusToolchain, job: Job, now: Attempt) -> wire.Proposal | None:
    """What the rules are certain of, where the tools say that it is better."""
    ruled = now.ruled(job)
    text = apply_edits(job.target.text, (ruled and ruled.edits) or ())
    if ruled is None or isinstance(text, EditFailure) or text == job.target.text:
        return None
    after = await _try(tools, job, text)
    if not now.verdict < after.verdict:
        return None
    known = _and_was(of_attempt(after), now.iteration(0, None))
    return _proposal(job, text, ruled.root_cause, RULES, known)


async def _try(tools: IcarusToolchain, job: Job, text: str) -> Attempt:
    attempt = Attempt(0, rtl=text)
    async for _ in examine(job, tools, attempt, text, gauge=tools):
        pass
    return attempt


def _and_was(known: Evidence, before: Iteration) -> Evidence:
    passed = sum(test.status == "passed" for test in before.tests)
    was = f"; was {passed}" if before.tests else ""
    return structs.replace(known, words=known.words + was)


def _proposal(job: Job, rtl: str, cause: str, by: str, known: Evidence) -> wire.Proposal:
    return wire.Proposal(
        title=f"{headline(cause)} ({known.words})",
        root_cause=cause,
        by=by,
        diff=job.diff(rtl) or "",
        rtl=rtl,
        evidence=known.words,
        verified=known.verified,
    )


def headline(cause: str) -> str:
    """The first sentence of a diagnosis, short enough for a menu."""
    first = cause.strip().split("\n")[0].split(". ")[0].rstrip(".")
    return first if len(first) <= 90 else first[:89] + "…"
