"""What is missing, and the command that mends it."""

import subprocess
import sys
from pathlib import Path

from spec2rtl.config.load import load
from spec2rtl.doctor import examine, in_terminal


async def test_what_is_missing_comes_with_the_command_that_installs_it(tmp_path: Path) -> None:
    environ = {"SPEC2RTL_DATA_DIR": str(tmp_path), "SPEC2RTL_CONFIG_DIR": str(tmp_path)}
    flags = {"iverilog": "/nowhere/iverilog"}
    report = await examine(load(flags, start=None, environ=environ), environ)
    found = {finding.name: finding for finding in report.findings}
    simulator = found["simulator"]
    assert (report.ok, simulator.ok, simulator.needed) == (False, False, True)
    installs = "brew install icarus-verilog" if sys.platform == "darwin" else "install iverilog"
    assert simulator.command
    assert simulator.command.endswith(installs)
    assert simulator.detail == (
        f"/nowhere/iverilog is missing; install it with: {simulator.command}"
    )
    assert found["python"].command is None


def test_pip_is_that_of_our_own_python_in_any_terminal() -> None:
    told = subprocess.run(
        in_terminal("pip --version"), shell=True, env={}, capture_output=True, text=True, check=True
    )
    assert str(Path(sys.prefix)) in told.stdout
    assert in_terminal("brew install icarus-verilog") == "brew install icarus-verilog"
