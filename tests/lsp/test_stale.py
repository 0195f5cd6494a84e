"""Diagnostics are taken back when they no longer hold, whatever the reason."""

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.client import Client, capabilities, start, uri
from tests.lsp.conftest import GOOD
from tests.lsp.test_diagnostics import BAD, errors

FAILING = GOOD.replace("4'd1", "4'd2")
HEADER = "`define VALUE nowhere\n"
USER = '`include "values.vh"\nmodule m(output y);\n  assign y = `VALUE;\nendmodule\n'


READS = FAILING.replace(
    "endmodule",
    '  reg [3:0] start [0:0];\n  initial $readmemh("start.hex", start);\n  initial $readmemh("late.hex", start);\nendmodule',
)


async def failing(client: Client, folder: Path, text: str = FAILING) -> tuple[Path, Path]:
    """The counter with tests that fail, shown at both."""
    rtl, tests = folder / "counter.v", folder / "test_counter.py"
    rtl.write_text(text)
    client.open(rtl)
    await client.command("simulate", uri=uri(rtl))
    await client.published(rtl, lambda f: any(d.code == "test-failed" for d in f))
    await client.published(tests, bool)
    client.forget()
    return rtl, tests


async def test_an_edit_of_the_tests(client: Client, folder: Path) -> None:
    await client.begin(folder)
    rtl, tests = await failing(client, folder)
    client.open(tests, tests.read_text() + "# changed\n")
    assert await client.published(tests, lambda f: f == []) == []
    assert await client.published(rtl, lambda f: f == []) == []


async def test_an_edit_outside_the_editor(client: Client, folder: Path) -> None:
    await client.begin(folder, caps=capabilities(workspace__didChangeWatchedFiles=None))
    rtl, tests = await failing(client, folder)
    tests.write_text(tests.read_text() + "# changed\n")
    assert await client.published(tests, lambda f: f == []) == []
    assert await client.published(rtl, lambda f: f == []) == []


@pytest.mark.parametrize("watches", [True, False])
@pytest.mark.parametrize("name", ["start.hex", "late.hex", "expected.py"])
async def test_an_edit_of_what_a_simulation_reads(
    client: Client, folder: Path, name: str, watches: bool
) -> None:
    """Data of the RTL, a module of the tests: nothing that the server would watch otherwise."""
    tests = folder / "test_counter.py"
    tests.write_text(f"import expected\n{tests.read_text()}")
    (folder / "start.hex").write_text("0\n")
    (folder / "expected.py").write_text("STEP = 1\n")
    none = capabilities(workspace__didChangeWatchedFiles=None)
    await client.begin(folder, caps=capabilities() if watches else none)
    rtl, tests = await failing(client, folder, READS)
    (folder / name).write_text("2\n")
    if watches:
        event = types.FileEvent(uri(folder / name), types.FileChangeType.Changed)
        client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    assert await client.published(tests, lambda f: f == []) == []
    await client.published(rtl, lambda f: all(d.code != "test-failed" for d in f))


async def test_what_a_simulation_reads_is_watched(client: Client, folder: Path) -> None:
    (folder / "start.hex").write_text("0\n")
    await client.begin(folder)
    client.open(folder / "counter.v", READS)
    await client.command("simulate", uri=uri(folder / "counter.v"))
    await client.until(
        types.CLIENT_REGISTER_CAPABILITY,
        lambda p: "**/start.hex" in str(p.registrations[0].register_options),
    )


PARAMETRIC = GOOD.replace("counter(", "counter #(parameter STEP = 1) (").replace("4'd1", "STEP")


@pytest.mark.parametrize(
    ("setting", "text"),
    [("defines", GOOD.replace("4'd1", "`STEP")), ("parameters", PARAMETRIC)],
)
async def test_another_define_or_parameter(
    client: Client, folder: Path, setting: str, text: str
) -> None:
    client.settings = {setting: {"STEP": "2"}}
    await client.begin(folder)
    rtl, tests = await failing(client, folder, text)
    await reconfigured(client, rtl, tests, {setting: {"STEP": "1"}})


