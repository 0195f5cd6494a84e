"""Files that are parts of others, and what they take from these: macros, declarations."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from lsprotocol import types

from spec2rtl.lsp import server
from tests.lsp.client import TIMEOUT, Client, capabilities, uri
from tests.lsp.test_diagnostics import errors

WHOLE = """module m(input clk, input [3:0] a, output reg [3:0] y);
  wire [3:0] next = a + 4'd1;
`include "part.v"
endmodule
"""
PART = "  always @(posedge clk)\n    y <= next;\n"
ALU = "module alu(input [`W-1:0] a, output [`W-1:0] y);\n  assign y = ~a;\nendmodule\n"
CPU = """`include "defines.v"
`include "alu.v"
module cpu(input [`W-1:0] a, output [`W-1:0] y);
  alu u(.a(a), .y(y));
endmodule
"""
PLAIN_CPU = CPU[CPU.index("module") :]


def written(root: Path, files: dict[str, str]) -> list[Path]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return [root / name for name in files]


@pytest.mark.parametrize(
    "files",
    [
        {"part.v": PART, "m.v": WHOLE},
        {"part.v": '`include "inner.v"\n', "inner.v": PART, "m.v": WHOLE},
        {"rtl/part.v": PART, "m.v": WHOLE},
        {"alu.v": ALU, "cpu.v": CPU, "defines.v": "`define W 4\n"},
        {"alu.v": ALU, "cpu.v": CPU, "inc/defines.v": "`define W 4\n"},
        {"alu.v": ALU, "defines.v": "`define W 4\n", "far/defines.v": "`define W none\n"},
        {"alu.v": ALU, "top.v": CPU.replace("defines.v", "w.vh"), "w.vh": "`define W 4\n"},
        {"alu.v": ALU, "cpu.v": CPU.replace('`include "defines.v"', "`define W 4")},
        {"alu.v": ALU, "cpu.v": f"`define N 2\n`define W (`N*2)\n{PLAIN_CPU}"},
        {"alu.v": ALU, "cpu.v": f'`include "w.vh"\n{PLAIN_CPU}', "w.vh": "`define W 4\n"},
        {"alu.v": f'`include "w.vh"\n{ALU}', "cpu.v": PLAIN_CPU, "w.vh": "`define W 4\n"},
        {"alu.v": f'`include "w.h"\n{ALU}', "inc/w.h": "`define W 4\n"},
        {"ALU.V": f'`include "W.VH"\n{ALU}', "CPU.V": PLAIN_CPU, "W.VH": "`define W 4\n"},
        {"alu.v": f'`define FILE "w.vh"\n`include `FILE\n{ALU}', "w.vh": "`define W 4\n"},
    ],
)
async def test_no_file_of_a_good_design_has_errors(
    client: Client, tmp_path: Path, files: dict[str, str]
) -> None:
    paths = written(tmp_path, files)
    await client.begin(tmp_path)
    for path in paths:
        client.open(path, path.read_text() + "nonsense\n")
    for path in paths:
        assert await client.published(path, lambda f: bool(errors(f)))
    client.forget()
    for path in paths:
        client.change(path, path.read_text(), 2)
    for path in paths:
        assert errors(await client.published(path, lambda f: not errors(f))) == []
        answer = await client.command("check", uri=uri(path))
        assert (answer["ok"], answer["diagnostics"]) == (True, [])


@pytest.mark.parametrize("name", ["part.v", "part.vh", "part.svh"])
@pytest.mark.parametrize("pulls", [False, True])
async def test_a_part_alone(client: Client, tmp_path: Path, name: str, pulls: bool) -> None:
    """Its errors are told where it stands, though what includes it isn't open."""
    part, _ = written(tmp_path, {name: PART, "m.v": WHOLE.replace("part.v", name)})
    caps = capabilities(textDocument__diagnostic={}) if pulls else capabilities()
    await client.begin(tmp_path, caps=caps)

    async def shown(text: str, version: int) -> list[tuple[int, str]]:
        client.change(part, text, version)
        if pulls:
            await client.pulled(part)
            await client.until("workspace/diagnostic/refresh")
            found = await client.pulled(part)
        else:
            found = await client.published(part, lambda f: bool(errors(f)) == (text != PART))
        client.forget()
        return [(d.range.start.line, d.message.split(":")[0]) for d in errors(found)]

    client.open(part, "")
    assert [line for line, _ in await shown(PART.replace("next", "nowhere"), 2)] == [1]
    assert await shown(PART, 3) == []
    cut = await shown(PART.replace("y <= next;", "begin"), 4)
    assert all(line in {0, 1} for line, _ in cut)
    assert cut
    assert await shown(PART, 5) == []


