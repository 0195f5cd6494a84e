import os
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from spec2rtl import events
from spec2rtl.chat import Message, Usage
from spec2rtl.config.folders import data_dir
from spec2rtl.errors import InputError
from spec2rtl.events import (
    Candidate,
    Compiled,
    Downloading,
    Event,
    Iteration,
    IterationFinished,
    Limits,
    Measured,
    ModelCalled,
    ModelReplied,
    Policy,
    Reflected,
    Rejected,
    Result,
    RunFinished,
    RunStarted,
    Seconds,
    Simulated,
    SimulationStarted,
    Status,
    TestExplained,
    TestFinished,
    Text,
    Warned,
)
from spec2rtl.journal.database import SCHEMA, explain
from spec2rtl.journal.store import Journal
from spec2rtl.rtl import Budget, Diagnostic, Explained, TestResult

RUN = "20261124-161533-ab2c"
KEY = "sk-ant-secret-0123"
FROZEN = b'{"spec":{"path":"/w/a.spec.md","text":"# A counter \xc3\xa9"}}'
FAULT = Diagnostic("/w/a.v", 1, 2, 1, 3, "error", "undeclared", "no `x`", "iverilog")
PASSED = TestResult("counts", "passed", time_ns=120.0)


def start(run_id: str = RUN, resumes: str | None = None) -> RunStarted:
    policy = Policy("sampling", 4, 0.5, (0.2, None), False, True)
    return RunStarted(
        run_id=run_id,
        time=100.0,
        task="generate",
        module="counter",
        inputs=(events.Input("spec", "/w/a.spec.md", "00"),),
        generator="embedded",
        reflector="rules",
        policy=policy,
        limits=Limits(cost_usd=1.5),
        seed=7,
        resumes=resumes,
    )


def end(seq: int, status: Status = "verified", run_id: str = RUN) -> RunFinished:
    result = Result(
        run_id,
        "generate",
        status,
        "counter",
        "module counter; endmodule\n",
        None,
        None,
        "embedded",
        "rules",
        seconds=Seconds(total=12.5),
    )
    return RunFinished(run_id=run_id, seq=seq, time=112.5, result=result)


def whole_run() -> list[Event]:
    """One event of every kind."""

    def at(seq: int) -> dict[str, object]:
        return {"run_id": RUN, "seq": seq, "time": 100.0 + seq}

    middle: list[Callable[..., Event]] = [
        lambda **e: Downloading(what="model", done=1, total=2, **e),
        lambda **e: ModelCalled(
            role="generator", candidate=0, prompt=(Message("user", "wrïte\n\u2028"),), **e
        ),
        lambda **e: Text(candidate=0, delta="module ", **e),
        lambda **e: ModelReplied(
            role="generator", candidate=0, reply="x", usage=Usage(1, 0, 2), seconds=0.1, **e
        ),
        lambda **e: Rejected(candidate=0, why="no code", **e),
        lambda **e: Candidate(id="c", candidate=1, rtl="module", parent=None, how="reply", **e),
        lambda **e: Compiled(
            candidate="c", ok=False, reason="compile_error", diagnostics=(FAULT,), seconds=0.1, **e
        ),
        lambda **e: Reflected(candidate="c", by="rules", root_cause="x", lines=(1,), **e),
        lambda **e: SimulationStarted(candidate="c", **e),
        lambda **e: TestFinished(candidate="c", test=PASSED, **e),
        lambda **e: Simulated(
            candidate="c",
            status="passed",
            reason="ok",
            diagnostics=(),
            tests=(PASSED,),
            seconds=0.3,
            sandbox="rlimits",
            **e,
        ),
        lambda **e: Measured(candidate="c", budgets=(Budget("no-latches", met=True),), **e),
        lambda **e: TestExplained(
            candidate="c", explained=Explained("t", "t fails", ("m.q",), 5.0, "{}"), **e
        ),
        lambda **e: IterationFinished(
            iteration=Iteration(0, "simulate", "c", True, tests=(PASSED,)), **e
        ),
        lambda **e: Warned(message="the input changed", **e),
    ]
    made = [make(**at(seq)) for seq, make in enumerate(middle, start=1)]
    return [start(), *made, end(len(made) + 1)]


