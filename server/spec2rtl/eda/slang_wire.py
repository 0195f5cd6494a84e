"""What is said to the slang worker and what it answers: one JSON object a line."""

from msgspec import Struct

from spec2rtl.rtl import Diagnostic, SourceFile


class Request(Struct, frozen=True):
    """Sources to read; `parse_only` asks for what lexer and parser find, nothing elaborated."""

    sources: tuple[SourceFile, ...]
    headers: tuple[tuple[str, SourceFile], ...] = ()
    defines: tuple[tuple[str, str], ...] = ()
    top: str | None = None
    parse_only: bool = False


class Answer(Struct, frozen=True):
    """What slang found; an empty one greets, when slang is loaded."""

    diagnostics: tuple[Diagnostic, ...] = ()
