"""Reads what a run works on and freezes it: the only place where a `Job` is made from files."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, structs

from spec2rtl.config.settings import Settings
from spec2rtl.eda.sources import (
    Overlay,
    absolute,
    in_workspace,
    load_design,
    on_disk,
    read_text,
)
from spec2rtl.eda.testbench import load_testbench, refuse_missing_imports
from spec2rtl.errors import ConfigError, InputError
from spec2rtl.events import Input
from spec2rtl.loop.job import Job
from spec2rtl.rtl import Design, Interface, Language, SourceFile, Testbench, digest
from spec2rtl.spec.comments import SpecComment, comment_at, spec_comments
from spec2rtl.spec.frontmatter import BAD_BUDGET, BAD_LANGUAGE
from spec2rtl.spec.interface import known_interface
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse
from spec2rtl.spec.region import region_text, without_region
from spec2rtl.syntax.keywords import is_identifier
from spec2rtl.syntax.lexer import code
from spec2rtl.syntax.modules import find_module, modules, top_module
from spec2rtl.syntax.testbench import read_testbench

MAX_SPEC_BYTES = 1 << 20
RTL_SUFFIXES = {".v": "verilog", ".sv": "systemverilog", ".vh": "verilog", ".svh": "systemverilog"}
NOT_RTL = {".py": "Python", ".md": "Markdown", ".json": "JSON", ".vhd": "VHDL", ".vhdl": "VHDL"}
SUFFIX: dict[Language, str] = {"verilog": ".v", "systemverilog": ".sv"}


class SpecSource(Struct, frozen=True):
    """A spec as it was read: a file of its own, or a comment in an RTL file."""

    path: Path
    text: str
    spec: Spec
    comment: SpecComment | None = None

    @property
    def stem(self) -> str:
        """The file's name without `.spec.md`, `.md` or `.v`."""
        return self.path.name.split(".")[0] or self.path.stem

    @property
    def language(self) -> Language | None:
        """What the front matter, or the file that holds the comment, says."""
        if self.comment:
            return "systemverilog" if self.path.suffix == ".sv" else "verilog"
        return self.spec.front_matter.language


def spec_beside(file: Path) -> Path | None:
    """The spec of RTL that lies beside it, where there is one."""
    beside = file.with_name(f"{file.stem}.spec.md")
    return beside if beside.exists() else None


def read_spec(argument: str, *, overlay: Overlay = on_disk) -> SpecSource:
    """Read `NAME.spec.md`, or the spec comment that `FILE.v` or `FILE.v:LINE` names."""
    path, line = _split_line(argument)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a spec file")
    text = read_text(path, overlay, MAX_SPEC_BYTES)
    if path.suffix in RTL_SUFFIXES:
        comment = _find_comment(path, text, line)
        spec = parse(comment.text)
        _refuse_bad_values(path, spec, above=comment.line - 1)
        return SpecSource(absolute(path), text, spec, comment)
    if line is not None:
        raise InputError(f"{path}: a line is named only in a .v or .sv file")
    if not text.strip():
        raise InputError(f"{path}: is empty; write what the module shall do")
    spec = parse(text)
    for issue in spec.issues:
        if issue.code == "front-matter-invalid":
            raise InputError(f"{path}:{issue.line}: {issue.message.partition(';')[0]}")
    _refuse_bad_values(path, spec)
    return SpecSource(absolute(path), text, spec)


def _refuse_bad_values(path: Path, spec: Spec, *, above: int = 0) -> None:
    """Raise `InputError`, one line for each value that can't be met."""
    bad = [issue for issue in spec.issues if issue.code in {BAD_BUDGET, BAD_LANGUAGE}]
    if bad:
        raise InputError("\n".join(f"{path}:{above + i.line}: {i.message}" for i in bad))


def generate_job(
    source: SpecSource,
    settings: Settings,
    *,
    tests: str | None = None,
    module: str | None = None,
    out: str | None = None,
    tested: bool = True,
    overlay: Overlay = on_disk,
) -> Job:
    """Freeze the inputs of `generate`; `tested` False: whatever tests there are do not count.

    The module's name comes from `module`, else the tests' top level, the front matter, the text,
    the file's name. Raises `InputError`.
    """
    spec, front = source.spec, source.spec.front_matter
    bench = _testbench(source, settings, tests, module or spec.module, overlay) if tested else None
    if bench:
        refuse_missing_imports(bench)
    name = (
        module
        or (bench.top if bench else None)
        or front.module
        or spec.module
        or _identifier(source.stem)
    )
    language = _language(source, settings, out)
    beside = (
        source.path if source.comment else source.path.with_name(source.stem + SUFFIX[language])
    )
    if not is_identifier(name):
        raise InputError(f"{source.path}: `{name}` is no Verilog name; give one with --module")
    target = absolute(Path(out)) if out else beside
    if not spec.ports and not (bench and bench.signals):
        raise InputError(
            f"{source.path}: no ports found; list them (`- input clk`, a table, or a Verilog header)"
        )
    context = _context(source, settings, target, name, overlay)
    if out and str(target) in {str(source.path), bench.path if bench else None}:
        raise InputError(f"{target}: is an input of this run; choose another --out")
    if out and Path(out).suffix not in SUFFIX.values():
        raise InputError(f"{out}: no RTL file; --out must end in .v or .sv")
    interface = known_interface(spec, name)
    if interface and bench and not _has_what_is_driven(interface, bench):
        interface = None
    if interface:
        _check_parameters(settings, interface, spec.text)
    return Job(
        task="generate",
        module=name,
        target=SourceFile(str(target), ""),
        language=language,
        context=context,
        testbench=bench,
        spec=spec,
        interface=interface,
        inputs=_inputs(source, context.sources, bench),
        replaces=_replaced(source, target, name, overlay),
    )


