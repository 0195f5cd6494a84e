import os
import threading
from pathlib import Path

import pytest

from spec2rtl.config.settings import Settings
from spec2rtl.lsp.design import surroundings
from spec2rtl.lsp.documents import Documents
from spec2rtl.lsp.index import Index
from spec2rtl.lsp.macros import missing_macros
from spec2rtl.lsp.skim import declared, used


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("module a(input x);\nendmodule", {"a"}),
        ("(* keep *) module a;\nendmodule\nmodule automatic b;\nendmodule", {"a", "b"}),
        ("package p;\nendpackage\ninterface i;\nendinterface", {"p", "i"}),
        ('// module a;\n/* module b; */ \nstring s = "module c";', set()),
        ("x = module_y;", set()),
    ],
)
def test_declared(text: str, expected: set[str]) -> None:
    assert declared(text) == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("leaf l(.a(a));", True),
        ("leaf\n  #(.W(4)) l(.a(a));", True),
        ("leaf l[3:0](.a(a));", True),
        ("leaf // c\n  \\l[0] (.a(a));", True),
        ("leaf `NAME(3) (.a(a));", True),
        ("wire x; leaf (y, a);", True),  # a primitive
        ("import leaf::*;", True),
        ("wire [leaf::N-1:0] x;", True),
        ("module m(leaf.slave s, input a); endmodule", True),
        ("module m(input a, leaf s); endmodule", True),
        ("assign x = leaf.inner;", True),
        ("bind leaf checks c(.a(a));", True),
        ("`define LEAF leaf\n`LEAF l(.a(a));", True),
        ("`INSTANCE(leaf, l)", True),
        ("`define LEAF(n) leaf n(.a(a));", True),
        ("module leaf(input a); endmodule leaf l();", False),
        ("wire leaf = a; assign y = leaf;", False),
        ("module m(input leaf, output y); endmodule", False),
        ("other o(.leaf(a), .b(b));", False),
        ("assign y = x.leaf;", False),
        ("always @(posedge leaf or negedge r) if (leaf) y <= leaf ? a : b;", False),
        ("assign y = a & leaf\n`ifdef X\n  & b\n`endif\n;", False),
        ("wire leaf; `ASSERT(leaf)", False),
        ("other leaf(.a(a));", False),
        ('// leaf l();\n/* leaf l(); */ initial $display("leaf l();");', False),
    ],
)
def test_what_is_used(text: str, found: bool) -> None:
    assert ("leaf" in used(text)) is found


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_v", ".v").replace("_svh", ".svh")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def scanned(folder: Path) -> Index:
    index = Index()
    index.confine([folder])
    assert index.scan()
    return index


def test_what_a_file_needs(tmp_path: Path) -> None:
    write(
        tmp_path,
        top_v="module top; middle m(); endmodule",
        rtl__middle_v="module middle(input valid); leaf l(); endmodule",
        rtl__leaf_v="module leaf; endmodule",
        rtl__other_v="module other; endmodule",
        build__leaf_v="module leaf; endmodule",
        old__valid_v="module valid(; endmodule",
    )
    index = scanned(tmp_path)
    top = tmp_path / "top.v"
    found = index.needed(top, top.read_text(), Path.read_text)
    assert set(found) == {tmp_path / "rtl/middle.v", tmp_path / "rtl/leaf.v"}


def test_the_nearest_definition_counts(tmp_path: Path) -> None:
    write(
        tmp_path,
        a__leaf_v="module leaf; endmodule",
        b__leaf_v="module leaf; endmodule",
        b__leaf_new_v="module leaf; endmodule",
        b__top_v="module top; leaf l(); endmodule",
    )
    index = scanned(tmp_path)
    assert index.locate("leaf", tmp_path / "b/top.v") == tmp_path / "b/leaf.v"
    named = index.needed(
        tmp_path / "b/top.v",
        "module top; leaf l(); endmodule",
        Path.read_text,
        [tmp_path / "a/leaf.v"],
    )
    assert named == (tmp_path / "a/leaf.v",)


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "leaf.v").write_bytes(b"\xef\xbb\xbfmodule leaf; endmodule")
    assert scanned(tmp_path).modules() == {"leaf"}


def test_links_to_other_folders_are_followed(tmp_path: Path) -> None:
    write(
        tmp_path,
        shared__leaf_v="module leaf; endmodule",
        ws__rtl__own_v="module own; endmodule",
    )
    for name, target in {
        "ws/common": "shared",
        "ws/again": "shared",
        "ws/rtl/self": "ws/rtl",
        "ws/root": "ws",
        "ws/all": ".",
        "shared/loop": "shared",
        "shared/back": "ws",
    }.items():
        (tmp_path / name).symlink_to(tmp_path / target)
    index = Index()
    index.confine([tmp_path / "ws"])
    found = [str(path.relative_to(tmp_path)) for path in index.files_below([tmp_path / "ws"])]
    assert found == ["ws/rtl/own.v", "ws/again/leaf.v"]


