"""`generate`, `repair`, `edit` and `update`: one run each, its result brought into the editor."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from msgspec import structs

from spec2rtl.config.settings import Settings
from spec2rtl.errors import InputError, Spec2rtlError
from spec2rtl.events import Result, Task
from spec2rtl.jobs import SpecSource, generate_job, modify_job, read_spec
from spec2rtl.loop.job import Job
from spec2rtl.lsp import wire
from spec2rtl.lsp.consent import consent
from spec2rtl.lsp.delivery import EditorOutlet, Parcel, deliver, target_of
from spec2rtl.lsp.design import surroundings
from spec2rtl.lsp.documents import path_of
from spec2rtl.lsp.offers import Offer
from spec2rtl.lsp.sync import refresh_lenses
from spec2rtl.spec.region import put_region, region_text
from spec2rtl.wiring import Run, order_for

if TYPE_CHECKING:
    from spec2rtl.lsp.server import Server

Token = types.ProgressToken | None


async def generate(ls: "Server", args: wire.GenerateArgs, token: Token) -> Result:
    """Write RTL from a spec, and bring it into the editor when it is good."""
    return await _guarded(ls, "generate", args, _generate(ls, args, token))


async def repair(ls: "Server", args: wire.RepairArgs, token: Token) -> Result:
    """Change RTL until it passes its tests; the change is offered, not made."""
    return await _guarded(ls, "repair", args, _modify(ls, args, token, None))


async def edit(ls: "Server", args: wire.EditArgs, token: Token) -> Result:
    """Change RTL as an instruction says; the change is offered, not made."""
    instruction = args.instruction.strip()
    return await _guarded(ls, "edit", args, _modify(ls, args, token, instruction))


async def update(ls: "Server", args: wire.UpdateArgs, token: Token) -> Result:
    """Change the RTL of a spec by what has changed in the spec; offered, not made."""
    return await _guarded(ls, "edit", args, _update(ls, args, token))


async def _guarded(
    ls: "Server",
    task: Task,
    args: wire.GenerateArgs | wire.RepairArgs | wire.EditArgs | wire.UpdateArgs,
    work: Awaitable[Result],
) -> Result:
    """Also what goes wrong before a run begins is an answer, and shown to the user."""
    try:
        result = await work
    except Spec2rtlError as error:
        ls.tell(f"Spec2RTL: {error}", types.MessageType.Error)
        return Result(
            run_id="",
            task=task,
            status="error",
            module="",
            rtl="",
            out=None,
            diff=None,
            generator=args.generator or "",
            reflector=args.reflector or "",
            message=str(error),
        )
    if result.status == "error" and result.message:
        ls.tell(f"Spec2RTL: {result.message}", types.MessageType.Error)
    await refresh_lenses(ls)
    return result


def file_of(uri: str) -> Path:
    """The file that a URI names; raises `InputError`."""
    path = path_of(uri)
    if path is None:
        raise InputError(f"{uri}: not a file; save it first")
    return path


def _backends(
    args: wire.GenerateArgs | wire.RepairArgs | wire.EditArgs | wire.UpdateArgs,
) -> dict[str, object]:
    return {"generator": args.generator, "reflector": args.reflector}


async def _generate(ls: "Server", args: wire.GenerateArgs, token: Token) -> Result:
    path = file_of(args.uri)
    settings = await ls.workspaces.settings(path, **_backends(args))
    line = args.range.start.line + 1 if args.range and path.suffix in (".v", ".sv") else None
    source, job = await asyncio.to_thread(_read_generate, ls, path, line, args, settings)
    place = f"{path}#{job.module}" if source.comment else None
    target = target_of(ls, Path(job.target.path), place)
    result = await _run(ls, job, settings, f"Generate {job.module}", token)
    if result.status not in {"verified", "compiled"}:
        return result
    owned, text, new = target.before, result.rtl, None
    if source.comment:
        owned = region_text(target.before or "", job.module)
        text = put_region(target.before or "", source.comment, job.module, result.rtl)
        new = region_text(text, job.module)
    title = f"Accept {job.module} of run {result.run_id} ({evidence(result)})"
    parcel = Parcel(target, text, result.run_id, result.status, title, owned, new)
    applied = await deliver(ls, parcel)
    return structs.replace(result, out=job.target.path if applied else None)


def _read_generate(
    ls: "Server", path: Path, line: int | None, args: wire.GenerateArgs, settings: Settings
) -> tuple[SpecSource, Job]:
    overlay = ls.documents.overlay
    source = read_spec(f"{path}:{line}" if line else str(path), overlay=overlay)
    tests = str(tests_path(args.tests)) if args.tests else None
    job = generate_job(source, settings, tests=tests, module=args.module, overlay=overlay)
    return source, job


def tests_path(text: str) -> Path:
    """A path or a URI of tests."""
    return path_of(text) or Path(text)


async def _modify(
    ls: "Server",
    args: wire.RepairArgs | wire.EditArgs,
    token: Token,
    instruction: str | None,
) -> Result:
    path = file_of(args.uri)
    settings = await ls.workspaces.settings(path, **_backends(args))
    if instruction is not None and isinstance(args, wire.EditArgs) and args.range:
        instruction = await _about(ls, path, args.range, instruction)
    job = await asyncio.to_thread(read_modify, ls, path, args, settings, instruction)
    verb = "Repair" if instruction is None else "Edit"
    result = await _run(ls, job, settings, f"{verb} {job.module}", token)
    _offer(ls, job, result, verb)
    return result


async def _about(ls: "Server", path: Path, area: wire.Range, instruction: str) -> str:
    text = ls.documents.text(path)
    first, last = area.start.line + 1, area.end.line + 1
    lines = "\n".join(text.line(n) for n in range(area.start.line, area.end.line + 1))
    return f"{instruction}\n\nThis is about lines {first} to {last}:\n{lines}"


def read_modify(
    ls: "Server",
    path: Path,
    args: wire.RepairArgs | wire.EditArgs,
    settings: Settings,
    instruction: str | None,
) -> Job:
    """Freeze a job of `repair` or `edit` with the design around a file; raises `InputError`."""
    if instruction == "":
        raise InputError("an instruction is wanted: say what to change")
    around = surroundings(path, settings, ls.index, ls.documents)
    return modify_job(
        [str(path)],
        around.settings,
        instruction=instruction,
        tests=str(tests_path(args.tests)) if args.tests else None,
        spec=str(tests_path(args.spec)) if args.spec else None,
        top=args.top,
        context=around.context,
        overlay=ls.documents.overlay,
    )


async def _update(ls: "Server", args: wire.UpdateArgs, token: Token) -> Result:
    from spec2rtl.lsp.specs import changes

    path = file_of(args.uri)
    rtl, instruction = await changes(ls, path)
    if rtl is None:
        return await _generate(
            ls, wire.GenerateArgs(args.uri, None, args.generator, args.reflector), token
        )
    if instruction is None:
        raise InputError(f"{path.name}: nothing has changed since {rtl.name} was generated")
    arguments = wire.EditArgs(
        ls.documents.uri(rtl),
        instruction,
        spec=str(path),
        generator=args.generator,
        reflector=args.reflector,
    )
    return await _modify(ls, arguments, token, instruction)


async def _run(
    ls: "Server",
    job: Job,
    settings: Settings,
    title: str,
    token: Token,
) -> Result:
    order, notices = order_for(job, settings, to=None)
    tools = await ls.workspaces.tools(settings)
    await consent(ls, order, notices)
    # A client that streams into the file that holds the comment changes an input of the run.
    own = job.target.path if job.task == "generate" and ls.client.options.events else None
    inputs = tuple(i for i in job.inputs if i.path != own)
    run = Run(order, settings, tools=tools, outlet=EditorOutlet(ls, inputs))
    return await ls.runs.perform(run, title, token=token)


def _offer(ls: "Server", job: Job, result: Result, verb: str) -> None:
    if result.rtl == job.target.text or not result.diff:
        return
    if result.status not in {"verified", "compiled"}:
        return
    offer = Offer(
        result.run_id,
        Path(job.target.path),
        job.target.text,
        result.rtl,
        f"Accept: {verb.lower()} of {job.module} ({evidence(result)})",
        verified=result.status == "verified",
        quickfix=verb == "Repair",
    )
    ls.offers.put(offer)


def evidence(result: Result) -> str:
    """What was tried, in a few words."""
    last = next((i for i in reversed(result.iterations) if i.ok), None)
    if last and last.tests:
        passed = sum(test.status == "passed" for test in last.tests)
        return f"compiles, {passed} of {len(last.tests)} tests pass"
    return "compiles" if result.status in {"verified", "compiled"} else result.status
