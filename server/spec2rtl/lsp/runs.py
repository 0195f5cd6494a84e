"""The one owner of all runs: starts them, tells of them, ends them and waits for their end."""

import asyncio
from contextlib import aclosing
from functools import cached_property
from pathlib import Path
from typing import assert_never

from msgspec import Struct

from spec2rtl import events as e
from spec2rtl.loop.merge import Stop
from spec2rtl.lsp import wire
from spec2rtl.lsp.delivery import room_in_sight, target_of
from spec2rtl.lsp.draft import Drafts
from spec2rtl.lsp.progress import Progress, Token
from spec2rtl.lsp.server import Server
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
        sketch = _Sketch(self._ls, run)
        result: e.Result | None = None
        async with shown as progress, run, aclosing(run.events(stop)) as stream:
            story = Story()
            async for event in stream:
                self._ls.emit(wire.EVENT, event)
                if isinstance(event, e.Text):
                    sketch.add(event)
                if line := story.line(event):
                    progress.report(line)
                if isinstance(event, e.RunFinished):
                    result = event.result
        if result is None:
            raise AssertionError("a run ends with run_finished")
        return result


async def _settled(task: "asyncio.Task[e.Result]") -> None:
    await asyncio.wait([task])


class _Sketch:
    """Tells a client that streams of the RTL of a reply that is still coming."""

    def __init__(self, ls: Server, run: Run) -> None:
        self._ls, self._run_id, self._order = ls, run.run_id, run.order
        self._target = target_of(ls, Path(run.order.job.target.path), run.order)
        self._drafts = Drafts()

    @cached_property
    def _room(self) -> wire.Room | None:
        """Looked for with the first piece: until then the user may have written there."""
        return room_in_sight(self._ls, self._target, self._order)

    def add(self, event: e.Text) -> None:
        """Take a piece of the reply."""
        if not self._ls.client.options.events:
            return
        added = self._drafts.add(event.candidate, event.delta, restart=event.restart)
        if added:
            text, restart = added
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


class Story:
    """Tells a run's state in one line."""

    def __init__(self) -> None:
        self._iteration = 1
        self._passed = self._failed = 0
        self._tokens, self._cost = 0, 0.0

    def line(self, event: e.Event) -> str | None:
        """The line after an event; None where it changes nothing."""
        told = self._stage(event)
        if told is None:
            return None
        if isinstance(event, e.RunFinished):
            return told
        tokens = f" · {self._tokens:,} tokens" if self._tokens else ""
        cost = f" · ${self._cost:.3f}" if self._cost else ""
        return f"iteration {self._iteration}: {told}{tokens}{cost}"

    def _stage(self, event: e.Event) -> str | None:
        match event:
            case e.RunStarted():
                return f"{event.module}, {event.generator}"
            case e.Downloading():
                share = f" {100 * event.done // event.total} %" if event.total else ""
                return f"downloading {event.what}{share}"
            case e.ModelCalled():
                return "writing" if event.role == "generator" else "reflecting"
            case e.ModelReplied():
                self._tokens += event.usage.prompt_tokens + event.usage.completion_tokens
                self._cost += event.usage.cost_usd or 0.0
                return "read the reply"
            case e.Candidate():
                return "compiling"
            case e.Rejected():
                return f"no usable code: {event.why}"
            case e.Compiled():
                errors = sum(d.severity == "error" for d in event.diagnostics)
                return "compiles" if event.ok else f"{errors} errors"
            case e.SimulationStarted():
                self._passed = self._failed = 0
                return "simulating"
            case e.TestFinished():
                self._passed += event.test.status == "passed"
                self._failed += event.test.status in {"failed", "errored"}
                return f"tests: {self._passed} passed, {self._failed} failed"
            case e.Simulated():
                passed = sum(t.status == "passed" for t in event.tests)
                return f"{passed} of {len(event.tests)} tests passed"
            case e.Measured():
                unmet = [budget.says for budget in event.budgets if not budget.met]
                return f"budget not met: {unmet[0]}" if unmet else "budgets met"
            case e.Reflected():
                return event.root_cause
            case e.IterationFinished():
                self._iteration += 1
                return None
            case e.RunFinished():
                return event.result.status
            case e.Text() | e.TestExplained() | e.TestsFinished() | e.Warned():
                return None
            case _:
                assert_never(event)
