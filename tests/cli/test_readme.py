"""The README's sample session: its command, run on the example that ships, prints what it shows."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
VARYING = re.compile(r"\d{8}-\d{6}-\w{4}|\d+ ms|\d+\.\d+ s\b|\s+\d+\.\d$")
"""Run ids and times."""


def test_the_sample_session(tmp_path: Path) -> None:
    session = re.search(r"```\n\$ (spec2rtl generate [^\n]+)\n(.*?)```", readme(), re.DOTALL)
    assert session
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "examples" / "counter" / "counter.v").unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "spec2rtl.cli", *session[1].split()[1:]],
        cwd=tmp_path,
        env=os.environ | {"SPEC2RTL_DATA_DIR": str(tmp_path), "SPEC2RTL_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == (tmp_path / "examples" / "counter" / "counter.v").read_text()
    fits = re.fullmatch(pattern(session[2]), steady(done.stderr))
    assert fits, done.stderr


def readme() -> str:
    return (ROOT / "README.md").read_text()


def steady(text: str) -> str:
    return "\n".join(VARYING.sub("*", line) for line in text.splitlines())


def pattern(session: str) -> str:
    """`…` on a line of its own stands for lines, within a line for some of it."""
    lines = steady(session).splitlines()
    return "\\n".join("(?s:.*?)" if line.strip() == "…" else within(line) for line in lines)


def within(line: str) -> str:
    return ".*".join(map(re.escape, line.split("…")))
