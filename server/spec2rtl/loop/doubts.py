"""What tests don't see of a design that passes them: that no hardware does what it says."""

import asyncio

from spec2rtl.errors import Spec2rtlError
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.job import Job
from spec2rtl.loop.ports import Gauge

SECONDS = 10.0
"""What looking for them may delay a result by."""
SHOWN = 3


async def doubts(job: Job, attempt: Attempt | None, gauge: Gauge | None) -> tuple[str, ...]:
    """Say where a generated design that is good has several drivers, latches and the like.

    Nothing where that can't be looked at, nor of latches that the specification speaks of. What
    was written by hand has its marks in the editor already.
    """
    rtl = attempt.rtl if attempt and attempt.verdict.good else None
    if gauge is None or rtl is None or job.task != "generate":
        return ()
    try:
        async with asyncio.timeout(SECONDS):
            found = await gauge.doubts(job.design(rtl))
    except (Spec2rtlError, TimeoutError):
        return ()
    wanted = "latch" in (job.spec.text if job.spec else "").lower()
    told = [d for d in found if not (wanted and d.code == "latch")]
    return tuple(f"line {d.line}: {d.message}" for d in told[:SHOWN])