@pytest.mark.parametrize("pulls", [False, True])
async def test_a_part_and_its_whole_are_open(client: Client, tmp_path: Path, pulls: bool) -> None:
    """An error that both checks find is told once, by one way."""
    part, whole = written(tmp_path, {"part.v": PART.replace("next", "nowhere"), "m.v": WHOLE})
    caps = capabilities(textDocument__diagnostic={}) if pulls else capabilities()
    await client.begin(tmp_path, caps=caps)
    client.open(whole)
    client.open(part)
    if pulls:
        for path in (whole, part, whole, part):
            found = await client.pulled(path)
        last = {p.uri: p for m, p in client.told if m == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS}
        assert not (uri(part) in last and last[uri(part)].diagnostics)
    else:
        await client.published(whole, lambda _: True)
        found = await client.published(part, lambda f: bool(errors(f)))
    assert len(errors(found)) == 1
    client.forget()
    client.change(part, PART, 2)
    if pulls:
        assert errors(await client.pulled(part)) == []
    else:
        assert errors(await client.published(part, lambda f: not errors(f))) == []


async def test_a_header_of_macros_has_no_part_in_its_readers_faults(
    client: Client, tmp_path: Path
) -> None:
    header, user = written(tmp_path, {"w.vh": "`define W 4\n", "alu.v": f'`include "w.vh"\n{ALU}'})
    await client.begin(tmp_path)
    client.open(user, user.read_text().replace("~a", "~b"))
    client.open(header)
    assert await client.published(user, lambda f: bool(errors(f)))
    answer = await client.command("check", uri=uri(header))
    assert not answer["ok"]
    assert await client.published(header, lambda _: True) == []


async def test_what_includes_a_module_leaves_its_own_errors(client: Client, tmp_path: Path) -> None:
    files = {"alu.v": ALU, "cpu.v": CPU, "defines.v": "`define W 4\n"}
    alu, cpu, _ = written(tmp_path, files)
    await client.begin(tmp_path)
    client.open(alu, ALU.replace("~a", "~b"))
    await client.published(alu, lambda f: bool(errors(f)))
    client.open(cpu)
    await client.published(cpu, lambda _: True)
    client.change(cpu, CPU + "\n", 2)
    await client.command("check", uri=uri(cpu))
    last = [p for m, p in client.told if m == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]
    assert len(errors([list(p.diagnostics) for p in last if p.uri == uri(alu)][-1])) == 1


async def test_a_part_is_repaired_in_its_whole(client: Client, tmp_path: Path) -> None:
    part, _ = written(tmp_path, {"part.v": PART, "m.v": WHOLE})
    await client.begin(tmp_path)
    client.open(part)
    answer = await client.command("edit", uri=uri(part), instruction="count down")
    assert answer["message"] == "part.v: declares no module; it is a part of m.v: ask there"


async def test_headers_of_one_name_beside_their_own_readers(client: Client, tmp_path: Path) -> None:
    module = '`include "defs.vh"\nmodule {0}(output [`{1}-1:0] y);\n  assign y = 0;\nendmodule\n'
    top = "module top(output [3:0] y, output [7:0] z);\n  a u(.y(y));\n  b v(.y(z));\nendmodule\n"
    files = {
        "top.v": top,
        "ipa/a.v": module.format("a", "AW"),
        "ipa/inc/defs.vh": "`define AW 4\n",
        "ipb/b.v": module.format("b", "BW"),
        "ipb/inc/defs.vh": "`define BW 8\n",
    }
    path, *_ = written(tmp_path, files)
    await client.begin(tmp_path)
    client.open(path, top.replace(".y(z)", ".x(z)"))
    assert await client.published(path, lambda f: bool(errors(f)))
    client.change(path, top, 2)
    assert await client.published(path, lambda f: f == []) == []
    answer = await client.command("check", uri=uri(path))
    assert (answer["ok"], answer["diagnostics"]) == (True, [])