@pytest.mark.parametrize("setting", [{"vvp": "/no/vvp"}, {"simulationSeconds": 50}])
async def test_another_simulator(client: Client, folder: Path, setting: dict[str, object]) -> None:
    await client.begin(folder)
    rtl, tests = await failing(client, folder)
    await reconfigured(client, rtl, tests, setting)


async def test_other_settings_while_it_is_simulated(client: Client, folder: Path) -> None:
    client.settings = {"defines": {"STEP": "2"}}
    await client.begin(folder, caps=capabilities(textDocument__diagnostic={}))
    (folder / "counter.v").write_text(GOOD.replace("4'd1", "`STEP"))
    rtl, tests = client.open(folder / "counter.v"), folder / "test_counter.py"
    client.open(tests)
    running = asyncio.ensure_future(client.command("simulate", uri=rtl))
    await client.until(types.PROGRESS, lambda p: p.value["kind"] == "begin")
    client.settings = {"defines": {"STEP": "1"}}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    assert (await running)["status"] == "failed"
    assert await client.pulled(tests) == []


async def reconfigured(client: Client, rtl: Path, tests: Path, settings: dict[str, object]) -> None:
    """Wait until settings have taken back what failed."""
    client.settings = settings
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    assert await client.published(tests, lambda f: f == []) == []
    await client.published(rtl, lambda f: all(d.code != "test-failed" for d in f))


async def test_an_edit_of_a_header(client: Client, tmp_path: Path) -> None:
    header, user = tmp_path / "values.vh", tmp_path / "m.v"
    header.write_text(HEADER)
    await client.begin(tmp_path)
    client.open(user, USER)
    await client.published(user, lambda f: bool(errors(f)))
    client.open(header)
    client.forget()
    client.change(header, "`define VALUE 1'b0\n", 2)
    assert await client.published(user, lambda f: f == []) == []


async def test_a_header_of_any_name_is_watched(client: Client, tmp_path: Path) -> None:
    header, user = tmp_path / "values.def", tmp_path / "m.v"
    header.write_text(HEADER)
    await client.begin(tmp_path)
    client.open(user, USER.replace("values.vh", header.name))
    await client.published(user, lambda f: bool(errors(f)))
    watched = await client.until(
        types.CLIENT_REGISTER_CAPABILITY, lambda p: header.name in str(p.registrations)
    )
    assert watched
    client.forget()
    header.write_text("`define VALUE 1'b0\n")
    changed = types.FileEvent(uri(header), types.FileChangeType.Changed)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
    assert await client.published(user, lambda f: f == []) == []


async def test_two_files_with_one_header(client: Client, tmp_path: Path) -> None:
    """What is wrong there for one of them stays, whatever the other finds."""
    header, texts = tmp_path / "logic.vh", 'module m(output y);\n`include "logic.vh"\nendmodule\n'
    header.write_text("assign y = `VALUE;\n")
    await client.begin(tmp_path)
    good, bad = tmp_path / "good.v", tmp_path / "bad.v"
    client.open(bad, texts.replace("module m", "`define VALUE nowhere\nmodule bad"))
    await client.published(header, lambda f: bool(errors(f)))
    client.open(good, texts.replace("module m", "`define VALUE 1'b0\nmodule good"))
    await client.published(good, lambda f: f == [])
    last = [p for m, p in client.told if m == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]
    assert errors([list(p.diagnostics) for p in last if p.uri == uri(header)][-1])


async def test_a_header_is_pulled_with_what_its_reader_found(
    client: Client, tmp_path: Path
) -> None:
    header, user = tmp_path / "logic.vh", tmp_path / "m.v"
    header.write_text("assign y = nowhere;\n")
    related = capabilities(textDocument__diagnostic={"relatedDocumentSupport": True})
    await client.begin(tmp_path, caps=related)
    client.open(user, 'module m(output y);\n`include "logic.vh"\nendmodule\n')
    client.open(header)
    assert await client.pulled(user) == []
    assert errors(await client.pulled(header))
    client.change(user, "module m(output y);\n  assign y = 1'b0;\nendmodule\n", 2)
    assert await client.pulled(user) == []
    assert await client.pulled(header) == []


