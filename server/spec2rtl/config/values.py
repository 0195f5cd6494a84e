"""From a value as written (TOML, environment, command line) to a setting's value: pure."""

import math
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import msgspec

from spec2rtl.config.settings import Pairs, SettingDoc, types

_YES_NO = {"yes": True, "on": True, "no": False, "off": False}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")  # in a command file a line break would be a new option
# What iverilog's -P can read; of a plain number not even underscores.
_CONSTANT = re.compile(
    r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
    r"|\d*'[sS]?(?:[bB][01]+|[oO][0-7]+|[dD]\d+|[hH][\da-fA-F]+)"
    r'|"[^"]*"'
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")


def read(setting: SettingDoc, written: object, *, text: bool) -> Any:
    """Return a setting's value; raises `ValueError` for one of another type.

    `text`: values come as text, as in the environment or on a command line.
    """
    value = (
        _pairs(written, text=text) if setting.kind == "pairs" else _value(setting, written, text)
    )
    if setting.name == "parameters" and not all(_CONSTANT.fullmatch(v) for _, v in value):
        raise ValueError('NAME = VALUE pairs (a value is a Verilog number or a "string")')
    if any(_CONTROL.search(part) for part in _texts(value)):
        raise ValueError(f"{setting.expected} without control characters")
    return value


def _value(setting: SettingDoc, written: object, text: bool) -> Any:
    if text and isinstance(written, str):
        if setting.kind == "paths":
            written = [part for part in written.split(os.pathsep) if part]
        elif isinstance(setting.default, bool):
            written = _YES_NO.get(written.lower(), written)
    try:
        value = msgspec.convert(written, types()[setting.name], strict=not text)
    except msgspec.ValidationError as error:
        raise ValueError(setting.expected) from error
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(setting.expected)
    return value


def _pairs(written: object, *, text: bool) -> Pairs:
    """Read a TOML table, a list of `NAME=VALUE`, or (as text) such a list between blanks."""
    if isinstance(written, Mapping):
        items = cast("Mapping[object, object]", written).items()
        return tuple(_pair(name, value) for name, value in items)
    if text and isinstance(written, str):
        try:
            written = shlex.split(written)
        except ValueError as error:
            raise ValueError("NAME=VALUE pairs between blanks, quotes closed") from error
    if not isinstance(written, list | tuple):
        raise ValueError("NAME = VALUE pairs")
    # A bare NAME is 1, as for every compiler's -D.
    split = (str(item).partition("=") for item in cast("Iterable[object]", written))
    return tuple(_pair(name, value if equals else "1") for name, equals, value in split)


def _pair(name: object, value: object) -> tuple[str, str]:
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise ValueError("NAME = VALUE pairs (a name is a Verilog identifier)")
    if isinstance(value, bool):
        return name, str(int(value))
    if not isinstance(value, str | int | float):
        raise ValueError("NAME = VALUE pairs (a value is text or a number)")
    return name, str(value)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in cast("tuple[object, ...]", value):
            yield from _texts(part)