async def test_an_include_folder_that_is_not_there_is_told(client: Client, tmp_path: Path) -> None:
    path, _ = written(
        tmp_path, {"m.v": "module m; endmodule\n", "spec2rtl.toml": 'include_dirs = ["gone"]\n'}
    )
    await client.begin(tmp_path)
    client.open(path)
    told = await client.until("window/showMessage")
    assert told.message == (
        f"Spec2RTL: {tmp_path / 'gone'}: no such include folder; mend `include_dirs`"
    )


@pytest.mark.parametrize("pulls", [False, True])
async def test_a_part_whose_whole_has_just_gone(
    client: Client, tmp_path: Path, pulls: bool
) -> None:
    """Asked before anybody told that it is gone, the server says what it can't read."""
    part, whole = written(tmp_path, {"part.v": PART, "m.v": WHOLE})
    caps = capabilities(textDocument__diagnostic={}) if pulls else capabilities()
    await client.begin(tmp_path, caps=caps)
    client.open(part, PART)
    await client.command("check", uri=uri(part))
    whole.unlink()
    client.change(part, PART + "\n", 2)
    if pulls:
        (found,) = await client.pulled(part)
    else:
        (found,) = await client.published(part, bool)
    assert found.message == f"not checked: {whole}: no such file"


@pytest.mark.parametrize(
    ("word", "place", "words"),
    [
        ("inc", ("funcs.vh", 1), "function automatic [3:0] inc(input [3:0] a)"),
        ("STEP", ("funcs.vh", 0), "localparam STEP = 1"),
        ("nib_t", ("types.svh", 0), "typedef logic [3:0] nib_t"),
        ("N", ("other.sv", 0), "`define N 4"),
    ],
)
async def test_names_from_what_is_included(
    client: Client, tmp_path: Path, word: str, place: tuple[str, int], words: str
) -> None:
    function = "function automatic [3:0] inc(input [3:0] a);\n  inc = a + STEP;\nendfunction\n"
    text = """module m import p::*; (input nib_t a, output nib_t y);
  `include "funcs.vh"
  assign y = inc(a) + `N + STEP;
endmodule
"""
    m, *_ = written(
        tmp_path,
        {
            "m.sv": text,
            "funcs.vh": f"localparam STEP = 1;\n{function}",
            "types.svh": "typedef logic [3:0] nib_t;\n",
            "p.sv": 'package p;\n`include "types.svh"\nendpackage\n',
            "other.sv": "`define N 4\nmodule other; endmodule\n",
        },
    )
    await client.begin(tmp_path)
    client.open(m)
    assert errors(await client.published(m, lambda _: True)) == []
    at = re.search(rf"\b{word}\b", text)
    assert at
    line = text.count("\n", 0, at.start())
    here = types.TextDocumentIdentifier(uri(m))
    position = types.Position(line, at.start() - text.rfind("\n", 0, at.start()) - 1)
    found = await client.text_document_definition_async(types.DefinitionParams(here, position))
    (one,) = found if isinstance(found, Sequence) else [found]
    assert isinstance(one, types.Location)
    assert (one.uri, one.range.start.line) == (uri(tmp_path / place[0]), place[1])
    hover = await client.text_document_hover_async(types.HoverParams(here, position))
    assert hover
    assert words in str(hover.contents)


async def test_a_survey_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at every key, in a workspace that takes longer, or where it never begins."""
    monkeypatch.setattr(server, "_SURVEY_SECONDS", 0.0)
    ls = server.Server()
    await ls.survey_ended()
    monkeypatch.setattr(server, "_SURVEY_SECONDS", TIMEOUT)
    async with asyncio.timeout(TIMEOUT / 2):
        await ls.survey_ended()
    assert not ls.surveyed.is_set()
