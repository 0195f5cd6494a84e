"""CVDP data sets: a problem a line of JSON, with the files of a harness."""

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import msgspec
import yaml
from msgspec import Struct, field

from spec2rtl.errors import InputError
from spec2rtl.evals.bench import Workbench
from spec2rtl.evals.harness import Harness, Service
from spec2rtl.evals.oracle import Problem
from spec2rtl.evals.problem import Task
from spec2rtl.rtl import SourceFile

MAX_BYTES = 1 << 30
_VERILOG = (".v", ".sv", ".svh", ".vh")
_SERVED = (("/", "code"), ("/", "src"), ("/", "rundir"))
"""The image's folders that a harness finds here."""


class _Input(Struct, frozen=True):
    prompt: str
    context: dict[str, str] = field(default_factory=dict[str, str])


class _Output(Struct, frozen=True):
    context: dict[str, str] = field(default_factory=dict[str, str])


class _Files(Struct, frozen=True):
    files: dict[str, str] = field(default_factory=dict[str, str])


class _Row(Struct, frozen=True):
    """A line of the data set, as far as we need it."""

    id: str
    input: _Input
    harness: _Files
    output: _Output = field(default_factory=_Output)
    categories: tuple[str, ...] = ()


class _Service(Struct, frozen=True):
    """A service of the harness's compose file, as far as it can be run without Docker."""

    command: str | list[str]
    working_dir: str = "/code/rundir"
    env_file: str | list[str] = ""
    environment: dict[str, str | float | bool | None] | list[str] = field(default_factory=list[str])


class _Compose(Struct, frozen=True):
    services: dict[str, _Service]


_rows = msgspec.json.Decoder(_Row)


def read(path: Path, bench: Workbench) -> tuple[list[Problem], list[str]]:
    """Read a data set; also returns a line for each line of it that can't be used.

    Raises `InputError` for a file that is none.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: more than {MAX_BYTES:,} bytes")
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from None
    problems: dict[str, Problem] = {}
    bad: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _rows.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            bad.append(f"{path}:{number}: not a CVDP problem: {error}; it is left out")
            continue
        if row.id in problems:
            bad.append(f"{path}:{number}: {row.id} is there already; this one is left out")
            continue
        problems[row.id] = _problem(row, bench)
    if not problems:
        why = bad[0] if bad else f"{path}: is empty"
        raise InputError(f"{why}; a CVDP data set (JSON lines with a harness) is wanted")
    return list(problems.values()), bad


def _problem(row: _Row, bench: Workbench) -> Problem:
    writes = tuple(row.output.context)
    context = tuple(
        SourceFile(name, text)
        for name, text in row.input.context.items()
        if name.endswith(_VERILOG) and name not in writes
    )
    task = Task(
        id=row.id,
        prompt=row.input.prompt,
        writes=writes,
        language="systemverilog" if any(n.endswith(".sv") for n in writes) else "verilog",
        difficulty=next((c for c in row.categories if not c.startswith("cid")), ""),
        context=context,
    )
    names = (row.id, *writes, *row.input.context, *row.harness.files)
    if stray := next((name for name in names if _outside(name)), None):
        return Problem(task, broken=f"the name {stray!r} leads out of the problem: refused")
    if not writes:
        return Problem(task, broken="no file is asked for (output.context is empty)")
    try:
        services = tuple(_services(row.harness.files))
    except (yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
        return Problem(task, broken=f"docker-compose.yml: {' '.join(str(error).split())}")
    files = row.input.context | row.harness.files
    return Problem(task, Harness(row.id, files, services, bench))


def _outside(name: str) -> bool:
    """Does a file's name lead out of the folder of its problem?"""
    inner = PurePosixPath(posixpath.normpath(name))
    return not name or "\0" in name or inner.is_absolute() or ".." in inner.parts


def _services(files: dict[str, str]) -> Iterator[Service]:
    """Read the commands that the benchmark runs, one service after the other."""
    compose = msgspec.convert(yaml.safe_load(files.get("docker-compose.yml", "")), _Compose)
    if not compose.services:
        raise ValueError("no services")
    for service in compose.services.values():
        yield _service(service, files)


def _service(service: _Service, files: dict[str, str]) -> Service:
    command = service.command
    argv = shlex.split(command) if isinstance(command, str) else command
    if not argv:
        raise ValueError("an empty command")
    folder = PurePosixPath(service.working_dir)
    if folder.parts[:2] not in _SERVED or ".." in folder.parts or "\0" in service.working_dir:
        raise ValueError(
            f"working_dir {service.working_dir} is not in /code, /src or /rundir: refused"
        )
    environment: dict[str, str] = {}
    named = service.env_file
    for name in [named] if isinstance(named, str) else named:
        text = files.get(re.sub(r"^(\./)+", "", name), "")
        environment |= dict(_assignments(text.splitlines()))
    given = service.environment
    pairs = [f"{k}={v}" for k, v in given.items()] if isinstance(given, dict) else given
    environment |= dict(_assignments(pairs))
    unescaped = tuple(part.replace("$$", "$") for part in argv)
    return Service(unescaped, service.working_dir, environment)


def _assignments(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Read `NAME = value` lines; blanks around the sign and quotes around the value don't count."""
    for line in lines:
        name, sign, value = line.partition("=")
        if sign and not name.lstrip().startswith("#"):
            yield name.strip(), value.strip().strip("\"'")
