"""What would come out the same again is not run again."""

from pathlib import Path

import pytest
from msgspec import Struct, structs

from spec2rtl.eda.cache import Cache, key
from spec2rtl.eda.toolchain import IcarusToolchain, find_tools
from spec2rtl.process.limits import Limits
from spec2rtl.rtl import Design, SourceFile, Testbench

TOOLS = find_tools()
DESIGN = Design((SourceFile("/m.v", "module m(output y); assign y = 1; endmodule\n"),), top="m")
BENCH = Testbench(
    "test_m",
    "/test_m.py",
    "import cocotb\nfrom cocotb.triggers import Timer\n\n\n"
    "@cocotb.test()\nasync def t(dut):\n    await Timer(1)\n",
)


class Entry(Struct, frozen=True):
    """A value to keep."""

    text: str


class Other(Struct, frozen=True):
    """A value of another kind."""

    number: int


@pytest.mark.parametrize("on_disk", [False, True])
def test_what_is_put_is_found(on_disk: bool, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "new" if on_disk else None)
    assert cache.get("a", Entry) is None
    cache.put("a", Entry("x"))
    assert cache.get("a", Entry) == Entry("x")
    assert cache.get("b", Entry) is None
    assert cache.get("a", Other) is None
    fresh = Cache(tmp_path / "new" if on_disk else None)
    assert fresh.get("a", Entry) == (Entry("x") if on_disk else None)


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 100])
def test_a_damaged_entry_is_a_miss(damage: bytes, tmp_path: Path) -> None:
    Cache(tmp_path).put("a", Entry("x"))
    (tmp_path / "a").write_bytes(damage)
    assert Cache(tmp_path).get("a", Entry) is None
    Cache(tmp_path).put("a", Entry("y"))
    assert Cache(tmp_path).get("a", Entry) == Entry("y")


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "below")
    cache.put("a", Entry("x"))
    assert cache.get("a", Entry) == Entry("x")


def test_memory_keeps_what_was_used_last() -> None:
    cache = Cache(memory_bytes=250)
    cache.put("a", Entry("x" * 90))
    cache.put("b", Entry("x" * 90))
    cache.get("a", Entry)
    cache.put("c", Entry("x" * 90))
    assert [name for name in "abc" if cache.get(name, Entry)] == ["a", "c"]


def test_the_folder_stays_within_its_bound(tmp_path: Path) -> None:
    for number in range(10):
        Cache(tmp_path, folder_bytes=500).put(f"n{number}", Entry("x" * 100))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 500
    assert Cache(tmp_path).get("n9", Entry)


def test_keys_differ_where_anything_does() -> None:
    other = structs.replace(DESIGN, defines=(("A", "1"),))
    assert len({key(DESIGN), key(other), key(DESIGN, BENCH), key("compilation", DESIGN)}) == 4


async def test_a_second_check_runs_nothing(tmp_path: Path) -> None:
    first = IcarusToolchain(TOOLS, cache=Cache(tmp_path))
    compiled, simulated = await first.compile(DESIGN), await first.simulate(DESIGN, BENCH)
    assert (compiled.cached, simulated.cached) == (False, False)
    for again in (first, IcarusToolchain(TOOLS, cache=Cache(tmp_path))):
        once_more = await again.compile(DESIGN), await again.simulate(DESIGN, BENCH)
        for report, earlier in zip(once_more, (compiled, simulated), strict=True):
            assert report.cached
            assert structs.replace(report, cached=False, seconds=0) == structs.replace(
                earlier, seconds=0
            )


@pytest.mark.parametrize("change", ["text", "tests", "seed", "limits", "version"])
async def test_any_change_is_run_again(change: str, tmp_path: Path) -> None:
    await IcarusToolchain(TOOLS, cache=Cache(tmp_path)).simulate(DESIGN, BENCH)
    design, bench, tools, limits, seed = DESIGN, BENCH, TOOLS, Limits(seconds=60), 1
    match change:
        case "text":
            design = Design((SourceFile("/m.v", DESIGN.sources[0].text + "\n"),), top="m")
        case "tests":
            bench = structs.replace(BENCH, text=BENCH.text + "\n")
        case "seed":
            seed = 2
        case "limits":
            limits = Limits(seconds=59)
        case _:
            tools = structs.replace(TOOLS, iverilog_version="11.0.1")
    toolchain = IcarusToolchain(tools, cache=Cache(tmp_path), simulating=limits, seed=seed)
    assert not (await toolchain.simulate(design, bench)).cached


async def test_what_may_end_otherwise_is_not_kept() -> None:
    endless = Design((SourceFile("/m.v", "module m; initial while (1) ; endmodule\n"),), top="m")
    toolchain = IcarusToolchain(TOOLS, simulating=Limits(seconds=1))
    for _ in range(2):
        report = await toolchain.simulate(endless, BENCH)
        assert (report.reason, report.cached) == ("timeout", False)
