import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spec2rtl.eda.logs import parse
from spec2rtl.rtl import Diagnostic

Compiler = Callable[[str], tuple[Diagnostic, ...]]


@pytest.fixture
def errors_of(tmp_path: Path) -> Compiler:
    """The errors that the installed iverilog has for a text."""

    def compile_text(text: str) -> tuple[Diagnostic, ...]:
        source = tmp_path / "design.v"
        source.write_text(text)
        argv = ["iverilog", "-g2012", "-o", str(tmp_path / "out"), str(source)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        found = parse(done.stdout + done.stderr, {str(source): text})
        errors = tuple(d for d in found if d.severity == "error")
        assert bool(errors) == (done.returncode != 0)
        return errors

    return compile_text
