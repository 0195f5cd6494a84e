"""Scratch folders go when they are no longer needed, and when their owner is gone."""

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from spec2rtl.errors import ToolError
from spec2rtl.process.scratch import scratch, sweep


def test_a_folder_of_our_own() -> None:
    with scratch() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text("x")
    assert not folder.exists()


def test_an_error_removes_it_too() -> None:
    with pytest.raises(ValueError, match="x"), scratch() as folder:
        raise ValueError("x")
    assert not folder.exists()


def test_a_sweep_takes_what_the_dead_left(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as dead:
        dead.wait()
    stale = tmp_path / f"spec2rtl-{dead.pid}-abc"
    kept = [
        tmp_path / f"spec2rtl-{os.getpid()}-abc",
        tmp_path / "spec2rtl-notes-abc",
        tmp_path / "other",
    ]
    for folder in (stale, *kept):
        folder.mkdir()
        (folder / "file").write_text("x")
    link = tmp_path / f"spec2rtl-{dead.pid}-link"
    link.symlink_to(tmp_path / "other")
    assert sweep(tmp_path) == 1
    assert not stale.exists()
    assert all((folder / "file").exists() for folder in kept)


def test_names_say_whose_it_is() -> None:
    with scratch() as folder:
        assert folder.parent == Path(tempfile.gettempdir()).resolve()
        assert folder.name.startswith(f"spec2rtl-{os.getpid()}-")


def test_a_full_disk_is_a_tool_error() -> None:
    with (
        pytest.raises(ToolError, match="free some space or set TMPDIR"),
        scratch() as folder,
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / "source0.v"))
    assert not folder.exists()


def test_other_failures_pass() -> None:
    with pytest.raises(FileNotFoundError), scratch():
        raise FileNotFoundError(errno.ENOENT, "none", "/elsewhere")
