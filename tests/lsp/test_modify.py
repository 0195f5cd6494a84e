import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types

from spec2rtl.syntax.testbench import GENERATED
from spec2rtl.verdict import AGREES
from tests.lsp.client import Client, applied, capabilities, edited, uri
from tests.lsp.conftest import (
    ASYNC,
    EXAMPLES,
    GOOD,
    NOT_A_REG,
    SLOW_TESTS,
    SlowModel,
    fenced,
)

Script = Callable[..., str]
REFLECTION = {
    "root_cause": "The counter counts by two.",
    "lines": [4],
    "edits": [{"search": "4'd2", "replace": "4'd1"}],
    "instruction": None,
}
OFF_BY_ONE = GOOD.replace("4'd1", "4'd2")


def edits_of(actions: list[types.CodeAction | types.Command], title: str) -> types.CodeAction:
    (found,) = [a for a in actions if isinstance(a, types.CodeAction) and title in a.title]
    return found


async def test_repair_is_offered_not_made(client: Client, folder: Path, script: Script) -> None:
    await client.begin(folder)
    rtl = folder / "counter.v"
    rtl.write_text(OFF_BY_ONE)
    client.open(rtl)
    result = await client.command("repair", uri=uri(rtl), generator=script(fenced(GOOD)))
    assert result["status"] == "verified"
    assert result["out"] is None
    assert "-    else if (en) count <= count + 4'd2;" in result["diff"]
    assert client.edits == []
    assert rtl.read_text() == OFF_BY_ONE
    offer = edits_of(await client.actions(rtl), "Accept: repair")
    assert "(compiles; 6 of 6 tests pass; behaviour changed)" in offer.title
    assert result["behaviour"]["inputs"][0]["inputs"]["rst"] == "1"
    assert offer.is_preferred
    assert offer.kind == types.CodeActionKind.QuickFix
    assert applied(offer.edit, OFF_BY_ONE) == GOOD
    client.change(rtl, GOOD, 2)
    told = await client.until(types.WINDOW_SHOW_MESSAGE, lambda p: "simulation" in p.message)
    assert told.message == "Spec2RTL: counter.v: simulation passed: 6 of 6 tests pass"
    assert [a.title for a in await client.actions(rtl)] == ["Repair until tests pass"]


@pytest.mark.parametrize("events", [False, True])
async def test_applying_a_run_keeps_edits_made_since(
    client: Client, folder: Path, script: Script, events: bool
) -> None:
    await client.begin(folder, events=events)
    rtl = folder / "counter.v"
    client.open(rtl, OFF_BY_ONE)
    result = await client.command("repair", uri=uri(rtl), generator=script(fenced(GOOD)))
    mine = f"{OFF_BY_ONE}// mine\n"
    client.change(rtl, mine, 2)
    client.applies = False  # who is shown the difference does not want it
    answer = await client.command("applyRun", run_id=result["run_id"])
    assert answer == {"applied": False}
    assert client.edits == []
    assert [d.confirm for d in client.delivered] == [
        "counter.v holds edits that are not ours" for _ in range(events)
    ]
    await client.until(
        types.WINDOW_SHOW_MESSAGE, lambda p: "not ours: the result is kept" in p.message
    )
    assert applied(edits_of(await client.actions(rtl), "of run").edit, mine) == GOOD
    client.change(rtl, OFF_BY_ONE, 3)
    client.applies = True
    assert await client.command("applyRun", run_id=result["run_id"]) == {"applied": True}
    assert edited(client.edits[0].edit).text_document.version == 3
    assert applied(client.edits[0].edit, OFF_BY_ONE) == GOOD


