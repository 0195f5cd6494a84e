"""`waves`: the recording of a failing test, for a viewer to open where it failed."""

import asyncio
import os
import re
import shutil

from spec2rtl.checks import look_into
from spec2rtl.config.folders import cache_dir
from spec2rtl.errors import InputError, Spec2rtlError
from spec2rtl.evidence.picture import svg
from spec2rtl.evidence.report import explained
from spec2rtl.lsp import wire
from spec2rtl.lsp.progress import Progress, Token
from spec2rtl.lsp.server import Server
from spec2rtl.lsp.tools import prepared
from spec2rtl.rtl import Explained, digest


async def waves(ls: Server, args: wire.WavesArgs, token: Token) -> wire.Waves:
    """Record a failing test once more; the file stays until the next recording of that test."""
    try:
        return await _recorded(ls, args, token)
    except Spec2rtlError as error:
        return wire.Waves(message=str(error))


async def _recorded(ls: Server, args: wire.WavesArgs, token: Token) -> wire.Waves:
    path, tools, design, bench = await prepared(ls, args)
    async with Progress(ls, f"Record {args.test}", token=token):
        report = await tools.simulate(design, bench)
        test = next((test for test in report.tests if test.name == args.test), None)
        if test is None:
            raise InputError(f"{path.name}: no test `{args.test}` was run: {report.reason}")
        if test.status == "passed":
            raise InputError(f"{args.test} passes: there is no failure to show")
        folder = cache_dir(os.environ) / "waves" / digest(bench.path)[:12]
        why = await look_into(tools, design, bench, report.tests, test, keep=folder)
    if why is None:
        raise InputError(f"{args.test} could not be recorded, or did not fail again")
    return await asyncio.to_thread(_answer, explained(why))


def _answer(told: Explained) -> wire.Waves:
    save = re.sub(r"\.\w+$", ".gtkw", told.file) if told.file else None
    return wire.Waves(
        told.file,
        save,
        shutil.which("gtkwave"),
        told.signals,
        told.time_ns,
        told.text,
        svg(told.wave),
        told.test,
    )
