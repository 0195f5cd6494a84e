import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from spec2rtl.lsp.text import Text
from tests.lsp.client import Client, applied, capabilities, edited, uri
from tests.lsp.conftest import ASYNC, GOOD, NOT_A_REG, SlowModel, fenced

Script = Callable[..., str]


async def test_it_ends_in_one_edit(client: Client, folder: Path, script: Script) -> None:
    await client.begin(folder)
    spec = client.open(folder / "counter.spec.md")
    generator = script(fenced(ASYNC), fenced(GOOD))
    result = await client.command("generate", uri=spec, generator=generator, reflector="rules")
    assert result["status"] == "verified"
    assert result["rtl"] == GOOD
    assert result["out"] == str(folder / "counter.v")
    assert len(client.edits) == 1
    edit = client.edits[0].edit
    create = next(iter(edit.document_changes or ()))
    assert isinstance(create, types.CreateFile)
    assert create.uri == uri(folder / "counter.v")
    assert applied(edit, "") == GOOD
    assert client.events == []
    progress = [p.value for m, p in client.told if m == types.PROGRESS]
    assert progress[0]["title"] == "Generate counter"
    assert any("6/6 tests" in (value.get("message") or "") for value in progress)
    assert progress[-1]["kind"] == "end"


async def test_events_and_drafts_come_to_who_asks(
    client: Client, folder: Path, script: Script
) -> None:
    await client.begin(folder, events=True)
    spec = client.open(folder / "counter.spec.md")
    result = await client.command(
        "generate", uri=spec, generator=script(fenced(GOOD)), reflector="rules"
    )
    finished = await client.until("spec2rtl/event", lambda e: e.type == "run_finished")
    assert finished.run_id == result["run_id"]
    assert result["words"] == "verified, 6 of 6 tests pass"
    assert result["target"] == uri(folder / "counter.v")
    assert "spec2rtl/draftOver" not in dict(client.told)
    assert [e.seq for e in client.events] == list(range(len(client.events)))
    lines = [p.line for m, p in client.told if m == "spec2rtl/progress"]
    assert lines[1] == "writing · iteration 1"
    assert any(line.startswith("passed · iteration 1 · 6/6 tests") for line in lines)
    drafts = [p for m, p in client.told if m == "spec2rtl/draft"]
    assert "".join(d.append for d in drafts) == GOOD
    (delivery,) = client.delivered
    assert delivery.text == GOOD
    assert delivery.create
    assert delivery.before is None
    assert client.edits == []


@pytest.mark.parametrize(
    "changes",
    [
        {"workspace__applyEdit": None},
        {"workspace__workspaceEdit": {"documentChanges": True}},
        {"workspace__workspaceEdit": None, "window__workDoneProgress": None},
    ],
)
async def test_what_the_client_cannot_create_the_server_writes(
    client: Client, folder: Path, script: Script, changes: dict[str, object]
) -> None:
    await client.begin(folder, caps=capabilities(**changes))
    spec = client.open(folder / "counter.spec.md")
    result = await client.command(
        "generate", uri=spec, generator=script(fenced(GOOD)), reflector="rules"
    )
    assert result["out"] == str(folder / "counter.v")
    assert (folder / "counter.v").read_text() == GOOD
    assert client.edits == []


@pytest.mark.parametrize("events", [False, True])
async def test_edits_that_are_not_ours_are_never_overwritten(
    client: Client, folder: Path, script: Script, events: bool
) -> None:
    client.applies = False  # who is shown the difference does not want it
    await client.begin(folder, events=events)
    target = folder / "counter.v"
    target.write_text("// mine\n")
    spec = client.open(folder / "counter.spec.md")
    result = await client.command(
        "generate", uri=spec, generator=script(fenced(GOOD)), reflector="rules"
    )
    assert result["status"] == "verified"
    assert result["out"] is None
    assert client.edits == []
    assert [d.confirm for d in client.delivered] == [
        "counter.v holds edits that are not ours (compiles; 6 of 6 tests pass)"
    ] * events
    await client.until(
        types.WINDOW_SHOW_MESSAGE, lambda p: "holds edits that are not ours" in p.message
    )
    client.open(target)
    (offer,) = await offers(client, target)
    assert offer.edit


