"""Which file of the workspace defines which module: bounded, and kept up to date file by file.

It reads declarations by pattern, not by parsing: twenty thousand files must be read in seconds.
"""

import os
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from spec2rtl.config.load import WORKSPACE_FILE
from spec2rtl.syntax.keywords import KEYWORDS
from spec2rtl.syntax.lexer import last_large

MAX_FILES = 5000
"""Of RTL; further ones are not looked into."""
MAX_ENTRIES = 200_000
"""Of folders walked through."""
MAX_BYTES = 4 << 20

MAX_BESIDE = 1000
"""Of a folder that is not part of the workspace."""

_LARGE = 1 << 16
_REMEMBERED = 1024
"""Of smaller texts: most files around the one that is typed in stay the same."""

IGNORED = frozenset(
    (
        "node_modules",
        "__pycache__",
        "build",
        "dist",
        "out",
        "sim_build",
        "obj_dir",
        "venv",
        "site-packages",
        "work",
        "xsim.dir",
    )
)
"""Folders that hold what tools made; hidden ones are ignored as well."""

SOURCES = frozenset((".v", ".sv"))
HEADERS = frozenset((".vh", ".svh", ".v", ".sv"))
LISTS = frozenset((".f", ".core"))

_NOISE = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_DECLARED = re.compile(
    r"^[ \t]*(?:\(\*.*?\*\)\s*)?(?:module|macromodule|interface|package|program|primitive)\s+"
    r"(?:automatic\s+|static\s+)?([A-Za-z_]\w*)",
    re.MULTILINE,
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_PLACED = re.compile(
    r"(?<![\w$.`])([A-Za-z_]\w*+)"
    r"(?=\s*(?:#|::|\.\s*[A-Za-z_])|\s+(?:\\\S|(`?[A-Za-z_]\w*)))"
)
"""A name where a module's may stand: before parameters, a name of its own, a member or `::`."""
_PRIMITIVE = re.compile(r"(?:;|\b(?:begin|end|else|generate))\s*([A-Za-z_]\w*)\s*\(")
_ALIAS = re.compile(r"`define\s+\w+[ \t]+([A-Za-z_]\w*)[ \t]*$", re.MULTILINE)
_CALL = re.compile(r"`\w+\s*(\([^()]{0,999}(?:\([^()]{0,999}\)[^()]{0,999}){0,50}\))")
_NO_INSTANCES = KEYWORDS | {
    *("`ifdef", "`ifndef", "`elsif", "`else", "`endif", "`define", "`undef", "`include")
}
"""What follows a name that is none of an instance."""
_INCLUDE = re.compile(r'^[ \t]*`include\s+"([^"\n]+)"', re.MULTILINE)


def innermost(folders: Iterable[Path], path: Path) -> Path | None:
    """Of several folders that hold a file, the one nearest to it."""
    holders = [folder for folder in folders if path.is_relative_to(folder)]
    return max(holders, key=lambda folder: len(folder.parts), default=None)


class Index:
    """Modules, packages, headers, command files and test modules of the workspace."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: dict[Path, frozenset[str]] = {}
        self._files: defaultdict[str, set[Path]] = defaultdict(set)
        self._headers: defaultdict[str, set[Path]] = defaultdict(set)
        self._others: set[Path] = set()
        self._outside: dict[Path, tuple[tuple[int, int], frozenset[str]]] = {}
        self._folders: tuple[Path, ...] = ()
        self._excluded: frozenset[Path] = frozenset()
        self._closed = False

    def close(self) -> None:
        """Read no further: the server ends."""
        self._closed = True

    def confine(self, folders: Iterable[Path], excluded: Iterable[Path] = ()) -> None:
        """Take these as the workspace's folders; what is excluded or gone from them is forgotten."""
        self._folders, self._excluded = tuple(folders), frozenset(excluded)
        with self._lock:
            known = (*self._names, *self._others)
            gone = [path for path in known if self.root(path) is None or self.ignores(path)]
            self._others.difference_update(gone)
        for path in gone:
            self.put(path, None)

    def scan(self) -> bool:
        """Read all files of the workspace; False when there were too many to read them all."""
        for path in self.files_below(self._folders):
            if len(self._names) >= MAX_FILES:
                return False
            self.update(path)
        return True

    def ignores(self, path: Path) -> bool:
        """Does a file lie in a folder that nobody wrote, or that the user has excluded?"""
        root = self.root(path)
        below = path.relative_to(root) if root else Path(path.name)  # one that is merely open
        return is_generated(below) or any(folder in self._excluded for folder in path.parents)

    def root(self, path: Path) -> Path | None:
        """The innermost folder of the workspace that holds a file."""
        return innermost(self._folders, path)

    def files_below(self, folders: Iterable[Path]) -> Iterator[Path]:
        """Walk through folders, past what is ignored; links to other folders come last."""
        left = MAX_ENTRIES
        pending = list(folders)
        walked = [folder.resolve() for folder in (*self._folders, *pending)]
        for root in pending:
            for folder, names, files in os.walk(root):
                names[:] = sorted(n for n in names if not self.ignores(Path(folder, n, "x")))
                yield from (Path(folder, name) for name in sorted(files))
                for link in filter(Path.is_symlink, (Path(folder, name) for name in names)):
                    place = link.resolve()
                    if not any(_overlap(place, other) for other in walked):
                        walked.append(place)
                        pending.append(link)
                left -= len(files) + len(names) + 1
                if left <= 0 or self._closed:
                    return

    def beside(self, path: Path) -> tuple[Path, ...]:
        """The RTL beside a file whose folder is none that is read: it may be open all the same."""
        root = self.root(path)
        if root and not is_generated(path.relative_to(root)):
            return ()
        try:
            with os.scandir(path.parent) as entries:
                names = [entry.name for entry in islice(entries, MAX_BESIDE)]
        except (OSError, ValueError):
            return ()
        return tuple(path.with_name(name) for name in sorted(names) if is_rtl(Path(name)))

    def known_below(self, folder: Path) -> tuple[Path, ...]:
        """The files read so far that a folder holds, be it there or not."""
        with self._lock:
            return tuple(p for p in (*self._names, *self._others) if p.is_relative_to(folder))

    def update(self, path: Path) -> None:
        """Read a file again, or forget it where it is gone."""
        suffix = path.suffix.lower()
        if suffix in LISTS or is_spec(path) or is_tests(path):
            with self._lock:
                (self._others.add if path.is_file() else self._others.discard)(path)
        elif suffix in HEADERS:
            self.put(path, _read(path))

    def put(self, path: Path, text: str | None) -> None:
        """Take a file's text, such as an unsaved one; None: there is no such file."""
        names = declared(text) if text and path.suffix in SOURCES else frozenset[str]()
        with self._lock:
            for name in self._names.pop(path, frozenset()) - names:
                self._files[name].discard(path)
            if text is None:
                self._headers[path.name].discard(path)
                return
            self._names[path] = names
            self._headers[path.name].add(path)
            for name in names:
                self._files[name].add(path)

    def locate(self, name: str, near: Path) -> Path | None:
        """The file that defines a module: of several, the one nearest to `near`."""
        with self._lock:
            found = tuple(self._files.get(name, ()))
        return min(found, key=lambda path: _distance(path, near), default=None)

    def header(self, name: str, near: Path) -> Path | None:
        """The header that an `include names, wherever it is in the workspace."""
        with self._lock:
            found = tuple(self._headers.get(Path(name).name, ()))
        fitting = [path for path in found if str(path).endswith(f"{os.sep}{name}")]
        return min(fitting, key=lambda path: _distance(path, near), default=None)

    def names(self, file: Path) -> frozenset[str] | None:
        """What a file that somebody names declares, be it of the workspace or not; None: no RTL."""
        if file.suffix.lower() not in HEADERS:
            return None
        with self._lock:
            if (known := self._names.get(file)) is not None:
                return known
        try:
            status = file.stat()
        except (OSError, ValueError):
            return None
        stamp = status.st_mtime_ns, status.st_size
        kept = self._outside.get(file)
        if kept is None or kept[0] != stamp:
            text = _read(file)
            kept = self._outside[file] = (stamp, declared(text or ""))
        return kept[1]

    def modules(self) -> frozenset[str]:
        """All names that some file defines."""
        with self._lock:
            return frozenset(name for name, files in self._files.items() if files)

    def others(self, fits: Callable[[Path], bool]) -> tuple[Path, ...]:
        """The command files, specs and test modules that fit."""
        with self._lock:
            return tuple(sorted(path for path in self._others if fits(path)))

    def needed(
        self, path: Path, text: str, read: Callable[[Path], str | None], first: Iterable[Path] = ()
    ) -> tuple[Path, ...]:
        """The files that define what a text uses, and what these use; those of `first` win."""
        explicit = {name: file for file in first for name in self.names(file) or ()}
        known = self.modules() | explicit.keys()
        chosen: dict[Path, None] = {}
        headers: set[Path] = set()
        pending = [(path, text)]
        while pending:
            here, content = pending.pop()
            for named in included(content):
                header = self.header(named, here)
                if header and header not in headers and (inner := read(header)) is not None:
                    headers.add(header)  # its macros may instantiate modules
                    pending.append((header, inner))
            named = known.intersection(words(content)) - declared(content)
            if named:  # most texts name nobody: to look where the names stand takes longer
                named &= used(content)
            for name in sorted(named):
                file = explicit.get(name) or self.locate(name, here)
                if file is None or file == path or file in chosen:
                    continue
                chosen[file] = None
                if (inner := read(file)) is not None:
                    pending.append((file, inner))
        return tuple(chosen)


@last_large
def declared(text: str) -> frozenset[str]:
    """The modules, packages and interfaces that a text declares."""
    return frozenset(_DECLARED.findall(_NOISE.sub(" ", text)))


@last_large
def words(text: str) -> frozenset[str]:
    """All names in a text but for those in comments and strings."""
    return frozenset(_WORD.findall(_NOISE.sub(" ", text)))


def used(text: str) -> frozenset[str]:
    """The names of modules, packages and interfaces that a text may use.

    Only what stands where one may: a signal can have the name of a module that is none of its own.
    """
    return _used(text) if len(text) > _LARGE else _used_by_small(text)


def _used(text: str) -> frozenset[str]:
    plain = _NOISE.sub(" ", text)
    found = {name for name, after in _PLACED.findall(plain) if after not in _NO_INSTANCES}
    found.update(_PRIMITIVE.findall(plain))
    if "`" in plain:
        found.update(_ALIAS.findall(plain))
        inner = " ".join(_CALL.findall(plain))  # by its argument a macro may instantiate a module
        found.update({*_WORD.findall(inner)}.difference(_WORD.findall(_CALL.sub(" ", plain))))
    return frozenset(found.difference(_DECLARED.findall(plain)))


_used_by_small = lru_cache(_REMEMBERED)(_used)


@last_large
def included(text: str) -> list[str]:
    """The names that `include directives give."""
    return _INCLUDE.findall(text)


def is_spec(path: Path) -> bool:
    """Is it a spec's file?"""
    return path.name.endswith(".spec.md")


def is_tests(path: Path) -> bool:
    """Is it a test module, by its name?"""
    return path.name.startswith("test_") and path.suffix == ".py"


def is_rtl(path: Path) -> bool:
    """Is it a Verilog source?"""
    return path.suffix in SOURCES


def is_ours(path: Path) -> bool:
    """Is it a file that we read?"""
    known = path.suffix.lower() in HEADERS | LISTS or path.name == WORKSPACE_FILE
    return known or is_spec(path) or is_tests(path)


def is_generated(path: Path) -> bool:
    """Does it lie in a folder that some tool has made?"""
    return any(part in IGNORED or part.startswith(".") for part in path.parts[:-1])


def _read(path: Path) -> str | None:
    try:
        if path.stat().st_size > MAX_BYTES:
            return ""
        return path.read_text("utf-8-sig", "replace")
    except (OSError, ValueError):
        return None


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _distance(path: Path, near: Path) -> tuple[int, int, str]:
    """How far apart two files are; then the shorter name, so that `x.v` beats `x.new.v`."""
    shared = Path(os.path.commonpath((path.parent, near.parent)))
    apart = len(path.parent.parts) + len(near.parent.parts) - 2 * len(shared.parts)
    return apart, len(path.name), str(path)
