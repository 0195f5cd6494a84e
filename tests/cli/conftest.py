"""The command line as a user runs it: a process of its own, with folders of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

SPEC = """\
# Inverter

Write a module named `inv`.

- input `a`
- output `y`

The output `y` is the inverse of `a`.
"""

TEST = """\
import cocotb
from cocotb.triggers import Timer


@cocotb.test()
async def inverts(dut):
    for a in (0, 1, 0):
        dut.a.value = a
        await Timer(1, unit="ns")
        assert dut.y.value == 1 - a, f"y is {dut.y.value} for a={a}"


@cocotb.test()
async def is_known(dut):
    dut.a.value = 1
    await Timer(1, unit="ns")
    assert dut.y.value.is_resolvable
"""


def inverter(expression: str = "~a") -> str:
    """The module that the spec asks for, right or wrong."""
    return f"module inv(input wire a, output wire y);\n  assign y = {expression};\nendmodule\n"


def fenced(rtl: str) -> str:
    """A model's reply."""
    return f"```verilog\n{rtl}```\n"


@dataclass
class Ran:
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What `--json` printed: exactly one object."""
        lines = self.out.splitlines()
        assert len(lines) == 1, self.out + self.err
        return json.loads(lines[0])

    @property
    def line(self) -> str:
        """The one line that an error is."""
        assert "Traceback" not in self.err
        return self.err.strip().splitlines()[-1]


@dataclass
class Bench:
    """A workspace with a spec and its test, and the command line."""

    folder: Path
    environ: dict[str, str]

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def script(self, *replies: str, name: str = "replies.json") -> str:
        return f"scripted:{self.write(name, json.dumps(list(replies)))}"

    def run(self, *argv: str | Path, **environ: str) -> Ran:
        done = subprocess.run(
            self.argv(*argv),
            cwd=self.folder,
            env=self.environ | environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def into(self, stdout: int | IO[str], *argv: str | Path) -> tuple[int, str]:
        """Run with that standard output; gives exit code and errors."""
        done = subprocess.run(
            self.argv(*argv),
            cwd=self.folder,
            env=self.environ,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    def argv(self, *argv: str | Path) -> list[str]:
        return [sys.executable, "-m", "spec2rtl.cli", *map(str, argv)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A fresh workspace; no key, no journal, no configuration of the machine."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    folders = {
        "SPEC2RTL_DATA_DIR": str(tmp_path / "data"),
        "SPEC2RTL_CACHE_DIR": str(tmp_path / "cache"),
        "SPEC2RTL_CONFIG_DIR": str(tmp_path / "config"),
    }
    workspace = tmp_path / "work space"
    workspace.mkdir()
    (workspace / ".git").mkdir()
    made = Bench(workspace, kept | folders)
    made.write("inv.spec.md", SPEC)
    made.write("test_inv.py", TEST)
    return made


Generate = Callable[..., Ran]


@pytest.fixture
def generate(bench: Bench) -> Generate:
    """`generate inv.spec.md` with scripted replies and no reflector but the rules."""

    def run(*replies: str, reflector: str = "rules", flags: tuple[str, ...] = ()) -> Ran:
        generator = bench.script(*replies)
        return bench.run(
            "generate",
            "inv.spec.md",
            "--generator",
            generator,
            "--reflector",
            reflector,
            "--json",
            *flags,
        )

    return run
