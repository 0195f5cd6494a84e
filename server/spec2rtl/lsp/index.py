"""Which file of the workspace declares and includes what: bounded, kept up to date file by file."""

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from stat import S_ISREG

from msgspec import Struct

from spec2rtl.config.load import WORKSPACE_FILE
from spec2rtl.lsp.skim import declared, included, lacking, macros, only_directives, used, words

MAX_FILES = 5000
"""Of RTL; further ones are not looked into."""
MAX_READ = 4 * MAX_FILES
"""Of files that may be RTL: headers of C are told apart by what they hold."""
MAX_ENTRIES = 200_000
"""Of folders walked through."""
MAX_BYTES = 4 << 20

MAX_BESIDE = 1000
"""Of a folder that is not part of the workspace."""

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
HEADERS = SOURCES | {".vh", ".svh", ".h", ".inc"}
LISTS = frozenset((".f", ".core"))


def innermost(folders: Iterable[Path], path: Path) -> Path | None:
    """Of several folders that hold a file, the one nearest to it."""
    holders = [folder for folder in folders if path.is_relative_to(folder)]
    return max(holders, key=lambda folder: len(folder.parts), default=None)


class Known(Struct, frozen=True):
    """What was read of a file; `directives`: it defines macros, and holds nothing but directives."""

    names: frozenset[str]
    includes: frozenset[str]
    macros: dict[str, str]
    lacks: frozenset[str]
    directives: bool