async def test_repair_takes_the_unsaved_text_and_files_around(
    client: Client, tmp_path: Path, script: Script
) -> None:
    folder = tmp_path / "fifo"
    shutil.copytree(EXAMPLES / "fifo_repair", folder)
    rtl = folder / "fifo.v"
    broken = rtl.read_text()
    rtl.write_text("module fifo; endmodule\n")
    await client.begin(folder)
    client.open(rtl, broken)
    result = await client.command("repair", uri=uri(rtl), generator=script("no idea"))
    assert result["diff"] is not None
    assert result["inputs_changed"] == []
    assert result["iterations"][0]["tests"]


async def test_edit_as_asked(client: Client, tmp_path: Path, script: Script) -> None:
    folder = tmp_path / "edit"
    shutil.copytree(EXAMPLES / "counter_edit", folder)
    rtl = folder / "counter.v"
    await client.begin(folder)
    client.open(rtl)
    (folder / "test_counter.py").unlink()
    text = rtl.read_text()
    changed = text.replace("endmodule", "  // changed\nendmodule")
    result = await client.command(
        "edit",
        uri=uri(rtl),
        instruction="Say that it changed",
        range={"start": {"line": 2, "character": 0}, "end": {"line": 4, "character": 0}},
        generator=script(fenced(changed)),
    )
    assert result["status"] == "compiled"
    detail = await client.command("run", run_id=result["run_id"])
    prompts = [
        m["content"] for e in detail["events"] if e["type"] == "model_called" for m in e["prompt"]
    ]
    assert any("This is about lines 3 to 4" in prompt for prompt in prompts)
    offer = edits_of(await client.actions(rtl), "Accept: edit")
    assert offer.kind == types.CodeActionKind.RefactorRewrite
    assert applied(offer.edit, text) == changed
    empty = await client.command("edit", uri=uri(rtl), instruction=" ")
    assert "an instruction is wanted" in empty["message"]


async def test_rules_fix_at_once(client: Client, folder: Path) -> None:
    await client.begin(folder)
    rtl = folder / "counter.v"
    rtl.write_text(NOT_A_REG)
    client.open(rtl)
    found = await client.published(rtl, lambda f: any(d.source == "iverilog" for d in f))
    line = found[0].range.start.line
    everything = await client.actions(rtl, 0, only="source.fixAll.spec2rtl")  # waits for its trial
    fix = edits_of(await client.actions(rtl, line, diagnostics=found), "Fix: ")
    assert applied(fix.edit, NOT_A_REG) == GOOD
    assert fix.title.endswith(" (compiles; 6 of 6 tests pass)")
    assert fix.is_preferred
    assert fix.diagnostics
    assert fix.edit
    assert fix.edit.change_annotations
    assert edited(fix.edit).text_document.version == 1
    (every,) = everything
    assert isinstance(every, types.CodeAction)
    assert applied(every.edit, NOT_A_REG) == GOOD
    assert every.title == "Fix all that are certain (compiles; 6 of 6 tests pass)"
    client.forget()
    client.change(rtl, GOOD, 2)
    told = await client.until(types.WINDOW_SHOW_MESSAGE, lambda p: "simulation" in p.message)
    assert told.message == "Spec2RTL: counter.v: simulation passed: 6 of 6 tests pass"


async def test_quick_fixes_are_listed_before_they_are_tried(client: Client, folder: Path) -> None:
    await client.begin(folder)
    rtl = folder / "counter.v"
    (folder / "test_counter.py").write_text(SLOW_TESTS)
    client.open(rtl, NOT_A_REG)
    found = await client.published(rtl, lambda f: any(d.source == "iverilog" for d in f))
    listed = await client.actions(rtl, found[0].range.start.line, diagnostics=found)
    fix, every = edits_of(listed, "Fix: "), edits_of(listed, "Fix all")
    assert (fix.edit, fix.is_preferred, every.edit) == (None, None, None)
    assert "compiles" not in fix.title
    tried = await client.code_action_resolve_async(fix)
    assert applied(tried.edit, NOT_A_REG) == GOOD
    assert tried.edit
    (note,) = (tried.edit.change_annotations or {}).values()
    assert note.label == f"{fix.title} (still being tried)"
    client.change(rtl, NOT_A_REG + "// more\n", 2)
    late = await client.code_action_resolve_async(every)
    assert late.edit is None
    told = await client.until(types.WINDOW_SHOW_MESSAGE, lambda p: "changed meanwhile" in p.message)
    assert told.message == "Spec2RTL: counter.v changed meanwhile: choose the repair again"