async def test_a_refused_edit_is_offered_again(
    client: Client, folder: Path, script: Script
) -> None:
    client.applies = False
    await client.begin(folder)
    target = folder / "counter.v"
    target.write_text("")
    client.open(target)
    spec = client.open(folder / "counter.spec.md")
    result = await client.command(
        "generate", uri=spec, generator=script(fenced(GOOD)), reflector="rules"
    )
    assert result["out"] is None
    (offer,) = await offers(client, target)
    assert edited(offer.edit).text_document.version == 1
    client.change(target, "// typed meanwhile\n", 2)
    (stale,) = await offers(client, target)
    assert stale.disabled
    assert stale.disabled.reason == "the file has changed since"


async def offers(client: Client, path: Path) -> list[types.CodeAction]:
    found = await client.actions(path)
    return [a for a in found if isinstance(a, types.CodeAction) and "of run" in a.title]


async def test_a_spec_comment_gets_its_module_below(
    client: Client, folder: Path, script: Script
) -> None:
    await client.begin(folder)
    file = folder / "lib.v"
    text = (
        "// 計數器 😀\n"
        "// spec: inverter\n// - `input a`: the input\n// - `output y`: the inverse of a\n"
        "\nmodule other(input z);\nendmodule\n"
    )
    client.open(file, text)
    rtl = "module inv(input a, output y);\n  assign y = ~a;\nendmodule\n"
    line = {"line": 1, "character": 0}
    result = await client.command(
        "generate",
        uri=uri(file),
        range={"start": line, "end": line},
        generator=script(fenced(rtl)),
        reflector="rules",
        module="inv",
    )
    assert (result["status"], result["message"]) == ("compiled", None)
    assert len(edited(client.edits[0].edit).edits) == 1
    head, tail = text.split("\n\n")
    region = f"// spec2rtl: begin inv\n{rtl}// spec2rtl: end inv\n"
    assert applied(client.edits[0].edit, text) == f"{head}\n{region}\n{tail}"


LIBRARY = """// 計數器 😀
// spec: inverter
// - `input a`: the input
// - `output y`: the inverse of a
module other(input z);
endmodule
"""
INVERTER = "module inv(input a, output y);\n  assign y = ~a;\nendmodule\n"
REGION = f"// spec2rtl: begin inv\n{INVERTER}// spec2rtl: end inv\n"


def with_region(text: str) -> str:
    return text.replace("module other", f"{REGION}module other")


async def test_a_spec_comment_streams_below_itself(
    client: Client, folder: Path, script: Script
) -> None:
    """Into nothing, and then over our own region wherever it stands, but not over a person's."""
    await client.begin(folder, events=True)
    file = folder / "lib.v"
    moved = with_region(f"// a new first line\n{LIBRARY}")
    for version, text in enumerate((LIBRARY, moved, moved.replace("~a", "!a")), start=1):
        client.forget()
        client.open(file, text, version=version)
        # In the comment, and then somewhere else: it is the only one.
        place = {"line": 1 if version == 1 else text.count("\n") - 1, "character": 0}
        result = await client.command(
            "generate",
            uri=uri(file),
            range={"start": place, "end": place},
            generator=script("no code", fenced(INVERTER), name=f"{version}.json"),
            reflector="rules",
            module="inv",
        )
        assert result["status"] == "compiled"
        drafts = [p for m, p in client.told if m == "spec2rtl/draft"]
        assert len({d.room for d in drafts}) == 1
        after = moved if version > 1 else with_region(LIBRARY)
        if room := drafts[0].room:
            start, end = (types.Position(*place) for place in room.range)
            draft = "".join(d.append for d in drafts if d.candidate == drafts[-1].candidate)
            whole = f"{room.head}{draft}// spec2rtl: end inv\n"
            assert Text(text).replaced(types.Range(start, end), whole).text == after
        assert (room and room.version) == (version if version < 3 else None)
        assert client.delivered[-1].text == after