@pytest.mark.parametrize("pulls", [False, True])
async def test_an_error_in_a_header(client: Client, tmp_path: Path, pulls: bool) -> None:
    """Shown at the header, also where a client pulls but takes no related documents."""
    header, user = tmp_path / "logic.vh", tmp_path / "m.v"
    header.write_text("assign y = nowhere;\n")
    caps = capabilities(textDocument__diagnostic={}) if pulls else capabilities()
    await client.begin(tmp_path, caps=caps)
    client.open(user, 'module m(output y);\n`include "logic.vh"\nendmodule\n')
    if pulls:
        await client.pulled(user)
    await client.published(header, lambda f: bool(errors(f)))
    client.forget()
    client.change(user, "module m(output y);\n  assign y = 1'b0;\nendmodule\n", 2)
    if pulls:
        await client.pulled(user)
    assert await client.published(header, lambda f: f == []) == []


@pytest.mark.parametrize("pulls", [False, True])
async def test_a_rename(client: Client, folder: Path, pulls: bool) -> None:
    caps = capabilities(textDocument__diagnostic={}) if pulls else capabilities()
    await client.begin(folder, caps=caps)
    old, new = folder / "m.v", folder / "n.v"
    old.write_text(BAD)
    client.open(old)
    if pulls:
        assert errors(await client.pulled(old))
    else:
        await client.published(old, lambda f: bool(errors(f)))
    client.close(old)
    old.rename(new)
    client.forget()
    renamed = types.FileRename(uri(old), uri(new))
    client.workspace_did_rename_files(types.RenameFilesParams([renamed]))
    client.open(new)
    if pulls:
        assert errors(await client.pulled(new))
        assert await client.pulled(old) == []
    else:
        await client.published(new, lambda f: bool(errors(f)))
    last = {p.uri: p for m, p in client.told if m == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS}
    assert uri(old) not in last or not last[uri(old)].diagnostics


async def test_a_deletion(client: Client, folder: Path) -> None:
    await client.begin(folder)
    rtl, tests = await failing(client, folder)
    tests.unlink()
    gone = types.FileEvent(uri(tests), types.FileChangeType.Deleted)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([gone]))
    assert await client.published(tests, lambda f: f == []) == []
    assert await client.published(rtl, lambda f: f == []) == []


async def test_a_close(client: Client, folder: Path) -> None:
    """Of RTL with unsaved changes: the file on disk counts again."""
    await client.begin(folder)
    rtl, tests = folder / "counter.v", folder / "test_counter.py"
    rtl.write_text(GOOD)
    client.open(rtl, FAILING)
    await client.command("simulate", uri=uri(rtl))
    await client.published(rtl, lambda f: any(d.code == "test-failed" for d in f))
    await client.published(tests, bool)
    client.forget()
    client.close(rtl)
    assert await client.published(rtl, lambda f: f == []) == []
    assert await client.published(tests, lambda f: f == []) == []


async def test_a_close_of_one_of_two_names(client: Client, folder: Path) -> None:
    await client.begin(folder)
    rtl = folder / "counter.v"
    rtl.write_text(GOOD)
    client.open(rtl, BAD)
    await client.published(rtl, lambda f: bool(errors(f)))
    other = types.TextDocumentItem(uri(rtl).replace("counter", "%63ounter"), "v", 1, BAD)
    client.text_document_did_open(types.DidOpenTextDocumentParams(other))
    client.forget()
    client.text_document_did_close(
        types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(other.uri))
    )
    assert errors(await client.published(rtl, lambda f: bool(errors(f))))


async def test_a_restart(client: Client, folder: Path, environ: dict[str, str]) -> None:
    """What the editor had goes with the server; the next one says what holds, and no more."""
    await client.begin(folder)
    rtl, tests = await failing(client, folder)
    assert client.server_pid
    other = await start(environ)
    try:
        await other.begin(folder)
        other.open(rtl, BAD)
        found = await other.published(rtl, lambda f: any(d.source == "iverilog" for d in f))
        assert {d.source for d in found} <= {"iverilog", "slang"}
        other.change(rtl, FAILING, 2)
        await other.published(rtl, lambda f: f == [])
        said = [p.uri for m, p in other.told if m == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]
        assert uri(tests) not in said
    finally:
        assert await other.end() == 0
