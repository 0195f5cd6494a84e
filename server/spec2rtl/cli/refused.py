"""What a script reads on stdout where a command could not do its work."""

import argparse
import time
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from spec2rtl.checks import Checked, not_simulated
from spec2rtl.errors import Spec2rtlError
from spec2rtl.events import Result, RunFinished


class Refusal(Struct, frozen=True, kw_only=True):
    """The object of any `--json` or `--events` where nothing could be done; exit code 2.

    Commands with a result object of their own give that instead, with the same `message`.
    """

    status: Literal["error"] = "error"
    message: str


def refused(argv: Sequence[str], args: argparse.Namespace, error: Spec2rtlError) -> object:
    """The object of a command that ended with an error; `args` is empty where they are wrong."""
    message = str(error)
    match argv[0]:
        case "generate" | "repair" | "edit" as task:
            result = Result.refused(
                task,
                message,
                module=getattr(args, "module_name", None),
                generator=getattr(args, "generator", None),
                reflector=getattr(args, "reflector", None),
            )
            events = "--events" in argv
            return RunFinished(result=result, time=time.time()) if events else result
        case "check":
            return Checked(False, (), "", message)
        case "simulate":
            return not_simulated(error)
        case _:
            return Refusal(message=message)
