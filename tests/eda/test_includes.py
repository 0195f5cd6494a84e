"""Two headers of one name are two, each for those that reach it."""

from pathlib import Path

import pytest

from spec2rtl import checks
from spec2rtl.config.settings import Settings
from spec2rtl.eda.includes import distinct
from spec2rtl.eda.sources import load_design
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.jobs import modify_job

MODULE = """`include "{name}"
module {module}(input [`{module}W-1:0] x, output [`{module}W-1:0] y);
  assign y = x;
endmodule
"""
TOP = """module top(input [7:0] x, output [3:0] y, output [7:0] z);
  a u_a(.x(x[3:0]), .y(y));
  b u_b(.x(x), .y(z));
endmodule
"""


@pytest.fixture(params=["defs.vh", "../inc/defs.vh", "inc/defs.vh"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    name = str(request.param)
    for module, width in (("a", 4), ("b", 8)):
        home = tmp_path / f"ip{module}/rtl"
        header = home / name
        header.parent.resolve().mkdir(parents=True, exist_ok=True)
        home.mkdir(parents=True, exist_ok=True)
        header.write_text('`include "more.vh"\n')
        header.with_name("more.vh").write_text(f"`define {module}W {width}\n")
        (home / f"{module}.v").write_text(MODULE.format(name=name, module=module))
    (tmp_path / "top.v").write_text(TOP)
    return tmp_path


async def test_each_reader_has_its_own(folder: Path) -> None:
    files = [folder / "ipa/rtl/a.v", folder / "ipb/rtl/b.v", folder / "top.v"]
    design = load_design(files)
    assert len({header.path for _, header in design.headers}) == len(design.headers) == 4
    job = modify_job([str(file) for file in files], Settings(), top="top")
    tools = IcarusToolchain(find_tools())
    try:
        for one in (design, job.design(job.target.text)):
            found = await checks.check(tools, one)
            assert (found.ok, found.diagnostics) == (True, ())
        (folder / "ipb/rtl/b.v").write_text(files[1].read_text().replace("= x", "= nowhere"))
        wrong = (await checks.check(tools, load_design(files))).diagnostics
        assert {(d.file, d.line) for d in wrong if d.severity == "error"} <= {(str(files[1]), 3)}
    finally:
        await tools.aclose()


def test_a_design_without_such_headers_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "m.v").write_text('`include "m.vh"\n')
    (tmp_path / "m.vh").write_text("")
    design = load_design([tmp_path / "m.v"])
    assert distinct(design) is design