async def test_a_draft_is_shown_in_its_file_only_over_what_is_ours(
    client: Client, folder: Path, script: Script
) -> None:
    await client.begin(folder, events=True)
    spec, target = client.open(folder / "counter.spec.md"), folder / "counter.v"

    async def room() -> object:
        client.forget()
        generator = script(fenced(GOOD))
        await client.command("generate", uri=spec, generator=generator, reflector="rules")
        room = (await client.until("spec2rtl/draft")).room
        return room and room._asdict()

    whole = {"range": None, "head": "", "version": None}
    assert await room() == whole
    target.write_text(GOOD)  # as the editor does that was given it
    assert await room() == whole
    client.open(target, GOOD.replace("\n", "\r\n"), version=7)
    assert await room() == whole | {"version": 7}
    client.change(target, f"// mine\n{GOOD}", 8)
    assert await room() is None
    client.change(target, " \n", 9)
    assert await room() == whole | {"version": 9}
    client.close(target)
    target.write_bytes(b"// m\xefn\n")
    assert await room() is None
    assert client.delivered[-1].confirm.startswith("counter.v holds edits that are not ours")


async def test_what_is_typed_before_a_draft_begins_is_not_its_room(
    client: Client, folder: Path, slow_model: SlowModel
) -> None:
    await client.begin(folder, events=True)
    spec, target = client.open(folder / "counter.spec.md"), folder / "counter.v"
    client.open(target, "")
    run = asyncio.ensure_future(
        client.command("generate", uri=spec, generator=slow_model.backend, reflector="rules")
    )
    await slow_model.called()
    client.change(target, "\n", 2)
    await titles(client, target)  # the server has the change
    slow_model.say(fenced(GOOD))
    await run
    assert (await client.until("spec2rtl/draft")).room is None


async def test_a_file_that_was_made_for_the_draft_gets_the_result(
    client: Client, folder: Path, slow_model: SlowModel
) -> None:
    await client.begin(folder, events=True)
    spec = client.open(folder / "counter.spec.md")
    run = asyncio.ensure_future(
        client.command("generate", uri=spec, generator=slow_model.backend, reflector="rules")
    )
    await slow_model.called()
    (folder / "counter.v").touch()  # as an editor does, to show a draft in it
    slow_model.say(fenced(GOOD))
    assert (await run)["status"] == "verified"
    (delivery,) = client.delivered
    assert delivery.confirm is None


async def test_a_comments_run_goes_back_to_its_place(
    client: Client, folder: Path, script: Script
) -> None:
    await client.begin(folder)
    file = folder / "lib.v"
    client.open(file, LIBRARY)
    place = {"line": 1, "character": 0}
    result = await client.command(
        "generate",
        uri=uri(file),
        range={"start": place, "end": place},
        generator=script(fenced(INVERTER)),
        reflector="rules",
        module="inv",
    )
    moved = f"// a new first line\n{LIBRARY}"
    client.change(file, moved, 2)
    assert await client.command("applyRun", run_id=result["run_id"]) == {"applied": True}
    assert applied(client.edits[-1].edit, moved) == with_region(moved)
    client.change(file, "module other(input z);\nendmodule\n", 3)
    with pytest.raises(JsonRpcException, match="the spec comment of run"):
        await client.command("applyRun", run_id=result["run_id"])


