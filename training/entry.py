"""What every script does at its edge: words to stderr, an error as one line and exit code 2."""

import argparse
import sys
from collections.abc import Callable

from spec2rtl.errors import Spec2rtlError


def say(line: str) -> None:
    """Tell the user something; stdout carries results only."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def arguments_of(doc: str | None) -> argparse.ArgumentParser:
    """A parser whose help is what the script says of itself."""
    raw = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(description=doc, formatter_class=raw)


def count(text: str) -> int:
    """An argument that is a number of things."""
    if not text.isdigit() or text == "0":
        raise argparse.ArgumentTypeError(f"{text}: at least 1 is wanted")
    return int(text)


def script(main: Callable[[], None]) -> None:
    """Run a stage. What it finished is kept, so that the same command goes on from there."""
    try:
        main()
    except Spec2rtlError as error:
        say(f"error: {error}")
        sys.exit(2)
    except OSError as error:
        place = error.filename or "the disk"  # a write that fails names no file
        say(f"error: {place}: {error.strerror}; the same command goes on from here")
        sys.exit(2)
    except KeyboardInterrupt:
        say("stopped; the same command goes on from here")
        sys.exit(130)
