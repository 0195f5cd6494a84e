"""The journal: every run, each event committed before it is shown."""

import os
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from spec2rtl import events
from spec2rtl.errors import InputError
from spec2rtl.events import Errand, Event, RunFinished, TestsFinished
from spec2rtl.journal.database import MILESTONES, connect, explain
from spec2rtl.journal.redact import Redactor
from spec2rtl.journal.runs import RunSummary, summarise
from spec2rtl.process.locks import Hold, alone, is_held

EXPORT = 1
"""Of the exported file."""

_LISTED = 5  # candidates named for an ambiguous run


class Journal:
    """All runs of a user; made by `open`, used from one thread, closed by `with` or `close`.

    Every method raises `InputError` when the file can't be read or written.
    """

    def __init__(self, db: sqlite3.Connection, path: Path, redactor: Redactor) -> None:
        self._db = db
        self._path = path
        self._redactor = redactor
        self._holds: dict[str, Hold] = {}

    @classmethod
    def open(cls, path: Path, secrets: tuple[str, ...] = ()) -> Self:
        """Open the journal at `path`, made where there is none; `secrets` never enter it."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Two processes that turn a new file to WAL at once fail with SQLITE_BUSY unwaited.
            with alone(path.with_name(path.name + "-lock")):
                return cls(connect(path), path, Redactor(secrets))
        except (sqlite3.Error, OSError) as error:
            raise explain(error, path) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; a run that has not finished is `interrupted` from now on."""
        for hold in self._holds.values():
            hold.release()
        self._holds.clear()
        self._db.close()

    def begin(self, run_id: str, task: Errand, title: str, started: float, frozen: bytes) -> None:
        """Enter a run before its first event.

        `title` is what the user knows it by, such as the spec's path; `frozen` is the JSON
        document that `resume` needs.
        """
        row = (run_id, task, self._redactor.text(title), started)
        document = self._redactor.json(frozen).decode()
        with self._explained():
            # Held before the row is there: nobody can take the run for an interrupted one.
            hold = Hold(self._owner(run_id))
            try:
                self._db.execute(
                    "INSERT INTO runs (id, task, title, started, frozen) VALUES (?, ?, ?, ?, ?)",
                    (*row, document),
                )
            except BaseException:
                hold.release()
                raise
        self._holds[run_id] = hold

    def append(self, event: Event) -> None:
        """Keep an event; once this returns it survives the death of the process."""
        row = (
            event.seq,
            event.time,
            event.__struct_config__.tag,
            self._redactor.json(events.encode(event)).decode(),
            event.run_id,
        )
        with self._explained():
            done = self._db.execute(
                "INSERT INTO events (run, seq, time, type, json)"
                " SELECT key, ?, ?, ?, ? FROM runs WHERE id = ?",
                row,
            )
        if done.rowcount != 1:
            raise InputError(f"{self._path}: run {event.run_id} is not in the journal")
        if isinstance(event, RunFinished | TestsFinished) and event.run_id in self._holds:
            self._holds.pop(event.run_id).release()

    def events(self, run_id: str) -> Iterator[Event]:
        """Yield a run's events in their order."""
        with self._explained():
            for number, line in self._db.execute(
                "SELECT seq, json FROM events WHERE run = ? ORDER BY seq", (self._key(run_id),)
            ):
                yield self._decode(run_id, number, line)

    def frozen(self, run_id: str) -> bytes:
        """Return the document that `begin` was given."""
        key = self._key(run_id)
        with self._explained():
            row = self._db.execute("SELECT frozen FROM runs WHERE key = ?", (key,)).fetchone()
        return row[0].encode()

    def runs(
        self,
        limit: int | None = None,
        *,
        title: str | None = None,
        folders: Iterable[Path] | None = None,
    ) -> list[RunSummary]:
        """List the newest runs first: all, or those of one title, or of files in some folders."""
        within = None if folders is None else [str(f).rstrip(os.sep) + os.sep for f in folders]
        with self._explained():
            rows = self._db.execute(
                "SELECT key, id, task, title, started FROM runs"
                " WHERE (?1 IS NULL OR title = ?1) AND (?2 = 'null' OR EXISTS ("
                "SELECT 1 FROM json_each(?2) WHERE substr(title, 1, length(value)) = value))"
                " ORDER BY started DESC, key DESC LIMIT ?3",
                (title, msgspec.json.encode(within).decode(), -1 if limit is None else limit),
            ).fetchall()
        return [self._summary(*row) for row in rows]

    def summary(self, run_id: str) -> RunSummary:
        """Return one run's line."""
        key = self._key(run_id)
        with self._explained():
            row = self._db.execute(
                "SELECT key, id, task, title, started FROM runs WHERE key = ?", (key,)
            ).fetchone()
        return self._summary(*row)

    def find(self, text: str) -> str:
        """Return the run meant by `last`, a name, its beginning or its last letters."""
        with self._explained():
            rows = self._db.execute("SELECT id FROM runs ORDER BY started DESC, key DESC")
            names: list[str] = [row[0] for row in rows]
        if not names:
            raise InputError(f"{self._path}: the journal holds no run yet")
        if text == "last":
            return names[0]
        if text in names:
            return text
        found = [n for n in names if text and (n.startswith(text) or n.endswith(text))]
        if len(found) == 1:
            return found[0]
        if not found:
            raise InputError(f"no run {text!r}; the last one is {names[0]} (see `runs list`)")
        more = ", …" if len(found) > _LISTED else ""
        raise InputError(f"{text!r} could be {', '.join(found[:_LISTED])}{more}: give more of it")

    def delete(self, run_id: str) -> None:
        """Remove a run and overwrite its text in the file."""
        key = self._key(run_id)
        if is_held(self._owner(run_id)):
            raise InputError(f"run {run_id} is still running: cancel it first")
        with self._explained():
            self._db.execute("DELETE FROM runs WHERE key = ?", (key,))
            self._db.execute("PRAGMA incremental_vacuum")
            # Older copies of the deleted pages must not stay behind in the log.
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def export(self, run_id: str) -> str:
        """Write a run as one JSON document: its summary, frozen inputs and events, one a line."""
        run = msgspec.json.encode(self.summary(run_id)).decode()
        with self._explained():
            rows = self._db.execute(
                "SELECT json FROM events WHERE run = ? ORDER BY seq", (self._key(run_id),)
            )
            lines = ",\n".join(row[0] for row in rows)
        frozen = self.frozen(run_id).decode()
        return (
            f'{{"version":{EXPORT},\n"run":{run},\n"frozen":{frozen},\n"events":[\n{lines}\n]}}\n'
        )

    def wrote(self, path: Path, sha256: str, run_id: str) -> None:
        """Note the text that a run has put into a file."""
        with self._explained():
            self._db.execute(
                "INSERT OR REPLACE INTO outputs (path, sha256, run) VALUES (?, ?, ?)",
                (os.path.realpath(path), sha256, run_id),
            )

    def last_written(self, path: Path) -> str | None:
        """Return the SHA-256 of what we last put into a file; anything else is a user's edit."""
        with self._explained():
            row = self._db.execute(
                "SELECT sha256 FROM outputs WHERE path = ?", (os.path.realpath(path),)
            ).fetchone()
        return row[0] if row else None

    def last_writer(self, path: Path) -> str | None:
        """Return the run that last put a text into a file, be it there still or deleted."""
        with self._explained():
            row = self._db.execute(
                "SELECT run FROM outputs WHERE path = ?", (os.path.realpath(path),)
            ).fetchone()
        return row[0] if row else None

    def _summary(
        self, key: int, run_id: str, task: Errand, title: str, started: float
    ) -> RunSummary:
        # Asked first: a run that ends in between then has its end among the events.
        status = "running" if is_held(self._owner(run_id)) else "interrupted"
        with self._explained():
            rows = self._db.execute(
                f"SELECT seq, json FROM events WHERE run = ? AND {MILESTONES} ORDER BY seq", (key,)
            ).fetchall()
            last = self._db.execute(
                "SELECT time, seq, type, json FROM events WHERE run = ? ORDER BY seq DESC LIMIT 1",
                (key,),
            ).fetchone()
        seconds = max(0.0, last[0] - started) if last else 0.0
        if last and last[2] == TestsFinished.__struct_config__.tag:
            rows.append((last[1], last[3]))
        milestones = [self._decode(run_id, *row) for row in rows]
        return summarise(RunSummary(run_id, task, title, status, started, seconds), milestones)

    def _key(self, run_id: str) -> int:
        with self._explained():
            row = self._db.execute("SELECT key FROM runs WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise InputError(f"{self._path}: run {run_id} is not in the journal")
        return row[0]

    def _owner(self, run_id: str) -> Path:
        return self._path.parent / "running" / run_id

    def _decode(self, run_id: str, number: int, line: str) -> Event:
        try:
            return events.decode(line)
        except msgspec.MsgspecError as error:
            raise InputError(
                f"{self._path}: event {number} of run {run_id} can't be read ({error}): "
                "it was written by another version of spec2rtl"
            ) from error

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise explain(error, self._path) from error
