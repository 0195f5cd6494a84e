"""What it costs to start, against a Python that does nothing."""

import subprocess
import sys
from collections.abc import Callable

from bench.measure import Row, compare


def rows() -> list[Row]:
    """Measure everything here."""
    nothing = _python("-c", "pass")
    return [
        compare("import spec2rtl", 3.0, _python("-c", "import spec2rtl"), nothing),
        compare("spec2rtl --help", 10.0, _python("-m", "spec2rtl.cli", "--help"), nothing),
    ]


def _python(*arguments: str) -> Callable[[], None]:
    def run() -> None:
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    return run
