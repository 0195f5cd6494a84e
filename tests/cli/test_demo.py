"""The demo itself: the real embedded model, from the spec to a file that passes every test."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "counter"


@pytest.mark.model
def test_the_embedded_model_writes_the_counter(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "counter")
    environ = os.environ | {"SPEC2RTL_DATA_DIR": str(tmp_path / "data")}
    argv = ("generate", "counter.spec.md", "--generator", "embedded", "--reflector", "rules")
    done = subprocess.run(
        [sys.executable, "-m", "spec2rtl.cli", *argv, "--json"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    result = json.loads(done.stdout)
    assert (done.returncode, result["status"]) == (0, "verified"), done.stderr
    assert (folder / "counter.v").read_text() == result["rtl"]
    assert all(test["status"] == "passed" for test in result["iterations"][-1]["tests"])
    assert result["usage"]["generator"]["completion_tokens"] > 0
