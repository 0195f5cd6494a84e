"""What is wrong in the open documents, and never what was wrong in an earlier version of them.

RTL is read by slang at once and compiled by iverilog a moment later; each result counts for
exactly the design and the tools it came from. A checker that can't work says so where the errors would stand.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

from lsprotocol import types
from msgspec import Struct, structs

from spec2rtl.checks import check_rtl, check_spec, of_the_text
from spec2rtl.eda.conformance import unclear
from spec2rtl.eda.slang import Slang
from spec2rtl.eda.sources import Overlay, read_bytes
from spec2rtl.errors import InputError, Spec2rtlError, ToolError
from spec2rtl.lsp import convert
from spec2rtl.lsp.checked import Checked
from spec2rtl.lsp.design import frozen_design, surroundings, whole
from spec2rtl.lsp.documents import Document, path_of
from spec2rtl.lsp.failures import Failures
from spec2rtl.lsp.index import is_spec, is_verilog
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.text import Text
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.rtl import Design, Diagnostic, SourceFile, digest
from spec2rtl.spec.comments import spec_comments
from spec2rtl.spec.parse import parse

TYPING_SECONDS = 0.25
"""How long to wait for the next key before errors are shown or the compiler is run."""
IDLE_SECONDS = 1.0
"""How long nothing must have changed before repairs are tried, and RTL that compiles is looked
through."""

MOST = 1000
"""Diagnostics shown of a file: more than that, nobody reads and every change would send again."""


class _Found(Struct, frozen=True):
    """What a check has found in a document; None: in a file that wasn't open."""

    of: Document | None
    said: tuple[types.Diagnostic, ...]


