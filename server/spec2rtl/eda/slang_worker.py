"""Runs slang for text that nobody vouches for: `python -m spec2rtl.eda.slang_worker`.

A macro bomb hangs slang or fills its memory, and C++ can't be interrupted from Python: so it runs
in a process of its own, under limits, that its owner kills (see `eda.slang`).
"""

import posixpath
import re
import resource
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, cast

import msgspec
import pyslang
from pyslang.analysis import AnalysisFlags, AnalysisManager, AnalysisOptions
from pyslang.ast import Compilation, CompilationOptions
from pyslang.parsing import PreprocessorOptions, TriviaKind
from pyslang.syntax import DefineDirectiveSyntax, SyntaxKind, SyntaxTree

from spec2rtl.eda.slang_wire import Answer, Request
from spec2rtl.rtl import Diagnostic, Related, Severity
from spec2rtl.syntax import lexer
from spec2rtl.syntax.modules import modules

MEMORY = 2 << 30
CPU_SECONDS = 20
"""For one request; its owner is less patient, but may be gone."""

_HOME = "/"
"""Where all headers lie, for slang: a name that climbs ends there."""
_WARNINGS = """
    default inferred-latch multiple-always-assigns width-trunc port-width-trunc constant-conversion
    unused-variable unused-net unused-port unused-but-set-variable unused-but-set-net
    undriven-net undriven-port unassigned-variable
""".split()  # noqa: SIM905
_NOTE = re.compile(r"(.*):(\d+):(\d+): note: (.*)")
_WORD = re.compile(rb"[$`]?\w[\w$]*|\S")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_COMPUTED = re.compile(rb"\s*\[[^\]]*[A-Za-z_]")
"""A select by more than numbers, right after a name."""
_OURS = {
    "could-not-open-include-file": "include-not-found",
    "const-eval-non-const-variable": "not-constant",
    "duplicate-definition": "duplicate-declaration",
    "expected-closing-quote": "unterminated-string",
    "index-oob": "index-out-of-range",
    "inferred-latch": "latch",
    "range-oob": "index-out-of-range",
    "range-select-reversed": "range-reversed",
    "too-many-port-connections": "port-count",
    "unconnected-input-port": "port-unconnected",
    "undefined-param-override": "parameter-not-found",
    "unknown-directive": "undefined-macro",
    "unsized-concat": "concatenation",
    "unterminated-block-comment": "syntax-error",
    "vector-overflow": "literal-truncated",
    "multiple-always-assigns": "multiple-drivers",
    "width-trunc": "truncation",
    "constant-conversion": "truncation",
    "port-width-trunc": "width-mismatch",
    "port-width-expand": "width-mismatch",
    "undriven-net": "undriven",
    "undriven-port": "undriven",
    "unassigned-variable": "undriven",
}
"""Faults that have a name already, from iverilog's messages (see `eda.codes`) or a lint."""
_ASSIGNED = re.compile(rb"(\w+)\s*\Z")
_OUTSIDE = "an assignment outside of any block: is a `begin` missing above, or `assign` here?"
_AFTER_DOT = re.compile(rb"\.\s*(\w+)")
_BASE = re.compile(rb"\d+\s*'\s*[sS]?[bodhBODH]\s*\Z")
_MEANT_UNUSED = re.compile(rb"\w*unused", re.IGNORECASE)
_SUPPLY = re.compile(rb"\bsupply[01]\b[^;]*\Z")
"""The beginning of a declaration whose nets are driven by what they are."""
_SEVERITIES: dict[pyslang.DiagnosticSeverity, Severity] = {
    pyslang.DiagnosticSeverity.Note: "info",
    pyslang.DiagnosticSeverity.Warning: "warning",
    pyslang.DiagnosticSeverity.Error: "error",
    pyslang.DiagnosticSeverity.Fatal: "error",
}