def modify_job(
    files: Sequence[str],
    settings: Settings,
    *,
    instruction: str | None = None,
    tests: str | None = None,
    spec: str | None = None,
    top: str | None = None,
    design: Design | None = None,
    overlay: Overlay = on_disk,
) -> Job:
    """Freeze the inputs of `repair`, or of `edit` where there is an instruction.

    The target is the one of `files` that holds the top module; `design` is what they are part of,
    where that is known already. Raises `InputError`.
    """
    if instruction is not None and not instruction.strip():
        raise InputError("--instruction is empty; say what to change")
    if design is None:
        paths = [*map(Path, files), *map(Path, settings.sources)]
        design = read_design(paths, settings, overlay=overlay)
    source = _companion_spec(spec, Path(files[0]), overlay)
    bench = _rtl_testbench(tests, source, settings, Path(files[0]), overlay)
    if bench:
        refuse_missing_imports(bench)
    name = top_of(design, settings, top, bench)
    own = {str(absolute(Path(name))) for name in files}
    target = _holding([s for s in design.sources if s.path in own], name)
    if not code(target.text):
        raise InputError(f"{target.path}: holds no code; write it with: spec2rtl generate SPEC")
    held = [m.name for m in modules(target.text)]
    inner = name if name in held else next(reversed(held), None)
    rest = tuple(s for s in design.sources if s != target)
    module = inner or name or _identifier(Path(target.path).stem)
    return Job(
        task="repair" if instruction is None else "edit",
        module=module,
        target=target,
        language="systemverilog" if target.path.endswith(".sv") else "verilog",
        context=structs.replace(design, sources=rest, top=name or module),
        testbench=bench,
        spec=source.spec if source else None,
        instruction=instruction,
        inputs=_inputs(source, design.sources, bench),
    )


def read_design(files: Sequence[Path], settings: Settings, *, overlay: Overlay = on_disk) -> Design:
    """Freeze a design as the settings say; raises `InputError`, `ConfigError`."""
    for folder in settings.include_dirs:
        if not Path(folder).is_dir():
            raise ConfigError(f"{folder}: no such include folder; mend -I or `include_dirs`")
    for file in files:
        if language := NOT_RTL.get(file.suffix.lower()):
            raise InputError(f"{file}: {language}, no Verilog; name the design's .v or .sv files")
    return load_design(
        files,
        include_dirs=[Path(d) for d in settings.include_dirs],
        defines=settings.defines,
        parameters=settings.parameters,
        listed=[Path(name) for name in settings.sources],
        overlay=overlay,
    )


def top_of(
    design: Design, settings: Settings, top: str | None, bench: Testbench | None
) -> str | None:
    """The top module: the one named, else the only one that no other instantiates.

    Raises `InputError` where the one named isn't there, `ConfigError` where it lacks a parameter
    that is to be set.
    """
    texts = [source.text for source in design.sources]
    name = _named_top(design, top, bench) or top_module(texts)
    for text in texts:
        module = find_module(text, name) if name else None
        if module and module.clean and "`include" not in text:
            _check_parameters(settings, module.interface)
    return name


def _check_parameters(settings: Settings, interface: Interface, mentions: str = "") -> None:
    """Raise `ConfigError` for one to be set that the module lacks and `mentions` doesn't name."""
    known = [p.name for p in interface.parameters]
    for name, _ in settings.parameters:
        if name not in known and not re.search(rf"\b{re.escape(name)}\b", mentions):
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise ConfigError(f"-P {name}: no such parameter of `{interface.module}`: {has}")


def _named_top(design: Design, top: str | None, bench: Testbench | None) -> str | None:
    name = top or (bench.top if bench else None)
    held = sorted({m.name for source in design.sources for m in modules(source.text)})
    if name is None or name in held or not held:
        return name
    who = "--top" if top or bench is None else bench.path
    raise InputError(
        f"{who}: the top module `{name}` is not in the RTL, which has {', '.join(held)}"
    )


def _split_line(argument: str) -> tuple[Path, int | None]:
    path = Path(argument)
    name, colon, line = argument.rpartition(":")
    if colon and line.isdigit() and not path.exists():
        return Path(name), int(line)
    return path, None


