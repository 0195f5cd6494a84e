"""Command files (`.f`): lists of sources and options, as simulators read them.

Paths are relative to the file that names them, with `-f` as with `-F`. Options that are not known
here are passed over: most say how a simulator is to work.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from spec2rtl.eda.sources import MAX_FILES, absolute, read_text
from spec2rtl.errors import InputError


class FileList(Struct, frozen=True):
    """What a list says; `nested` are all its files, `unknown` what of it was passed over."""

    files: tuple[Path, ...] = ()
    include_dirs: tuple[Path, ...] = ()
    defines: tuple[tuple[str, str], ...] = ()
    top: str | None = None
    nested: tuple[Path, ...] = ()
    unknown: tuple[str, ...] = ()


class _Word(Struct, frozen=True):
    text: str
    line: int


_WORD = re.compile(r'//[^\n]*|(?m:^\s*#[^\n]*)|/\*.*?(?:\*/|\Z)|(?:"[^"\n]*"|[^\s"])+', re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|\((\w+)\)|(\w+))")
_NESTED = frozenset(("-f", "-F", "-c"))
_TOP = frozenset(("-s", "-top", "--top", "--top-module"))
_SEPARATE = frozenset(("-f", "-F", "-c", "-I", "-D", "-v", "-y", *_TOP))
_UNKNOWN = "unknown"
# What says how to compile, not what: the language, warnings, the simulator's own.
_IGNORED = re.compile(r"-g\w|-W|-sv\b|-sverilog\b|-t\w|\+v2k|-timescale|\+libext\+|\+timescale\+")


def load_filelist(path: Path, base: Path | None = None) -> FileList:
    """Read a command file and those that it names; raises `InputError`.

    With `base`, all paths are relative to that folder.
    """
    reader = _Reader(base)
    reader.read(absolute(path), ())
    return FileList(
        tuple(dict.fromkeys(reader.files)),
        tuple(dict.fromkeys(reader.include_dirs)),
        tuple(reader.defines.items()),
        reader.top,
        tuple(dict.fromkeys(reader.nested)),
        tuple(reader.unknown),
    )


class _Reader:
    """Gathers what nested command files say."""

    def __init__(self, base: Path | None) -> None:
        self._base = base
        self.files: list[Path] = []
        self.include_dirs: list[Path] = []
        self.defines: dict[str, str] = {}
        self.top: str | None = None
        self.nested: list[Path] = []
        self.unknown: list[str] = []

    def read(self, path: Path, outer: tuple[Path, ...]) -> None:
        """Read one command file; `outer` are those that led to it."""
        if path in outer:
            raise InputError(f"{outer[-1]}: -f {path.name}: a command file that names itself")
        self.nested.append(path)
        words = _words(path, read_text(path))
        unknown: dict[str, int] = {}
        for word in words:
            option, value = _split(path, word, words)
            if option == _UNKNOWN:
                unknown.setdefault(value, word.line)
                continue
            self._take(path, option, value, (*outer, path))
            if len(self.files) > MAX_FILES:
                raise InputError(f"{path}:{word.line}: more than {MAX_FILES} files")
        if unknown:
            line = next(iter(unknown.values()))
            self.unknown.append(f"{path}:{line}: passed over: {', '.join(unknown)}")

    def _take(self, path: Path, option: str, value: str, outer: tuple[Path, ...]) -> None:
        folder = self._base or path.parent
        if option in _NESTED:
            self.read(absolute(folder / value), outer)
        elif option in ("", "-v"):
            self.files.append(absolute(folder / value))
        elif option == "-I":
            self.include_dirs.append(absolute(folder / value))
        elif option == "+incdir":
            self.include_dirs += [absolute(folder / part) for part in value.split("+") if part]
        elif option in ("-D", "+define"):
            parts = value.split("+") if option == "+define" else [value]
            for part in filter(None, parts):
                name, _, text = part.partition("=")
                self.defines[name] = text
        elif option in _TOP:
            self.top = value


def _words(path: Path, text: str) -> Iterator[_Word]:
    line, counted = 1, 0
    for match in _WORD.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        word = match[0]
        if word.startswith(("//", "/*")) or word.lstrip().startswith("#"):
            continue
        yield _Word(_expand(path, line, word.replace('"', "")), line)


def _expand(path: Path, line: int, word: str) -> str:
    """Put in the values of environment variables."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[3]
        if name not in os.environ:
            raise InputError(f"{path}:{line}: ${name} is not set in the environment")
        return os.environ[name]

    return _VARIABLE.sub(value, word)


def _split(path: Path, word: _Word, words: Iterator[_Word]) -> tuple[str, str]:
    """Take a word apart into its option and value, the next word if need be."""
    text = word.text
    if text in _SEPARATE:
        following = next(words, None)
        if following is None:
            raise InputError(f"{path}:{word.line}: {text} wants a value")
        option, value = text, following.text
    elif text[:2] in ("-I", "-D"):
        option, value = text[:2], text[2:]
    elif text.startswith(("+incdir+", "+define+")):
        option, value = text[:7], text[8:]
    elif _IGNORED.match(text):
        return "ignored", text
    else:
        option, value = "", text
    if option == "-y" or (not option and value[:1] in ("-", "+")):
        return _UNKNOWN, text
    return option, value
