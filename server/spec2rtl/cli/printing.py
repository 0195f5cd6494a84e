"""What goes to stdout: one JSON object, RTL or a diff, coloured where it is a terminal."""

import sys

import msgspec
from rich.console import Console
from rich.syntax import Syntax

THEME = "ansi_dark"


def print_json(value: object) -> None:
    """Print one JSON object on a line of its own."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


def print_rtl(rtl: str) -> None:
    """Print RTL."""
    _print(rtl, "systemverilog")


def print_python(text: str) -> None:
    """Print tests."""
    _print(text, "python")


def print_diff(diff: str) -> None:
    """Print a unified diff."""
    _print(diff, "diff")


def _print(text: str, lexer: str) -> None:
    if sys.stdout.isatty():
        Console().print(Syntax(text.rstrip("\n"), lexer, theme=THEME, word_wrap=True))
    else:
        sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")
        sys.stdout.flush()