async def test_an_edit_made_while_the_reflector_thinks_is_kept(
    client: Client, folder: Path, slow_model: SlowModel
) -> None:
    client.settings = {"reflector": slow_model.backend}
    await client.begin(folder, events=True)
    rtl = folder / "counter.v"
    client.open(rtl, OFF_BY_ONE)
    await client.command("simulate", uri=uri(rtl))
    failing = await client.published(rtl, lambda f: any(d.code == "test-failed" for d in f))
    ask = edits_of(await client.actions(rtl, 0, diagnostics=failing), "Find a repair")
    resolving = asyncio.ensure_future(client.code_action_resolve_async(ask))
    await slow_model.called()
    titles = [p.value.get("title") for m, p in client.told if m == types.PROGRESS]
    assert titles.count("Repairs for counter.v") == 2  # of the tools, then of the reflector
    client.change(rtl, OFF_BY_ONE + "// mine\n", 2)
    slow_model.say(json.dumps(REFLECTION))
    assert (await resolving).edit is None
    told = await client.until(types.WINDOW_SHOW_MESSAGE, lambda p: "meanwhile" in p.message)
    assert told.message == (
        "Spec2RTL: counter.v changed meanwhile: nothing was put into it: it is offered there again"
    )
    stale = edits_of(await client.actions(rtl), "Repair: ")
    assert stale.disabled
    client.change(rtl, OFF_BY_ONE, 3)
    again = edits_of(await client.actions(rtl), "Repair: ")
    assert applied(again.edit, OFF_BY_ONE) == GOOD


async def test_the_reflector_is_asked_when_resolved(
    client: Client, folder: Path, script: Script
) -> None:
    client.settings = {"reflector": script(json.dumps(REFLECTION))}
    await client.begin(folder)
    rtl = folder / "counter.v"
    rtl.write_text(OFF_BY_ONE)
    client.open(rtl)
    await client.command("simulate", uri=uri(rtl))
    failing = await client.published(rtl, lambda f: any(d.code == "test-failed" for d in f))
    ask = edits_of(await client.actions(rtl, 0, diagnostics=failing), "Find a repair")
    assert ask.edit is None
    resolved = await client.code_action_resolve_async(ask)
    assert applied(resolved.edit, OFF_BY_ONE) == GOOD
    offer = edits_of(await client.actions(rtl), "Repair: ")
    assert offer.title == ("Repair: The counter counts by two (compiles; 6 of 6 tests pass; was 0)")
    assert offer.is_preferred
    (run,) = (await client.command("runs"))["runs"]
    assert (run["task"], run["status"], run["iterations"]) == ("repair", "verified", 2)
    detail = await client.command("run", run_id=run["run_id"])
    told = [e["type"] for e in detail["events"]]
    assert told.index("model_called") < told.index("model_replied") < told.index("reflected")
    assert [e["seq"] for e in detail["events"]] == list(range(len(told)))
    assert detail["result"]["rtl"] == GOOD


async def test_a_reflector_that_is_of_no_use_is_in_the_journal_too(
    client: Client, folder: Path, script: Script
) -> None:
    await client.begin(folder)
    rtl = folder / "counter.v"
    client.open(rtl, OFF_BY_ONE)
    answer = await client.command("reflect", uri=uri(rtl), reflector=script("no idea"))
    assert answer["message"] == "no repair was found that makes it better"
    answer = await client.command("reflect", uri=uri(rtl), reflector=script())
    assert "script.json" in answer["message"]
    runs = (await client.command("runs"))["runs"]
    assert [run["status"] for run in runs] == ["error", "failed"]


