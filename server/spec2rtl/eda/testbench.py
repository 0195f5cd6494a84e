"""Freezes a cocotb test module with the Python modules and files beside it that it uses."""

import ast
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from msgspec import structs

from spec2rtl.eda.sources import (
    Overlay,
    absolute,
    is_file,
    is_within,
    on_disk,
    read_bytes,
    read_text,
)
from spec2rtl.errors import InputError
from spec2rtl.rtl import DataFile, Origin, Testbench
from spec2rtl.syntax.testbench import TOO_DEEP, parse, read_testbench

MAX_FILES = 500
"""Beside the module."""

_VERILOG = frozenset((".v", ".sv", ".vh", ".svh", ".vhd", ".vhdl"))


def load_testbench(path: Path, *, overlay: Overlay = on_disk) -> Testbench:
    """Read a test bench once, as it is now.

    `path` is a module's file, with or without `.py`, or a folder that holds just one `test_*.py`.
    Raises `InputError`.
    """
    file = absolute(_module(path))
    text = read_text(file, overlay)
    facts = read_testbench(text)
    if facts.error:
        line, why = facts.error
        raise InputError(f"{file}:{line}: {why}")
    if not facts.tests and not facts.dynamic:
        raise InputError(f"{file}: no tests; a test is an async function under @cocotb.test()")
    return Testbench(
        module=file.stem,
        path=str(file),
        text=text,
        files=tuple(_Folder(file.parent, overlay).used_by(text, file)),
        tests=facts.tests,
        top=facts.top,
        signals=facts.signals,
        origin=Origin.GENERATED if facts.generated else Origin.GIVEN,
    )


def narrowed(testbench: Testbench, only: tuple[str, ...]) -> Testbench:
    """The test bench with none but the tests named; one that is parametrized stands for all of it.

    Raises `InputError` for a name that it doesn't have.
    """
    known = {name: name.partition("/")[0] for name in testbench.tests}
    unknown = [name for name in only if name not in {*known, *known.values()}]
    if known and unknown:
        has = ", ".join(dict.fromkeys(known.values()))
        raise InputError(f"{testbench.path}: no test `{unknown[0]}`; there are {has}")
    tests = tuple(name for name, base in known.items() if {name, base} & set(only))
    return structs.replace(testbench, only=only, tests=tests)


def refuse_missing_imports(testbench: Testbench) -> None:
    """Raise `InputError` for a module that the tests import first thing and that isn't here.

    Running them would tell, but only once a model has been asked.
    """
    if "sys.path" in testbench.text or "sys.modules" in testbench.text:
        return  # it finds its modules by itself
    own = {Path(file.name).parts[0].removesuffix(".py") for file in testbench.files}
    for node in parse(testbench.text).body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in (name.partition(".")[0] for name in names):
            if name not in {*own, testbench.module, *sys.modules} and find_spec(name) is None:
                raise InputError(
                    f"{testbench.path}:{node.lineno}: no module named `{name}`; "
                    f"install it for {sys.executable}"
                )


def _module(path: Path) -> Path:
    """Find the module's file."""
    if path.suffix.lower() in _VERILOG:
        raise InputError(
            f"{path}: a Verilog test bench; cocotb tests are wanted: "
            "a Python file with functions under @cocotb.test()"
        )
    if path.is_dir():
        return _only(path)
    if path.exists():
        if path.suffix != ".py":
            raise InputError(f"{path}: not a Python file; name the cocotb module, test_….py")
        return path
    guesses = (Path(f"{path}.py"), path.parent / f"{path.name.replace('.', '/')}.py")
    return next((guess for guess in guesses if is_file(guess)), path)


def _only(folder: Path) -> Path:
    found = sorted(folder.glob("test_*.py"))
    if not found:
        raise InputError(f"{folder}: a folder without test_*.py; name the cocotb module")
    if len(found) > 1:
        names = ", ".join(file.name for file in found[:5])
        more = ", …" if len(found) > 5 else ""
        raise InputError(
            f"{folder}: a folder with {len(found)} test modules; name one: {names}{more}"
        )
    return found[0]


class _Folder:
    """The folder of a test module: all that it may use without asking the system for more."""

    def __init__(self, root: Path, overlay: Overlay) -> None:
        self._root, self._overlay = root, overlay
        self._found: dict[str, DataFile] = {}

    def used_by(self, text: str, file: Path) -> list[DataFile]:
        """Find what a module uses, and what the modules among that use."""
        self._read(file, text)
        self._found.pop(file.name, None)
        return list(self._found.values())

    def _read(self, file: Path, text: str) -> None:
        try:
            tree = parse(text)
        except SyntaxError as error:
            raise InputError(f"{file}:{error.lineno or 1}: {error.msg}") from None
        except (RecursionError, MemoryError):
            raise InputError(f"{file}:1: {TOO_DEEP}") from None
        nodes = list(ast.walk(tree))
        modules = [path for node in nodes for path in self._imported(node, file.parent)]
        for path in modules:
            if self._take(path):
                self._read(path, read_text(path, self._overlay))
        for path in self._named(nodes):
            self._take(path)

    def _take(self, path: Path) -> bool:
        """Freeze a file; False for one that is already."""
        name = path.relative_to(self._root).as_posix()
        if name in self._found:
            return False
        if len(self._found) >= MAX_FILES:
            raise InputError(f"{self._root}: the tests use more than {MAX_FILES} files")
        text = self._overlay(path)
        data = read_bytes(path) if text is None else text.encode()
        self._found[name] = DataFile(name, data)
        return True

    def _imported(self, node: ast.AST, package: Path) -> Iterator[Path]:
        """Yield the files in the folder that an import reads."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from self._files(self._root, alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = self._root
            if node.level:
                base = package
                for _ in range(node.level - 1):
                    base = base.parent
            parts = node.module.split(".") if node.module else []
            for alias in node.names:
                yield from self._files(base, [*parts, alias.name])

    def _files(self, base: Path, parts: list[str]) -> Iterator[Path]:
        """Yield the modules along a dotted name, as far as they lie in the folder."""
        if not base.is_relative_to(self._root):
            return
        for part in parts:
            candidates = (base / f"{part}.py", base / part / "__init__.py")
            yield from (path for path in candidates if is_file(path))
            base = base / part

    def _named(self, nodes: list[ast.AST]) -> Iterator[Path]:
        """Yield the files that string literals name, alone or below a folder that one names."""
        names = {
            node.value
            for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            if len(node.value) < 256 and is_within(node.value)
        }
        folders = [self._root, *(self._root / n for n in sorted(names) if self._is_folder(n))]
        for folder in folders:
            for name in sorted(names):
                if name not in (".", "") and is_file(folder / name):
                    yield folder / name

    def _is_folder(self, name: str) -> bool:
        try:
            return name != "." and (self._root / name).is_dir()
        except (OSError, ValueError):
            return False
