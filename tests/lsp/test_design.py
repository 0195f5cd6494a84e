"""Designs of several files are found without being named."""

from pathlib import Path

import pytest

from spec2rtl.config.settings import Settings
from spec2rtl.lsp.design import surroundings
from spec2rtl.lsp.documents import Documents
from spec2rtl.lsp.index import Index
from tests.lsp.client import Client, capabilities, uri
from tests.lsp.test_diagnostics import errors

TOP = """`include "widths.vh"
module top(input [`WIDTH-1:0] a, output y);
  leaf l(.a(a[`ONE]), .y(y));
endmodule
"""
LEAF = "module leaf(input a, output y);\n  assign y = a;\nendmodule\n"
WRONG_LEAF = "module leaf(input other);\nendmodule\n"
CORE = """CAPI=2:
name: ::top:1.0
filesets:
  rtl:
    files:
      - src/top.v
      - "src/my leaf.v"
      - include dir/widths.vh: {is_include_file: true, include_path: include dir}
    file_type: verilogSource
targets:
  default: {filesets: [rtl], toplevel: top}
"""


@pytest.mark.parametrize(
    "lists",
    [
        {"all.f": '+incdir+"include dir"\n+define+ONE=1\nsrc/top.v\n"src/my leaf.v"\n'},
        {
            "sim/all.f": "-f ../src/nested.f\n+define+ONE=1 // the rest is nested\n",
            "src/nested.f": '# relative to this file\n-I "../include dir"\ntop.v\n-v "my leaf.v"\n',
        },
        {
            "all.f": '+incdir+"$SPEC2RTL_DATA_DIR/../my design/include dir"\n-DONE=1\n"${SPEC2RTL_DATA_DIR}/../my design/src/top.v"\n"$(SPEC2RTL_DATA_DIR)/../my design/src/my leaf.v"\n'
        },
        {"top.core": CORE, "spec2rtl.toml": '[defines]\nONE = "1"\n'},
    ],
)
async def test_lists_are_found(client: Client, tmp_path: Path, lists: dict[str, str]) -> None:
    root = tmp_path / "my design"
    files = {
        "src/top.v": TOP,
        "src/my leaf.v": LEAF,
        "other/leaf.v": WRONG_LEAF,
        "include dir/widths.vh": "`define WIDTH 2\n",
        **lists,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    await client.begin(root)
    top = root / "src/top.v"
    client.open(top)
    assert await client.published(top, lambda f: f == []) == []
    client.change(top, TOP.replace(".a(", ".b("), 2)
    found = await client.published(top, lambda f: bool(errors(f)))
    assert any("b" in d.message for d in errors(found))


PACKAGE = "package p_pkg;\n  parameter int N = 3;\nendpackage\n"
MACROS = "`define DW 8\n"
USES_PACKAGE = (
    "module top(input [p_pkg::N-1:0] a, output [p_pkg::N-1:0] y);\n  assign y = a;\nendmodule\n"
)
USES_MACRO = "module top(input [`DW-1:0] a, output [`DW-1:0] y);\n  assign y = a;\nendmodule\n"
USES_LEAF = "module top(input a, output y);\n  leaf l(.a(a), .y(y));\nendmodule\n"


@pytest.mark.parametrize(
    "files",
    [
        {"rtl/p_pkg.sv": PACKAGE, "rtl/top.sv": USES_PACKAGE},
        {"p.sv": PACKAGE, "rtl/top.sv": USES_PACKAGE, "all.f": "p.sv\nrtl/top.sv\n"},
        {
            "p.sv": PACKAGE,
            "rtl/top.sv": USES_PACKAGE,
            "spec2rtl.toml": 'sources = ["p.sv", "rtl/top.sv"]\n',
        },
        {"defines.v": MACROS, "rtl/top.sv": USES_MACRO, "all.f": "defines.v\nrtl/top.sv\n"},
        {
            "defines.v": MACROS,
            "rtl/top.sv": USES_MACRO,
            "spec2rtl.toml": 'sources = ["defines.v", "rtl/top.sv"]\n',
        },
        {"defines.v": MACROS, "rtl/top.sv": USES_MACRO, "spec2rtl.toml": "sources=['defines.v']"},
        {"../leaf.v": LEAF, "rtl/top.sv": USES_LEAF, "all.f": "../leaf.v\nrtl/top.sv\n"},
        {"build/leaf.v": LEAF, "rtl/top.sv": USES_LEAF, "all.f": "build/leaf.v\nrtl/top.sv\n"},
    ],
)
async def test_what_a_file_needs_is_compiled_before_it(
    client: Client, tmp_path: Path, files: dict[str, str]
) -> None:
    root = tmp_path / "ws"
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    await client.begin(root)
    top = root / "rtl/top.sv"
    client.open(top, files["rtl/top.sv"].replace("output", "outputs"))
    assert await client.published(top, lambda f: bool(errors(f)))
    client.forget()
    client.change(top, files["rtl/top.sv"], 2)
    assert await client.published(top, lambda f: not f) == []
    answer = await client.command("check", uri=uri(top))
    assert (answer["ok"], answer["diagnostics"]) == (True, [])


async def test_what_has_just_been_typed_elsewhere_counts(client: Client, tmp_path: Path) -> None:
    """Before it is the other file's turn to be checked."""
    top, leaf = tmp_path / "top.v", tmp_path / "leaf.v"
    top.write_text(USES_LEAF)
    leaf.write_text(LEAF)
    await client.begin(tmp_path, caps=capabilities(textDocument__diagnostic={}))
    client.open(leaf)
    client.open(top)
    assert errors(await client.pulled(top)) == []
    client.change(leaf, LEAF.replace("leaf", "blade"), 2)
    client.change(top, USES_LEAF.replace("leaf", "blade"), 2)
    assert errors(await client.pulled(top)) == []


def test_what_of_a_list_is_taken(tmp_path: Path) -> None:
    files = {
        "macros.v": MACROS,
        "macros.vh": MACROS,
        "part.vh": "reg x;\n",
        "types.sv": "typedef int t;\n",
        "note.txt": "",
        "leaf.v": LEAF,
        "top.v": USES_MACRO,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "all.f").write_text("\n".join((*files, "gone.v")))
    index = Index()
    index.confine([tmp_path])
    index.scan()
    around = surroundings(tmp_path / "top.v", Settings(), index, Documents())
    names = ["macros.v", "macros.vh", "types.sv"]
    assert [path.name for path in around.context] == names
    assert around.settings.sources == tuple(str(tmp_path / n) for n in (*names, "top.v"))


@pytest.mark.parametrize(
    ("lists", "notes"),
    [
        ({"sim/all.f": "+define+N=1\n-f ../rtl/rtl.f\n", "rtl/rtl.f": "top.v\n"}, []),
        ({"a.f": "rtl/top.v\n", "z.f": "+define+N=1\n-f y.f\n", "y.f": "-f a.f"}, []),
        ({"sim/all.f": "+define+N=1\nrtl/top.v\n"}, []),
        ({"sim/all.f": "+define+N=1\n-f sim/y.f\n", "sim/y.f": "rtl/top.v"}, []),
        (
            {"all.f": "-y lib +libext+.v\n-full64 -l x.log\n+define+N=1\nrtl/top.v\n"},
            ["all.f:1: passed over: -y, -full64, -l"],
        ),
    ],
)
def test_which_list_counts(tmp_path: Path, lists: dict[str, str], notes: list[str]) -> None:
    top = tmp_path / "rtl/top.v"
    for name, text in {"rtl/top.v": USES_MACRO, "other.f": "-DN=2\nother.v\n", **lists}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    index = Index()
    index.confine([tmp_path])
    index.scan()
    for _ in range(2):
        around = surroundings(top, Settings(), index, Documents())
        assert around.settings.defines == (("N", "1"),)
        assert list(around.notes) == [f"{tmp_path}/{note}" for note in notes]
    changed = next(path for path in lists if "N=1" in lists[path])
    (tmp_path / changed).write_text(lists[changed].replace("N=1", "N=345"))
    around = surroundings(top, Settings(), index, Documents())
    assert around.settings.defines == (("N", "345"),)


@pytest.mark.parametrize("listing", ["sim/all.f", "src/all.f"])
async def test_a_list_that_cannot_be_read_is_told_once(
    client: Client, tmp_path: Path, listing: str
) -> None:
    for name, text in {
        "src/top.v": LEAF.replace("leaf", "top"),
        "src/leaf.v": LEAF,
        listing: "$SPEC2RTL_NO_SUCH/src/top.v\n",
        "vendor/other.f": "$SPEC2RTL_NO_SUCH/vendor/stop.v\n",  # of no concern to top.v
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    await client.begin(tmp_path)
    top = tmp_path / "src/top.v"
    client.open(top)
    told = await client.until("window/showMessage")
    assert told.message == (
        f"Spec2RTL: {tmp_path / listing}:1: $SPEC2RTL_NO_SUCH is not set in the environment"
    )
    client.change(top, LEAF.replace("leaf", "top").replace("= a", "= b"), 2)
    assert await client.published(top, lambda f: bool(errors(f)))
    assert [m for m, _ in client.told if m == "window/showMessage"] == ["window/showMessage"]
