"""The journal's file: its tables, and its errors in plain words.

Write-ahead logging with `synchronous=NORMAL`: a commit survives the death of the process and
costs tens of microseconds, so that nothing needs batching.
"""

import sqlite3
from pathlib import Path

from spec2rtl.errors import InputError

SCHEMA = 1
"""Of the tables; grows with every change to them."""

_APPLICATION = 0x53325254  # "S2RT", in the file's header
MILESTONES = "type IN ('run_started', 'iteration_finished', 'run_finished')"
_TABLES = (
    """CREATE TABLE runs (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        task TEXT NOT NULL,
        title TEXT NOT NULL,
        started REAL NOT NULL,
        frozen TEXT NOT NULL)""",
    """CREATE TABLE events (
        run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        time REAL NOT NULL,
        type TEXT NOT NULL,
        json TEXT NOT NULL,
        PRIMARY KEY (run, seq)) WITHOUT ROWID""",
    f"CREATE INDEX milestones ON events (run, seq) WHERE {MILESTONES}",
    """CREATE TABLE outputs (
        path TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL,
        run TEXT NOT NULL) WITHOUT ROWID""",
)
_BUSY_SECONDS = 10.0


def explain(error: sqlite3.Error | OSError, path: Path) -> InputError:
    """Turn a database's or a file system's error into one line that says what to do."""
    elsewhere = "or set SPEC2RTL_DATA_DIR to another folder"
    if isinstance(error, OSError):
        return InputError(
            f"{path}: the journal can't be opened: {error.strerror}; "
            f"make its folder writable {elsewhere}"
        )
    name = getattr(error, "sqlite_errorname", "")
    kind = "_".join(name.split("_")[:2])
    what, mend = {
        "SQLITE_FULL": ("can't be written: the disk is full", "free some space"),
        "SQLITE_IOERR": (f"can't be read or written ({name})", "check the disk and its free space"),
        "SQLITE_READONLY": ("can't be written", "make the file and its folder writable"),
        "SQLITE_CANTOPEN": ("can't be opened", "make its folder writable"),
        "SQLITE_NOTADB": ("is damaged or no journal", "move the file away"),
        "SQLITE_CORRUPT": ("is damaged", "move the file away"),
        "SQLITE_BUSY": ("is locked by another process", "end that process"),
    }.get(kind, (f"can't be used ({error})", "move the file away"))
    return InputError(f"{path}: the journal {what}; {mend} {elsewhere}")


def connect(path: Path) -> sqlite3.Connection:
    """Open the file at `path`, made and given its tables where there is none."""
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        _prepare(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    """Bring the tables into being, or refuse a file that is not ours or newer than we are."""
    (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (schema,) = db.execute("PRAGMA user_version").fetchone()
    if tables and application != _APPLICATION:
        raise InputError(f"{path}: another program's database: move it away")
    if schema > SCHEMA:
        raise InputError(
            f"{path}: the journal is of a newer spec2rtl (format {schema}, this one knows "
            f"{SCHEMA}): upgrade spec2rtl or set SPEC2RTL_DATA_DIR to another folder"
        )
    if not tables:
        path.chmod(0o600)
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        for table in _TABLES:
            db.execute(table)
        db.execute(f"PRAGMA application_id = {_APPLICATION}")
        db.execute(f"PRAGMA user_version = {SCHEMA}")
        db.execute("COMMIT")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA secure_delete = ON")