def _find_comment(path: Path, text: str, line: int | None) -> SpecComment:
    if line is not None:
        comment = comment_at(text, line)
        if comment is None:
            raise InputError(f"{path}:{line}: no comment there; name a line of the spec comment")
        return comment
    found = spec_comments(text)
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(f"{path}: no comment begins with `spec:`; name its line as {path}:LINE")
    lines = ", ".join(str(comment.line) for comment in found)
    raise InputError(f"{path}: spec comments at lines {lines}; name one as {path}:LINE")


def _language(source: SpecSource, settings: Settings, out: str | None) -> Language:
    if out and Path(out).suffix in {".v", ".sv"}:
        return "systemverilog" if out.endswith(".sv") else "verilog"
    return source.language or settings.language


def _has_what_is_driven(interface: Interface, bench: Testbench) -> bool:
    """Does a module with that interface have every name that its tests drive?

    If not, the spec declares some port in a way that we can't read.
    """
    return {*read_testbench(bench.text).driven} <= {port.name for port in interface.ports}


def _context(
    source: SpecSource, settings: Settings, target: Path, module: str, overlay: Overlay
) -> Design:
    """The design around the module: the front matter's sources, or the comment's own file."""
    root = source.path.parent
    listed = [root / name for name in source.spec.front_matter.sources]
    listed += [Path(name) for name in settings.sources]
    for path in listed:
        if not in_workspace(path, root):
            raise InputError(f"{source.path}: sources: {path} is outside the workspace")
    others = [path for path in listed if absolute(path) != target]
    context = read_design(others, settings, overlay=overlay)
    if source.comment and (host := without_region(source.text, module)) and modules(host):
        own = SourceFile(str(source.path), host)
        context = structs.replace(context, sources=(*context.sources, own))
    return context


def _replaced(source: SpecSource, target: Path, module: str, overlay: Overlay) -> str | None:
    """The RTL that stands where the result will go, as it was when the run began."""
    if source.comment and target == source.path:
        return region_text(source.text, module)
    try:
        return read_text(target, overlay) if target.exists() else None
    except (InputError, OSError):  # said where it is to be written
        return None


def _testbench(
    source: SpecSource,
    settings: Settings,
    tests: str | None,
    module: str | None,
    overlay: Overlay,
) -> Testbench | None:
    front = source.spec.front_matter.tests
    if tests:
        return load_testbench(Path(tests), overlay=overlay)
    if front:
        path = absolute(source.path.parent / front)
        if not in_workspace(path, source.path.parent):
            raise InputError(f"{source.path}: tests: {front} is outside the workspace")
        return load_testbench(path, overlay=overlay)
    names = [source.stem] if source.comment is None else [module or source.stem, source.stem]
    return _beside(source.path.parent, settings, names, overlay)


def _beside(
    folder: Path, settings: Settings, names: Sequence[str], overlay: Overlay
) -> Testbench | None:
    if settings.tests:
        return load_testbench(Path(settings.tests), overlay=overlay)
    for name in names:
        path = folder / f"test_{name}.py"
        if path.exists():
            return load_testbench(path, overlay=overlay)
    return None


def _rtl_testbench(
    tests: str | None,
    source: SpecSource | None,
    settings: Settings,
    file: Path,
    overlay: Overlay,
) -> Testbench | None:
    if tests:
        return load_testbench(Path(tests), overlay=overlay)
    if source:
        return _testbench(source, settings, None, None, overlay)
    return _beside(absolute(file).parent, settings, [file.stem], overlay)


def _companion_spec(spec: str | None, file: Path, overlay: Overlay) -> SpecSource | None:
    if spec:
        return read_spec(spec, overlay=overlay)
    beside = spec_beside(file)
    return read_spec(str(beside), overlay=overlay) if beside else None


def _holding(sources: Sequence[SourceFile], module: str | None) -> SourceFile:
    """The one file that may change."""
    if len(sources) == 1:
        return sources[0]
    holders = [s for s in sources if module in {m.name for m in modules(s.text)}]
    if len(holders) == 1:
        return holders[0]
    names = ", ".join(sorted({m.name for s in sources for m in modules(s.text)}))
    what = f"no single top module among {names}" if module is None else f"no single `{module}`"
    raise InputError(f"{what} in the files given; name the one to change with --top")


def _inputs(
    source: SpecSource | None, sources: Sequence[SourceFile], bench: Testbench | None
) -> tuple[Input, ...]:
    inputs = [Input("spec", str(source.path), digest(source.text))] if source else []
    seen = {i.path for i in inputs}
    inputs += [Input("rtl", s.path, digest(s.text)) for s in sources if s.path not in seen]
    if bench:
        inputs.append(Input("testbench", bench.path, digest(bench.text)))
        folder = Path(bench.path).parent
        inputs += [
            Input("testbench", str(folder / f.name), hashlib.sha256(f.data).hexdigest())
            for f in bench.files
            if str(folder / f.name) != bench.path
        ]
    return tuple(inputs)


def _identifier(name: str) -> str:
    text = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)
    return f"m_{text}" if not text or text[0].isdigit() else text
