"""Do two designs behave alike? Decided by yosys and its ABC, believed if the simulator agrees."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from spec2rtl.eda.icarus import Compiler
from spec2rtl.eda.layout import read_in_place, reading_folder
from spec2rtl.eda.miter import (
    DIFFERS,
    NEW,
    OLD,
    Inputs,
    Pair,
    Shape,
    counterexample,
    may_be_undefined,
    miter,
    pair_of,
    shape_of,
)
from spec2rtl.eda.replay import difference, random_inputs, with_bench
from spec2rtl.eda.yosys import LOG, built, failure, perform, pyosys, text_of
from spec2rtl.errors import InputError, ToolError
from spec2rtl.process.both import both
from spec2rtl.process.limits import Limits
from spec2rtl.process.run import run
from spec2rtl.process.sandbox import Binds, Sandbox
from spec2rtl.process.scratch import scratch
from spec2rtl.rtl import Design, Different, Equal, Equivalence, Unknown
from spec2rtl.syntax.lexer import has_delays

_LIMITS = Limits()
"""Of each child; they are all ended with the time that a question may take."""
_TRIED = 400
"""Cycles of random inputs."""

_UNSETTLED = "unsettled.json"
_BUILD = (
    *("proc", "chformal -remove", "delete t:$print", "flatten -noscopeinfo", "tribuf"),
    *("opt_clean", "memory -nomap", "memory_map", f"write_json {_UNSETTLED}"),
    # An undefined value is 0 in both, not whatever suits the optimization of each.
    *("setundef -zero -undriven", "opt", "opt_dff", "opt_clean"),
)
_JOIN = (
    *("proc", "flatten -noscopeinfo", "async2sync", "opt -full", "techmap", "opt -fast"),
    *("dffunmap", "setundef -zero -init", "aigmap", "opt_clean"),
    "write_aiger -zinit -map miter.map miter.aig",
)
_ENGINES = ("pdr", "dprove", "sim3 -T 3")
"""What ABC tries at the same time: the first proof for any depth, the last only differences."""
_PROVED = ("Property proved", "Networks are equivalent", "UNSATISFIABLE")


@dataclass(frozen=True)
class Comparer:
    """The programs that decide, and how they are confined."""

    iverilog: str
    vvp: str
    sandbox: Sandbox

    async def equivalent(self, old: Design, new: Design, top: str, seconds: float) -> Equivalence:
        """Say within some seconds whether the outputs of two versions of a module ever differ."""
        abc = _abc()
        if abc is None:
            return Unknown("pyosys is not installed")
        try:
            async with asyncio.timeout(seconds):
                with scratch() as folder:
                    return await _Comparison(self, abc, old, new, top, folder).decide()
        except TimeoutError:
            return Unknown(f"not decided in {seconds:g} s")
        except ToolError as error:
            return Unknown(str(error))


def _abc() -> Path | None:
    """ABC as pyosys brings it."""
    program = (folder := pyosys()) and folder / "yosys-abc"
    return program if program and program.is_file() else None


@dataclass(frozen=True)
class _Comparison:
    """One question and the folder in which it is worked on."""

    tools: Comparer
    abc: Path
    old: Design
    new: Design
    top: str
    folder: Path

    async def decide(self) -> Equivalence:
        old, new = await both(self._built(self.old, OLD), self._built(self.new, NEW))
        if isinstance(old, str):
            return Unknown(f"the old version can't be compared: {old}")
        if isinstance(new, str):
            return Unknown(f"the new version can't be compared: {new}")
        pair = pair_of(old, new)
        if isinstance(pair, str):
            return Unknown(pair)
        tried, joined = await both(
            self._replayed(pair, random_inputs(pair, _TRIED, seed=1)), self._joined(pair)
        )
        if isinstance(tried, Different):
            return tried
        return Unknown(joined) if joined else await self._raced(pair)

    async def _built(self, design: Design, name: str) -> Shape | str:
        """Have yosys build a design, or say why it can't."""
        inner = self.folder / name
        inner.mkdir()
        design = structs.replace(design, top=self.top)
        passes = [*_BUILD, f"rename -top {name}", f"write_rtlil {name}.il"]
        sandbox = self.tools.sandbox
        try:
            made = await built(design, passes, inner, limits=_LIMITS, sandbox=sandbox)
        except InputError as error:
            return str(error)
        if made.why:
            return made.why
        (made.home / f"{name}.il").rename(self.folder / f"{name}.il")
        shape = shape_of(made.netlist, name)
        if isinstance(shape, str):
            return shape
        undefined = may_be_undefined(text_of(made.home / _UNSETTLED))
        delayed = any(has_delays(source.text) for source in design.sources)
        return structs.replace(shape, undefined=undefined, delayed=delayed)

    async def _joined(self, pair: Pair) -> str | None:
        """Make one circuit of the two; what went wrong, if anything."""
        (self.folder / f"{DIFFERS}.v").write_text(miter(pair), encoding="utf-8")
        commands = [f"read_rtlil {name}.il" for name in (OLD, NEW)]
        commands += [f"read_verilog {DIFFERS}.v", f"hierarchy -check -top {DIFFERS}", *_JOIN]
        sandbox = self.tools.sandbox
        result = await perform(commands, self.folder, limits=_LIMITS, sandbox=sandbox)
        if result.ended == "ok" and result.exit_code == 0:
            return None
        return failure(result, text_of(self.folder / LOG) + result.stderr)

    async def _raced(self, pair: Pair) -> Equivalence:
        """Take the first of ABC's engines that knows."""
        async with AsyncExitStack() as stack:
            tasks = [asyncio.create_task(self._engine(e, pair)) for e in _ENGINES]
            stack.push_async_callback(_end, tasks)
            doubt = "ABC decides neither way"
            for next_done in asyncio.as_completed(tasks):
                found = await next_done
                if isinstance(found, Equal):
                    return found
                if found is not None:
                    seen = await self._replayed(pair, found)
                    if seen:
                        return seen
                    doubt = "they differ only where a register or a value is undefined"
            return Unknown(doubt)

    async def _engine(self, engine: str, pair: Pair) -> Equal | list[Inputs] | None:
        name = f"{engine.split(maxsplit=1)[0]}.cex"
        script = f"read_aiger miter.aig; strash; {engine}; write_cex -a -m {name}"
        result = await run(
            [str(self.abc), "-q", script],
            cwd=self.folder,
            limits=_LIMITS,
            sandbox=self.tools.sandbox,
            binds=Binds(read=(self.abc.parent,), write=(self.folder,)),
        )
        # Its exit status is 0 whatever happens.
        if any(line.startswith(_PROVED) for line in result.stdout.splitlines()):
            return Equal(pair.given)
        return counterexample(text_of(self.folder / "miter.map"), text_of(self.folder / name), pair)

    async def _replayed(self, pair: Pair, inputs: list[Inputs]) -> Different | None:
        """Give both designs these inputs in the simulator."""
        old, new = await both(
            self._printed(self.old, pair, inputs), self._printed(self.new, pair, inputs)
        )
        if old is None or new is None:
            raise ToolError("it doesn't compile in a bench of its own")
        return difference(old, new, pair, inputs)

    async def _printed(self, design: Design, pair: Pair, inputs: list[Inputs]) -> str | None:
        tools, bench = self.tools, with_bench(design, self.top, pair, inputs)
        compiled = await Compiler(tools.iverilog, _LIMITS, tools.sandbox).compile(bench)
        if compiled.image is None:
            return None
        with scratch() as folder:
            home = reading_folder(folder, bench)
            image = folder / "spec2rtl.vvp"
            image.write_bytes(compiled.image)
            result = await run(
                [tools.vvp, "-n", str(image), "-none"],
                cwd=home,
                limits=_LIMITS,
                sandbox=tools.sandbox,
                binds=Binds(read=read_in_place(bench), write=(folder,)),
            )
        return result.stdout


async def _end(tasks: Sequence[asyncio.Task[Equal | list[Inputs] | None]]) -> None:
    """Stop what still runs, with its processes."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
