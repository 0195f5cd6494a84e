"""`python -m bench`: every measured target as a ratio; prints a table, writes build/bench.json."""

import json
import os
import platform
import sys
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measure import Row

PARTS = ("startup", "eda", "evidence", "loop", "eval", "lsp", "rewards")
OUT = Path("build") / "bench.json"


def main() -> None:
    """Measure the parts named as arguments, or all."""
    parts = sys.argv[1:] or PARTS
    rows: list[Row] = []
    for part in parts:
        rows += import_module(f"bench.{part}").rows()
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([row._asdict() | {"ratio": row.ratio} for row in rows], indent=2))
    Console().print(_table(rows))


def _table(rows: list[Row]) -> Table:
    title = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    table = Table(title=title, box=None, header_style="dim", title_justify="left")
    table.add_column("what")
    for column in ("ours, ms", "theirs, ms", "ratio", "target"):
        table.add_column(column, justify="right")
    for row in rows:
        style = "green" if row.ratio <= row.target else "red"
        table.add_row(
            row.name,
            f"{row.ours * 1e3:.1f}",
            f"{row.theirs * 1e3:.1f}",
            f"[{style}]{row.ratio:.2f}[/]",
            f"≤ {row.target:g}",
        )
    return table


if __name__ == "__main__":
    main()
