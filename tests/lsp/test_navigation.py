from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.client import Client, capabilities, uri
from tests.lsp.conftest import GOOD

TOP = """`include "defs.vh"
// 計數器 😀
module top(input clk, output [3:0] n);
  wire rst;
  /* 😀 */ counter u(.clk(clk), .rst(rst), .);
endmodule
"""


FIFO = """module fifo #(parameter WIDTH = 8) (
  input [WIDTH-1:0] din, output clk
);
endmodule
"""
USER = """`include "defs.vh"
module user(input my_pkg::beat_t beat, input [1:0] clk, bus_if.slave bus);
  localparam WIDTH = 3;
  wire valid = bus.valid;
  wire [7:0] x = my_pkg::WIDTH;
  logic [`X-1:0] din;
  fifo #(.WIDTH(WIDTH)) u_fifo (.din(x), .clk(bus.clk));
  // about clk here
  initial $display("clk %d", clk);
  function automatic [7:0] f(input [6:0] din, beat);
    reg valid;
    valid = din;
  endfunction
  `ifdef WIDTH
  absent u_absent (.clk(clk));
  `endif
endmodule
"""


@pytest.fixture
async def workspace(client: Client, folder: Path) -> Path:
    (folder / "counter.v").write_text(GOOD)
    (folder / "inc").mkdir()
    (folder / "inc/defs.vh").write_text("`define X 1\n")
    await client.begin(folder)
    client.open(folder / "top.v", TOP)
    client.open(folder / "counter.v")
    client.open(folder / "counter.spec.md")
    await client.published(folder / "top.v", lambda _: True)
    return folder


