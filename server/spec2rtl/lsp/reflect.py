"""`reflect`: repairs proposed for a file's faults, each tried in a scratch copy before it is shown."""

import asyncio
import os
from contextlib import aclosing
from pathlib import Path

from msgspec import Struct

from spec2rtl.backends.name import parse_backend
from spec2rtl.config.settings import Settings
from spec2rtl.eda.toolchain import IcarusToolchain
from spec2rtl.errors import Spec2rtlError
from spec2rtl.events import Warned
from spec2rtl.loop.attempt import Attempt, examine
from spec2rtl.loop.consult import consult
from spec2rtl.loop.job import Job
from spec2rtl.loop.witness import Witness
from spec2rtl.lsp import wire
from spec2rtl.lsp.commands import file_of, read_modify, tests_passed
from spec2rtl.lsp.consent import consent, consent_unconfined
from spec2rtl.lsp.offers import change_of
from spec2rtl.lsp.progress import Progress, Token
from spec2rtl.lsp.record import Record, Trial
from spec2rtl.lsp.server import Server
from spec2rtl.repair.edits import EditFailure, apply_edits
from spec2rtl.repair.reflection import Reflection, Unreadable
from spec2rtl.session import Order, SystemClock
from spec2rtl.wiring import open_journal, open_model, order_for

RULES = "rules"


class _Tried(Struct, frozen=True):
    """A repair that makes it better: who found it, why, and what the tools say of it."""

    by: str
    reflection: Reflection
    trial: Trial

    @property
    def verified(self) -> bool:
        """Does it compile, and do its tests pass?"""
        return self.trial.attempt.verdict.outcome == "verified"


async def reflect(ls: Server, args: wire.ReflectArgs, token: Token) -> wire.Proposals:
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
    ls: Server, uri: str, job: Job, settings: Settings, token: Token
) -> wire.Proposals:
    tools = await ls.workspaces.tools(settings)
    if job.testbench:
        await consent_unconfined(ls, settings)
    order, notices = order_for(job, settings, to=None)
    title = f"Repairs for {Path(job.target.path).name}"
    async with Progress(ls, title, token=token) as progress:
        now = await _try(tools, job, job.target.text, 0)
        if now.attempt.verdict.good:
            return wire.Proposals(uri, message="nothing to repair: it compiles and its tests pass")
        found: list[_Tried] = []
        if (ruled := now.attempt.ruled(job)) and (better := await _better(tools, job, ruled, now)):
            found.append(_Tried(RULES, ruled, better))
        if order.reflector != RULES:
            await consent(ls, order, notices)
            progress.report(f"asking {order.reflector}")
            asked = await _asked(ls, order, settings, tools, now)
            found += [a for a in asked if all(a.trial.rtl != f.trial.rtl for f in found)]
    best_first = sorted(found, key=lambda one: not one.verified)
    proposals = tuple(_proposal(job, one, now.attempt) for one in best_first)
    for proposal in proposals:
        title = f"Repair: {proposal.title}"
        ls.offers.put(change_of(job, proposal.rtl, title, verified=proposal.verified))
    message = None if proposals else "no repair was found that makes it better"
    return wire.Proposals(uri, proposals, message)


async def _asked(
    ls: Server, order: Order, settings: Settings, tools: IcarusToolchain, now: Trial
) -> list[_Tried]:
    """What the chosen reflector proposes; the journal holds all of it as a run."""
    with open_journal() as journal, Record(journal, order) as record:
        record.judged(now, "the designer's file")
        reflection = await _reflection(ls, order, settings, tools, record=record, now=now)
        if reflection is None:
            return []
        record.note(now.attempt.reflected(reflection, by=order.reflector))
        better = await _better(tools, order.job, reflection, now)
        if better is None:
            return []
        record.judged(better, f"edits by {order.reflector}", reflection.root_cause)
        return [_Tried(order.reflector, reflection, better)]


async def _reflection(
    ls: Server,
    order: Order,
    settings: Settings,
    tools: IcarusToolchain,
    *,
    record: Record,
    now: Trial,
) -> Reflection | None:
    witness = Witness(order.job, tools)
    async for event in witness.look_into(now.attempt):
        record.note(event)
    backend = parse_backend(order.reflector)
    read: Reflection | Unreadable = Unreadable("there is no reply")
    async with open_model(backend, settings, ls.warm, os.environ) as model:
        consulting = consult(
            model, order.job, now.attempt, (), witness=witness, clock=SystemClock()
        )
        async with aclosing(consulting) as said:
            async for one in said:
                if isinstance(one, Reflection | Unreadable):
                    read = one
                else:
                    record.note(one)
    if isinstance(read, Unreadable):
        record.note(Warned(message=f"the reflection can't be read: {read.why}"))
        ls.log(f"Spec2RTL: {order.reflector}: {read.why}")
        return None
    return read


async def _better(
    tools: IcarusToolchain, job: Job, reflection: Reflection, now: Trial
) -> Trial | None:
    """The text that edits lead to, where the tools say that it is better."""
    text = apply_edits(job.target.text, reflection.edits or ())
    if isinstance(text, EditFailure) or text == job.target.text:
        return None
    tried = await _try(tools, job, text, 1)
    return tried if tried.attempt.verdict > now.attempt.verdict else None


async def _try(tools: IcarusToolchain, job: Job, text: str, number: int) -> Trial:
    attempt = Attempt(number, rtl=text)
    events = [event async for event in examine(job, tools, attempt, text, gauge=tools)]
    return Trial(text, attempt, tuple(events))


def in_words(now: Attempt, before: Attempt | None = None) -> str:
    """The evidence in a few words."""
    if not now.simulated:
        return "compiles" if now.verdict.compiles else _errors(now.verdict.errors)
    words = f"compiles; {tests_passed(now.simulated.tests, now.verdict.outcome)}"
    was = f"; was {before.verdict.tests_passed}" if before and before.simulated else ""
    return words + was + (f"; {now.shortfall}" if now.shortfall else "")


def _errors(count: int) -> str:
    return f"{count} error{'s' if count != 1 else ''} left"


def _proposal(job: Job, one: _Tried, before: Attempt) -> wire.Proposal:
    rtl, cause = one.trial.rtl, one.reflection.root_cause
    words = in_words(one.trial.attempt, before)
    return wire.Proposal(
        title=f"{headline(cause)} ({words})",
        root_cause=cause,
        by=one.by,
        diff=job.diff(rtl) or "",
        rtl=rtl,
        evidence=words,
        verified=one.verified,
    )


def headline(cause: str) -> str:
    """The first sentence of a diagnosis, short enough for a menu."""
    first = cause.strip().split("\n")[0].split(". ")[0].rstrip(".")
    return first if len(first) <= 90 else first[:89] + "…"
