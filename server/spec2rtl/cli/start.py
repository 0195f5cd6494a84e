"""The console script: Ctrl-C ends it in good order from its first line to its last.

It imports next to nothing, for until `entry` runs Ctrl-C is Python's and prints a traceback.
"""

import os
import signal
import sys

INTERRUPTED = 130


def entry() -> None:
    """Run the command line; while it loads, Ctrl-C leaves at once, and once it is done, too late."""
    # Where Ctrl-C is ignored, as under nohup, it stays so.
    heard = signal.getsignal(signal.SIGINT) != signal.SIG_IGN
    if heard:
        signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(INTERRUPTED))
    from spec2rtl.cli.main import main

    try:
        if heard:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code = main()
    except KeyboardInterrupt:
        code = INTERRUPTED
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Python ends without a handler of its own
    sys.exit(code)
