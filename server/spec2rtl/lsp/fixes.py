"""Repairs that the rules are certain of, each tried in a scratch copy while nobody waits."""

import asyncio
import contextlib
from pathlib import Path
from typing import TypeVar

from msgspec import Struct, structs

from spec2rtl.errors import Spec2rtlError
from spec2rtl.loop.attempt import Attempt, examine
from spec2rtl.lsp import wire
from spec2rtl.lsp.checker import Checked
from spec2rtl.lsp.commands import read_modify
from spec2rtl.lsp.companions import tests_for
from spec2rtl.lsp.evidence import Evidence, of_attempt
from spec2rtl.lsp.offers import Offer
from spec2rtl.lsp.server import Server
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.repair.edits import EditFailure, apply_edits
from spec2rtl.repair.rules import diagnose
from spec2rtl.rtl import Design, Diagnostic
from spec2rtl.syntax.dialect import SYSTEMVERILOG
from spec2rtl.syntax.modules import modules
from spec2rtl.wiring import unconfined

_T = TypeVar("_T")

_TRIAL_SECONDS = 30.0
"""What the tests of one quick fix may take while nobody waits."""
_PATIENCE_SECONDS = 5.0
"""What who has chosen it waits for them."""
_ROUNDS = 5
"""Repairs made one after the other by "fix all": each may bring the next to light."""


class Fix(Struct, frozen=True):
    """Why something is wrong, and the text with it mended."""

    cause: str
    after: str


Tried = dict[str, "asyncio.Task[Evidence | None]"]
"""What is being found out of each text."""


class Trials(Struct, frozen=True):
    """The repairs of one text of a file.

    `every` is the text with all of them made, which takes some tries; None: it was no better.
    """

    design: Design
    tests: str | None
    fixes: tuple[tuple[Diagnostic, Fix], ...]
    evidence: Tried
    every: "asyncio.Task[str | None] | None"

    def ready(self, after: str) -> bool:
        """Has a text been tried?"""
        return after in self.evidence and self.evidence[after].done()

    async def of(self, after: str) -> Evidence | None:
        """What the tools say of a text, once it has been tried; None where it can't be."""
        return await _outcome(self.evidence[after])

    async def soon(self, after: str) -> Evidence | None:
        """The same for who has chosen a text, without much patience."""
        if after in self.evidence:
            await asyncio.wait([self.evidence[after]], timeout=_PATIENCE_SECONDS)
        return await self.of(after) if self.ready(after) else Evidence("still being tried", False)

    @property
    def all_ready(self) -> bool:
        """Has the text with all of them made been tried?"""
        if self.every is None or not self.every.done() or self.every.cancelled():
            return False
        after = self.every.result()
        return after is None or self.ready(after)

    async def all(self) -> str | None:
        """The text with all repairs made."""
        return await _outcome(self.every) if self.every else None


async def _outcome(task: "asyncio.Task[_T]") -> _T | None:
    """What a task leads to, which goes on without us; None where it was given up."""
    await asyncio.wait([task])
    return None if task.cancelled() or task.exception() else task.result()


class Fixes:
    """The repairs of each open file: of one text, tried one after the other."""

    def __init__(self, ls: Server) -> None:
        self._ls = ls
        self._trials: dict[Path, Trials] = {}
        self._turn = asyncio.Lock()

    async def of(self, path: Path, checked: Checked) -> Trials:
        """The repairs of what the tools say of a file; those of an earlier text are given up."""
        tests = await tests_for(self._ls, path)
        text = self._ls.documents.peek(tests) if tests else None
        known = self._trials.get(path)
        if known and (known.design, known.tests) == (checked.design, text):
            return known
        self.forget(path)
        source = next((s.text for s in checked.design.sources if s.path == str(path)), "")
        said = (*(checked.iverilog or ()), *(checked.lint or ()))
        errors = [d for d in said if d.file == str(path) and d.severity == "error"]
        foreign = [d for d in said if d.file == str(path) and d.code == SYSTEMVERILOG]
        wrong = (*errors, *foreign)
        ruled = await asyncio.to_thread(lambda: [_ruled(source, path, [d]) for d in wrong])
        known = self._trials.get(path)
        if known and (known.design, known.tests) == (checked.design, text):
            return known  # somebody else has asked for them meanwhile
        fixes = tuple((d, fix) for d, fix in zip(wrong, ruled, strict=True) if fix)
        evidence = {
            after: self._ls.background(self._tried(path, source, after))
            for after in dict.fromkeys(fix.after for _, fix in fixes)
        }
        mends = any(diagnostic.severity == "error" for diagnostic, _ in fixes)
        every = self._every(path, source, checked.design, errors, evidence) if mends else None
        self._trials[path] = Trials(
            checked.design, text, fixes, evidence, every and self._ls.background(every)
        )
        return self._trials[path]

    def forget(self, path: Path) -> None:
        """A file has another text: nobody waits for what its repairs were worth."""
        if trials := self._trials.pop(path, None):
            for task in (*trials.evidence.values(), trials.every):
                if task:
                    task.cancel()

    async def _tried(self, path: Path, before: str, after: str) -> Evidence | None:
        """Try a text. Tests get little time, and run only where a sandbox works."""
        ls = self._ls
        attempt = Attempt(1, rtl=after)
        async with self._turn:
            try:
                settings = await ls.workspaces.settings(path)
                args = wire.RepairArgs(ls.documents.uri(path))
                job = await asyncio.to_thread(read_modify, ls, path, args, settings, None)
                tools = await ls.workspaces.tools(settings)
                if unconfined(settings, await asyncio.to_thread(best_sandbox)):
                    job = structs.replace(job, testbench=None)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_TRIAL_SECONDS):
                        async for _ in examine(job, tools, attempt, after, gauge=tools):
                            pass
            except Spec2rtlError:
                return None
        if attempt.compiled is None:  # the time was up before
            return None
        ls.offers.put(Offer("", path, before, after, "", listed=False))
        return of_attempt(attempt)

    async def _every(
        self,
        path: Path,
        before: str,
        design: Design,
        errors: list[Diagnostic],
        evidence: Tried,
    ) -> str | None:
        """The text with all repairs made, as long as each leaves fewer errors; it is tried too."""
        text = before
        try:
            tools = await self._ls.workspaces.tools(await self._ls.workspaces.settings(path))
            for _ in range(_ROUNDS):
                fix = await asyncio.to_thread(_ruled, text, path, errors)
                if fix is None:
                    break
                sources = tuple(
                    structs.replace(s, text=fix.after) if s.path == str(path) else s
                    for s in design.sources
                )
                report = await tools.compile(structs.replace(design, sources=sources))
                now = [d for d in report.diagnostics if d.severity == "error"]
                if not report.ok and len(now) >= len(errors):
                    break
                text, errors = fix.after, [d for d in now if d.file == str(path)]
                if report.ok:
                    break
        except Spec2rtlError:
            return None
        if text == before:
            return None
        if text not in evidence:
            evidence[text] = self._ls.background(self._tried(path, before, text))
        return text


def _ruled(text: str, path: Path, found: list[Diagnostic]) -> Fix | None:
    """What is wrong and the text with it mended, where the rules are certain."""
    held = [module.name for module in modules(text)]
    reflection = diagnose(
        text,
        found,
        (),
        module=held[-1] if held else path.stem,
        language="systemverilog" if path.suffix == ".sv" else "verilog",
        spec=None,
    )
    if reflection is None or not reflection.edits:
        return None
    mended = apply_edits(text, reflection.edits)
    if isinstance(mended, EditFailure) or mended == text:
        return None
    return Fix(reflection.root_cause, mended)
