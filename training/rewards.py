"""What a completion earns: `compile` as the paper defines it, and `function`.

Both go through the product's own reader, tools and judge. A completion that earns nothing because
it is bad gets 0; what could not be found out (a broken tool, a process that was killed) gets
None, which takes the completion out of its group.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from spec2rtl.errors import InputError, ToolError
from spec2rtl.loop.attempt import Attempt
from spec2rtl.loop.job import Job
from spec2rtl.repair.replies import Code, read_reply
from spec2rtl.syntax.lexer import Kind, Token, code, tokenize
from spec2rtl.syntax.modules import modules
from spec2rtl.syntax.reach import reaches
from spec2rtl.syntax.scope import scope_of
from spec2rtl.testgen.cores import on_all_cores
from training.examine import SECONDS, examined, job_of, toolchain

Name = Literal["compile", "function"]

CLEAN, MALFORMED, HARD = 1.0, 0.2, 0.0
_MALFORMED = (
    "is not a net",
    "non-continuous assignment",
    "explicit cast required",
    "is not a constant",
    "out of range",
    "unknown port",
    "port mismatch",
    "wrong number of ports",
    "unable to bind",
    "implicit definition",
)
"""The paper's: what iverilog says of a text whose structure is right."""
_HARD = ("unknown module type", "no such file or directory")
"""The paper's: these outweigh the former."""


class Claim(Struct, frozen=True):
    """A completion and what it answers; `base` is the text that it changes, if it changes one."""

    reply: str
    module: str
    tests: str = ""
    base: str = ""


class Rewards:
    """Scores batches on all cores. Close it to end its helper processes."""

    def __init__(
        self, cache: Path | None = None, jobs: int | None = None, seconds: float = SECONDS
    ) -> None:
        """`jobs` None: one per core; `seconds` bound one simulation."""
        self._loop = asyncio.Runner()
        self._tools = toolchain(cache, seconds)
        self._jobs = jobs

    def score(self, name: Name, claims: Sequence[Claim]) -> list[float | None]:
        """Give each claim's reward, in order."""
        return self._loop.run(self._score(name, claims))

    def close(self) -> None:
        """Let go of the tools."""
        self._loop.run(self._tools.aclose())
        self._loop.close()

    async def _score(self, name: Name, claims: Sequence[Claim]) -> list[float | None]:
        reward = self._compile if name == "compile" else self._function
        return [r async for r in on_all_cores(claims, reward, self._jobs)]

    async def _compile(self, claim: Claim) -> float | None:
        rtl = candidate(claim)
        if rtl is None or escape(rtl):
            return HARD
        attempt = await self._examined(claim, rtl, tests="")
        if attempt is None or attempt.compiled is None:
            return None
        report = attempt.compiled
        return (
            CLEAN if report.ok else graded(report.log) if report.reason == "compile_error" else 0.0
        )

    async def _function(self, claim: Claim) -> float | None:
        if not claim.tests:
            return None
        rtl = candidate(claim)
        if rtl is None or escape(rtl):
            return 0.0
        attempt = await self._examined(claim, rtl, tests=claim.tests)
        return None if attempt is None else float(attempt.verdict.outcome == "verified")

    async def _examined(self, claim: Claim, rtl: str, *, tests: str) -> Attempt | None:
        try:
            return await examined(self._tools, _job(claim.module, tests), rtl)
        except (ToolError, InputError):  # the tests themselves can't be run, or the tools
            return None


@lru_cache(maxsize=64)
def _job(module: str, tests: str) -> Job:
    """The job of a prompt, which several completions answer."""
    return job_of(module, tests=tests)


def reward_function(rewards: Rewards, name: Name) -> Callable[..., list[float | None]]:
    """The reward in the form that TRL calls: columns of the data set by their names."""

    def reward(
        completions: list[list[dict[str, str]]],
        module: list[str],
        tests: list[str],
        base: list[str],
        **_: Any,
    ) -> list[float | None]:
        replies = (turns[-1]["content"] for turns in completions)
        rows = zip(replies, module, tests, base, strict=True)
        return rewards.score(name, [Claim(*row) for row in rows])

    reward.__name__ = name
    return reward


def candidate(claim: Claim) -> str | None:
    """The RTL that the loop would read from a completion; None where there is none."""
    read = read_reply(
        claim.reply,
        task="repair" if claim.base else "generate",
        module=claim.module,
        base=claim.base,
        interface=None,
        language="verilog",
        truncated=False,
    )
    return read.rtl if isinstance(read, Code) else None


def graded(log: str) -> float:
    """How badly a text fails to compile, from the compiler's words: 0.2 or 0.0.

    The values and phrases are the paper's, and a hard one outweighs the others as there. Ours is
    that lines of warnings don't count: a syntax error beside a warning of an implicit definition
    is a syntax error. Ours too, and outside of this function: a text that reaches out of itself
    (`escape`), that is no module of the prompt's name or that no compiler was asked about earns
    0.0, and a compiler that could not be run earns None.
    """
    said = "\n".join(line for line in log.lower().splitlines() if ": warning:" not in line)
    if any(phrase in said for phrase in _HARD):
        return HARD
    return MALFORMED if any(phrase in said for phrase in _MALFORMED) else HARD


# --- what a design has no business to do

_FORBIDDEN = frozenset(("bind", "program", "class"))


def escape(rtl: str) -> str | None:
    """What in a design reaches out of it: a system task, a file, a name of its surroundings."""
    if made := next(reaches(rtl), None):
        return made.word
    tokens = code(rtl)
    for token in tokens:
        if token.kind is Kind.STRING and "DPI" in token.text:  # a function written in C
            return token.text
        if token.kind is Kind.KEYWORD and token.text in _FORBIDDEN:
            return token.text
    own = _own_names(rtl, tokens)
    bodies = (code(t.text.lstrip("`")) for t in tokenize(rtl) if t.kind is Kind.DIRECTIVE)
    for words in (tokens, *bodies):
        for i in range(1, len(words) - 1):
            if words[i].text == "." and (root := _root(words, i)) and root not in own:
                return f"{root}.{words[i + 1].text}"
    return None


def _root(tokens: list[Token], dot: int) -> str | None:
    """The first name of a path whose dot is at an index; None for a port connection's dot."""
    i = dot - 1
    while i > 0:
        if tokens[i].text == "]":
            depth = 1
            while depth and i > 0:
                i -= 1
                depth += (tokens[i].text == "]") - (tokens[i].text == "[")
            i -= 1
        elif tokens[i].kind is Kind.NAME and tokens[i - 1].text == ".":
            i -= 2
        else:
            break
    return tokens[i].text if tokens[i].kind in (Kind.NAME, Kind.MACRO) else None


_AFTER_NEW_NAME = frozenset("([;,=")


def _own_names(rtl: str, tokens: list[Token]) -> set[str]:
    """The names that the text introduces: declarations, labels of blocks, instances.

    A name after a name is an instance, or a variable of a type of the text's own.
    """
    own: set[str] = set()
    for module in modules(rtl):
        own |= scope_of(rtl, module).declarations.keys()
    for i in range(2, len(tokens)):
        labelled = tokens[i - 1].text == ":" and tokens[i - 2].text == "begin"
        instance = i + 1 < len(tokens) and tokens[i + 1].text in _AFTER_NEW_NAME
        instance = instance and (tokens[i - 1].kind is Kind.NAME or tokens[i - 1].text == ")")
        if tokens[i].kind is Kind.NAME and (labelled or instance):
            own.add(tokens[i].text)
    return own