class _Text:
    """A file as slang sees it: its offsets and columns count bytes."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(b"\n", self.data))]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, in code points, of an offset."""
        line = bisect_right(self._starts, offset)
        start = self._starts[line - 1]
        return line, len(self.data[start:offset].decode("utf-8", "replace")) + 1

    def column(self, line: int, column: int) -> int:
        """The column in code points of one in bytes."""
        start = self._starts[line - 1] if line <= len(self._starts) else len(self.data)
        text = self.data[start : start + column - 1].split(b"\n")[0]
        return len(text.decode("utf-8", "replace")) + 1


class _Session:
    """One request: a source manager, its files by the name that slang knows them by."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._manager = pyslang.SourceManager()
        self._texts: dict[str, _Text] = {}
        self._client = pyslang.TextDiagnosticClient()
        self._client.showColors(False)
        self._client.showSourceLine(False)
        self._client.showIncludeStack(False)
        self._client.showMacroExpansion(False)
        self._engine = pyslang.DiagnosticEngine(self._manager)
        self._engine.addClient(self._client)
        self._engine.setWarningOptions(_WARNINGS)  # pyright: ignore[reportUnknownMemberType]

    def check(self) -> Iterator[Diagnostic]:
        """Read the sources and yield what is wrong, in no order."""
        trees = self._trees()
        syntax = [d for tree in trees for d in tree.diagnostics]
        found = syntax if self._request.parse_only else list(self._elaborated(trees))
        errors = [d for d in syntax if d.isError()]
        misnamed = [d for d in found if self._name(d) == "undefined-param-override"]
        self._items = self._index(trees) if errors or misnamed else {}
        causes = {self._place(d.location) for d in self._causes(errors)}
        broken = {self._part(d)[:2] for d in errors}
        unread = {file for file, _ in broken}
        default = {self._part(d) for d in misnamed}
        for diagnostic in found:
            follows = broken and diagnostic.isError()
            follows = follows and self._place(diagnostic.location) not in causes
            if follows and self._part(diagnostic)[:2] in broken:
                continue
            if (
                self._name(diagnostic).startswith("port-width-")
                and self._part(diagnostic) in default
            ):
                continue  # of an instance whose parameter kept its default
            file = self._place(diagnostic.location)[0]
            if file in unread and self._name(diagnostic) == "not-allowed-in-cu":
                continue  # what a module whose beginning can't be read would hold
            if result := self._diagnostic(diagnostic):
                yield result

    def _name(self, found: pyslang.Diagnostic) -> str:
        return self._engine.getOptionName(found.code) or _kebab(repr(found.code))

    def _causes(self, errors: Iterable[pyslang.Diagnostic]) -> Iterator[pyslang.Diagnostic]:
        """The first syntax error of each item of a module: the others follow from it."""
        before: set[tuple[object, ...]] = set()
        for one in errors:
            name, offset = self._place(one.location)
            line = name, self._texts[name].place(offset)[0] if name in self._texts else 0
            if not before & {part := self._part(one), line}:
                yield one
            before |= {part, line}

    def _part(self, found: pyslang.Diagnostic) -> tuple[str, int, int]:
        """The file, the module and the item of it that hold a place, each by where it begins."""
        name, offset = self._place(found.location)
        items = self._items.get(name, [])
        at = bisect_right(items, offset, key=lambda item: item[1]) - 1
        module, item = items[at] if at >= 0 else (0, 0)
        return name, module, item

    def _index(self, trees: list[SyntaxTree]) -> dict[str, list[tuple[int, int]]]:
        """By file, where each item begins, behind where its module does."""
        found: dict[str, list[tuple[int, int]]] = {}
        for module in _members(trees):
            name, start = self._place(module.sourceRange.start)
            found.setdefault(name, []).append((start, start))
            for item in getattr(module, "members", ()):
                file, at = self._place(item.sourceRange.start)
                found.setdefault(file, []).append((start if file == name else at, at))
        return {name: sorted(items, key=lambda item: item[1]) for name, items in found.items()}

    def _place(self, location: pyslang.SourceLocation) -> tuple[str, int]:
        """File and offset, in the text as written, of a place that a macro may have made."""
        written = self._manager.getFullyExpandedLoc(location)
        return self._manager.getRawFileName(written.buffer), written.offset

    def _trees(self) -> list[SyntaxTree]:
        options = PreprocessorOptions()
        options.predefines = [f"{name}={value or 1}" for name, value in self._request.defines]
        bag = pyslang.Bag([options])
        for name, header in self._request.headers:
            place = posixpath.normpath(posixpath.join(_HOME, name))
            shown = place.removeprefix(_HOME)
            if shown not in self._texts:
                self._manager.assignText(place, header.text)
                self._texts[shown] = _Text(header.path, header.text.encode())
        self._manager.addUserDirectories(_HOME)  # for those that a header in a folder includes
        trees: list[SyntaxTree] = []
        macros: dict[str, DefineDirectiveSyntax] = {}
        for index, source in enumerate(self._request.sources):
            # Not its own path: that may hold what a message can't be taken apart by.
            name = f"source{index}"
            self._texts[name] = _Text(source.path, source.text.encode())
            if macros:  # of files before, which hold nothing else
                buffer = self._manager.assignText(name, source.text)
                known = list(macros.values())
                tree = SyntaxTree.fromBuffer(  # pyright: ignore[reportUnknownMemberType]
                    buffer, self._manager, bag, known
                )
            else:
                tree = SyntaxTree.fromText(source.text, self._manager, name, name, bag)
            trees.append(tree)
            _pass_on(tree, macros)
        return trees

    def _elaborated(self, trees: Iterable[SyntaxTree]) -> Iterator[pyslang.Diagnostic]:
        elaborating = CompilationOptions()
        if self._request.top:
            elaborating.topModules = {self._request.top}
        # Kept as long as its diagnostics, which point into it.
        compilation = self._compilation = Compilation(pyslang.Bag([elaborating]))
        for tree in trees:
            compilation.addSyntaxTree(tree)
        found = list(compilation.getAllDiagnostics())
        yield from found
        if not any(d.isError() for d in found):  # else the analysis stumbles over the rest
            options = AnalysisOptions()
            options.flags = AnalysisFlags.CheckUnused
            manager = self._analysis = AnalysisManager(options)
            manager.analyze(compilation)
            yield from manager.getDiagnostics()

    def _diagnostic(self, found: pyslang.Diagnostic) -> Diagnostic | None:
        severity = _SEVERITIES.get(self._engine.getSeverity(found.code, found.location))
        location = self._manager.getFullyExpandedLoc(found.location)
        text = self._texts.get(self._manager.getRawFileName(location.buffer))
        if severity is None or text is None:
            return None
        self._client.clear()
        self._engine.issue(found)
        code = self._name(found)
        end = self._end(found, location, text)
        if code == "inferred-latch" and _COMPUTED.match(text.data, end):
            return None  # which elements a loop assigns, slang doesn't tell; yosys does
        code = "unused" if code.startswith("unused-") else _OURS.get(code, code)
        if code in ("unused", "undriven") and _meant(code, text.data, location.offset):
            return None
        start, message = location.offset, self._engine.formatMessage(found)
        if message == "expected 'endmodule'":
            code, start = "missing-endmodule", _unfinished(text.data, start)
            end = start
        elif message.startswith("block comment unclosed"):
            start = _opened(text.data, start)
            end = start + 2
        elif code == "expected-declarator" and (word := _assigned(text.data, start)):
            (start, end), message = word.span(1), _OUTSIDE
        elif path := _AFTER_DOT.match(text.data, start):
            start, end = path.span(1)
        elif code == "literal-truncated" and (base := _BASE.search(text.data, 0, start)):
            start = base.start()
        elif code == "bad-assignment" and found.ranges:
            start, end = (getattr(found.ranges[-1], side).offset for side in ("start", "end"))
        return Diagnostic(
            text.path,
            *text.place(start),
            *text.place(end),
            severity,
            code,
            message,
            "slang",
            tuple(self._notes(self._client.getString())),
        )

    def _end(self, found: pyslang.Diagnostic, location: pyslang.SourceLocation, text: _Text) -> int:
        """Where the range that holds a location ends, else the word there."""
        for span in found.ranges:
            here = span.start.buffer == location.buffer == span.end.buffer
            if here and span.start.offset <= location.offset < span.end.offset:
                return span.end.offset
        word = _WORD.match(text.data, location.offset)
        return word.end() if word else location.offset

    def _notes(self, report: str) -> Iterator[Related]:
        """Read the notes off slang's own report: nothing else tells them."""
        for line in report.splitlines():
            match = _NOTE.fullmatch(line)
            if match and (text := self._texts.get(match[1])):
                number = int(match[2])
                yield Related(text.path, number, text.column(number, int(match[3])), match[4])


