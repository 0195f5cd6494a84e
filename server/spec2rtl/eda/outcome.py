"""How the end of a process reads in a report."""

from spec2rtl.process.limits import MIB, Limits
from spec2rtl.process.run import Ended
from spec2rtl.rtl import Reason

LOG_CHARS = 1 << 16
"""How much of a log a report keeps: its end, which says how the process ended."""


def exceeded(ended: Ended, limits: Limits) -> tuple[Reason, str] | None:
    """Name the limit that ended a process, and what the process did."""
    match ended:
        case "timeout":
            return "timeout", f"does not end within {limits.cpu or limits.seconds:g} s"
        case "memory":
            return "memory", f"needs more than {limits.memory // MIB} MiB of memory"
        case "output_limit":
            return "output_limit", f"prints more than {limits.output // MIB} MiB"
        case "file_size":
            one, most = limits.file_size // MIB, limits.all_files // MIB
            return "output_limit", f"writes a file of more than {one} MiB, or {most} MiB in all"
        case "processes":
            return "memory", f"starts more than {limits.processes} processes"
        case "ok" | "killed":
            return None