class Checker:
    """Checks documents, shows what it finds and takes it back."""

    def __init__(self, ls: Server) -> None:
        self._ls = ls
        self._slang: Slang | None = None
        self._checked: dict[Path, Checked] = {}
        self._asked = 0
        self._shown: dict[str, list[types.Diagnostic]] = {}
        self._found: dict[Path, dict[str, _Found]] = {}
        self._timers: dict[Path, asyncio.TimerHandle] = {}
        self._noted: set[str] = set()
        self._news = self._telling = False
        self.failures = Failures()

    # Asking the tools

    def touch(self, path: Path, *, seconds: float = 0.0) -> None:
        """Check a document that is open, after a pause; an earlier request is overtaken."""
        if timer := self._timers.pop(path, None):
            timer.cancel()
        if is_verilog(path) or is_spec(path):
            loop = asyncio.get_running_loop()
            self._timers[path] = loop.call_later(seconds, self._begin, path)

    def _begin(self, path: Path) -> None:
        self._timers.pop(path, None)
        if document := self._ls.documents.at(path):
            self._ls.background(self._check(document, path))

    def touch_all(self, *, but: Path | None = None) -> None:
        """Check every open document again: something around them has changed."""
        for document in self._ls.documents.all():
            if document.path != but:
                self.touch(document.path, seconds=TYPING_SECONDS)

    async def _check(self, document: Document, path: Path) -> None:
        """Never cancelled while it asks a tool: a change of the text begins another check."""
        if is_verilog(path):
            if not self._ls.client.pulls:
                await self.read(path)
                if self._ls.documents.at(path) is document:
                    await self._show(path)
            await self._compile(path)
        if self._ls.documents.at(path) is document:
            await self._show(path)
            if path not in self._timers:
                loop = asyncio.get_running_loop()
                self._timers[path] = loop.call_later(IDLE_SECONDS, self._begin_lint, path)

    def _begin_lint(self, path: Path) -> None:
        self._timers.pop(path, None)
        self._ls.background(self._lint(path))

    async def _lint(self, path: Path) -> None:
        """Look through RTL that compiles; the next change of its text comes first."""
        checked = await self._now(path)
        if checked and checked.iverilog is not None:
            await self._ls.fixes.of(path, checked)
        if checked is None or not checked.compiles or checked.lint is not None:
            return
        try:
            tools = await self._ls.workspaces.tools(checked.settings)
            found = await tools.lint(checked.design)
        except Spec2rtlError as error:
            self._note(str(error))
            return
        self._keep(path, checked, lint=found)
        if self._ls.documents.at(path):
            await self._show(path)

    async def read(self, path: Path) -> Checked | None:
        """What slang says of a document as it is now; None where it isn't open."""
        checked = await self._now(path)
        if checked is None or checked.slang is not None or not checked.design.sources:
            return checked
        found, note = None, None
        try:
            found = await (await self._reader()).check(checked.design)
            if found is None:
                note = "slang took too long or died: its errors are not shown"
        except Spec2rtlError as error:
            note = str(error)
        return self._keep(path, checked, slang=found, slang_note=note)

    async def _reader(self) -> Slang:
        if self._slang is None:
            sandbox = await asyncio.to_thread(best_sandbox)  # it is tried out
            self._slang = self._slang or Slang(sandbox)
        return self._slang

    async def compiled(self, path: Path) -> Checked | None:
        """The same with what iverilog says."""
        await self.read(path)
        await self._compile(path)
        return self._checked.get(path)

    async def _compile(self, path: Path) -> None:
        checked = await self._now(path)
        if checked is None or not checked.design.sources or checked.iverilog is not None:
            return
        if not self._ls.workspaces.trusted:
            return
        found, ok, version, note = None, False, "", None
        try:
            tools = await self._ls.workspaces.tools(checked.settings)
            report = await tools.compile(checked.design)
            found, ok = of_the_text(report, checked.design).diagnostics, report.ok
            version = tools.tools.iverilog_version
        except Spec2rtlError as error:
            note = str(error)
            self._note(note, shown=isinstance(error, ToolError))
        self._keep(path, checked, iverilog=found, compiles=ok, version=version, iverilog_note=note)

    async def _now(self, path: Path) -> Checked | None:
        """What is known of a document as it is now; None where it isn't open.

        Where no design can be frozen, a note says why.
        """
        await self._ls.survey_ended()  # else modules of other files would seem to be missing
        document = self._ls.documents.at(path)
        if document is None:
            return None
        self._asked += 1
        asked = self._asked
        try:
            settings = await self._ls.workspaces.settings(path)
        except Spec2rtlError as error:
            return Checked(Design(()), slang_note=str(error))

        def build() -> tuple[Checked, tuple[str, ...]]:
            index, documents = self._ls.index, self._ls.documents
            if (compiled := whole(path, index, documents)) is None:
                return Checked(Design(())), ()
            notes: tuple[str, ...] = ()
            try:
                around = surroundings(compiled, settings, index, documents)
                notes = around.notes
                design = frozen_design(compiled, around, index, documents.overlay)
            except Spec2rtlError as error:
                return Checked(Design(()), slang_note=str(error)), notes
            return Checked(design, settings, asked), notes

        checked, notes = await asyncio.to_thread(build)
        self._ls.watch.follow(frozenset(Path(header.path) for _, header in checked.design.headers))
        for note in notes:
            self._note(note, shown=True)
        known = self._checked.get(path)
        if known and known.of == checked.of:
            checked = structs.replace(known, asked=max(asked, known.asked))
        elif known and known.asked > asked:
            return checked
        if checked.design.sources and self._ls.documents.at(path):
            self._checked[path] = checked
        return checked

    def includes(self, path: Path) -> bool:
        """Is a file a header of what is open?"""
        headers = (file.path for one in self._checked.values() for _, file in one.design.headers)
        return str(path) in headers

    def design(self, path: Path) -> Design | None:
        """What an open document was last checked in."""
        checked = self._checked.get(path)
        return checked.design if checked else None

    def _keep(self, path: Path, checked: Checked, **found: object) -> Checked:
        """Take what was found, unless something else has been asked since."""
        known = self._checked.get(path)
        if known is None or known.of != checked.of:
            return structs.replace(checked, **found)
        self._checked[path] = structs.replace(known, **found)
        return self._checked[path]

    def _note(self, line: str, *, shown: bool = False) -> None:
        """Log a line once; `shown`: the user can mend it, and is told."""
        if line not in self._noted:
            self._noted.add(line)
            tell = self._ls.tell if shown else self._ls.log
            tell(f"Spec2RTL: {line}", types.MessageType.Warning)

    # Showing what they say

    async def diagnostics(
        self, path: Path, checked: Checked | None = None
    ) -> dict[str, list[types.Diagnostic]]:
        """What a document's check has found, by document: the file itself and what it includes.

        `checked` is what was just found out; without it, what is known counts if it still holds.
        """
        document = self._ls.documents.at(path)
        if document is None:
            return {}
        if is_spec(path):
            return {document.uri: self._convert(path, await self._of_spec(check_spec, path))}
        if not is_verilog(path):
            failing = await asyncio.to_thread(self._failures_at, path)
            return {document.uri: self._convert(path, failing)}
        found: dict[str, list[types.Diagnostic]] = {document.uri: []}
        checked = checked or await self._now(path)
        if checked is None:
            return {}
        found[document.uri] += map(self._status, checked.notes)
        differing = await self._of_spec(check_rtl, path)

        def rest() -> None:
            for file, group in checked.by_file(path, differing).items():
                uri = self._ls.documents.uri(file)
                found.setdefault(uri, []).extend(self._convert(file, group))
            more = (*self._failures_at(path), *_in_comments(document))
            found[document.uri] += self._convert(path, more)

        await asyncio.to_thread(rest)
        return found

    async def _of_spec(
        self, ask: Callable[[Path, Overlay], tuple[Diagnostic, ...]], path: Path
    ) -> tuple[Diagnostic, ...]:
        """What a spec and the RTL beside it say of each other."""
        try:
            return await asyncio.to_thread(ask, path, self._ls.documents.overlay)
        except InputError:
            return ()  # an empty spec

    def _failures_at(self, path: Path) -> tuple[Diagnostic, ...]:
        return self.failures.at(path, self._current_digest)

    def _current_digest(self, path: Path, raw: bool) -> str | None:
        if not raw:
            text = self._ls.documents.peek(path)
            return None if text is None else digest(text)
        shown = self._ls.documents.overlay(path)
        try:
            return sha256(read_bytes(path) if shown is None else shown.encode()).hexdigest()
        except InputError:
            return None

    def _convert(self, path: Path, found: Iterable[Diagnostic]) -> list[types.Diagnostic]:
        """Put diagnostics of a file in the protocol's terms: of too many, the worst."""
        found = list(found)
        if (left := len(found) - MOST) > 0:
            rank = list(convert.SEVERITIES)
            found = sorted(found, key=lambda one: rank.index(one.severity))[:MOST]
        try:
            text = self._ls.documents.text(path)
        except Spec2rtlError:
            return []
        text_of = cache(self._text)  # many notes are about one file
        shown = [
            convert.diagnostic(
                one,
                text,
                uri_of=self._ls.documents.uri,
                text_of=text_of,
                related=self._ls.client.shows_related,
            )
            for one in found
        ]
        if left > 0:
            shown.append(_at_top("too-many", f"{left:,} more errors and warnings are not shown"))
        return shown

    def _text(self, path: Path) -> Text:
        try:
            return self._ls.documents.text(path)
        except Spec2rtlError:
            return Text("")

    def _status(self, why: str) -> types.Diagnostic:
        """A checker that can't work must not look like a file without errors."""
        self._note(why)
        return _at_top("check-unavailable", f"not checked: {why}")

    async def _show(self, path: Path) -> None:
        """Publish, or let a client that pulls ask again."""
        if self._ls.client.pulls:
            self._refresh()
            return
        document = self._ls.documents.at(path)
        found = await self.diagnostics(path)
        if self._ls.documents.at(path) is document:
            self.tell(path, found)  # else it is shown when the next text has been checked

    def _refresh(self) -> None:
        if self._ls.client.refreshes_diagnostics:
            self._news = True
            if not self._telling:
                self._ls.background(self._tell_news())

    async def _tell_news(self) -> None:
        """Let the client pull anew: each time it does so for all that it shows."""
        self._telling = True
        try:
            while self._news:
                self._news = False
                await self._ls.protocol.ask(types.WORKSPACE_DIAGNOSTIC_REFRESH, None)
        finally:
            self._telling = False

    def tell(self, path: Path, found: dict[str, list[types.Diagnostic]]) -> set[str]:
        """Publish what a file's check has found, and take back what no longer holds.

        A client that pulls has it in its answers, where it asks for them. Returns the documents that
        it is or was about.
        """
        before = self._found.get(path, {})
        documents = self._ls.documents
        now = {uri: _Found(documents.get(uri), tuple(said)) for uri, said in found.items()}
        self._found[path] = now
        for uri in before.keys() | now.keys():
            if not self._is_pulled(path, uri):
                self._publish(uri, self.said_of(uri))
            elif uri != documents.uri(path) and before.get(uri) != now.get(uri):
                self._refresh()  # it may have asked for that one before
        return {*before, *now}

    def said_of(self, uri: str, *, pulled: bool = False) -> list[types.Diagnostic]:
        """What is wrong in a document as it is now, whoever's check has found it: its own first."""
        document, said = self._ls.documents.get(uri), list[types.Diagnostic]()
        for path, found in sorted(self._found.items(), key=lambda one: one[0] != path_of(uri)):
            group = found.get(uri)
            if group and group.of is document and self._is_pulled(path, uri) == pulled:
                places = {(one.severity, str(one.range)) for one in said}
                said += [o for o in group.said if (o.severity, str(o.range)) not in places]
        return said

    def _is_pulled(self, path: Path, uri: str) -> bool:
        """Does the client ask for what a file's check finds in a document?"""
        client, documents = self._ls.client, self._ls.documents
        asked = client.pulls and documents.at(path) is not None
        return asked and (client.pulls_related or documents.get(uri) is not None)

    def _publish(self, uri: str, found: list[types.Diagnostic]) -> None:
        if self._shown.get(uri) == found:
            return
        self._shown[uri] = found
        document = self._ls.documents.get(uri)
        version = document.version if document else None
        self._ls.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, found, version)
        )

    def show_failures(self, paths: Iterable[Path]) -> None:
        """Tests have run, or what they ran on has changed: show what still holds."""
        for path in paths:
            if self._ls.documents.at(path):
                self._ls.background(self._show(path))
                continue
            # A client that pulls does so for what is open; the rest is told.
            found = self._convert(path, self._failures_at(path))
            self.tell(path, {self._ls.documents.uri(path): found} if found else {})

    def opened(self, path: Path, uri: str) -> None:
        """A document is open: what was told of its file, a client that pulls asks for itself."""
        if self._ls.client.pulls and self._shown.get(uri):
            self._publish(uri, self.said_of(uri))
        self.touch(path)

    def close(self, path: Path, uri: str) -> None:
        """A document is closed or its file gone: its check finds nothing any more."""
        if timer := self._timers.pop(path, None):
            timer.cancel()
        self._checked.pop(path, None)
        self.tell(path, {})
        del self._found[path]
        if self._shown.get(uri):
            self._publish(uri, self.said_of(uri))

    async def aclose(self) -> None:
        """End the worker and all that waits."""
        for timer in self._timers.values():
            timer.cancel()
        if self._slang:
            await self._slang.aclose()


def _at_top(code: str, message: str) -> types.Diagnostic:
    start, severity = types.Position(0, 0), types.DiagnosticSeverity.Warning
    return types.Diagnostic(types.Range(start, start), message, severity, code, source="spec2rtl")


def _in_comments(document: Document) -> list[Diagnostic]:
    """What is unclear in the spec comments of RTL."""
    file = SourceFile(str(document.path), document.source)
    return [
        unclear(structs.replace(issue, line=issue.line + comment.line - 1), file)
        for comment in (spec_comments(file.text) if "spec:" in file.text else ())
        for issue in parse(comment.text).issues
    ]
