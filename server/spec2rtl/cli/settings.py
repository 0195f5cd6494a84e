"""Flags become settings."""

import argparse
import os
from pathlib import Path

from rich.console import Console

from spec2rtl.cli.show import notice
from spec2rtl.config.layers import Configuration
from spec2rtl.config.load import load
from spec2rtl.config.settings import describe


def load_settings(args: argparse.Namespace, start: str | Path, console: Console) -> Configuration:
    """Settings for work on `start`; warnings are shown. Raises `ConfigError`."""
    flags = {d.name: getattr(args, d.name, None) for d in describe() if d.flag}
    flags["tests"] = None  # the command itself reads --tests: it decides more than a default
    configuration = load(flags, start=Path(start).resolve(), environ=os.environ)
    for warning in configuration.warnings:
        notice(console, f"warning: {warning}")
    return configuration