@pytest.mark.parametrize("folder", ["ws/work", "ws/.hidden", "elsewhere", "ws/rtl"])
def test_what_lies_beside_a_file_that_is_merely_open(tmp_path: Path, folder: str) -> None:
    write(
        tmp_path,
        **{
            f"{folder}/top_v": "module top; leaf l(); endmodule",
            f"{folder}/leaf_v": "module leaf; inner i(); endmodule",
            f"{folder}/inner_v": "module inner; endmodule",
            "ws/other/leaf_v": "module leaf; endmodule",
        },
    )
    index = scanned(tmp_path / "ws")
    top = tmp_path / folder / "top.v"
    around = surroundings(top, Settings(), index, Documents())
    assert {*around.context} == {top.with_name("leaf.v"), top.with_name("inner.v")}


def test_a_file_that_changes_or_goes(tmp_path: Path) -> None:
    write(tmp_path, leaf_v="module leaf; endmodule")
    index = scanned(tmp_path)
    leaf = tmp_path / "leaf.v"
    index.put(leaf, "module blade; endmodule")
    assert index.modules() == {"blade"}
    leaf.unlink()
    index.update(leaf)
    assert index.modules() == set()


def test_what_is_typed_counts_while_a_slow_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, slow_v="module slow; endmodule")
    index, begun, going = Index(), threading.Event(), threading.Event()
    read = Path.read_text

    def slowly(path: Path, *args: str) -> str:
        begun.set()
        assert going.wait(30)
        return read(path, *args)

    monkeypatch.setattr(Path, "read_text", slowly)
    reading = threading.Thread(target=index.update, args=[tmp_path / "slow.v"])
    reading.start()
    assert begun.wait(30)
    index.take(lambda: [(tmp_path / "m.v", "module typed; endmodule")])
    assert index.modules() == {"typed"}
    going.set()
    reading.join()
    assert index.modules() == {"typed", "slow"}


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.v")
    write(tmp_path, leaf_v="module leaf; endmodule")
    assert scanned(tmp_path).modules() == {"leaf"}


def test_headers_are_found_by_the_name_that_is_included(tmp_path: Path) -> None:
    write(tmp_path, inc__pkg__defs_svh="`define X 1")
    index = scanned(tmp_path)
    header = tmp_path / "inc/pkg/defs.svh"
    assert index.header("pkg/defs.svh", tmp_path / "top.v") == header
    assert index.header("other/defs.svh", tmp_path / "top.v") is None


@pytest.mark.parametrize(
    ("others", "first", "values"),
    [
        ({"w_vh": "`define W 4\n"}, ["w.vh"], {}),
        ({"w_vh": "`define W (`N)\n", "x_vh": "`define N 4\n"}, ["x.vh", "w.vh"], {}),
        ({"w_vh": "`define W 4\n", "far__w_vh": "`define W 5\n"}, ["w.vh"], {}),
        ({"w_vh": "typedef int t;\n`define W 4\n"}, [], {"W": "4"}),
        ({"w_vh": "`define W 4\n`define OWN 2\n"}, [], {"W": "4"}),  # else `OWN` is defined anew
        ({"w_vh": "`define W 4\n`define OWN 1\n"}, ["w.vh"], {}),
        (
            {"b_v": "`define W (2*`N)\n`define N 2 // so\nmodule b;\n"},
            [],
            {"N": "2", "W": "(2*`N)"},
        ),
        ({"b_v": "`define W 4\nmodule b;\n", "z__w_vh": "`define W 5\n"}, ["z/w.vh"], {}),
        (
            {"b_v": '`define W 4\n`include "m.v"\nmodule b;\n', "w_vh": "`define W 5\n"},
            [],
            {"W": "4"},
        ),
        ({"b_v": "`define W(n) n\nmodule b;\n"}, [], {}),
        ({"b_v": '`define W "text"\nmodule b;\n'}, [], {}),
    ],
)
def test_macros_of_others(
    tmp_path: Path, others: dict[str, str], first: list[str], values: dict[str, str]
) -> None:
    write(tmp_path, m_v="`define OWN 1\nmodule m; wire [`W:`OWN] w; endmodule", **others)
    found, given = missing_macros([tmp_path / "m.v"], {}, scanned(tmp_path))
    assert ({*found}, given) == ({tmp_path / name for name in first}, values)
