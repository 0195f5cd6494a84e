"""Results that wait to be accepted: each counts only for the text that it was made from."""

from pathlib import Path

from msgspec import Struct

from spec2rtl.loop.job import Job


class Offer(Struct, frozen=True):
    """A text to take the place of another; `verified`: it compiles and passed its tests.

    `tests` are those that it was tried with, None: those that are beside its file.
    """

    run_id: str
    path: Path
    before: str
    after: str
    title: str
    verified: bool = False
    quickfix: bool = True
    tests: str | None = None
    listed: bool = True
    """False: shown by other means; only that it was accepted is of interest."""


def change_of(
    job: Job, after: str, title: str, *, run_id: str = "", verified: bool, quickfix: bool = True
) -> Offer:
    """The offer of what a job has led to."""
    tests = job.testbench.path if job.testbench else None
    path, before = Path(job.target.path), job.target.text
    return Offer(run_id, path, before, after, title, verified, quickfix, tests)


class Offers:
    """The offers of each file, by their texts; the newest last."""

    def __init__(self) -> None:
        self._offers: dict[Path, dict[str, Offer]] = {}

    def put(self, offer: Offer) -> None:
        """Keep an offer; one of the same text takes the place of the older, if it is listed."""
        kept = self._offers.setdefault(offer.path, {})
        text = _plain(offer.after)
        before = kept.pop(text, None)
        kept[text] = before if before and before.listed and not offer.listed else offer
        for oldest in list(kept)[:-MOST]:
            del kept[oldest]

    def at(self, path: Path) -> tuple[Offer, ...]:
        """The offers for a file, the newest first."""
        return tuple(o for o in reversed(self._offers.get(path, {}).values()) if o.listed)

    def accepted(self, path: Path, text: str) -> Offer | None:
        """A file holds this text now: the offer of it, which is done with."""
        kept = self._offers.get(path)
        return kept.pop(_plain(text), None) if kept else None


def _plain(text: str) -> str:
    """A text but for what editors make of line ends, and of the last of them."""
    return text.replace("\r\n", "\n").rstrip()


MOST = 20
"""Offers kept for a file."""
