"""Clients that can do less: each lacks one thing, and all else works."""

from collections.abc import Callable
from pathlib import Path

from lsprotocol import types

from tests.lsp.client import Client, applied, capabilities, uri
from tests.lsp.conftest import GOOD, NOT_A_REG, fenced
from tests.lsp.test_diagnostics import errors

Script = Callable[..., str]


def methods(client: Client) -> set[str]:
    return {method for method, _ in client.told}


async def test_no_progress(client: Client, folder: Path, script: Script) -> None:
    await client.begin(folder, caps=capabilities(window__workDoneProgress=False))
    spec = client.open(folder / "counter.spec.md")
    result = await client.command("generate", uri=spec, generator=script(fenced(GOOD)))
    assert result["status"] == "verified"
    unasked = {types.WINDOW_WORK_DONE_PROGRESS_CREATE, types.PROGRESS}
    assert not methods(client) & unasked


async def test_no_pull(client: Client, tmp_path: Path) -> None:
    answer = await client.begin(tmp_path)
    assert answer.capabilities.diagnostic_provider is None
    client.open(tmp_path / "m.v", NOT_A_REG)
    await client.published(tmp_path / "m.v", lambda f: bool(errors(f)))
    assert types.WORKSPACE_DIAGNOSTIC_REFRESH not in methods(client)


async def test_no_resolve(client: Client, folder: Path) -> None:
    await client.begin(folder, caps=capabilities(textDocument__codeAction__resolveSupport=None))
    rtl = folder / "counter.v"
    client.open(rtl, NOT_A_REG)
    found = await client.published(rtl, lambda f: any(d.source == "iverilog" for d in f))
    actions = await client.actions(rtl, found[0].range.start.line, diagnostics=found)
    (ask,) = [a for a in actions if isinstance(a, types.CodeAction) and "Find a repair" in a.title]
    assert ask.data is None
    assert ask.command
    assert ask.command.command == "spec2rtl.reflect"
    answer = await client.command("reflect", uri=uri(rtl), reflector="rules")
    assert answer["proposals"][0]["rtl"] == GOOD
    offered = await client.actions(rtl)
    assert any(isinstance(a, types.CodeAction) and a.title.startswith("Repair: ") for a in offered)


async def test_no_versioned_edits(client: Client, folder: Path, script: Script) -> None:
    caps = capabilities(workspace__workspaceEdit__documentChanges=False)
    await client.begin(folder, caps=caps)
    rtl = folder / "counter.v"
    rtl.write_text("")
    client.open(rtl)
    spec = client.open(folder / "counter.spec.md")
    result = await client.command("generate", uri=spec, generator=script(fenced(GOOD)))
    assert result["out"] == str(rtl)
    (asked,) = client.edits
    assert asked.edit.document_changes is None
    ((place, changes),) = (asked.edit.changes or {}).items()
    assert (place, changes[0].new_text) == (uri(rtl), GOOD)


async def test_no_apply_edit(client: Client, folder: Path, script: Script) -> None:
    await client.begin(folder, caps=capabilities(workspace__applyEdit=False))
    spec, rtl = client.open(folder / "counter.spec.md"), folder / "counter.v"
    result = await client.command("generate", uri=spec, generator=script(fenced(GOOD)))
    assert (result["out"], rtl.read_text()) == (str(rtl), GOOD)
    client.open(rtl, "")  # what is open is the editor's: the result waits there
    again = await client.command(
        "generate", uri=spec, generator=script(fenced(GOOD), name="again.json")
    )
    assert again["out"] is None
    offered = [a for a in await client.actions(rtl) if isinstance(a, types.CodeAction)]
    (offer,) = [a for a in offered if "of run" in a.title]
    assert applied(offer.edit, "") == GOOD
    assert client.edits == []


async def test_no_dynamic_registration(client: Client, tmp_path: Path) -> None:
    caps = capabilities(
        workspace__didChangeWatchedFiles=None, workspace__didChangeConfiguration=None
    )
    await client.begin(tmp_path, caps=caps)
    file = tmp_path / "m.v"
    client.open(file, "module m(output y);\n  assign y = `ON;\nendmodule\n")
    await client.published(file, lambda f: bool(errors(f)))
    assert types.CLIENT_REGISTER_CAPABILITY not in methods(client)
    client.forget()
    client.settings = {"defines": {"ON": "1"}}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    await client.published(file, lambda f: f == [])


async def test_no_configuration(client: Client, tmp_path: Path) -> None:
    await client.begin(
        tmp_path,
        caps=capabilities(workspace__configuration=False),
        settings={"defines": {"ON": "1"}},
    )
    file = tmp_path / "m.v"
    client.open(file, "module m(output y);\n  assign y = `ON;\nendmodule\n")
    await client.published(file, lambda f: f == [])


async def test_no_create(client: Client, folder: Path, script: Script) -> None:
    await client.begin(folder, caps=capabilities(workspace__workspaceEdit__resourceOperations=[]))
    spec = client.open(folder / "counter.spec.md")
    await client.command("generate", uri=spec, generator=script(fenced(GOOD)))
    assert (folder / "counter.v").read_text() == GOOD