@pytest.mark.parametrize("marks", ["//", "/*"])
async def test_a_spec_comment_that_changed_updates_its_module(
    client: Client, folder: Path, script: Script, marks: str
) -> None:
    await client.begin(folder, events=True)
    file = folder / "lib.v"
    text = LIBRARY.replace("of a\n", "of a\n// - When `a` is 1, `y` is 0.\n")
    if marks == "/*":
        text = text.replace("// spec", "/* spec").replace("// -", "-").replace("0.\n", "0.\n*/\n")
    client.open(file, text)
    place = {"line": 1, "character": 0}
    args = {"uri": uri(file), "range": {"start": place, "end": place}}
    generator = script(fenced(INVERTER))
    await client.command("generate", **args, module="inv", generator=generator, reflector="rules")
    made = client.delivered[-1].text
    client.change(file, made, 2)
    assert "Update" not in await titles(client, file)
    client.change(file, made.replace("`y` is 0", "`y` is 1"), 3)
    assert "Update RTL: spec changed, 1 requirement differs" in await titles(client, file)
    (state,) = [s for s in (await client.command("specs"))["specs"] if s["range"]]
    assert (state["module"], state["outdated"], len(state["changed"])) == ("inv", True, 1)
    buffer = INVERTER.replace("~a", "a")
    generator = script(fenced(buffer), name="update.json")
    result = await client.command("update", **args, generator=generator, reflector="rules")
    assert (result["task"], result["status"], result["message"]) == ("edit", "compiled", None)
    assert result["rtl"] == made.replace("`y` is 0", "`y` is 1").replace("~a", "a")
    client.forget()
    client.change(file, result["rtl"], 4)
    await client.until(
        "spec2rtl/specChanged",
        lambda told: [(s.module, s.outdated) for s in told.specs] == [("inv", False)],
    )
    assert "Update" not in await titles(client, file)


async def test_saving_updates_the_module_of_a_spec_comment_by_setting(
    client: Client, folder: Path, script: Script
) -> None:
    buffer = script(fenced(INVERTER.replace("~a", "a")), name="update.json")
    client.settings = {"onSave": "update", "generator": buffer, "reflector": "rules"}
    await client.begin(folder, events=True)
    file = folder / "lib.v"
    client.open(file, LIBRARY)
    place = {"line": 1, "character": 0}
    at = {"range": {"start": place, "end": place}, "module": "inv"}
    await client.command("generate", uri=uri(file), generator=script(fenced(INVERTER)), **at)
    client.forget()
    client.change(file, client.delivered[-1].text.replace("the inverse of", "the same as"), 2)
    saved = types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri(file)))
    client.text_document_did_save(saved)
    finished = await client.until("spec2rtl/event", lambda e: e.type == "run_finished")
    assert (finished.result.task, finished.result.status) == ("edit", "compiled")
    await client.until(types.WINDOW_SHOW_MESSAGE, lambda p: "edit of inv" in p.message)
    client.forget()
    client.text_document_did_save(saved)  # of the same text: the answer waits to be accepted
    await client.until("spec2rtl/specChanged", lambda told: told.specs[0].outdated)
    assert await titles(client, file)
    assert client.events == []


async def titles(client: Client, path: Path) -> str:
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri(path)))
    found = await client.text_document_code_lens_async(params) or ()
    return "; ".join(lens.command.title for lens in found if lens.command)


async def test_unsaved_text_is_what_counts(client: Client, folder: Path, script: Script) -> None:
    await client.begin(folder)
    spec = folder / "counter.spec.md"
    client.open(spec, spec.read_text().replace("module: counter", "module: tally"))
    rtl = GOOD.replace("module counter", "module tally")
    result = await client.command(
        "generate", uri=uri(spec), generator=script(fenced(rtl)), reflector="rules"
    )
    assert result["module"] == "tally"
    assert result["inputs_changed"] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; write what the module shall do"),
        ("# Nothing\n", "no ports found"),
    ],
)
async def test_a_bad_spec_is_one_line(
    client: Client, folder: Path, script: Script, text: str, message: str
) -> None:
    await client.begin(folder)
    spec = folder / "bad.spec.md"
    client.open(spec, text)
    result = await client.command("generate", uri=uri(spec), generator=script(""))
    assert result["status"] == "error"
    assert message in result["message"]
    await client.until(types.WINDOW_SHOW_MESSAGE, lambda p: message in p.message)


