# ruff: noqa: T201
"""How many errors and warnings good designs are shown.

    python scripts/false_alarms.py DATA_DIR

DATA_DIR holds `verilog_eval_dev` (references) and `cvdp_cid003_dev` (candidates, of which those
that passed count). Every error is a defect of ours; warnings are listed, to be looked at.

2026-11-30, 66 designs, each line looked at: 5 warnings, all true: two latches (`always @*` without
`else`: latches are those exercises), two truncations to 32 bits, one `=` beside `<=` in a clocked
block. iverilog 11 refuses three of the designs (11 errors, its own, said to be valid SystemVerilog);
12 and 13 compile all, with 2 and 9 of iverilog's remarks on constant selects in two of them.
"""

import asyncio
import csv
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from spec2rtl import checks
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.process.confinement import best_sandbox
from spec2rtl.rtl import Design, Diagnostic, SourceFile


def good_designs(data: Path) -> Iterator[Design]:
    """The designs that are known to be right."""
    for path in sorted(data.glob("verilog_eval_dev/*_ref.sv")):
        yield _design([path])
    cvdp = data / "cvdp_cid003_dev"
    with (cvdp / "published_verdicts.csv").open(newline="") as table:
        passed = [row["id"] for row in csv.DictReader(table) if row["published_verdict"] == "pass"]
    for name in passed:
        if files := sorted((cvdp / "candidates" / name).rglob("*.*v")):
            yield _design(files)


def _design(files: list[Path]) -> Design:
    return Design(tuple(SourceFile(str(file), file.read_text()) for file in files))


async def main(data: Path) -> None:
    """Check all of them and print what is said."""
    tools = IcarusToolchain(find_tools(), sandbox=best_sandbox())
    counts = Counter[tuple[str, str, str]]()
    designs = list(good_designs(data))
    try:
        for design in designs:
            for found in (await checks.check(tools, design)).diagnostics:
                counts[found.severity, found.source, found.code] += 1
                print(_line(found, design))
    finally:
        await tools.aclose()
    print(f"\n{len(designs)} designs")
    for (severity, source, code), count in sorted(counts.items()):
        print(f"{count:5} {severity:8} {source:9} {code}")


def _line(found: Diagnostic, design: Design) -> str:
    text = next((s.text for s in design.sources if s.path == found.file), "")
    source = text.splitlines()[found.line - 1].strip() if text else ""
    place = f"{Path(found.file).name}:{found.line}:{found.column}"
    return f"{place}: {found.severity}: {found.message} ({found.code})\n    {source}"


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
