"""The folder of an evaluation: its plan, a line for each sample as it is judged, the candidates."""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from spec2rtl.errors import InputError
from spec2rtl.evals.record import NEEDS, Plan, Record
from spec2rtl.evals.report import Report, markdown
from spec2rtl.outlet import write_atomically

PLAN = "plan.json"
RECORDS = "results.jsonl"
CANDIDATES = "candidates"
JOURNAL = "journal.db"

_plans = msgspec.json.Decoder(Plan)
_records = msgspec.json.Decoder(Record)


class Store:
    """Where the results go; each is on disk before the next one counts."""

    def __init__(self, folder: Path, plan: Plan, *, resume: bool) -> None:
        """Begin, or go on with what is there; raises `InputError` for another evaluation's folder."""
        self.folder = folder
        self.done: dict[tuple[str, int], Record] = {}
        existing = folder / PLAN
        if existing.exists():
            if not resume:
                raise InputError(
                    f"{folder}: holds an evaluation already; add --resume or name another --out"
                )
            self._go_on(existing, plan)
        elif resume and folder.exists() and any(folder.iterdir()):
            raise InputError(f"{folder}: no {PLAN}, so there is no evaluation to go on with")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(existing, msgspec.json.format(msgspec.json.encode(plan)).decode())
        except OSError as error:
            raise InputError(f"{folder}: can't be written: {error.strerror}") from None

    def _go_on(self, existing: Path, plan: Plan) -> None:
        try:
            before = _plans.decode(existing.read_bytes())
        except (OSError, msgspec.DecodeError) as error:
            raise InputError(f"{existing}: can't be read: {error}") from None
        other = [
            name for name in plan.__struct_fields__ if getattr(before, name) != getattr(plan, name)
        ]
        if other:
            raise InputError(
                f"{self.folder}: holds another evaluation ({', '.join(other)} differ); "
                "name another --out"
            )
        self.done = {(r.id, r.sample): r for r in self._read()}

    def _read(self) -> Iterable[Record]:
        """Yield what was judged; a line cut off by the end of the process is left out."""
        try:
            lines = (self.folder / RECORDS).read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        for line in lines:
            try:
                record = _records.decode(line)
            except msgspec.DecodeError:
                continue
            # What went wrong outside the design is tried again, but by the same simulator.
            if record.verdict != "errored" or record.reason.startswith(NEEDS):
                yield record

    def add(self, record: Record) -> None:
        """Keep a record; raises `InputError` when the disk is full."""
        line = msgspec.json.encode(record) + b"\n"
        path = self.folder / RECORDS
        try:
            with path.open("ab") as file:
                if file.tell() and not _ends_a_line(path):
                    file.write(b"\n")
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InputError(f"{path}: can't be written: {error.strerror}") from None
        self.done[record.id, record.sample] = record

    def keep(self, place: Path, files: dict[str, str]) -> None:
        """Write a generated candidate below `candidates`, as `--candidates` reads it.

        Raises `InputError`.
        """
        for name, text in files.items():
            path = self.folder / CANDIDATES / place / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"{path.parent}: can't be made: {error.strerror}") from None
            write_atomically(path, text)

    def publish(self, report: Report) -> None:
        """Write the report as JSON and as Markdown."""
        text = msgspec.json.format(msgspec.json.encode(report)).decode()
        write_atomically(self.folder / "report.json", text + "\n")
        write_atomically(self.folder / "report.md", markdown(report))


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