def at(text: str, needle: str, offset: int = 0) -> types.Position:
    """The UTF-16 position of a text."""
    index = text.index(needle) + offset
    line = text.count("\n", 0, index)
    before = text[text.rfind("\n", 0, index) + 1 : index]
    return types.Position(line, len(before.encode("utf-16-le")) // 2)


async def hover(client: Client, path: Path, position: types.Position) -> str:
    params = types.HoverParams(types.TextDocumentIdentifier(uri(path)), position)
    found = await client.text_document_hover_async(params)
    assert found is None or isinstance(found.contents, types.MarkupContent)
    return found.contents.value if found else ""  # pyright: ignore[reportAttributeAccessIssue]


async def test_hover(client: Client, workspace: Path) -> None:
    counter, top = workspace / "counter.v", workspace / "top.v"
    said = await hover(client, counter, at(GOOD, "count <= 0"))
    assert "output reg [3:0] count" in said
    assert "4 bits" in said
    assert "present count" in said
    assert "grows by 1" in said
    assert "After 15" not in said  # names no port
    assert "wire rst" in await hover(client, top, at(TOP, "rst;"))
    assert "input rst  // of counter" in await hover(client, top, at(TOP, ".rst", 1))
    assert "module counter" in await hover(client, top, at(TOP, "counter u"))
    spec = workspace / "counter.spec.md"
    said = await hover(client, spec, at(spec.read_text(), "`en`", 2))
    assert "input en" in said
    assert await hover(client, top, at(TOP, "module top")) == ""


PLACES = [
    ("`X", 1, "`define X 1"),
    ("ifdef WIDTH", 6, ""),
    ("my_pkg::WIDTH", 8, ""),
    ("bus.valid", 4, ""),
    ("bus.clk", 4, ""),
    (".WIDTH(WIDTH)", 1, "parameter WIDTH = 8  // of fifo"),
    (".WIDTH(WIDTH)", 7, "localparam WIDTH = 3"),
    (".clk(bus", 1, "output clk  // of fifo"),
    (".clk(clk)", 1, ""),
    (".clk(clk)", 5, "input [1:0] clk  // 2 bits"),
    ("about clk", 6, ""),
    ('"clk %d', 1, ""),
    ("= din;", 2, "input [6:0] din"),
    ("valid = din", 0, "reg valid"),
    ("beat);", 0, "input [6:0] beat"),
    ("] din;", 2, "logic [`X-1:0] din"),
    ("beat, input", 0, "input my_pkg::beat_t beat"),
]


async def test_a_name_is_that_of_its_place(client: Client, workspace: Path) -> None:
    (workspace / "fifo.v").write_text(FIFO)
    user = workspace / "user.sv"
    client.open(user, USER)
    client.open(workspace / "fifo.v")
    await client.published(workspace / "fifo.v", lambda _: True)
    found = [await hover(client, user, at(USER, what, after)) for what, after, _ in PLACES]
    assert found == [f"```verilog\n{said}\n```" if said else "" for _, _, said in PLACES]


PACKAGE = """package my_pkg;
  localparam int N = 4, WIDE = 2 * N;
  typedef struct packed { logic [7:0] d; logic v; } beat_t;
  function automatic int twice(int n);
    return 2 * n;
  endfunction
endpackage
"""
BUS = """interface bus_if #(parameter W = 8) (input clk);
  logic valid, ready;
  modport slave(input valid, output ready);
endinterface
"""
USES = """module uses import my_pkg::*; (bus_if.slave bus, input my_pkg::beat_t beat);
  beat_t other;
  wire [my_pkg::WIDE-1:0] x = twice(my_pkg::N);
endmodule
"""


async def test_packages_and_interfaces(client: Client, tmp_path: Path) -> None:
    trees = {"hierarchicalDocumentSymbolSupport": True}
    await client.begin(tmp_path, caps=capabilities(textDocument__documentSymbol=trees))
    for name, text in (("p.sv", PACKAGE), ("bus.sv", BUS), ("uses.sv", USES)):
        (tmp_path / name).write_text(text)
        client.open(tmp_path / name)
        await client.published(tmp_path / name, lambda _: True)
    uses = tmp_path / "uses.sv"
    struct = "typedef struct packed { logic [7:0] d; logic v; } beat_t"
    for needle, offset, said in (
        ("my_pkg::*", 0, "package my_pkg;"),
        ("bus_if", 0, "interface bus_if #(parameter W = 8) (input clk);"),
        ("::beat_t", 2, f"{struct}  // of my_pkg"),
        ("beat_t other", 0, f"{struct}  // of my_pkg"),
        ("twice", 0, "function automatic int twice(int n)  // of my_pkg"),
        ("WIDE", 0, "localparam int WIDE = 2 * N  // of my_pkg"),
        ("bus,", 0, ""),
    ):
        found = await hover(client, uses, at(USES, needle, offset))
        assert found == (f"```verilog\n{said}\n```" if said else "")
    said = await hover(client, tmp_path / "p.sv", at(PACKAGE, "N;"))
    assert said == "```verilog\nlocalparam int N = 4\n```"
    place = types.DefinitionParams(types.TextDocumentIdentifier(uri(uses)), at(USES, "twice"))
    found = await client.text_document_definition_async(place)
    assert found == [
        types.Location(
            uri(tmp_path / "p.sv"), types.Range(types.Position(3, 25), types.Position(3, 30))
        )
    ]
    symbols: list[tuple[str, list[str]]] = []
    for name in ("p.sv", "bus.sv"):
        here = types.TextDocumentIdentifier(uri(tmp_path / name))
        for one in (
            await client.text_document_document_symbol_async(types.DocumentSymbolParams(here)) or ()
        ):
            assert isinstance(one, types.DocumentSymbol)
            symbols.append((one.name, [child.name for child in one.children or ()]))
    assert symbols == [
        ("my_pkg", ["N", "WIDE", "beat_t", "twice"]),
        ("bus_if", ["W", "clk", "valid", "ready", "slave"]),
    ]


async def test_the_leaf_of_the_command_file_is_shown(client: Client, tmp_path: Path) -> None:
    text = "module top(input a, output y);\n  leaf l(.a(a), .);\nendmodule\n"
    top, leaf = tmp_path / "rtl/top.v", tmp_path / "vendor/deep/leaf.v"
    for path, content in (
        (top, text),
        (leaf, "module leaf(input a, output y);\nendmodule\n"),
        (tmp_path / "rtl/leaf_old.v", "module leaf(input x, output z);\nendmodule\n"),
        (tmp_path / "all.f", "rtl/top.v\nvendor/deep/leaf.v\n"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    await client.begin(tmp_path)
    client.open(top)
    await client.published(top, lambda found: any(d.source == "iverilog" for d in found))
    assert "input a  // of leaf" in await hover(client, top, at(text, ".a(", 1))
    here = types.CompletionParams(types.TextDocumentIdentifier(uri(top)), at(text, ".);", 1))
    offered = await client.text_document_completion_async(here)
    assert isinstance(offered, types.CompletionList)
    assert [item.label for item in offered.items] == ["y"]


async def test_definition(client: Client, workspace: Path) -> None:
    counter, top = workspace / "counter.v", workspace / "top.v"
    spec = workspace / "counter.spec.md"

    async def places(path: Path, position: types.Position) -> list[tuple[str, int]]:
        params = types.DefinitionParams(types.TextDocumentIdentifier(uri(path)), position)
        found = await client.text_document_definition_async(params)
        assert isinstance(found, list | tuple)
        return [(p.uri, p.range.start.line) for p in found if isinstance(p, types.Location)]

    assert await places(top, at(TOP, "counter u")) == [(uri(counter), 0)]
    assert await places(top, at(TOP, ".rst", 1)) == [(uri(counter), 0)]
    assert await places(top, at(TOP, "(rst)", 1)) == [(uri(top), 3)]
    user = workspace / "user.sv"
    client.open(user, USER)
    assert await places(user, at(USER, "`X", 1)) == [(uri(workspace / "inc/defs.vh"), 0)]
    assert await places(user, at(USER, "my_pkg::WIDTH", 8)) == []
    assert await places(top, at(TOP, "defs")) == [(uri(workspace / "inc/defs.vh"), 0)]
    text = spec.read_text()
    line = text[: text.index("`input en`")].count("\n")
    assert await places(counter, at(GOOD, "input en", 6)) == [(uri(counter), 0), (uri(spec), line)]
    assert await places(spec, at(text, "`input en`", 7)) == [(uri(counter), 0)]


async def test_symbols(client: Client, workspace: Path) -> None:
    async def of(path: Path) -> list[types.DocumentSymbol]:
        params = types.DocumentSymbolParams(types.TextDocumentIdentifier(uri(path)))
        found = await client.text_document_document_symbol_async(params)
        return [
            s for s in found or () if isinstance(s, types.SymbolInformation | types.DocumentSymbol)
        ]  # type: ignore[misc]

    flat = await of(workspace / "top.v")
    assert [s.name for s in flat] == ["top", "clk", "n", "rst"]
    assert "input clk" in [s.name for s in await of(workspace / "counter.spec.md")]


async def test_a_tree_of_symbols(client: Client, folder: Path) -> None:
    caps = capabilities(textDocument__documentSymbol={"hierarchicalDocumentSymbolSupport": True})
    await client.begin(folder, caps=caps)
    client.open(folder / "counter.v", GOOD)
    params = types.DocumentSymbolParams(types.TextDocumentIdentifier(uri(folder / "counter.v")))
    found = await client.text_document_document_symbol_async(params)
    assert found
    (module,) = found
    assert isinstance(module, types.DocumentSymbol)
    assert [child.detail for child in module.children or ()] == [
        "input clk",
        "input rst",
        "input en",
        "output reg [3:0] count",
    ]


async def test_completion_of_ports(client: Client, workspace: Path) -> None:
    params = types.CompletionParams(
        types.TextDocumentIdentifier(uri(workspace / "top.v")), at(TOP, ".);", 1)
    )
    found = await client.text_document_completion_async(params)
    assert isinstance(found, types.CompletionList)
    assert [(i.label, i.insert_text, i.detail) for i in found.items] == [
        ("en", "en()", "input en"),
        ("count", "count()", "output reg [3:0] count"),
    ]


async def test_tests_are_discovered(client: Client, workspace: Path) -> None:
    tests = workspace / "test_counter.py"
    found = (await client.command("tests"))["tests"]
    assert len(found) == 6
    assert {t["uri"] for t in found} == {uri(tests)}
    assert {t["spec"] for t in found} == {uri(workspace / "counter.spec.md")}
    lines = tests.read_text().splitlines()
    for test in found:
        assert f"def {test['name']}(" in lines[test["line"]]
    assert (await client.command("tests", uri=uri(tests)))["tests"] == found
    assert (await client.command("tests", uri=uri(workspace / "top.v")))["tests"] == []


async def test_tests_that_come_are_told(client: Client, folder: Path) -> None:
    await client.begin(folder, events=True)
    await client.until("spec2rtl/testsChanged")  # the workspace has been read
    client.forget()
    old, new = folder / "test_counter.py", folder / "test_other.py"
    old.rename(new)
    renamed = types.RenameFilesParams([types.FileRename(uri(old), uri(new))])
    client.workspace_did_rename_files(renamed)
    await client.until("spec2rtl/testsChanged")
    found = (await client.command("tests"))["tests"]
    assert {t["uri"] for t in found} == {uri(new)}


async def test_the_tools_alone(client: Client, workspace: Path) -> None:
    counter = uri(workspace / "counter.v")
    checked = await client.command("check", uri=counter)
    assert checked["ok"]
    assert checked["simulator"].startswith("iverilog ")
    for given in (counter, uri(workspace / "counter.spec.md"), uri(workspace / "test_counter.py")):
        simulated = await client.command("simulate", uri=given)
        assert (simulated["status"], len(simulated["tests"])) == ("passed", 6)
    simulated = await client.command("simulate", uri=uri(workspace / "top.v"))
    assert "no tests: put test_top.py beside it" in simulated["message"]
    report = await client.workspace_execute_command_async(
        types.ExecuteCommandParams("spec2rtl.doctor")
    )
    assert "simulator" in str(report)