async def test_a_repair_that_agrees_with_generated_tests_is_recorded_as_no_more(
    client: Client, folder: Path, script: Script
) -> None:
    tests = folder / "test_counter.py"
    tests.write_text(f"{GENERATED}\n{tests.read_text()}")
    await client.begin(folder)
    rtl = folder / "counter.v"
    client.open(rtl, OFF_BY_ONE)
    await client.command("reflect", uri=uri(rtl), reflector=script(json.dumps(REFLECTION)))
    (run,) = (await client.command("runs"))["runs"]
    result = (await client.command("run", run_id=run["run_id"]))["result"]
    assert (result["status"], result["message"]) == ("compiled", AGREES)


async def test_reflect_proposes(client: Client, folder: Path) -> None:
    await client.begin(folder)
    rtl = folder / "counter.v"
    rtl.write_text(NOT_A_REG)
    client.open(rtl)
    answer = await client.command("reflect", uri=uri(rtl), reflector="rules")
    (proposal,) = answer["proposals"]
    assert (proposal["by"], proposal["verified"], proposal["rtl"]) == ("rules", True, GOOD)
    client.change(rtl, GOOD, 2)
    answer = await client.command("reflect", uri=uri(rtl), reflector="rules")
    assert answer["message"].startswith("nothing to repair")


async def test_a_client_without_literals_or_resolve(client: Client, folder: Path) -> None:
    await client.begin(folder, caps=capabilities(textDocument__codeAction=None))
    rtl = folder / "counter.v"
    client.open(rtl, GOOD)
    found = await client.actions(rtl)
    assert [a.command for a in found if isinstance(a, types.Command)] == ["spec2rtl.repair"]
    assert len(found) == 1


async def test_a_client_without_versioned_edits(client: Client, folder: Path) -> None:
    await client.begin(folder, caps=capabilities(workspace__workspaceEdit=None))
    rtl = folder / "counter.v"
    client.open(rtl, NOT_A_REG)
    await client.published(rtl, lambda f: any(d.source == "iverilog" for d in f))
    await client.actions(rtl, only="source.fixAll.spec2rtl")  # waits for its trial
    fix = edits_of(await client.actions(rtl, 3), "Fix: ")
    assert fix.edit
    assert fix.edit.document_changes is None
    assert list(fix.edit.changes or {}) == [uri(rtl)]


