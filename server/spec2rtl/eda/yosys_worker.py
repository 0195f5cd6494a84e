"""Runs yosys on a design: `python -m spec2rtl.eda.yosys_worker LOG NETLIST COMMAND…`.

yosys ends the whole process at its first error and writes to C's stdout, so it has a process of
its own; what it says is in the file LOG, what it made of the design in the file NETLIST.
"""

import importlib
import sys
from typing import Any


def main(log: str, netlist: str, *commands: str) -> None:
    """Run the commands one after the other, then write the netlist."""
    libyosys: Any = importlib.import_module("pyosys.libyosys")  # it has no types
    design = libyosys.Design()
    for command in commands:
        libyosys.run_pass(f"tee -q -a {log} {command}", design)
    libyosys.run_pass(f"tee -q -a {log} write_json {netlist}", design)


if __name__ == "__main__":
    main(*sys.argv[1:])