class Index:
    """Modules, packages, headers, command files and test modules of the workspace."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._known: dict[Path, Known] = {}
        self._files: defaultdict[str, set[Path]] = defaultdict(set)
        self._headers: defaultdict[str, set[Path]] = defaultdict(set)
        self._macros: defaultdict[str, set[Path]] = defaultdict(set)
        self._readers: defaultdict[str, set[Path]] = defaultdict(set)
        self._places: dict[tuple[Path, str], Path | None] = {}
        self._others: set[Path] = set()
        self._taking = threading.Lock()
        self._taken: dict[Path, str] = {}
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
            self._taken = {}
            known = (*self._known, *self._others)
            gone = [path for path in known if self.root(path) is None or self.ignores(path)]
            self._others.difference_update(gone)
        for path in gone:
            self.put(path, None)

    def scan(self) -> bool:
        """Read all files of the workspace; False when there were too many to read them all."""
        read = 0
        for path in self.files_below(self._folders):
            if len(self._known) >= MAX_FILES or read >= MAX_READ:
                return False
            read += is_verilog(path)
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
            return tuple(p for p in (*self._known, *self._others) if p.is_relative_to(folder))

    def update(self, path: Path) -> None:
        """Read a file again, or forget it where it is gone."""
        if path.suffix in LISTS or is_spec(path) or is_tests(path):
            with self._lock:
                (self._others.add if path.is_file() else self._others.discard)(path)
        elif is_verilog(path):
            text = _read(path)
            self.put(path, None if _is_of_c(path, text) else text)

    def take(self, shown: Callable[[], Iterable[tuple[Path, str]]]) -> None:
        """Learn what open files hold, saved or not: who takes it later never learns less."""
        with self._taking:
            for path, text in shown():
                if self._taken.get(path) is not text and is_verilog(path):
                    self.put(path, text, taken=True)

    def put(self, path: Path, text: str | None, *, taken: bool = False) -> None:
        """Take a file's text, an open one's or what is on disk; None: there is no such file."""
        new = None if text is None else _skimmed(path, text)
        with self._lock:
            self._taken.pop(path, None)
            if taken and text is not None:
                self._taken[path] = text
            if (path in self._known) != bool(new):
                self._places = {}
            if old := self._known.pop(path, None):
                for keys, table in self._tables(path, old):
                    for key in keys:
                        table[key].discard(path)
            if new:
                self._known[path] = new
                for keys, table in self._tables(path, new):
                    for key in keys:
                        table[key].add(path)

    def _tables(
        self, path: Path, known: Known
    ) -> tuple[tuple[Iterable[str], dict[str, set[Path]]], ...]:
        return (
            ((path.name,), self._headers),
            (known.names, self._files),
            (known.macros, self._macros),
            ({Path(name).name for name in known.includes}, self._readers),
        )

    def locate(self, name: str, near: Path) -> Path | None:
        """The file that defines a module: of several, the one nearest to `near`."""
        with self._lock:
            found = tuple(self._files.get(name, ()))
        return min(found, key=lambda path: _distance(path, near), default=None)

    def defining(self, macro: str, near: Path) -> list[Path]:
        """The files that define a macro, the nearest first."""
        with self._lock:
            found = tuple(self._macros.get(macro, ()))
        return sorted(found, key=lambda path: _distance(path, near))

    def includers(self, path: Path) -> list[Path]:
        """The files that include a file, the nearest first."""
        with self._lock:
            readers = [(r, self._known[r].includes) for r in self._readers.get(path.name, ())]
        found = [
            reader
            for reader, names in readers
            if any(self.header(n, reader) == path for n in names if Path(n).name == path.name)
        ]
        return sorted(found, key=lambda reader: _distance(reader, path))

    def known(self, file: Path) -> Known | None:
        """What was read of a file of the workspace."""
        with self._lock:
            return self._known.get(file)

    def reached(self, files: Iterable[Path]) -> dict[Path, Known]:
        """What was read of files and of all that they include."""
        found: dict[Path, Known] = {}
        pending = list(files)
        while pending:
            file = pending.pop()
            if file not in found and (known := self.known(file)):
                found[file] = known
                pending += filter(None, (self.header(name, file) for name in known.includes))
        return found

    def header(self, name: str, near: Path) -> Path | None:
        """The header that an `include in a file names, wherever it is in the workspace."""
        place = near.parent, name
        with self._lock:
            if place not in self._places:
                found = self._headers.get(Path(name).name, set())
                beside = Path(os.path.normpath(near.parent / name))
                fitting = [path for path in found if str(path).endswith(f"{os.sep}{name}")]
                nearest = min(fitting, key=lambda path: _distance(path, near), default=None)
                self._places[place] = beside if beside in found else nearest
            return self._places[place]

    def names(self, file: Path) -> frozenset[str] | None:
        """What a file that somebody names declares, be it of the workspace or not; None: no RTL."""
        if not is_verilog(file):
            return None
        with self._lock:
            if (known := self._known.get(file)) is not None:
                return known.names
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
        """The files that define what a text uses, and what these use; those of `first` win.

        What some of them include is there already.
        """
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
        return tuple(file for file in chosen if file not in headers)


def is_spec(path: Path) -> bool:
    """Is it a spec's file?"""
    return path.name.endswith(".spec.md")


def is_tests(path: Path) -> bool:
    """Is it a test module, by its name?"""
    return path.name.startswith("test_") and path.suffix == ".py"


def is_rtl(path: Path) -> bool:
    """Is it a Verilog source?"""
    return path.suffix.lower() in SOURCES


def is_verilog(path: Path) -> bool:
    """Is it one, or what one may include?"""
    return path.suffix.lower() in HEADERS


def is_ours(path: Path) -> bool:
    """Is it a file that we read?"""
    known = path.suffix in LISTS or path.name == WORKSPACE_FILE
    return known or is_verilog(path) or is_spec(path) or is_tests(path)


def is_generated(path: Path) -> bool:
    """Does it lie in a folder that some tool has made?"""
    return any(part in IGNORED or part.startswith(".") for part in path.parts[:-1])


def _read(path: Path) -> str | None:
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            return None  # to open a pipe would wait for who writes to it
        if status.st_size > MAX_BYTES:
            return ""
        return path.read_text("utf-8-sig", "replace")
    except (OSError, ValueError):
        return None


def _is_of_c(path: Path, text: str | None) -> bool:
    """A folder of firmware has thousands of them."""
    return path.suffix == ".h" and "`" not in (text or "")


def _skimmed(path: Path, text: str) -> Known:
    names = declared(text) if is_rtl(path) else frozenset[str]()
    defined = macros(text)
    directives = bool(defined) and not names and only_directives(text)
    return Known(names, frozenset(included(text)), defined, lacking(text), directives)


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _distance(path: Path, near: Path) -> tuple[int, int, str]:
    """How far apart two files are; then the shorter name, so that `x.v` beats `x.new.v`."""
    shared = Path(os.path.commonpath((path.parent, near.parent)))
    apart = len(path.parent.parts) + len(near.parent.parts) - 2 * len(shared.parts)
    return apart, len(path.name), str(path)
