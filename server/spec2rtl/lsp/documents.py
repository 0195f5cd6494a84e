"""The documents that are open in the editor: their text counts, not the one on disk."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from lsprotocol import types
from msgspec import Struct

from spec2rtl.eda.sources import read_text
from spec2rtl.errors import InputError
from spec2rtl.lsp.text import Text


class Document(Struct, frozen=True):
    """A file that is open, at one version."""

    uri: str
    path: Path
    version: int
    text: Text

    @property
    def source(self) -> str:
        """Its text."""
        return self.text.text


class Documents:
    """All open documents that are files, by URI and by path."""

    def __init__(self, encoding: str = types.PositionEncodingKind.Utf16) -> None:
        self.encoding = encoding
        self._open: dict[str, Document] = {}
        self._uris: dict[Path, str] = {}

    def opened(self, item: types.TextDocumentItem) -> None:
        """Take a document that was opened."""
        if path := path_of(item.uri):
            text = Text(item.text, self.encoding)
            self._open[item.uri] = Document(item.uri, path, item.version, text)
            self._uris[path] = item.uri

    def changed(
        self,
        document: types.VersionedTextDocumentIdentifier,
        changes: Sequence[types.TextDocumentContentChangeEvent],
    ) -> None:
        """Take a document's next version."""
        before = self._open.get(document.uri)
        if before is None:
            return
        text = before.text
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                text = text.replaced(change.range, change.text)
            else:
                text = Text(change.text, self.encoding)
        self._open[document.uri] = Document(document.uri, before.path, document.version, text)

    def closed(self, uri: str) -> None:
        """Forget a document: from now on its file counts."""
        gone = self._open.pop(uri, None)
        others = (d.uri for d in self._open.values() if gone and d.path == gone.path)
        if gone and (other := next(others, None)):
            self._uris[gone.path] = other  # the same file is open under another name

    def get(self, uri: str) -> Document | None:
        """The open document of that URI, or of another that names the same file."""
        found = self._open.get(uri)
        path = None if found else path_of(uri)
        return self.at(path) if path else found

    def at(self, path: Path) -> Document | None:
        """The open document of that file."""
        uri = self._uris.get(path)
        return self._open.get(uri) if uri else None

    def all(self) -> tuple[Document, ...]:
        """Every open document."""
        return tuple(self._open.values())

    def shown(self) -> Iterator[tuple[Path, str]]:
        """Each open file with its text."""
        for document in self.all():
            if self.at(document.path) is document:
                yield document.path, document.source

    def read(self, path: Path) -> str:
        """A file's text: as it is in the editor, else on disk; raises `InputError`."""
        document = self.at(path)
        return document.source if document else read_text(path)

    def peek(self, path: Path) -> str | None:
        """The same; None where it can't be read."""
        try:
            return self.read(path)
        except InputError:
            return None

    def overlay(self, path: Path) -> str | None:
        """A file's text as it is in the editor; None where it isn't open."""
        document = self.at(path)
        return document.source if document else None

    def text(self, path: Path) -> Text:
        """The same, to count in; raises `InputError`."""
        document = self.at(path)
        return document.text if document else Text(read_text(path), self.encoding)

    def uri(self, path: Path) -> str:
        """A file's URI, as the editor writes it where the file is or was open."""
        return self._uris.get(path) or uri_of(path)


def path_of(uri: str) -> Path | None:
    """The file that a URI names; None for any other scheme."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    name = unquote(parts.path)
    if parts.scheme != "file" or not name or "\0" in name:
        return None
    host = unquote(parts.netloc)
    share = f"//{host}" if host not in ("", "localhost") else ""
    return Path(os.path.normpath(f"{share}/{name.lstrip('/')}"))


def uri_of(path: Path) -> str:
    """A file's URI."""
    share = "" if str(path).startswith("//") else "//"
    return f"file:{share}{quote(os.fsencode(path))}"
