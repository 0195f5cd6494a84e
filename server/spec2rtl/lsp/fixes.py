"""Repairs that the rules are certain of, each tried in a scratch copy while nobody waits."""

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct, structs

from spec2rtl.errors import Spec2rtlError
from spec2rtl.loop.attempt import Attempt, examine
from spec2rtl.lsp import wire
from spec2rtl.lsp.checked import Checked
from spec2rtl.lsp.commands import read_modify
from spec2rtl.lsp.companions import tests_for
from spec2rtl.lsp.evidence import Evidence, of_attempt
from spec2rtl.lsp.offers import Offer
from spec2rtl.lsp.reflect import headline
from spec2rtl.lsp.server import Server
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.repair.edits import EditFailure, apply_edits
from spec2rtl.repair.rules import diagnose
from spec2rtl.rtl import Diagnostic
from spec2rtl.syntax.dialect import SYSTEMVERILOG
from spec2rtl.syntax.modules import modules
from spec2rtl.wiring import unconfined

_TRIAL_SECONDS = 30.0
"""What the tests of one quick fix may take while nobody waits."""
PATIENCE_SECONDS = 5.0
"""What who has chosen it waits for them."""
_MOST = 50
"""Errors of a file that are looked at: when these are mended, the next ones come to light."""
_ROUNDS = 5
"""Repairs made one after the other by "fix all": each may bring the next to light."""


@dataclass
class Repair:
    """A repair of one text of a file; `of` None: all that are certain, one after the other.

    `after` is the text that it leads to, `evidence` what the tools say of that, once they are known.
    """

    title: str
    of: Diagnostic | None = None
    after: str | None = None
    evidence: Evidence | None = None
    trying: "asyncio.Task[None] | None" = None

    @property
    def tried(self) -> bool:
        """Is all known of it that will be?"""
        return self.trying is None or self.trying.done()

    async def settle(self, *, patience: float | None = None) -> None:
        """Wait until it has been tried, which goes on without us; with patience, not for long."""
        if self.trying:
            await asyncio.wait([self.trying], timeout=patience if self.after else None)


class _Known(Struct, frozen=True):
    """The repairs of what was checked; `tests` is the text of what tries them."""

    of: tuple[object, ...]
    tests: str | None
    repairs: tuple[Repair, ...]


class Fixes:
    """The repairs of each open file: of one text, tried one after the other."""

    def __init__(self, ls: Server) -> None:
        self._ls = ls
        self._known: dict[Path, _Known] = {}
        self._turn = asyncio.Lock()

    async def of(self, path: Path, checked: Checked) -> tuple[Repair, ...]:
        """The repairs of what the tools say of a file; those of an earlier text are given up."""
        tests = await tests_for(self._ls, path)
        text = self._ls.documents.peek(tests) if tests else None
        if (known := self._of(path, checked, text)) is not None:
            return known
        self.forget(path)
        source = next((s.text for s in checked.design.sources if s.path == str(path)), "")
        said = (*(checked.iverilog or ()), *(checked.lint or ()))
        wrong = [d for d in said if d.file == str(path) and d.severity == "error"]
        foreign = [d for d in said if d.file == str(path) and d.code == SYSTEMVERILOG]
        found: list[Repair | None] = []
        for one in (wrong + foreign)[:_MOST]:
            found.append(await asyncio.to_thread(_ruled, source, path, [one]))
            if self._ls.documents.overlay(path) != source:
                return ()  # nobody asks about this text any more
        if (known := self._of(path, checked, text)) is not None:
            return known  # somebody else has asked for them meanwhile
        repairs = [repair for repair in found if repair]
        for repair in repairs:
            repair.trying = self._ls.background(self._try(path, source, repair))
        if any(repair.of in wrong for repair in repairs):
            every = Repair("Fix all that are certain")
            work = self._try_all(path, checked, source, wrong, every)
            every.trying = self._ls.background(work)
            repairs.append(every)
        self._known[path] = _Known(checked.of, text, tuple(repairs))
        return self._known[path].repairs

    def _of(self, path: Path, checked: Checked, tests: str | None) -> tuple[Repair, ...] | None:
        known = self._known.get(path)
        return known.repairs if known and (known.of, known.tests) == (checked.of, tests) else None

    def forget(self, path: Path) -> None:
        """A file has another text: nobody waits for what its repairs were worth."""
        if known := self._known.pop(path, None):
            for repair in known.repairs:
                if repair.trying:
                    repair.trying.cancel()

    async def _try(self, path: Path, before: str, repair: Repair) -> None:
        """Try a repair. Tests get little time, and run only where a sandbox works."""
        ls, after = self._ls, repair.after or ""
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
                return
        if attempt.compiled:  # else the time was up before
            ls.offers.put(Offer("", path, before, after, "", listed=False))
            repair.evidence = of_attempt(attempt)

    async def _try_all(
        self, path: Path, checked: Checked, before: str, errors: list[Diagnostic], every: Repair
    ) -> None:
        """Make all repairs, as long as each leaves fewer errors, and try what they lead to."""
        text = before
        try:
            tools = await self._ls.workspaces.tools(checked.settings)
            for _ in range(_ROUNDS):
                fix = await asyncio.to_thread(_ruled, text, path, errors)
                if fix is None or fix.after is None:
                    break
                sources = tuple(
                    structs.replace(s, text=fix.after) if s.path == str(path) else s
                    for s in checked.design.sources
                )
                report = await tools.compile(structs.replace(checked.design, sources=sources))
                now = [d for d in report.diagnostics if d.severity == "error"]
                if not report.ok and len(now) >= len(errors):
                    break
                text, errors = fix.after, [d for d in now if d.file == str(path)]
                if report.ok:
                    break
        except Spec2rtlError:
            return
        if text != before:
            every.after = text
            await self._try(path, before, every)


def _ruled(text: str, path: Path, found: list[Diagnostic]) -> Repair | None:
    """What the rules are certain of that mends a text."""
    held = [module.name for module in modules(text)]
    reflection = diagnose(
        text,
        found[:_MOST],
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
    return Repair(f"Fix: {headline(reflection.root_cause)}", found[0], mended)
