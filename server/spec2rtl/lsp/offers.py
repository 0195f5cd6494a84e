"""Results that wait to be accepted: each counts only for the text that it was made from."""

from pathlib import Path

from msgspec import Struct


class Offer(Struct, frozen=True):
    """A text to take the place of another; `verified`: it compiles and passed its tests."""

    run_id: str
    path: Path
    before: str
    after: str
    title: str
    verified: bool = False
    quickfix: bool = True


class Offers:
    """The offers of each file, the newest first; one for each run and title."""

    def __init__(self) -> None:
        self._offers: dict[Path, list[Offer]] = {}

    def put(self, offer: Offer) -> None:
        """Keep an offer; one of the same text replaces the older."""
        others = [o for o in self._offers.get(offer.path, ()) if o.after != offer.after]
        self._offers[offer.path] = [offer, *others][:MOST]

    def at(self, path: Path) -> tuple[Offer, ...]:
        """The offers for a file."""
        return tuple(self._offers.get(path, ()))

    def accepted(self, path: Path, text: str) -> None:
        """A file holds this text now: what offers it is done with."""
        if path in self._offers:
            self._offers[path] = [o for o in self._offers[path] if o.after != text]


MOST = 20
"""Offers kept for a file."""
