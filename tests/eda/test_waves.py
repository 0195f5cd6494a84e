"""Failing tests are recorded, in every sandbox that there is here; passing ones are not."""

import asyncio
from pathlib import Path

import pytest

from spec2rtl.checks import simulate
from spec2rtl.eda.testbench import load_testbench
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.eda.waves import VCD, Span, read_wave, save, span
from spec2rtl.evidence.wave import Trace
from spec2rtl.process.bubblewrap import find_bubblewraps
from spec2rtl.process.landlock import find_landlock
from spec2rtl.process.sandbox import Rlimits, Sandbox
from spec2rtl.rtl import Design, SourceFile

EXAMPLE = Path(__file__).parents[2] / "examples" / "fifo_repair"
WAVES = Path(__file__).parents[1] / "data" / "waves"
SANDBOXES = [s for s in (Rlimits(), *find_bubblewraps(), find_landlock()) if s]


def fifo() -> Design:
    path = EXAMPLE / "fifo.v"
    return Design((SourceFile(str(path), path.read_text()),), top="fifo")


@pytest.mark.parametrize("sandbox", SANDBOXES, ids=lambda sandbox: sandbox.name)
async def test_a_failing_test_is_recorded(sandbox: Sandbox, tmp_path: Path) -> None:
    toolchain = IcarusToolchain(find_tools(), sandbox=sandbox)
    bench = load_testbench(EXAMPLE / "test_fifo.py")
    kept = tmp_path / "kept"
    report = await simulate(toolchain, fifo(), bench, keep=kept)
    assert report.explained
    assert report.explained.test == "a_write_to_a_full_fifo_is_ignored"
    assert "level: expected 100, actual 101" in report.explained.text
    assert report.explained.signals[:2] == ("fifo.clk", "fifo.level")
    assert report.explained.file
    recording = Path(report.explained.file)
    assert recording.parent == kept
    assert await read_wave(await asyncio.to_thread(recording.read_bytes), sandbox)
    views = [await asyncio.to_thread(recording.with_suffix(s).read_text) for s in (".svg", ".gtkw")]
    assert views[0].startswith("<svg ")
    assert "fifo.level[2:0]\n" in views[1]
    [link] = report.diagnostics[0].related
    assert (link.file, link.line) == (str(EXAMPLE / "fifo.v"), 55)
    assert not report.diagnostics[1].related, "only the first is looked into"


WRONG_WORD = "memory[wr_ptr] <= wr_data ^ (wr_ptr == 2);"
IN_A_BLOCK = "if (1) begin : block reg [7:0] other [0:1]; end"


@pytest.mark.parametrize("more", ["reg a [999:0], b [1:9], c [1:0][1:0];", IN_A_BLOCK])
@pytest.mark.parametrize("sandbox", SANDBOXES, ids=lambda sandbox: sandbox.name)
async def test_the_words_of_memories_are_recorded(
    sandbox: Sandbox, more: str, tmp_path: Path
) -> None:
    (source,) = fifo().sources
    text = source.text.replace("memory[wr_ptr] <= wr_data;", WRONG_WORD)
    assert WRONG_WORD in text
    text = text.replace("// Storage", more)
    toolchain = IcarusToolchain(find_tools(), sandbox=sandbox)
    bench = load_testbench(EXAMPLE / "test_fifo.py")
    design = Design((SourceFile(source.path, text),), top="fifo")
    report = await simulate(toolchain, design, bench, keep=tmp_path)
    assert report.explained
    assert report.explained.file
    told = "memory[2]" in report.explained.text
    assert told is (more != IN_A_BLOCK), "a name that can't be found costs the words, no more"
    save = Path(report.explained.file).with_suffix(".gtkw")
    assert ("fifo.\\memory[2][7:0]\n" in await asyncio.to_thread(save.read_text)) is told


def test_tests_whose_names_look_alike_have_recordings_of_their_own(tmp_path: Path) -> None:
    names = ("moves/by=1", "moves/by=-1", "moves_by_1", "moves" * 100)
    files = {save(name.encode(), tmp_path, name, VCD) for name in names}
    assert {file.read_bytes().decode() for file in files} == {*names}
    assert tmp_path / "moves_by_1.vcd" in files


async def test_a_passing_test_is_not(tmp_path: Path) -> None:
    toolchain = IcarusToolchain(find_tools())
    bench = load_testbench(EXAMPLE / "test_fifo.py")
    path = EXAMPLE / "fifo.v"
    right = path.read_text()
    right = right.replace("{wr_en, rd_en}", "{wr_en && !full, rd_en && !empty}")
    design = Design((SourceFile(str(path), right),), top="fifo")
    report = await simulate(toolchain, design, bench, keep=tmp_path / "kept")
    assert report.status == "passed"
    assert report.explained is None
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        ("1", "2.5", Span(1.0, 2.5, True)),
        (None, "2.5", None),
        ("abc", "2.5", None),
        ("1", "inf", None),
    ],
)
def test_times_that_are_none(start: str | None, stop: str, expected: Span | None) -> None:
    times = {"sim_time_start": start, "sim_time_stop": stop}
    said = "".join(f'<property name="{n}" value="{v}"/>' for n, v in times.items() if v)
    xml = f'<testcase name="t"><properties>{said}</properties></testcase>'
    assert span(f"<testsuite>{xml}</testsuite>", (), "t") == expected


@pytest.mark.parametrize("form", ["fst", "vcd"])
async def test_recordings_are_read(form: str) -> None:
    wave = await read_wave((WAVES / f"counter.{form}").read_bytes(), Rlimits())
    assert wave
    assert (wave.tick_ns, wave.end) == (0.001, 80_000)
    traces = {trace.name: trace for trace in wave.traces}
    assert traces["top.rst"] == Trace("top.rst", 1, (0, 22_000), ("1", "0"))
    count = traces["top.count"]
    assert (count.before(5_000), count.at(5_000), count.at(80_000)) == ("xxxx", "0000", "0110")
    assert traces["top.wide"].at(80_000).endswith("1x01x0")
    assert "top.r" not in traces, "a real number is no vector"


async def test_states_of_vhdl_are_unknown() -> None:
    text = (
        "$timescale 1ns $end\n$scope module m $end\n$var wire 4 ! q $end\n$upscope $end\n"
        "$enddefinitions $end\n#0\nb1UZ- !\n#5\nb0101 !\n"
    )
    wave = await read_wave(text.encode(), Rlimits())
    assert wave
    assert wave.traces == (Trace("m.q", 4, (0, 5), ("1xzx", "0101")),)


async def test_a_design_that_dumps_itself() -> None:
    """What cocotb's own examples put into a design; ours comes first."""
    own = 'initial begin $dumpfile("own.vcd"); $dumpvars(1, fifo); end'
    [source] = fifo().sources
    text = source.text.replace("endmodule", f"  {own}\nendmodule")
    design = Design((SourceFile(source.path, text),), top="fifo")
    bench = load_testbench(EXAMPLE / "test_fifo.py")
    report = await simulate(IcarusToolchain(find_tools()), design, bench)
    assert report.explained