def begun(path: Path, *run_ids: str, secrets: tuple[str, ...] = ()) -> Journal:
    journal = Journal.open(path, secrets)
    for number, run_id in enumerate(run_ids):
        journal.begin(run_id, "generate", "a.spec.md", 100.0 + number, FROZEN)
    return journal


def child(script: str, *args: object) -> subprocess.Popen[str]:
    """Start Python on a script that has `Journal`, `Text`, `Path` and its arguments as `args`."""
    head = """
        import os, signal, sys
        from pathlib import Path
        from spec2rtl.events import Text
        from spec2rtl.journal.store import Journal
        args = sys.argv[1:]
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(script), *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_replay_gives_the_same_events(tmp_path: Path) -> None:
    told = whole_run()
    assert {type(event) for event in told} == set(events.Event.__args__) - {events.TestsFinished}
    with begun(tmp_path / "j.db", RUN) as journal:
        for event in told:
            journal.append(event)
    with Journal.open(tmp_path / "j.db") as journal:
        again = list(journal.events(RUN))
        assert again == told
        assert [events.encode(e) for e in again] == [events.encode(e) for e in told]
        assert journal.frozen(RUN) == FROZEN


def test_summary(tmp_path: Path) -> None:
    with begun(tmp_path / "j.db", RUN, "20261124-161534-zz22") as journal:
        for event in whole_run():
            journal.append(event)
        journal.append(start("20261124-161534-zz22", resumes=RUN))
        newest, oldest = journal.runs()
        assert (newest.status, newest.resumes, newest.seconds) == ("running", RUN, 0.0)
        assert (oldest.run_id, oldest.status, oldest.seconds) == (RUN, "verified", 12.5)
        assert (oldest.module, oldest.generator, oldest.seed) == ("counter", "embedded", 7)
        assert (oldest.iterations, oldest.tests_passed, oldest.tests_total) == (1, 1, 1)
        assert journal.summary(RUN) == oldest
        assert journal.runs(limit=1) == [newest]
    with Journal.open(tmp_path / "j.db") as journal:
        assert [run.status for run in journal.runs()] == ["interrupted", "verified"]


def test_runs_are_listed_by_what_they_were_of(tmp_path: Path) -> None:
    titles = ["/w/a.v", "/w/sub/a.v", "/wide/a.v", "/w %/a.v"]
    with Journal.open(tmp_path / "j.db") as journal:
        for number, title in enumerate(titles):
            journal.begin(f"r{number}", "generate", title, 100.0 + number, FROZEN)

        def listed(*folders: str, title: str | None = None, limit: int | None = None) -> list[str]:
            found = journal.runs(limit, title=title, folders=map(Path, folders))
            return [run.run_id for run in found]

        assert [run.run_id for run in journal.runs(title="/w/a.v")] == ["r0"]
        assert listed("/w") == ["r1", "r0"]
        assert listed("/w", limit=1) == ["r1"]
        assert listed("/w %", "/wide") == ["r3", "r2"]
        assert listed("/") == ["r3", "r2", "r1", "r0"]
        assert listed("/w", title="/wide/a.v") == []
        assert listed() == []


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    script = f"""
        journal = Journal.open(Path(args[0]))
        journal.begin({RUN!r}, "repair", "a.v", 100.0, b"{{}}")
        for seq in range(500):
            journal.append(Text(run_id={RUN!r}, seq=seq, time=100.0 + seq, candidate=0, delta="x"))
            print(seq, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    process = child(script, tmp_path / "j.db")
    shown = process.communicate()[0].split()
    assert process.returncode == -signal.SIGKILL
    with Journal.open(tmp_path / "j.db") as journal:
        assert [str(event.seq) for event in journal.events(RUN)] == shown
        assert len(shown) == 500
        assert journal.summary(RUN).status == "interrupted"
        assert journal.summary(RUN).seconds == 499.0
        assert not list((tmp_path / "running").iterdir())


def test_another_process_sees_a_run_while_its_own_lives(tmp_path: Path) -> None:
    script = f"""
        with Journal.open(Path(args[0])) as journal:
            journal.begin({RUN!r}, "edit", "a.v", 100.0, b"{{}}")
            print("begun", flush=True)
            sys.stdin.read()
    """
    with child(script, tmp_path / "j.db") as process, Journal.open(tmp_path / "j.db") as journal:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        assert journal.summary(RUN).status == "running"
        with pytest.raises(InputError, match="still running: cancel it first"):
            journal.delete(RUN)
        process.communicate()
        assert journal.summary(RUN).status == "interrupted"
        journal.delete(RUN)


def test_writers_at_once_on_a_new_file(tmp_path: Path) -> None:
    script = """
        sys.stdin.readline()
        with Journal.open(Path(args[0])) as journal:
            journal.begin(args[1], "generate", "a.spec.md", 100.0, b"{}")
            for seq in range(300):
                journal.append(Text(run_id=args[1], seq=seq, candidate=0, delta=args[1]))
    """
    names = [f"run-{number}" for number in range(3)]
    writers = [child(script, tmp_path / "new" / "j.db", name) for name in names]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    with Journal.open(tmp_path / "new" / "j.db") as journal:
        for name in names:
            told = list(journal.events(name))
            assert [event.seq for event in told] == list(range(300))
            assert {event.delta for event in told if isinstance(event, Text)} == {name}


def test_secrets_never_reach_the_file(tmp_path: Path) -> None:
    with begun(tmp_path / "j.db", secrets=(KEY,)) as journal:
        journal.begin(RUN, "edit", f"{KEY}.v", 1.0, msgspec.json.encode({"instruction": KEY}))
        journal.append(Warned(run_id=RUN, message=f"401: the key {KEY} is wrong"))
        for file in tmp_path.iterdir():
            assert file.is_dir() or KEY.encode() not in file.read_bytes()
        (told,) = journal.events(RUN)
        assert told == Warned(run_id=RUN, message="401: the key [redacted] is wrong")
        assert journal.summary(RUN).title == "[redacted].v"
        assert journal.frozen(RUN) == b'{"instruction":"[redacted]"}'


def test_find(tmp_path: Path) -> None:
    names = ("20261124-161533-ab2c", "20261124-170000-xy34", "20261125-080000-ab2d")
    with begun(tmp_path / "j.db", *names) as journal:

        def check(text: str, expected: str) -> None:
            assert journal.find(text) == expected

        check("last", names[2])
        check(names[1], names[1])
        check("20261125", names[2])
        check("20261124-16", names[0])
        check("xy34", names[1])

        def refuse(text: str, message: str) -> None:
            with pytest.raises(InputError) as caught:
                journal.find(text)
            assert message in str(caught.value)

        refuse("20261124", f"'20261124' could be {names[1]}, {names[0]}: give more of it")
        refuse("nope", f"no run 'nope'; the last one is {names[2]}")
        refuse("", "no run ''")
        refuse("%", "no run '%'")
    with (
        Journal.open(tmp_path / "empty.db") as journal,
        pytest.raises(InputError, match="the journal holds no run yet"),
    ):
        journal.find("last")


def test_delete_leaves_no_text_behind(tmp_path: Path) -> None:
    with begun(tmp_path / "j.db", RUN, "other") as journal:
        for seq in range(50):
            journal.append(Warned(run_id=RUN, seq=seq, message="CONFIDENTIAL " * 200))
        journal.append(end(50))
        journal.append(Warned(run_id="other", message="kept"))
        journal.delete(RUN)
        for file in tmp_path.iterdir():
            assert file.is_dir() or b"CONFIDENTIAL" not in file.read_bytes()
        assert [run.run_id for run in journal.runs()] == ["other"]
        assert list(journal.events("other")) == [Warned(run_id="other", message="kept")]
        for ask in (journal.frozen, journal.summary, journal.delete, journal.export):
            with pytest.raises(InputError, match=f"run {RUN} is not in the journal"):
                ask(RUN)
        with pytest.raises(InputError, match=f"run {RUN} is not in the journal"):
            journal.append(Warned(run_id=RUN, message="late"))


def test_export_is_one_document(tmp_path: Path) -> None:
    with begun(tmp_path / "j.db", RUN) as journal:
        for event in whole_run():
            journal.append(event)
        exported = msgspec.json.decode(journal.export(RUN))
    assert exported["version"] == 1
    assert exported["run"]["status"] == "verified"
    assert exported["frozen"] == msgspec.json.decode(FROZEN)
    assert [msgspec.convert(e, events.Event) for e in exported["events"]] == whole_run()


def test_outputs(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a.v")
    with Journal.open(tmp_path / "j.db") as journal:
        assert journal.last_written(tmp_path / "a.v") is None
        journal.wrote(tmp_path / "a.v", "11", RUN)
        journal.wrote(tmp_path / "link", "22", RUN)
        journal.wrote(tmp_path / "b.v", "33", RUN)
        assert journal.last_written(tmp_path / "a.v") == "22"


def test_a_run_begins_once(tmp_path: Path) -> None:
    with begun(tmp_path / "j.db", RUN) as journal:
        with pytest.raises(InputError):
            journal.begin(RUN, "generate", "a", 1.0, b"{}")
        assert journal.summary(RUN).status == "running"


def refused(path: Path, *messages: str) -> None:
    with pytest.raises(InputError) as caught:
        Journal.open(path)
    line = str(caught.value)
    assert str(path) in line
    assert "\n" not in line
    for message in messages:
        assert message in line


def test_files_that_are_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    path.write_bytes(b"not a database at all" * 200)
    refused(path, "damaged or no journal; move the file away")
    path.unlink()
    path.mkdir()
    refused(path, "can't be opened")
    other = tmp_path / "other.db"
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE mine (a)")
    db.close()
    refused(other, "another program's database: move it away")
    blocked = tmp_path / "other.db" / "j.db"
    refused(blocked, "make its folder writable", "SPEC2RTL_DATA_DIR")


def test_a_newer_journal_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    begun(path, RUN).close()
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    db.close()
    before = path.read_bytes()
    refused(path, f"newer spec2rtl (format {SCHEMA + 1}, this one knows {SCHEMA})", "upgrade")
    assert path.read_bytes() == before


def test_a_damaged_page_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    with begun(path, RUN) as journal:
        for seq in range(200):
            journal.append(Text(run_id=RUN, seq=seq, candidate=0, delta="x" * 100))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with Journal.open(path) as journal, pytest.raises(InputError, match="is damaged; move"):
        journal.runs()


def test_an_event_of_another_version_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    begun(path, RUN).close()
    db = sqlite3.connect(path)
    db.execute("INSERT INTO events VALUES (1, 0, 0.0, 'dreamt', '{\"type\":\"dreamt\"}')")
    db.commit()
    db.close()
    with (
        Journal.open(path) as journal,
        pytest.raises(InputError, match=f"event 0 of run {RUN} can't be read .*another version"),
    ):
        list(journal.events(RUN))


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "small.db")
    db.execute("PRAGMA max_page_count = 2")
    db.execute("CREATE TABLE t (a)")
    with pytest.raises(sqlite3.OperationalError) as caught:
        db.execute("INSERT INTO t VALUES (zeroblob(100000))")
    db.close()
    line = str(explain(caught.value, tmp_path / "small.db"))
    assert line.startswith(f"{tmp_path}/small.db: the journal can't be written: the disk is full")


def test_a_write_that_fails_is_one_line(tmp_path: Path) -> None:
    script = f"""
        import resource
        from spec2rtl.errors import InputError
        with Journal.open(Path(args[0])) as journal:
            journal.begin({RUN!r}, "generate", "a", 1.0, b"{{}}")
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
            try:
                for seq in range(100):
                    journal.append(Text(run_id={RUN!r}, seq=seq, candidate=0, delta="x" * 10_000))
                    print("kept", flush=True)
            except InputError as error:
                print(error)
    """
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    *kept, line = child(script, tmp_path / "j.db").communicate()[0].splitlines()
    assert "the journal can't be read or written" in line
    assert "check the disk" in line
    with Journal.open(tmp_path / "j.db") as journal:
        assert len(list(journal.events(RUN))) == len(kept) > 0


def test_the_file_is_for_its_user_only(tmp_path: Path) -> None:
    begun(tmp_path / "new" / "j.db", RUN).close()
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new" / "j.db").stat().st_mode & 0o077 == 0


def test_data_dir(tmp_path: Path) -> None:
    assert data_dir({"SPEC2RTL_DATA_DIR": str(tmp_path)}) == tmp_path
    assert data_dir({"SPEC2RTL_DATA_DIR": "~/x"}) == Path("~/x").expanduser()
    assert data_dir({"SPEC2RTL_DATA_DIR": ""}) == data_dir({})
    assert data_dir(os.environ | {"SPEC2RTL_DATA_DIR": ""}).name == "spec2rtl"
