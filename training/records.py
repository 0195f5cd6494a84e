"""What the stages pass on: JSON lines, each with its origin and licence."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from spec2rtl.chat import Message
from spec2rtl.errors import InputError
from training.entry import say

Task = Literal["spec", "edit", "debug"]


SHOWN = 10
"""Bad lines that are named one by one."""


class Source(Struct, frozen=True):
    """A module of somebody's, or of a family; `choice` tells members of a family apart.

    `specs` are wordings of the same specification; `tests` is a cocotb module, empty where there
    is none.
    """

    id: str
    module: str
    rtl: str
    origin: str
    licence: str
    specs: tuple[str, ...] = ()
    tests: str = ""
    family: str = ""
    choice: dict[str, int | str] = {}


class Sample(Struct, frozen=True):
    """One prompt with its answer, in the form that TRL takes.

    `rtl` is the text that the answer leads to and `base` the one that it starts from; with `tests`
    they are what a reward needs.
    """

    id: str
    task: Task
    prompt: tuple[Message, ...]
    completion: tuple[Message, ...]
    module: str
    origin: str
    licence: str
    base: str = ""
    rtl: str = ""
    tests: str = ""


T = TypeVar("T", Source, Sample)


def read(path: Path, kind: type[T]) -> list[T]:
    """Read JSON lines; a line that can't be used is named by its number and left out.

    Raises `InputError` for a file that can't be read, or without any usable line.
    """
    found: dict[str, T] = {}
    bad: list[str] = []
    for number, line in enumerate(_lines(path), 1):
        try:
            record = msgspec.json.decode(line, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            bad.append(f"{path}:{number}: left out: {error}")
            continue
        if record.id in found:
            bad.append(f"{path}:{number}: left out: the id {record.id} was there before")
        else:
            found[record.id] = record
    for line in bad[:SHOWN]:
        say(line)
    if len(bad) > SHOWN:
        say(f"{path}: {len(bad) - SHOWN} more lines are left out")
    if not found:
        raise InputError(f"{path}: no usable line; each must be one JSON {kind.__name__}")
    return list(found.values())


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from (line for line in file if line.strip())
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from None


def write(path: Path, records: Iterable[Struct]) -> None:
    """Write JSON lines, all of them or, where that fails, nothing.

    Raises `InputError` where there are none: the next stage could do nothing with them.
    """
    lines = [msgspec.json.encode(record) + b"\n" for record in records]
    if not lines:
        raise InputError(f"{path}: nothing is left to write")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as file:
        file.writelines(lines)
    temporary.replace(path)


def claim(folder: Path, made_from: dict[str, object]) -> None:
    """Take a folder for one run, or find it to be that run's; raises `InputError` for another's."""
    file = folder / "run.json"
    wanted = msgspec.json.encode(made_from, order="sorted")
    if file.exists():
        if file.read_bytes() != wanted:
            raise InputError(
                f"{folder}: is the folder of another run (see {file.name}); choose another --out"
            )
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder}: is not empty and no run's folder; choose another --out")
    folder.mkdir(parents=True, exist_ok=True)
    file.write_bytes(wanted)
