"""`generate`, `repair`, `edit`, `update`, `resume`: a run each, its result brought to the editor."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

from lsprotocol import types
from msgspec import structs

from spec2rtl.config.settings import Settings
from spec2rtl.errors import InputError, Spec2rtlError
from spec2rtl.events import Result, Task
from spec2rtl.jobs import SpecSource, generate_job, modify_job, read_spec
from spec2rtl.loop.job import Job
from spec2rtl.lsp import wire
from spec2rtl.lsp.consent import consent, consent_unconfined
from spec2rtl.lsp.delivery import EditorOutlet, Target, deliver, is_delivered, parcel, target_of
from spec2rtl.lsp.design import frozen_design, surroundings, whole
from spec2rtl.lsp.documents import path_of
from spec2rtl.lsp.evidence import of_end, of_run
from spec2rtl.lsp.journal import in_journal
from spec2rtl.lsp.offers import change_of
from spec2rtl.lsp.progress import Token
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.specs import changes
from spec2rtl.outlet import check_writable
from spec2rtl.session import Order
from spec2rtl.spec.comments import comment_at
from spec2rtl.wiring import Recorded, Run, order_for, unfinished

Asked = wire.GenerateArgs | wire.RepairArgs | wire.EditArgs | wire.UpdateArgs


async def generate(ls: Server, args: wire.GenerateArgs, token: Token) -> wire.RunAnswer:
    """Write RTL from a spec, and bring it into the editor when it is good."""
    return await _guarded(ls, "generate", args, _generate(ls, args, token))


async def repair(ls: Server, args: wire.RepairArgs, token: Token) -> wire.RunAnswer:
    """Change RTL until it passes its tests; the change is offered, not made."""
    return await _guarded(ls, "repair", args, _modify(ls, args, token, None))


async def edit(ls: Server, args: wire.EditArgs, token: Token) -> wire.RunAnswer:
    """Change RTL as an instruction says; the change is offered, not made."""
    instruction = args.instruction.strip()
    return await _guarded(ls, "edit", args, _modify(ls, args, token, instruction))


async def update(ls: Server, args: wire.UpdateArgs, token: Token) -> wire.RunAnswer:
    """Change the RTL of a spec by what has changed in the spec; offered, not made."""
    return await _guarded(ls, "edit", args, _update(ls, args, token))


async def resume(ls: Server, args: wire.RunArgs, token: Token) -> wire.RunAnswer:
    """Go on with a run that was cancelled or cut off, with the replies that it had."""
    return await _guarded(ls, "generate", None, _resume(ls, args, token))


async def _guarded(
    ls: Server,
    task: Task,
    args: Asked | None,
    work: Awaitable[wire.RunAnswer],
) -> wire.RunAnswer:
    """Also what goes wrong before a run begins is an answer, and shown to the user.

    A client of ours shows it itself, with what can be done about it.
    """
    try:
        result = await work
    except Spec2rtlError as error:
        generator, reflector = (args.generator, args.reflector) if args else (None, None)
        result = wire.RunAnswer.refused(task, str(error), generator=generator, reflector=reflector)
        if not ls.client.options.events:
            tell_of_end(ls, result, Path())
    ls.refresh_lenses()
    return result


def file_of(uri: str) -> Path:
    """The file that a URI names; raises `InputError`."""
    path = path_of(uri)
    if path is None:
        raise InputError(f"{uri}: not a file; save it first")
    return path


def _backends(args: Asked) -> dict[str, object]:
    return {"generator": args.generator, "reflector": args.reflector}


async def _generate(ls: Server, args: wire.GenerateArgs, token: Token) -> wire.RunAnswer:
    path = file_of(args.uri)
    settings = await ls.workspaces.settings(path, **_backends(args))
    line = args.range.start.line + 1 if args.range and path.suffix in (".v", ".sv") else None
    source, job = await asyncio.to_thread(_read_generate, ls, path, line, args, settings)
    order, notices = order_for(job, settings, to=None, comment=source.comment)
    await consent(ls, order, notices)
    return await _carry_out(ls, order, settings, token)


def _read_generate(
    ls: Server, path: Path, line: int | None, args: wire.GenerateArgs, settings: Settings
) -> tuple[SpecSource, Job]:
    overlay = ls.documents.overlay
    if line and not comment_at(ls.documents.read(path), line):
        line = None  # the only comment that says it is a spec
    source = read_spec(f"{path}:{line}" if line else str(path), overlay=overlay)
    tests = str(tests_path(args.tests)) if args.tests else None
    job = generate_job(source, settings, tests=tests, module=args.module, overlay=overlay)
    return source, job


def tests_path(text: str) -> Path:
    """A path or a URI of tests."""
    return path_of(text) or Path(text)


async def _modify(
    ls: Server,
    args: wire.RepairArgs | wire.EditArgs,
    token: Token,
    instruction: str | None,
) -> wire.RunAnswer:
    path = file_of(args.uri)
    await ls.survey_ended()
    settings = await ls.workspaces.settings(path, **_backends(args))
    if instruction is not None and isinstance(args, wire.EditArgs) and args.range:
        instruction = await _about(ls, path, args.range, instruction)
    job = await asyncio.to_thread(read_modify, ls, path, args, settings, instruction)
    order, notices = order_for(job, settings, to=None)
    await consent(ls, order, notices)
    return await _carry_out(ls, order, settings, token)


async def _about(ls: Server, path: Path, area: wire.Range, instruction: str) -> str:
    text = ls.documents.text(path)
    whole = area.end.character == 0 and area.end.line > area.start.line  # ends before a line
    first, last = area.start.line + 1, area.end.line + (not whole)
    lines = "\n".join(text.line(n - 1) for n in range(first, last + 1))
    place = f"lines {first} to {last}" if last > first else f"line {first}"
    return f"{instruction}\n\nThis is about {place}:\n{lines}"


def read_modify(
    ls: Server,
    path: Path,
    args: wire.RepairArgs | wire.EditArgs,
    settings: Settings,
    instruction: str | None,
) -> Job:
    """Freeze a job of `repair` or `edit` with the design around a file; raises `InputError`."""
    if instruction == "":
        raise InputError("an instruction is wanted: say what to change")
    if (holder := whole(path, ls.index, ls.documents)) != path:
        what = f"a part of {holder.name}: ask there" if holder else "a header"
        raise InputError(f"{path.name}: declares no module; it is {what}")
    around = surroundings(path, settings, ls.index, ls.documents)
    design = frozen_design(path, around, ls.index, ls.documents.overlay)
    return modify_job(
        [str(path)],
        settings,
        instruction=instruction,
        tests=str(tests_path(args.tests)) if args.tests else None,
        spec=str(tests_path(args.spec)) if args.spec else None,
        top=args.top,
        design=structs.replace(design, parameters=settings.parameters),
        overlay=ls.documents.overlay,
    )


async def _update(ls: Server, args: wire.UpdateArgs, token: Token) -> wire.RunAnswer:
    path = file_of(args.uri)
    source, instruction = await changes(ls, path, args.range.start.line + 1 if args.range else None)
    if source.rtl is None:
        return await _generate(ls, wire.GenerateArgs(**structs.asdict(args)), token)
    if instruction is None:
        made = source.module or source.rtl.name
        if source.made is None:
            raise InputError(
                f"{path.name}: there is no record of {made} being generated from this spec, so what"
                " has changed is not known; use Generate RTL or Edit RTL"
            )
        raise InputError(f"{path.name}: nothing has changed since {made} was generated")
    arguments = wire.EditArgs(
        ls.documents.uri(source.rtl),
        instruction=instruction,
        spec=f"{path}:{source.comment.line}" if source.comment else str(path),
        top=source.module,
        generator=args.generator,
        reflector=args.reflector,
    )
    return await _modify(ls, arguments, token, instruction)


async def _resume(ls: Server, args: wire.RunArgs, token: Token) -> wire.RunAnswer:
    earlier = await in_journal(lambda journal: unfinished(journal, args.run_id))
    order = earlier.order
    settings = await ls.workspaces.settings(Path(order.job.target.path))
    await consent(ls, order, [f"going on with run {earlier.run_id}"])
    return await _carry_out(ls, order, settings, token, resumes=earlier)


async def _carry_out(
    ls: Server,
    order: Order,
    settings: Settings,
    token: Token,
    *,
    resumes: Recorded | None = None,
) -> wire.RunAnswer:
    """Run an order; what `generate` writes is delivered, a change of the user's RTL offered.

    Raises `InputError` where another run is about to write there.
    """
    target = target_of(ls, Path(order.job.target.path), order)
    with ls.runs.claimed((order.job.task, target.place)) as free:
        if order.job.task == "generate" and not free:
            name = target.path.name
            raise InputError(
                f"{name} is being generated: wait for the end of that run, or cancel it"
            )
        return await _brought(ls, order, target, settings, token, resumes=resumes)


async def _brought(
    ls: Server,
    order: Order,
    target: Target,
    settings: Settings,
    token: Token,
    *,
    resumes: Recorded | None,
) -> wire.RunAnswer:
    job = order.job
    if job.task == "generate":
        check_writable(target.path)
        parcel(target, order, "", run_id=resumes.run_id if resumes else "")  # is its place there?
    title = f"{job.task.capitalize()} {job.module}"
    result = await carried_out(ls, order, settings, title, token, resumes=resumes)
    known = of_run(result)
    if not ls.client.options.events:
        tell_of_end(ls, result, target.path)
    if is_delivered(result):
        sent = parcel(target, order, result.rtl, run_id=result.run_id, known=known)
        applied = await deliver(ls, sent, shown=True)
        result = structs.replace(result, out=job.target.path if applied else None)
    elif result.good and result.diff:
        offer = change_of(
            job,
            result.rtl,
            f"Accept: {job.task} of {job.module} ({known.words})",
            run_id=result.run_id,
            verified=known.verified,
            quickfix=job.task == "repair",
        )
        ls.offers.put(offer)
    return wire.RunAnswer(
        **structs.asdict(result),
        words=of_end(result, target.path),
        target=ls.documents.uri(target.path),
    )


async def carried_out(
    ls: Server,
    order: Order,
    settings: Settings,
    title: str,
    token: Token,
    *,
    resumes: Recorded | None = None,
    unasked: bool = False,
) -> Result:
    """Run an order to its end; its result goes nowhere yet.

    `unasked`: progress is shown also to a client that has the events.
    """
    job = order.job
    tools = await ls.workspaces.tools(settings)
    if job.testbench:
        await consent_unconfined(ls, settings)
    # A client that streams into the file that holds the comment changes an input of the run.
    own = job.target.path if job.task == "generate" and ls.client.options.events else None
    outlet = EditorOutlet(ls, tuple(i for i in job.inputs if i.path != own))
    run = Run(order, settings, resumes=resumes, tools=tools, outlet=outlet, warm=ls.warm)
    unasked = unasked or not ls.client.options.events
    return await ls.runs.perform(run, title, token, unasked=unasked)


def tell_of_end(ls: Server, result: Result, path: Path) -> None:
    """Say what a run has led to, where the user would see nothing of it otherwise."""
    what = f"Spec2RTL: {path.name}: {result.task} of {result.module}"
    if result.status == "error":
        ls.tell(f"Spec2RTL: {result.message}", types.MessageType.Error)
    elif result.status == "failed":
        kept = f"its best try is kept in run {result.run_id}"
        ls.tell(f"{what}: failed: {kept}", types.MessageType.Warning)
    elif result.good and result.task != "generate":
        end = "accept it by a code action there" if result.diff else "there is nothing to change"
        ls.tell(f"{what}: {of_run(result).words}: {end}")
