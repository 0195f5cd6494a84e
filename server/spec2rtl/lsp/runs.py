"""The one owner of all runs: starts them, tells of them, ends them and waits for their end."""

import asyncio
from collections.abc import Generator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Self

from msgspec import Struct

from spec2rtl import events as e
from spec2rtl.loop.merge import Stop
from spec2rtl.lsp import wire
from spec2rtl.lsp.delivery import is_delivered, room_in_sight, target_of
from spec2rtl.lsp.draft import Drafts
from spec2rtl.lsp.progress import Progress, Token
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.story import Story
from spec2rtl.wiring import Run

END_SECONDS = 5.0
"""How long the runs have to end when the server does; then they are cancelled outright."""


class _Active(Struct, frozen=True):
    """A run that is going on, and the files that it reads."""

    inputs: frozenset[str]
    stop: Stop
    task: asyncio.Task[e.Result]


class Runs:
    """All runs of this server."""

    def __init__(self, ls: Server) -> None:
        self._ls = ls
        self._active: dict[str, _Active] = {}
        self._claimed = set[object]()

    async def perform(self, run: Run, title: str, token: Token, *, unasked: bool) -> e.Result:
        """Carry out a run to its end; raises `Spec2rtlError` when it can't begin.

        `unasked`: its progress is shown to a client that gave no token too. Cancelling the caller stops the run; its record is completed all the same.
        """
        stop = Stop()
        shown = Progress(
            self._ls,
            title,
            token=token,
            on_cancel=lambda: stop.set("cancelled"),
            unasked=unasked,
        )
        task = asyncio.create_task(self._drive(run, stop, shown))
        self._active[run.run_id] = _Active(
            frozenset(i.path for i in run.order.job.inputs), stop, task
        )
        task.add_done_callback(lambda _: self._active.pop(run.run_id, None))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            stop.set("cancelled")
            self._ls.background(_settled(task))
            raise

    def busy(self, path: str) -> bool:
        """Does a run go on that reads this file?"""
        return any(path in active.inputs for active in self._active.values())

    @contextmanager
    def claimed(self, purpose: object) -> Generator[bool]:
        """Keep others from the same purpose meanwhile; False: somebody has it already."""
        if purpose in self._claimed:
            yield False
            return
        self._claimed.add(purpose)
        try:
            yield True
        finally:
            self._claimed.discard(purpose)

    def cancel(self, run_id: str) -> bool:
        """Ask a run to end; False where there is no such run going on."""
        active = self._active.get(run_id)
        if active:
            active.stop.set("cancelled")
        return active is not None

    async def aclose(self) -> None:
        """End all runs and wait until each has written its end."""
        active = tuple(self._active.values())
        for run in active:
            run.stop.set("cancelled")
        if active:
            tasks = [run.task for run in active]
            _, late = await asyncio.wait(tasks, timeout=END_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _drive(self, run: Run, stop: Stop, shown: Progress) -> e.Result:
        story = Story()
        async with shown as progress, run, aclosing(run.events(stop)) as stream:
            with _Sketch(self._ls, run) as sketch:
                async for event in stream:
                    if line := story.line(event):
                        progress.report(line)
                        told = wire.Progress(run.run_id, run.order.job.module, line)
                        self._ls.emit(wire.PROGRESS, told)
                    self._ls.emit(wire.EVENT, event)
                    await sketch.follow(event)
        if sketch.result is None:
            raise AssertionError("a run ends with run_finished")
        return sketch.result


async def _settled(task: "asyncio.Task[e.Result]") -> None:
    await asyncio.wait([task])


class _Sketch:
    """Tells a client that streams of the RTL of a reply that is still coming."""

    def __init__(self, ls: Server, run: Run) -> None:
        self._ls, self._run_id, self._order = ls, run.run_id, run.order
        self._target = target_of(ls, Path(run.order.job.target.path), run.order)
        self._drafts = Drafts()
        self._room: wire.Room | None = None
        self._looked = False
        self.result: e.Result | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.result is None or not is_delivered(self.result):
            self._ls.emit(wire.DRAFT_OVER, wire.RunArgs(self._run_id))

    async def follow(self, event: e.Event) -> None:
        """Take what the run tells: pieces of the reply, and its end."""
        if isinstance(event, e.RunFinished):
            self.result = event.result
        elif isinstance(event, e.Text) and self._ls.client.options.events:
            await self._add(event)

    async def _add(self, event: e.Text) -> None:
        added = self._drafts.add(event.candidate, event.delta, restart=event.restart)
        if added:
            text, restart = added
            if not self._looked:  # until the first piece the user may have written there
                look = room_in_sight, self._ls, self._target, self._order
                self._room, self._looked = await asyncio.to_thread(*look), True
            self._ls.emit(
                wire.DRAFT,
                wire.Draft(
                    run_id=self._run_id,
                    candidate=event.candidate,
                    uri=self._ls.documents.uri(self._target.path),
                    append=text,
                    restart=restart,
                    room=self._room,
                ),
            )
