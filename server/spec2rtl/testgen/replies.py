"""From a test writer's reply to a cocotb module, or why there is none."""

import ast
import re
import sys

from markdown_it import MarkdownIt
from msgspec import Struct

from spec2rtl.rtl import Interface, Origin, Testbench
from spec2rtl.syntax.testbench import GENERATED, TestbenchFacts, parse, read_testbench
from spec2rtl.testgen.skeleton import MODEL

MARK = f"{GENERATED}, not reviewed; remove this line to adopt them\n"


class Unusable(Struct, frozen=True):
    """Why a reply holds no tests; `text` is the module, as far as there is one."""

    why: str
    text: str = ""


def read_tests(
    reply: str, interface: Interface, *, truncated: bool, begun: bool = False
) -> Testbench | Unusable:
    """Read a reply: its module must be whole, have tests, and use ports and known imports only.

    Of one that was `begun` with a skeleton, what was written last is left out if it was cut off.
    """
    text, closed = _module(reply)
    cut_off = truncated or not closed
    if begun and cut_off:
        text = whole(text)
        cut_off = f"class {MODEL}" not in text
    facts = read_testbench(text)
    if cut_off:
        return Unusable("The reply was cut off before its end.", text)
    if not text:
        return Unusable("The reply holds no fenced block with a cocotb module.")
    if facts.error:
        line, why = facts.error
        return Unusable(f"Line {line} is no Python: {why}.", text)
    why = _unfit(text, facts, interface)
    if why:
        return Unusable(why, text)
    return generated(interface, text, facts)


def generated(interface: Interface, text: str, facts: TestbenchFacts) -> Testbench:
    """The test bench of a module's text, marked as generated."""
    name = f"test_{interface.module}"
    marked = text if facts.generated else MARK + text
    return Testbench(
        module=name,
        path=f"/{name}.py",
        text=marked,
        tests=facts.tests,
        top=interface.module,
        signals=facts.signals,
        origin=Origin.GENERATED,
    )


def whole(text: str) -> str:
    """A module without the statement that it breaks off in, and those that are no Python before."""
    lines = text.splitlines(keepends=True)
    starts = [n for n, line in enumerate(lines) if line[:1] not in (" ", "\t", "\n", ")", "]", "}")]
    while starts:
        end = starts.pop()
        if starts and lines[starts[-1]].startswith("@"):  # the decorator of what is left out
            end = starts.pop()
        kept = "".join(lines[:end])
        if not read_testbench(kept).error:
            return kept
    return ""


def _module(reply: str) -> tuple[str, bool]:
    """The longest fenced block that speaks of cocotb, and whether its fence is closed."""
    lines = reply.split("\n")
    found: list[tuple[str, bool]] = []
    for token in MarkdownIt().parse(reply):
        if token.type == "fence" and token.map and "cocotb" in token.content:
            last = lines[token.map[1] - 1].strip() if token.map[1] <= len(lines) else ""
            found.append((token.content, re.fullmatch(r"[`~]{3,}", last) is not None))
    if found:
        return max(found, key=lambda block: len(block[0]))
    bare = read_testbench(reply)
    return (reply, True) if bare.tests or bare.dynamic else ("", True)


def _unfit(text: str, facts: TestbenchFacts, interface: Interface) -> str | None:
    if not facts.tests and not facts.dynamic:
        return "It has no tests; a test is an async function under @cocotb.test()."
    ports = {port.name for port in interface.ports}
    if unknown := sorted(set(facts.signals) - ports):
        return f"It uses `dut.{unknown[0]}`, which is no port; the ports are {', '.join(sorted(ports))}."
    known = sys.stdlib_module_names | {"cocotb"}
    if foreign := [name for name in _imported(parse(text)) if name not in known]:
        return f"It imports `{foreign[0]}`; it may import cocotb and Python's standard library."
    return None


def _imported(tree: ast.Module) -> list[str]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name.partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append("." if node.level else (node.module or "").partition(".")[0])
    return names


_NUMBER = re.compile(r"\s*requirements?\s*(\d+(?:\s*(?:,|and|&)\s*\d+)*)", re.IGNORECASE)


def requirements_of(text: str) -> dict[str, tuple[int, ...]]:
    """The requirements, by number, that each test function says it tests."""
    found: dict[str, tuple[int, ...]] = {}
    for node in parse(text).body:
        if isinstance(node, ast.AsyncFunctionDef):
            said = _NUMBER.match(ast.get_docstring(node) or "")
            found[node.name] = tuple(map(int, re.findall(r"\d+", said[1]))) if said else ()
    return found
