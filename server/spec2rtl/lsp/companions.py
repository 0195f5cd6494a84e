"""Which spec, RTL and tests belong together, by their names and what the front matter says."""

from collections.abc import Iterable
from pathlib import Path

from spec2rtl.config.settings import Settings
from spec2rtl.errors import Spec2rtlError
from spec2rtl.lsp.index import is_rtl, is_spec, is_tests
from spec2rtl.lsp.server import Server
from spec2rtl.rtl import Language
from spec2rtl.spec.frontmatter import read as read_front_matter


def stem(path: Path) -> str:
    """What specs, RTL and tests of one module have in common in their names."""
    if is_tests(path):
        return path.stem.removeprefix("test_")
    return path.name.split(".")[0]


def tests_of(ls: Server, path: Path, settings: Settings) -> Path | None:
    """The tests of a spec or of RTL, where they are there: first those that the spec names."""
    spec = path if is_spec(path) else spec_of(path) if is_rtl(path) else None
    text = ls.documents.peek(spec) if spec else None
    if text and (named := read_front_matter(text).front_matter.tests):
        return _first([path.parent / named])
    if settings.tests:
        return _first([Path(settings.tests)])
    return _first([path.with_name(f"test_{stem(path)}.py")])


async def tests_for(ls: Server, path: Path) -> Path | None:
    """The same with the settings that hold for the file; None also where these can't be read."""
    try:
        return tests_of(ls, path, await ls.workspaces.settings(path))
    except Spec2rtlError:
        return None


def rtl_of(path: Path, language: Language | None = None) -> Path | None:
    """The RTL of a spec or of tests, where it is there."""
    suffixes = (".sv", ".v") if language == "systemverilog" else (".v", ".sv")
    return _first(path.with_name(stem(path) + suffix) for suffix in suffixes)


def spec_of(path: Path) -> Path | None:
    """The spec of RTL or of tests, where it is there."""
    return _first([path.with_name(f"{stem(path)}.spec.md")])


def kind(path: Path) -> str | None:
    """`spec`, `rtl`, `tests` or None."""
    if is_spec(path):
        return "spec"
    return "rtl" if is_rtl(path) else "tests" if is_tests(path) else None


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)