def _pass_on(tree: SyntaxTree, macros: dict[str, DefineDirectiveSyntax]) -> None:
    """Take what a text that holds only directives defines and undefines.

    One that holds more may guard it by a macro, and is of no use without the rest.
    """
    root = cast("Any", tree.root)
    if root.kind != SyntaxKind.CompilationUnit or len(root.members):
        return
    for trivia in root.endOfFile.trivia:
        found = trivia.syntax() if trivia.kind == TriviaKind.Directive else None
        if found and found.kind == SyntaxKind.DefineDirective:
            macros[found.name.valueText] = found
        elif found and found.kind == SyntaxKind.UndefDirective:
            macros.pop(found.name.valueText, None)


def _members(trees: Iterable[SyntaxTree]) -> Iterator[Any]:
    """The modules of some texts, and what stands beside them."""
    for tree in trees:
        alone = tree.root.kind != SyntaxKind.CompilationUnit
        yield from (tree.root,) if alone else cast("Any", tree.root).members


def _opened(data: bytes, at: int) -> int:
    """Where the comment begins that nothing closes."""
    text = data.decode("utf-8", "replace")
    last = lexer.tokenize(text)[-1:]
    return len(text[: last[0].start].encode()) if last else at


def _assigned(data: bytes, at: int) -> re.Match[bytes] | None:
    """The name before an assignment operator, if that is what stands there."""
    return _ASSIGNED.search(data, 0, at) if data.startswith((b"<=", b"="), at) else None


