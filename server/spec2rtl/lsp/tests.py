"""The cocotb tests of the workspace, read off their source without running anything."""

import asyncio
import re
from pathlib import Path

from spec2rtl.lsp import wire
from spec2rtl.lsp.commands import file_of
from spec2rtl.lsp.companions import rtl_of, spec_of, stem
from spec2rtl.lsp.index import is_tests
from spec2rtl.lsp.progress import Token
from spec2rtl.lsp.server import Server
from spec2rtl.syntax.testbench import read_testbench


async def tests(ls: Server, args: wire.TestsArgs, _: Token) -> wire.TestList:
    """Discover tests; a module that can't be read has none."""
    await ls.surveyed.wait()
    paths = (file_of(args.uri),) if args.uri else ls.index.others(is_tests)

    def discover() -> tuple[wire.Test, ...]:
        return tuple(test for path in paths for test in _tests(ls, path))

    return wire.TestList(await asyncio.to_thread(discover))


def _tests(ls: Server, path: Path) -> list[wire.Test]:
    text = ls.documents.peek(path)
    if text is None:
        return []
    facts = read_testbench(text)
    spec, rtl = spec_of(path), rtl_of(path)
    return [
        wire.Test(
            uri=ls.documents.uri(path),
            name=name,
            line=_line(text, name),
            spec=ls.documents.uri(spec) if spec else None,
            rtl=ls.documents.uri(rtl) if rtl else None,
            module=facts.top or stem(path),
        )
        for name in facts.tests
    ]


def _line(text: str, name: str) -> int:
    """Where the test's function is; a parametrized name begins with that of its function."""
    base = re.split(r"\W", name)[0]
    match = re.search(rf"^\s*(?:async\s+)?def\s+{re.escape(base)}\b", text, re.MULTILINE)
    return text.count("\n", 0, match.end()) if match else 0
