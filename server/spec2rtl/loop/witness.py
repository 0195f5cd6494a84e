"""Explains the failing attempts of a run; the one before is remembered, to compare with."""

from spec2rtl.evidence.explain import Explanation, explain, first_failed
from spec2rtl.evidence.queries import answers
from spec2rtl.evidence.wave import Recording
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import Recorder
from spec2rtl.repair.reflection import Query
from spec2rtl.rtl import SimulationReport


class Witness:
    """Knows, of the tests of one job, how each was last seen to fail."""

    def __init__(self, job: Job, recorder: Recorder | None) -> None:
        self._job, self._recorder = job, recorder
        self._recordings: dict[str, Recording] = {}
        self._last: tuple[Recording, Explanation] | None = None

    async def explain(self, rtl: str, simulated: SimulationReport) -> Explanation | None:
        """Look into the first failing test of a text; None where there is none, or no recorder."""
        self._last = None
        bench, failed = self._job.testbench, first_failed(simulated.tests)
        if self._recorder is None or bench is None or failed is None:
            return None
        design = self._job.design(rtl)
        recording = await self._recorder.record(design, bench, simulated.tests, failed)
        if recording is None:
            return None
        before = self._recordings.get(failed.name)
        explanation = explain(
            recording, failed, design, bench, spec=self._job.spec, previous=before
        )
        self._recordings[failed.name] = recording
        if explanation:
            self._last = recording, explanation
        return explanation

    def answer(self, queries: tuple[Query, ...] | None) -> str | None:
        """Answer questions to the last recording; None where there are none, or it is not there."""
        return answers(*self._last, queries) if queries and self._last else None
