from pathlib import Path

import pytest

from spec2rtl.eda.fusesoc import load_core
from spec2rtl.errors import InputError

CORE = """CAPI=2:
name: ::fifo:1.0
filesets:
  rtl:
    files:
      - rtl/fifo.v
      - rtl/defs.vh: {is_include_file: true}
      - inc/pkg/all.svh: {is_include_file: true, include_path: inc}
      - "tool_icarus ? (rtl/model.sv)"
      - data/mem.hex: {file_type: user}
    file_type: verilogSource
  tb: {files: [tb/fifo_tb.v]}
parameters:
  FAST: {datatype: bool, default: true, paramtype: vlogdefine}
  WIDTH: {datatype: int, default: 8, paramtype: vlogdefine}
  UNSET: {datatype: int, paramtype: vlogdefine}
  OTHER: {datatype: int, default: 1, paramtype: vlogdefine}
  DEPTH: {datatype: int, default: 4, paramtype: vlogparam}
targets:
  default: {filesets: [rtl], parameters: [FAST, WIDTH=16, UNSET, DEPTH, GONE]}
  sim: {filesets: [rtl, tb], parameters: [OTHER]}
"""


def test_files_include_folders_and_macros(tmp_path: Path) -> None:
    core = tmp_path / "fifo.core"
    core.write_text(CORE)
    found = load_core(core)
    names = [path.relative_to(tmp_path).as_posix() for path in found.files]
    assert names == ["rtl/fifo.v", "rtl/model.sv", "tb/fifo_tb.v"]
    assert found.include_dirs == (tmp_path / "rtl", tmp_path / "inc")
    assert found.defines == (("FAST", "1"), ("WIDTH", "16"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n",
        "filesets: 3\n",
        "filesets: {rtl: {files: 4}}\n",
        "targets: {default: {parameters: [A, 3]}}\n",
    ],
)
def test_a_core_without_files(tmp_path: Path, text: str) -> None:
    core = tmp_path / "x.core"
    core.write_text(text)
    assert load_core(core).files == ()


def test_what_is_no_yaml(tmp_path: Path) -> None:
    core = tmp_path / "x.core"
    core.write_text("a: [1\nb: ]")
    with pytest.raises(InputError, match=r"x\.core:2: not a FuseSoC core file"):
        load_core(core)
