"""`spec2rtl eval` in a folder of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from scripts.schemas import FOLDER
from spec2rtl.events import ModelCalled
from spec2rtl.journal.store import Journal

SCHEMA = Draft202012Validator(json.loads((FOLDER / "eval.json").read_text()))


@dataclass
class Shell:
    """A folder with a data set, and the command line."""

    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        own = {f"SPEC2RTL_{n}_DIR": str(self.folder / n) for n in ("DATA", "CACHE", "CONFIG")}
        return kept | own

    def argv(self, *argv: object) -> list[str]:
        return [sys.executable, "-m", "spec2rtl.cli", "eval", *map(str, argv)]

    def run(self, *argv: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*argv),
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def report(self, *argv: object) -> dict[str, Any]:
        done = self.run(*argv, "--json")
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        SCHEMA.validate(report)
        return report

    def refused(self, *argv: object) -> str:
        done = self.run(*argv)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        return done.stderr.strip().splitlines()[-1]

    def script(self, *replies: str, name: str = "replies.json") -> str:
        path = self.folder / name
        path.write_text(json.dumps(replies))
        return f"scripted:{path}"

    def prompts(self, out: Path) -> list[str]:
        """Every prompt of an evaluation, run by run as they began."""
        with Journal.open(out / "journal.db") as journal:
            runs = sorted(journal.runs(1000), key=lambda run: run.started)
            events = [event for run in runs for event in journal.events(run.run_id)]
        return [
            "\n".join(message.content for message in event.prompt)
            for event in events
            if isinstance(event, ModelCalled)
        ]
