"""What the tools say of one design, and where each of it is shown: pure."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, structs

from spec2rtl.config.settings import Settings
from spec2rtl.eda.merge import Said, merged
from spec2rtl.lsp.workspace import tools_of
from spec2rtl.rtl import Design, Diagnostic, Related
from spec2rtl.syntax.lexer import code
from spec2rtl.syntax.modules import modules


class Checked(Struct, frozen=True):
    """What the tools say of one design; None: not asked yet, or it can't say and a note why."""

    design: Design
    settings: Settings = Settings()
    asked: int = 0  # which question it answers: of two, the later one counts
    slang: tuple[Diagnostic, ...] | None = None
    iverilog: tuple[Diagnostic, ...] | None = None
    lint: tuple[Diagnostic, ...] | None = None
    compiles: bool = False
    version: str = ""
    slang_note: str | None = None
    iverilog_note: str | None = None

    @property
    def of(self) -> tuple[object, ...]:
        """What it is said of, and by whom: of anything else, and by others, it holds no longer."""
        return self.design, tools_of(self.settings)

    @property
    def notes(self) -> tuple[str, ...]:
        """Why a tool can't say."""
        return tuple(note for note in (self.slang_note, self.iverilog_note) if note)

    def by_file(self, own: Path, differing: tuple[Diagnostic, ...]) -> dict[Path, list[Diagnostic]]:
        """What the tools say, and where the spec differs, of the file itself and of its headers.

        Other sources have their own check; what doesn't compile there is told where the file leads
        to it. Of a design that the file is but a part of, only that part counts, and what doesn't
        compile around its code if nothing else is wrong.
        """
        lint = (*(self.lint or ()), *differing)
        said = Said(self.slang, self.iverilog, lint, self.compiles, self.version)
        part = next((h for _, h in self.design.headers if h.path == str(own)), None)
        wanted = {str(own), *(() if part else (header.path for _, header in self.design.headers))}
        files: dict[Path, list[Diagnostic]] = {}
        beyond: dict[str, Diagnostic] = {}
        for one in dict.fromkeys(merged(said)):
            if one.file in wanted:
                files.setdefault(Path(one.file), []).append(one)
            elif one.severity == "error":
                beyond.setdefault(one.file, one)
        if part is None or (own not in files and code(part.text)):
            for one in self._led(str(own), beyond):
                files.setdefault(own, []).append(one)
        return files

    def _led(self, own: str, beyond: dict[str, Diagnostic]) -> Iterator[Diagnostic]:
        """The first error of each other source, at what the file has of it."""
        texts = {source.path: source.text for source in self.design.sources}
        text = texts.get(own, "")
        for file, error in beyond.items():
            names = {module.name for module in modules(texts.get(file, ""))}
            used = next((t.start for t in code(text) if t.text in names), 0)
            line, column = text.count("\n", 0, used) + 1, used - text.rfind("\n", 0, used)
            yield structs.replace(
                error,
                file=own,
                line=line,
                column=column,
                end_line=line,
                end_column=column,
                message=f"{Path(file).name}, line {error.line}: {error.message}",
                related=(Related(file, error.line, error.column, error.message), *error.related),
            )
