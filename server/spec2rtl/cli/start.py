"""The console script: Ctrl-C ends it in good order from its first line to its last.

It imports next to nothing, for until `entry` runs Ctrl-C is Python's and prints a traceback.
"""

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130
ERROR = 2


def entry() -> None:
    """Run the command line; while it loads, Ctrl-C leaves at once, and once it is done, too late."""
    if sys.platform == "win32":  # it lacks what limits programs and ends them with their children
        sys.stderr.write("spec2rtl: Windows is not supported: use it in WSL, as on Linux\n")
        sys.exit(ERROR)
    # Where Ctrl-C is ignored, as under nohup, it stays so.
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, leave)
    from spec2rtl.cli.streams import secure

    secure()
    from spec2rtl.cli.main import main

    try:
        code = main()
    except KeyboardInterrupt:
        code = INTERRUPTED
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Python ends without a handler of its own
    sys.exit(code)


def loaded() -> None:
    """From now on Ctrl-C is an exception; one that meets msgspec as it builds a type crashes it."""
    if signal.getsignal(signal.SIGINT) == leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def leave(_number: int, _frame: FrameType | None) -> None:
    """End at once, whatever runs: the watchdog ends what we started."""
    os._exit(INTERRUPTED)
