"""Modules of other people's: where from, under which licence, each once, only those that are right."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import datasets
import pytest

from spec2rtl.errors import InputError, Spec2rtlError
from spec2rtl.process.limits import Limits
from spec2rtl.process.run import run_blocking
from spec2rtl.syntax.modules import modules
from training.data import described, distinct, gather, lints, spdx, validated, verilator
from training.describe import describe
from training.records import Source, read, write

ROOT = Path(__file__).parents[2]
GOOD = "module good(input a, input b, output y);\n  assign y = a & b;\nendmodule\n"
MIT = "Permission is hereby granted, free of charge, to any person obtaining a copy of this"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "rtl"
    root.mkdir()
    (root / "LICENSE").write_text(f"MIT License\n\n{MIT}")
    (root / "good.v").write_text(GOOD)
    (root / "own.v").write_text("// SPDX-License-Identifier: GPL-3.0-only\n" + GOOD)
    (root / "cut.v").write_text("module cut(input a, output y);\n  assign y = a;")
    return root


def test_a_folder(folder: Path) -> None:
    found = {s.origin.rsplit("/", 1)[1]: s for s in gather(str(folder), folder)}
    assert {n: s.licence for n, s in found.items()} == {"good.v": "MIT", "own.v": "GPL-3.0-only"}
    assert found["good.v"].rtl == GOOD
    assert "`y` is always `a&b`." in found["good.v"].specs[0]


def test_a_git_repository(folder: Path, tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
        said = run_blocking(["git", *identity, *arguments], cwd=folder, limits=Limits())
        assert said.exit_code == 0, said.stderr

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "all")
    url = f"file://{folder}"
    for _ in range(2):  # the second time from the cache
        found = [s.origin for s in gather(url, tmp_path / "cache")]
        assert found == [f"{url}/good.v", f"{url}/own.v"]


ROWS = {"text": [GOOD, "no code", None], "license": ["MIT", "MIT", "MIT"]}


def saved(folder: Path) -> None:
    datasets.Dataset.from_dict(ROWS).save_to_disk(folder)


def saved_in_parts(folder: Path) -> None:
    datasets.DatasetDict(train=datasets.Dataset.from_dict(ROWS)).save_to_disk(folder)


def downloaded(folder: Path) -> None:
    datasets.Dataset.from_dict(ROWS).to_parquet(folder / "data" / "train-00000-of-00001.parquet")


@pytest.mark.parametrize("make", [saved, saved_in_parts, downloaded])
def test_a_data_set(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "set")
    argv = ["-m", "training.data", f"hf:{tmp_path}/set#text", "--out", "modules.jsonl"]
    own = {"HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *argv],
        cwd=tmp_path,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "row 1 holds no RTL" in done.stderr
    assert "row 2 holds no RTL" in done.stderr
    (found,) = read(tmp_path / "modules.jsonl", Source)
    assert (found.module, found.licence, found.origin) == (
        "good",
        "MIT",
        f"hf:{tmp_path}/set#text:0",
    )


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nowhere", "nowhere: no such folder"),
        ("file:///nowhere", "can't be cloned: fatal: .*/nowhere"),
        ("hf:", "hf:: names no data set"),
        ("hf:{0}/set#rtl", "no column `rtl`; write hf:NAME#COLUMN, of text"),
        ("hf:{0}/parts#text", "can't be loaded: it has no part `train`, only test"),
    ],
)
def test_bad_sources(tmp_path: Path, source: str, says: str) -> None:
    rows = datasets.Dataset.from_dict({"text": [GOOD]})
    rows.save_to_disk(tmp_path / "set")
    datasets.DatasetDict(test=rows).save_to_disk(tmp_path / "parts")
    with pytest.raises(InputError, match=says):
        list(gather(source.format(tmp_path), tmp_path / "cache"))


def test_an_empty_file_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing is left to write"):
        write(tmp_path / "none.jsonl", [])
    assert list(tmp_path.iterdir()) == []


def source(rtl: str) -> Source:
    return Source("x", "good", rtl, "here", "MIT")


def test_near_duplicates_go() -> None:
    body = "".join(f"  assign y{n} = a{n} ^ b{n};\n" for n in range(40))
    one = f"module good(input a, output y);\n{body}endmodule\n"
    again = "// a comment\n" + one.replace("a7 ^ b7", "a7 | b7")
    other = one.replace("^", "+ 1 -").replace("assign", "wire q; assign")
    assert [s.rtl for s in distinct([source(t) for t in (one, again, other)])] == [one, other]


async def test_only_what_both_tools_accept() -> None:
    bad = GOOD.replace("a & b", "a & c")
    assert await validated([source(GOOD), source(bad)], None) == [source(GOOD)]
    assert verilator() is not None
    assert await lints(GOOD)
    assert not await lints(bad)


async def test_a_backend_describes_and_is_not_asked_again(tmp_path: Path) -> None:
    script = tmp_path / "replies.json"
    script.write_text('["`y` is high while both inputs are."]')
    for _ in range(2):  # a script of one reply runs dry at the second
        (found,) = await described([source(GOOD)], f"scripted:{script}", tmp_path / "cache")
        assert found.specs == ("`y` is high while both inputs are.",)
    with pytest.raises(Spec2rtlError, match="run dry"):
        await described([source(GOOD), source("")], f"scripted:{script}", tmp_path / "other")


def test_licences() -> None:
    assert spdx("// SPDX-License-Identifier: BSD-3-Clause\n") == "BSD-3-Clause"
    assert spdx("no word of it") == ""


def test_the_describer_says_every_statement() -> None:
    text = """\
module m #(parameter W = 4) (input clk, input [1:0] sel, input [W-1:0] d, output reg [W-1:0] q);
  localparam TOP = 3;
  always @(posedge clk)
    if (sel == TOP) q <= 0;
    else if (sel[0]) begin : named
      case (sel)
        2'd1, 2'd2: q <= d;
        default: q <= q + 1;
      endcase
    end else for (i = 0; i < W; i = i + 1) q[i] <= ~d[i];
endmodule
"""
    assert (
        describe(text, modules(text)[0]).split("## Parameters\n\n")[1]
        == """\
- `W`, by default 4

## Inside

- `localparam TOP = 3`

## Behaviour

- At each rising edge of `clk`:
  - If `sel==TOP`:
    - `q` becomes `0`.
  - Else, if `sel[0]`:
    - Depending on `sel`:
      - `2'd1,2'd2`:
        - `q` becomes `d`.
      - otherwise:
        - `q` becomes `q+1`.
  - Otherwise:
    - For `i=0;i<W;i=i+1`:
      - `q[i]` becomes `~d[i]`.
"""
    )
