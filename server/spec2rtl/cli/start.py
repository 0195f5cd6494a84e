"""The console script: Ctrl-C ends it in good order from its first line to its last.

It imports next to nothing, for until `entry` runs Ctrl-C is Python's and prints a traceback.
"""

import os
import signal
import sys

INTERRUPTED = 130


def entry() -> None:
    """Run the command line; before and after a command Ctrl-C leaves at once."""
    _leave_at_ctrl_c()
    from spec2rtl.cli.main import main

    try:
        _raise_at_ctrl_c()
        code = main()
    except KeyboardInterrupt:
        code = INTERRUPTED
    _leave_at_ctrl_c()
    sys.exit(code)


def _leave_at_ctrl_c() -> None:
    # Where Ctrl-C is ignored, as under nohup, it stays so.
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(INTERRUPTED))


def _raise_at_ctrl_c() -> None:
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
