from collections.abc import Callable
from pathlib import Path

from tests.lsp.client import Client, uri
from tests.lsp.conftest import ASYNC, GOOD, fenced


async def test_generate_ends_in_one_edit(
    client: Client, folder: Path, script: Callable[..., str]
) -> None:
    await client.begin(folder)
    spec = client.open(folder / "counter.spec.md")
    generator = script(fenced(ASYNC), fenced(GOOD))
    result = await client.command("generate", uri=spec, generator=generator, reflector="rules")
    assert result["status"] == "verified"
    assert result["rtl"] == GOOD
    assert result["out"] == str(folder / "counter.v")
    assert len(client.edits) == 1
    create, change = client.edits[0].edit.document_changes
    assert create.uri == uri(folder / "counter.v")
    assert "".join(edit.new_text for edit in change.edits) == GOOD
    assert client.events == []


async def test_events_and_drafts_come_to_who_asks(
    client: Client, folder: Path, script: Callable[..., str]
) -> None:
    await client.begin(folder, events=True)
    spec = client.open(folder / "counter.spec.md")
    result = await client.command(
        "generate", uri=spec, generator=script(fenced(GOOD)), reflector="rules"
    )
    finished = await client.until("spec2rtl/event", lambda e: e.type == "run_finished")
    assert finished.run_id == result["run_id"]
    assert [e.seq for e in client.events] == list(range(len(client.events)))
    drafts = [p for m, p in client.told if m == "spec2rtl/draft"]
    assert "".join(d.append for d in drafts) == GOOD
    (delivery,) = client.delivered
    assert delivery.text == GOOD
    assert delivery.create
    assert client.edits == []
