# ruff: noqa: T201
"""How many interfaces the spec parser recovers exactly, for each benchmark in a folder.

    python scripts/spec_recovery.py DATA_DIR

DATA_DIR holds `verilog_eval_dev` (prompts and references) and `cvdp_cid003_dev` (problems, their
harness and candidates). VerilogEval: the ports of the reference. CVDP: every name that the tests
use must be known, and names, directions and widths must equal those of the published candidate,
the widths being compared at the parameters' default values.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyslang

from spec2rtl.rtl import Interface, Parameter
from spec2rtl.spec.header import header
from spec2rtl.spec.model import Spec
from spec2rtl.spec.parse import parse

Shape = dict[str, tuple[str, int]]
"""Direction and width of each port."""

_DUT = re.compile(r"\bdut\.([A-Za-z]\w*)")
# What cocotb itself offers on a handle.
_NOT_SIGNALS = frozenset({"_log", "value"})


def main() -> None:
    """Print what is recovered and why the rest is not."""
    folder = Path(sys.argv[1])
    report("VerilogEval", verilog_eval(folder / "verilog_eval_dev"))
    report("CVDP", cvdp(folder / "cvdp_cid003_dev"))


def report(name: str, outcomes: Iterator[tuple[str, list[str]]]) -> None:
    """Print one benchmark's count and misses."""
    missed = dict(outcomes)
    for problem, misses in missed.items():
        for miss in misses:
            print(f"  {problem}: {miss}")
    exact = sum(not misses for misses in missed.values())
    print(f"{name}: {exact} of {len(missed)} interfaces recovered exactly")


def verilog_eval(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Compare each prompt with the ports of its reference."""
    for prompt in sorted(folder.glob("*_prompt.txt")):
        problem = prompt.name.removesuffix("_prompt.txt")
        reference = (folder / f"{problem}_ref.sv").read_text()
        spec = parse(prompt.read_text())
        yield problem, differences(shape_of_spec(spec), shape(reference, "RefModule"))


def cvdp(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Compare each prompt with its harness and its published candidate."""
    for line in (folder / "problems.jsonl").read_text().splitlines():
        problem = json.loads(line)
        files = problem["harness"]["files"]
        spec = parse(problem["input"]["prompt"])
        path = next(iter(problem["output"]["context"]))
        candidate = (folder / "candidates" / problem["id"] / path).read_text()
        top = top_level(files) or spec.module or ""
        wanted, defaults = shape(candidate, top), defaults_of(candidate, top)
        known = {port.name for port in spec.ports} | {p.name for p in spec.parameters}
        misses = differences(shape_of_spec(spec, defaults), wanted)
        for name in sorted(names_used(files) - known):
            if name in wanted or name in defaults:
                misses.append(f"the tests use `{name}`")
            else:
                print(f"  {problem['id']}: note: `{name}` in the tests is no port of the candidate")
        yield problem["id"], misses


def top_level(files: dict[str, str]) -> str | None:
    """Read the top level's name from the harness's environment."""
    found = re.search(r"^\s*TOPLEVEL\s*=\s*(\w+)", files.get("src/.env", ""), re.MULTILINE)
    return found[1] if found else None


def names_used(files: dict[str, str]) -> set[str]:
    """List the names that the tests use on the design."""
    tests = [text for path, text in files.items() if path.endswith(".py")]
    return {name for text in tests for name in _DUT.findall(text)} - _NOT_SIGNALS


def shape_of_spec(spec: Spec, defaults: dict[str, str] | None = None) -> Shape:
    """Evaluate the widths that the parser found by elaborating the header they lead to.

    Where the spec gives a parameter no default, the candidate's is as good as any.
    """
    name = spec.module or "top"
    if not spec.ports:
        return {}
    parameters = tuple(
        Parameter(p.name, p.default or (defaults or {}).get(p.name, "8")) for p in spec.parameters
    )
    text = header(Interface(name, spec.ports, parameters), "systemverilog")
    return shape(f"{text}\nendmodule\n", name)


def elaborated(text: str, top: str) -> Any:
    """Elaborate a module with its default parameters; None if there is none of that name."""
    compilation = pyslang.ast.Compilation()
    compilation.addSyntaxTree(pyslang.syntax.SyntaxTree.fromText(text))
    instances = compilation.getRoot().topInstances
    return next((one.body for one in instances if one.name == top), None)


def shape(text: str, top: str) -> Shape:
    """Read direction and width of a module's ports."""
    body = elaborated(text, top)
    ports = body.portList if body else []
    return {port.name: (port.direction.name, port.type.bitWidth) for port in ports}


def defaults_of(text: str, top: str) -> dict[str, str]:
    """Read the default values of a module's parameters."""
    body = elaborated(text, top)
    return {p.name: str(p.value) for p in body.parameters} if body else {}


def differences(found: Shape, wanted: Shape) -> list[str]:
    """Say where two interfaces differ."""
    if not wanted:
        return ["no reference to compare with"]
    missing = [f"missing {name}" for name in wanted if name not in found]
    extra = [f"extra {name}" for name in found if name not in wanted]
    other = [
        f"{name}: found {found[name]}, wanted {wanted[name]}"
        for name in wanted
        if name in found and found[name] != wanted[name]
    ]
    return missing + extra + other


if __name__ == "__main__":
    main()
