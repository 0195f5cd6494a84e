"""Looks into the failing attempts of a run; the one before is remembered, to compare with."""

import asyncio
from collections.abc import AsyncGenerator

from msgspec import structs

from spec2rtl.errors import Spec2rtlError
from spec2rtl.events import Event, TestExplained, Warned
from spec2rtl.evidence.explain import Explanation, explain, first_failed
from spec2rtl.evidence.queries import answers
from spec2rtl.evidence.report import explained, linked
from spec2rtl.evidence.wave import Recording
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import Recorder
from spec2rtl.repair.reflection import Reflection, Unreadable
from spec2rtl.rtl import SimulationReport, digest


class Witness:
    """Knows, of the tests of one job, how each was last seen to fail."""

    def __init__(self, job: Job, recorder: Recorder | None) -> None:
        self._job, self._recorder = job, recorder
        self._recordings: dict[str, Recording] = {}
        self._last: tuple[Recording, Explanation] | None = None
        self._seen: str | None = None

    async def look_into(self, record: Attempt) -> AsyncGenerator[Event, None]:
        """Explain the first failing test of an attempt; `record` holds what was found.

        What can't be recorded goes unexplained: it is no reason to end a run.
        """
        simulated = record.simulated
        if record.rtl != self._seen:
            self._last = None
        if record.rtl is None or simulated is None or record.explained:
            return
        try:
            why = await self._explain(record.rtl, simulated)
        except Spec2rtlError as error:
            yield Warned(message=f"the failing test could not be recorded: {error}")
            return
        if why is not None:
            found = linked(simulated.diagnostics, why)
            record.simulated = structs.replace(simulated, diagnostics=found)
            record.explained = explained(why)
            yield TestExplained(candidate=digest(record.rtl), explained=record.explained)

    async def _explain(self, rtl: str, simulated: SimulationReport) -> Explanation | None:
        bench, failed = self._job.testbench, first_failed(simulated.tests)
        if self._recorder is None or bench is None or failed is None:
            return None
        design = self._job.design(rtl)
        recording = await self._recorder.record(design, bench, simulated.tests, failed)
        if recording is None:
            return None
        before = self._recordings.get(failed.name)
        spec = self._job.spec
        why = await asyncio.to_thread(  # a long recording takes seconds
            explain, recording, failed, design, bench, spec=spec, previous=before
        )
        if why is not None:
            self._recordings[failed.name] = recording
            self._last, self._seen = (recording, why), rtl
        return why

    async def answer(self, read: Reflection | Unreadable) -> str | None:
        """Answer the questions of a reply that is no diagnosis yet; None where there are none."""
        if isinstance(read, Unreadable) or read.edits or read.instruction or not self._last:
            return None
        if not read.queries:
            return None
        return await asyncio.to_thread(answers, *self._last, read.queries)