async def test_a_spec_that_changed_updates_its_rtl(
    client: Client, folder: Path, script: Script
) -> None:
    commands = ["spec2rtl.editRtl", "spec2rtl.showRun"]
    await client.begin(folder, commands=commands, events=True)
    spec, rtl = folder / "counter.spec.md", folder / "counter.v"
    client.open(spec)
    rtl.write_text(GOOD)
    await client.command("generate", uri=uri(spec), generator=script(fenced(GOOD)))
    (state,) = (await client.command("specs"))["specs"]
    assert (state["status"], state["outdated"], state["module"]) == ("verified", False, "counter")
    text = spec.read_text().replace("After 15 comes 0.", "After 9 comes 0.")
    client.change(spec, text, 2)
    titles = [lens.command.title for lens in await lenses(client, spec) if lens.command]
    assert titles == [
        "▷ Generate RTL",
        "Update RTL: spec changed, 1 requirement differs",
        "Simulate",
        "Show last run",
    ]
    client.text_document_did_save(
        types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri(spec)))
    )
    told = await client.until("spec2rtl/specChanged")
    assert told.specs[0].outdated
    client.change(spec, spec.read_text().replace("- After 15 comes 0.\n", ""), 3)
    titles = [lens.command.title for lens in await lenses(client, spec) if lens.command]
    assert "Update RTL: spec changed" in titles
    client.change(spec, text, 4)
    edited = GOOD.replace("count + 4'd1", "(count == 9) ? 4'd0 : count + 4'd1")
    (folder / "test_counter.py").unlink()
    result = await client.command("update", uri=uri(spec), generator=script(fenced(edited)))
    assert (result["task"], result["rtl"]) == ("edit", edited)
    detail = await client.command("run", run_id=result["run_id"])
    prompt = next(e for e in detail["events"] if e["type"] == "model_called")["prompt"]
    assert any("After 9 comes 0" in m["content"] for m in prompt)
    (state,) = (await client.command("specs"))["specs"]
    assert state["outdated"]  # nobody has accepted it
    client.forget()
    client.open(rtl)
    client.change(rtl, edited, 2)
    assert not (await client.until("spec2rtl/specChanged")).specs[0].outdated
    titles = [lens.command.title for lens in await lenses(client, spec) if lens.command]
    assert not any("changed" in title for title in titles)
    client.forget()
    client.close(rtl)
    rtl.unlink(missing_ok=True)
    client.workspace_did_delete_files(types.DeleteFilesParams([types.FileDelete(uri(rtl))]))
    await client.until("spec2rtl/specChanged", lambda told: told.uri == uri(spec))
    client.close(spec)
    spec.unlink()
    gone = types.FileDelete(uri(spec))
    client.workspace_did_delete_files(types.DeleteFilesParams([gone]))
    await client.until(
        "spec2rtl/specChanged", lambda told: (told.uri, told.specs) == (gone.uri, [])
    )


async def test_an_update_of_what_was_not_generated_says_so(
    client: Client, folder: Path, script: Script
) -> None:
    await client.begin(folder)
    spec, rtl = folder / "counter.spec.md", folder / "counter.v"
    rtl.write_text(GOOD)
    refused = await client.command("update", uri=uri(spec), generator=script())
    assert refused["message"] == (
        "counter.spec.md: there is no record of counter.v being generated from this spec, so what"
        " has changed is not known; use Generate RTL or Edit RTL"
    )
    await client.command("generate", uri=uri(spec), generator=script(fenced(GOOD)))
    refused = await client.command("update", uri=uri(spec), generator=script())
    assert refused["message"].endswith("nothing has changed since counter.v was generated")


async def test_a_spec_and_its_rtl_that_are_renamed_still_tell_what_has_changed(
    client: Client, folder: Path, script: Script
) -> None:
    await client.begin(folder, events=True)
    spec, rtl = folder / "counter.spec.md", folder / "counter.v"
    rtl.write_text(GOOD)
    await client.command("generate", uri=uri(spec), generator=script(fenced(GOOD)))
    renamed = [(path, path.with_name(path.name.replace("counter", "cnt"))) for path in (spec, rtl)]
    for old, new in renamed:
        old.rename(new)
    client.workspace_did_rename_files(
        types.RenameFilesParams([types.FileRename(uri(old), uri(new)) for old, new in renamed])
    )
    (_, spec), _ = renamed
    await client.until("spec2rtl/specChanged", lambda told: told.uri == uri(spec))
    client.open(spec, spec.read_text().replace("After 15 comes 0.", "After 9 comes 0."))
    titles = [lens.command.title for lens in await lenses(client, spec) if lens.command]
    assert "Update RTL: spec changed, 1 requirement differs" in titles


async def test_the_tests_that_a_spec_names_are_its_rtls_too(client: Client, folder: Path) -> None:
    spec, rtl = folder / "counter.spec.md", folder / "counter.v"
    (folder / "test_counter.py").rename(folder / "test_all.py")
    spec.write_text(spec.read_text().replace("module:", "tests: test_all.py\nmodule:"))
    rtl.write_text(GOOD)
    client.settings = {"onSave": "check"}
    await client.begin(folder)
    client.open(rtl)
    for given in (spec, rtl):
        simulated = await client.command("simulate", uri=uri(given))
        assert (simulated["status"], len(simulated["tests"])) == ("passed", 6)
    titles = [lens.command.title for lens in await lenses(client, rtl) if lens.command]
    assert titles == ["Repair until tests pass", "Simulate"]
    assert "Repair until tests pass" in [action.title for action in await client.actions(rtl)]
    client.change(rtl, OFF_BY_ONE, 2)
    save(client, rtl)
    assert await client.published(folder / "test_all.py", bool)


