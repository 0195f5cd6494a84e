"""Ctrl-C from the console script's first line on: exit code 130 and not a word."""

import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import Bench

SCRIPT = """
import sys
from spec2rtl.cli.start import entry

def imported(event, arguments):
    if event == "import" and arguments[0] == "spec2rtl.cli.main":
        print("begun", file=sys.stderr, flush=True)

sys.addaudithook(imported)
sys.argv[1:] = ["runs", "list"]
entry()
"""
"""Says when `entry` is in its first lines."""


@pytest.mark.parametrize("seconds", [0, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16])
def test_ctrl_c_at_any_moment(bench: Bench, seconds: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env=bench.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        assert process.stderr.readline() == "begun\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert (process.returncode, said) in ((130, ""), (0, ""))


CLOSING = """
import asyncio, os, selectors, signal
from spec2rtl.cli.interrupts import interruptible

class Selector(selectors.DefaultSelector):
    def close(self):
        super().close()
        os.kill(os.getpid(), signal.SIGINT)

class Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self):
        return asyncio.SelectorEventLoop(Selector())

asyncio.set_event_loop_policy(Policy())
interruptible(asyncio.sleep(0))
"""
"""Ctrl-C when the event loop has closed the socket by which it hears of signals."""


def test_ctrl_c_while_the_event_loop_closes() -> None:
    argv = [sys.executable, "-c", CLOSING]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_windows_is_refused_in_one_line(bench: Bench) -> None:
    """Before anything is loaded that is not there."""
    script = "import sys; sys.platform = 'win32'\nfrom spec2rtl.cli.start import entry\nentry()"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env=bench.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "spec2rtl: Windows is not supported: use it in WSL, as on Linux\n"
