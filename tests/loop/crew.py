"""A crew without a machine: models that read from a list, tools that read from the RTL."""

import re
from collections.abc import AsyncIterator, Sequence

from spec2rtl.chat import Chunk, Delta, Prompt, Reply, Usage
from spec2rtl.errors import BackendError
from spec2rtl.rtl import (
    CompileReport,
    Design,
    Diagnostic,
    SimulationReport,
    Testbench,
    TestResult,
)


class ListModel:
    """Gives its replies in order and remembers its prompts."""

    strong = True
    continues = False
    parallel = 1

    def __init__(self, replies: Sequence[str], name: str = "list") -> None:
        self.name = name
        self.replies = list(replies)
        self.prompts: list[Prompt] = []

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        self.prompts.append(prompt)
        if not self.replies:
            raise BackendError(f"{self.name} ran dry")
        text = self.replies.pop(0)
        yield Delta(text)
        yield Reply(text, Usage(10, 0, 5, 0.01))

    async def aclose(self) -> None:
        """Nothing to let go of."""


class CommentToolchain:
    """Reads from `// errors: N` and `// tests: P/T` in the RTL what the tools shall say."""

    def __init__(self) -> None:
        self.compiled: list[str] = []
        self.simulated: list[str] = []

    async def compile(self, design: Design) -> CompileReport:
        source = design.sources[-1]
        self.compiled.append(source.text)
        count = int(_comment(source.text, r"errors: (\d+)") or 0)
        faults = tuple(
            Diagnostic(source.path, n + 1, 1, n + 1, 2, "error", "syntax-error", "bad", "iverilog")
            for n in range(count)
        )
        return CompileReport(not count, "compile_error" if count else "ok", faults, seconds=0.5)

    async def simulate(self, design: Design, testbench: Testbench) -> SimulationReport:
        text = design.sources[-1].text
        self.simulated.append(text)
        passed, total = map(int, (_comment(text, r"tests: (\d+/\d+)") or "1/1").split("/"))
        tests = tuple(
            TestResult(f"test_{n}", "passed" if n < passed else "failed", f"fresh {n}")
            for n in range(total)
        )
        good = passed == total
        return SimulationReport(
            "passed" if good else "failed", "ok" if good else "test_failed", tests=tests, seconds=1
        )


class HeldClock:
    """Time that stands still."""

    def monotonic(self) -> float:
        return 100.0

    def time(self) -> float:
        return 1_700_000_000.0


class ListOutlet:
    """Keeps what is delivered."""

    def __init__(self, changed: Sequence[str] = ()) -> None:
        self.delivered: list[str] = []
        self._changed = tuple(changed)

    def changed(self) -> tuple[str, ...]:
        return self._changed

    def deliver(self, rtl: str) -> tuple[str | None, str | None]:
        self.delivered.append(rtl)
        return "/out/m.v", None


def _comment(text: str, pattern: str) -> str | None:
    found = re.search(pattern, text)
    return found[1] if found else None