def save(client: Client, path: Path) -> None:
    params = types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri(path)))
    client.text_document_did_save(params)


async def test_saving_runs_the_tests_by_setting(client: Client, folder: Path) -> None:
    rtl, tests = folder / "counter.v", folder / "test_counter.py"
    rtl.write_text(OFF_BY_ONE)
    await client.begin(folder)
    client.open(rtl)
    save(client, rtl)
    await client.published(rtl, lambda _: True)
    assert await client.actions(rtl)  # what was asked before it has been dealt with
    client.settings = {"onSave": "check"}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    before = [p.uri for m, p in client.told if m == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS]
    assert uri(tests) not in before
    save(client, rtl)
    found = await client.published(tests, bool)
    assert {d.code for d in found} == {"test-failed"}


async def test_saving_updates_the_rtl_by_setting(
    client: Client, folder: Path, script: Script
) -> None:
    nine = GOOD.replace("count + 4'd1", "(count == 9) ? 4'd0 : count + 4'd1")
    client.settings = {"onSave": "update", "generator": script(fenced(nine))}
    await client.begin(folder, events=True)
    spec, rtl = folder / "counter.spec.md", folder / "counter.v"
    client.open(spec)
    rtl.write_text(GOOD)
    await client.command(
        "generate", uri=uri(spec), generator=script(fenced(GOOD), name="first.json")
    )
    (folder / "test_counter.py").unlink()
    client.forget()
    client.change(spec, spec.read_text().replace("After 15 comes 0.", "After 9 comes 0."), 2)
    save(client, spec)
    save(client, spec)
    finished = await client.until("spec2rtl/event", lambda e: e.type == "run_finished")
    assert (finished.result.task, finished.result.status) == ("edit", "compiled")
    assert [e.type for e in client.events].count("run_started") == 1
    assert rtl.read_text() == GOOD
    told = await client.until(types.WINDOW_SHOW_MESSAGE, lambda p: "edit of" in p.message)
    assert told.message.startswith("Spec2RTL: counter.v: edit of counter: compiles")
    assert told.message.endswith(": accept it by a code action there")
    client.forget()
    save(client, spec)  # of the same text: the answer waits to be accepted
    await client.until("spec2rtl/specChanged", lambda told: told.specs[0].outdated)
    client.open(rtl)
    assert edits_of(await client.actions(rtl), "Accept: edit of counter").edit
    assert client.events == []
    client.settings = {"onSave": "update", "generator": "scripted:/no/such.json"}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    client.change(spec, spec.read_text().replace("After 15 comes 0.", "After 7 comes 0."), 3)
    save(client, spec)
    await client.until(types.WINDOW_SHOW_MESSAGE, lambda p: "no/such.json" in p.message)


async def lenses(client: Client, path: Path) -> list[types.CodeLens]:
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri(path)))
    return list(await client.text_document_code_lens_async(params) or ())


async def test_lenses_on_rtl(client: Client, folder: Path) -> None:
    await client.begin(folder, commands=["spec2rtl.editRtl"])
    rtl = folder / "counter.v"
    client.open(rtl, f"// spec: a second thing\n\n{ASYNC}")
    found = await lenses(client, rtl)
    assert [(lens.range.start.line, lens.command.title) for lens in found if lens.command] == [
        (0, "▷ Generate RTL"),
        (2, "Repair until tests pass"),
        (2, "Simulate"),
        (2, "Edit RTL…"),
    ]
