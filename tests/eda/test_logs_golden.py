"""What iverilog says of bad designs, and what we make of it.

A golden file holds sources, and for a version of iverilog its log and our diagnostics.
`UPDATE_GOLDEN=1` writes the diagnostics anew, and the logs of the installed version.
"""

import os
import re
import subprocess
from pathlib import Path

import msgspec
import pytest

from spec2rtl.eda.codes import CODES
from spec2rtl.eda.logs import parse
from spec2rtl.rtl import Diagnostic

GOLDEN = Path(__file__).parent.parent / "data" / "golden" / "iverilog"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
CASES = sorted(GOLDEN.glob("*.txt"))
OUTSIDE = {
    *("unclassified", "file-not-found", "top-not-found", "not-elaborated", "port-output-not-net"),
}
"""What no design provokes: these have rows in test_logs.py."""
FENCE = re.compile(r"^-- (.+) --\n", re.MULTILINE)

Sections = dict[str, str]


def read(case: Path) -> Sections:
    parts = FENCE.split(case.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def write(case: Path, sections: Sections) -> None:
    text = "".join(f"-- {name} --\n{body}" for name, body in sections.items())
    case.write_text(text, encoding="utf-8")


def sources(sections: Sections) -> Sections:
    return {name: body for name, body in sections.items() if name.endswith((".v", ".sv", ".vh"))}


def dump(diagnostics: tuple[Diagnostic, ...]) -> str:
    return "".join(msgspec.json.encode(d).decode() + "\n" for d in diagnostics)


def installed() -> str:
    banner = subprocess.run(["iverilog", "-V"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"Icarus Verilog version (\d+)", banner)
    assert match, banner
    return match[1]


def run(sections: Sections, folder: Path) -> str:
    files = sources(sections)
    for name, body in files.items():
        (folder / name).write_text(body, encoding="utf-8")
    argv = ["iverilog", *sections.get("flags", "-g2012").split(), "-Wall", "-o", os.devnull]
    argv += [name for name in files if not name.endswith(".vh")]
    done = subprocess.run(
        argv,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_installed_iverilog_says_so(case: Path, tmp_path: Path):
    sections = read(case)
    name = f"iverilog {installed()}"
    if name not in sections and not UPDATE:
        pytest.skip(f"no log of {name}")
    got = run(sections, tmp_path)
    if UPDATE:
        write(case, sections | {name: got})
    else:
        assert sections[name] == got


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_log(case: Path):
    sections = read(case)
    logs = [name for name in sections if name.startswith("iverilog ")]
    assert logs
    for name in logs:
        got = dump(parse(sections[name], sources(sections)))
        key = name.replace("iverilog", "diagnostics")
        if UPDATE:
            sections[key] = got
        assert sections[key] == got
    if UPDATE:
        write(case, sections)


def test_cases_cover_what_matters():
    seen: set[str] = set()
    for case in CASES:
        for name, body in read(case).items():
            if name.startswith("diagnostics"):
                seen |= {msgspec.json.decode(x, type=Diagnostic).code for x in body.splitlines()}
    assert seen <= CODES.keys()
    assert len(CASES) >= 60
    assert CODES.keys() - seen <= OUTSIDE
