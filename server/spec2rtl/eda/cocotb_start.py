"""The first that runs in vvp's own Python: it loads cocotb, then lets that go its way.

What is loaded stays until the end, so looking for garbage in it, while it is loaded and once more
at the end, finds nothing: that is a quarter of a short simulation. Imports nothing of ours: a copy
of it lies beside the tests.
"""

import gc
import os
from contextlib import suppress
from importlib import import_module
from typing import Any

VARIABLE = "PYGPI_USERS"
"""Where cocotb is told what to run; without it, it runs what it always does."""


def start(*arguments: Any) -> None:
    """Load cocotb, then do what would have been done without us; cocotb 2.0 gives arguments."""
    gc.disable()
    with suppress(ImportError):  # of another cocotb, whose modules want another order
        import_module("cocotb.handle")
        import_module("cocotb.regression")
    gc.freeze()
    gc.enable()
    del os.environ[VARIABLE]
    import_module("pygpi.entry").load_entry(*arguments)


def pytest_configure() -> None:
    """The same for a pytest that runs a harness and has us as a plugin: by now it is loaded."""
    gc.freeze()
