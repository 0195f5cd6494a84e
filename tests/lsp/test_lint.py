"""Lint of RTL that compiles, RTL against its spec, and what a spec leaves open, in the editor."""

from pathlib import Path

from lsprotocol import types

from tests.lsp.client import Client, applied
from tests.lsp.test_diagnostics import codes

LATCH = "module m(input en, input d, output reg q);\n  always @* if (en) q = d;\nendmodule\n"
SPEC = "# m\n\n- `input clk`: clock\n- `input rst`: reset, active high\n- `output q`: toggles each cycle\n"
RTL = (
    "module m(input clk, input rst, output reg q);\n"
    "  always @(posedge clk) if (!rst) q <= 0; else q <= ~q;\nendmodule\n"
)


def titled(actions: list[types.CodeAction | types.Command], title: str) -> types.CodeAction:
    (found,) = [a for a in actions if a.title == title]
    assert isinstance(found, types.CodeAction)
    return found


async def test_a_latch_is_shown_when_the_typing_rests(client: Client, tmp_path: Path) -> None:
    await client.begin(tmp_path)
    file = tmp_path / "m.v"
    client.open(file, LATCH)
    (latch,) = await client.published(file, bool)
    assert (latch.code, latch.source, latch.severity) == ("latch", "yosys", 2)
    assert (latch.range.start.line, latch.range.start.character) == (1, 20)
    client.forget()
    client.change(file, LATCH.replace("if (en) q = d", "q = en & d"), 2)
    assert await client.published(file, lambda f: not f) == []


async def test_systemverilog_in_a_verilog_file_is_said_in_verilog(
    client: Client, tmp_path: Path
) -> None:
    await client.begin(tmp_path)
    text = "module m (input a, output logic y);\n  always_comb y = ~a;\nendmodule\n"
    path = tmp_path / "m.v"
    path.write_text(text)
    client.open(path)
    await client.published(path, lambda found: "systemverilog" in codes(found))
    title = "Fix: SystemVerilog in a Verilog file: `logic`, `always_comb`"
    listed = [a for a in await client.actions(path) if a.title.startswith(title)]
    for untried in listed:
        assert isinstance(untried, types.CodeAction)
        await client.code_action_resolve_async(untried)
    fix = titled(await client.actions(path), f"{title} (compiles)")
    plain = text.replace("logic", "reg").replace("always_comb", "always @(*)")
    assert applied(fix.edit, text) == plain


async def test_rtl_and_spec_that_differ(client: Client, tmp_path: Path) -> None:
    await client.begin(tmp_path)
    file, spec = tmp_path / "m.v", tmp_path / "m.spec.md"
    file.write_text(RTL)
    spec.write_text(SPEC)
    client.open(file)
    found = await client.published(file, lambda f: "reset-polarity" in codes(f))
    (difference,) = [d for d in found if d.code == "reset-polarity"]
    assert difference.related_information
    assert difference.related_information[0].location.uri == spec.as_uri()
    assert difference.related_information[0].location.range.start.line == 3
    client.open(spec)
    await client.published(spec, lambda f: "reset-polarity" in codes(f))
    client.forget()
    client.change(spec, SPEC.replace("active high", "active low"), 2)
    await client.published(file, lambda f: "reset-polarity" not in codes(f))
    await client.published(spec, lambda f: "reset-polarity" not in codes(f))


async def test_a_sentence_settles_what_a_spec_leaves_open(client: Client, tmp_path: Path) -> None:
    await client.begin(tmp_path)
    spec = tmp_path / "m.spec.md"
    client.open(spec, SPEC)
    found = await client.published(spec, bool)
    assert codes(found) == ["reset-synchrony-unsaid"]
    offered = await client.actions(spec, 3, diagnostics=found)
    action = titled(offered, "Add: `rst` is a synchronous reset.")
    assert action.kind == types.CodeActionKind.QuickFix
    assert list(action.diagnostics or ()) == found
    assert action.edit
    (change,) = action.edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert [edit.new_text for edit in change.edits] == ["\n`rst` is a synchronous reset.\n"]
    assert await client.actions(spec, 0, only="quickfix") == []


async def test_what_a_spec_comment_leaves_open(client: Client, tmp_path: Path) -> None:
    await client.begin(tmp_path)
    file = tmp_path / "m.v"
    client.open(file, "module m;\nendmodule\n  // spec: a thing 計\n")
    found = await client.published(file, lambda f: "no-interface" in codes(f))
    (open_,) = [d for d in found if d.code == "no-interface"]
    assert (open_.source, open_.severity) == ("spec", 2)
    assert (open_.range.start, open_.range.end) == (types.Position(2, 2), types.Position(2, 20))