def _meant(code: str, data: bytes, at: int) -> bool:
    """Does a declaration itself say why a name is read, or driven, by nobody?"""
    if code == "unused":
        return bool(_MEANT_UNUSED.match(data, at))
    return bool(_SUPPLY.search(data, data.rfind(b";", 0, at) + 1, at))


def _unfinished(data: bytes, at: int) -> int:
    """Where the first module that nothing closes ends; slang holds the next for a part of it."""
    text = data.decode("utf-8", "replace")
    for module in modules(text):
        if not module.finished:
            last = max((t.end for t in lexer.code(text, module.start, module.end)), default=0)
            return len(text[:last].encode())
    return at


def _kebab(code: str) -> str:
    """`DiagCode(ExpectedToken)` is expected-token."""
    name = code.removeprefix("DiagCode(").removesuffix(")")
    return _CAPITAL.sub("-", name).lower()


def _serve() -> None:
    requests = msgspec.json.Decoder(Request)
    _say(Answer())  # slang is loaded
    for line in sys.stdin.buffer:
        _allow_cpu()
        found = sorted(_Session(requests.decode(line)).check(), key=_order)
        _say(Answer(tuple(dict.fromkeys(found))))


def _say(answer: Answer) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    return diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.code


def _allow_cpu() -> None:
    """Let the next request have its seconds, counted from what was used so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_SECONDS, hard))


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere the kernel refuses to limit the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    _limit()
    _serve()