async def test_unsaved_changes_in_the_target_are_kept(
    client: Client, folder: Path, script: Script
) -> None:
    await client.begin(folder)
    spec, target = client.open(folder / "counter.spec.md"), folder / "counter.v"
    target.write_text("")
    client.open(target, "// typed, not saved\n")
    result = await client.command("generate", uri=spec, generator=script(fenced(GOOD)))
    assert (result["status"], result["out"]) == ("verified", None)
    assert client.edits == []
    assert target.read_text() == ""
    shown = [p.message for m, p in client.told if m == types.WINDOW_SHOW_MESSAGE]
    assert shown == [
        "Spec2RTL: counter.v holds edits that are not ours: "
        "the result is kept; accept it by a code action there"
    ]


@pytest.mark.parametrize("name", ["counter.v", "a spec that is no text"])
async def test_files_that_can_not_be_used(
    client: Client, folder: Path, script: Script, name: str
) -> None:
    """A target that can't be written, a spec that can't be read: told before a model is asked."""
    await client.begin(folder)
    spec = folder / "counter.spec.md"
    if name == "counter.v":
        (folder / name).mkdir()
        message = "counter.v: is not a regular file"
    else:
        spec.write_bytes(b"# \xff\n")
        message = "counter.spec.md:1: is not UTF-8 (byte 2: 0xff); save it as UTF-8"
    result = await client.command("generate", uri=uri(spec), generator=script(fenced(GOOD)))
    assert result["status"] == "error"
    assert message in result["message"]
    assert (await client.command("runs"))["runs"] == []
    shown = [p.message for m, p in client.told if m == types.WINDOW_SHOW_MESSAGE]
    assert [message in line for line in shown] == [True]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
async def test_a_read_only_target(client: Client, folder: Path, script: Script) -> None:
    await client.begin(folder)
    target = folder / "counter.v"
    target.write_text("")
    target.chmod(0o444)
    spec = client.open(folder / "counter.spec.md")
    result = await client.command("generate", uri=spec, generator=script(fenced(GOOD)))
    assert "counter.v: can't be written (read-only): make it writable" in result["message"]


async def test_two_runs_at_once_and_a_spec_that_goes(
    client: Client, folder: Path, script: Script
) -> None:
    await client.begin(folder, events=True)
    spec = client.open(folder / "counter.spec.md")
    other = folder / "other.spec.md"
    other.write_text((folder / "counter.spec.md").read_text())
    runs = (
        client.command(
            "generate", uri=spec, generator=script(fenced(NOT_A_REG), fenced(GOOD), name="1.json")
        ),
        client.command(
            "generate",
            uri=uri(other),
            generator=script(fenced(GOOD.replace("4'd1", "4'd2")), name="2.json"),
            tests=uri(folder / "test_counter.py"),
        ),
    )
    tasks = [asyncio.ensure_future(run) for run in runs]
    await client.until(
        "spec2rtl/event",
        lambda e: e.type == "run_started" and e.inputs[0].path.endswith("other.spec.md"),
    )
    other.unlink()
    one, two = await asyncio.gather(*tasks)
    assert one["status"] == "verified"
    assert two["status"] == "error"  # its script has run dry
    assert two["inputs_changed"] == [str(other)]
    assert {e.run_id for e in client.events} == {one["run_id"], two["run_id"]}


async def test_a_target_is_generated_once_at_a_time(
    client: Client, folder: Path, slow_model: SlowModel
) -> None:
    await client.begin(folder, events=True)
    spec = client.open(folder / "counter.spec.md")
    arguments = {"uri": spec, "generator": slow_model.backend, "reflector": "rules"}
    run = asyncio.ensure_future(client.command("generate", **arguments))
    await slow_model.called()
    refused = await client.command("generate", **arguments)
    assert refused["message"].startswith("counter.v is being generated: ")
    slow_model.say(fenced(GOOD))
    assert (await run)["status"] == "verified"


async def test_nothing_leaves_the_machine_without_consent(client: Client, folder: Path) -> None:
    client.answers = "Don't send"
    await client.begin(folder)
    spec = client.open(folder / "counter.spec.md")
    result = await client.command("generate", uri=spec, generator="anthropic", reflector="rules")
    assert result["status"] == "error"
    assert "you did not agree" in result["message"]
    asked = await client.until(types.WINDOW_SHOW_MESSAGE_REQUEST)
    assert "anthropic" in asked.message
