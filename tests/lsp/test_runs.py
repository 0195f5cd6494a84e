import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.client import TIMEOUT, Client, uri
from tests.lsp.conftest import GOOD, SLOW_TESTS, SlowModel, fenced

Script = Callable[..., str]
BOMB = (
    "`define A(x) x x x x x x x x\n`define B(x) `A(`A(`A(`A(x))))\n"
    "module counter(input clk, input rst, input en, output [3:0] count);\n"
    "initial begin `B(`B(;)) end\nendmodule\n"
)


async def started(client: Client, stage: str) -> str:
    event = await client.until("spec2rtl/event", lambda e: e.type == stage)
    return event.run_id


@pytest.mark.parametrize("way", ["command", "request", "button"])
@pytest.mark.parametrize("stage", ["text", "candidate", "simulation_started"])
async def test_cancel_at_each_stage(
    client: Client, folder: Path, script: Script, slow_model: SlowModel, stage: str, way: str
) -> None:
    await client.begin(folder, events=True)
    spec = client.open(folder / "counter.spec.md")
    generator = slow_model.backend
    if stage == "candidate":
        generator = script(fenced(BOMB))
    elif stage == "simulation_started":
        (folder / "test_counter.py").write_text(SLOW_TESTS)
        generator = script(fenced(GOOD))
    argument = {"uri": spec, "generator": generator, "reflector": "rules"}
    params = types.ExecuteCommandParams("spec2rtl.generate", [argument], work_done_token="mine")
    request = client.protocol.send_request("workspace/executeCommand", params, msg_id="run")
    run_id = await started(client, stage)
    began = time.monotonic()
    if way == "command":
        assert (await client.command("cancel", run_id=run_id)) == {"cancelled": True}
    elif way == "button":
        client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams("mine"))
    else:
        client.cancel_request(types.CancelParams("run"))
    finished = await client.until("spec2rtl/event", lambda e: e.type == "run_finished")
    assert time.monotonic() - began < 20  # what it ended would have gone on for longer
    assert finished.result.status == "cancelled"
    assert (await client.until("spec2rtl/draftOver")).run_id == run_id
    answer = asyncio.wrap_future(request)
    if way == "request":
        with pytest.raises(JsonRpcException):
            await answer
    else:
        assert (await answer)["status"] == "cancelled"
    assert client.delivered == []
    detail = await client.command("run", run_id=run_id)
    assert detail["run"]["status"] == "cancelled"
    assert (await client.command("cancel", run_id=run_id)) == {"cancelled": False}


@pytest.mark.parametrize("name", ["repair", "edit", "simulate", "reflect", "check"])
async def test_cancel_request(
    client: Client, folder: Path, slow_model: SlowModel, name: str
) -> None:
    """It ends what was begun, and leaves nothing but what the journal says of it."""
    rtl, tests = folder / "counter.v", folder / "test_counter.py"
    rtl.write_text(BOMB if name == "check" else GOOD.replace("4'd1", "4'd2"))
    if name == "simulate":
        tests.write_text(SLOW_TESTS)
    await client.begin(folder)
    argument: dict[str, str] = {"uri": uri(rtl)}
    if name == "edit":
        argument |= {"instruction": "Say more"}
    if name in {"repair", "edit", "reflect"}:
        argument |= {"generator": slow_model.backend, "reflector": "rules"}
    if name == "reflect":
        argument["reflector"] = slow_model.backend
    params = types.ExecuteCommandParams(f"spec2rtl.{name}", [argument])
    request = client.protocol.send_request("workspace/executeCommand", params, msg_id="it")
    if name in {"simulate", "check"}:
        await until(lambda: bool(tools(client)))
    else:
        await slow_model.called()
    client.cancel_request(types.CancelParams("it"))
    with pytest.raises(JsonRpcException):
        await asyncio.wrap_future(request)
    await until(lambda: not tools(client))
    runs = (await client.command("runs"))["runs"]
    while any(run["status"] == "running" for run in runs):
        runs = (await client.command("runs"))["runs"]
    assert [run["status"] for run in runs] == ["cancelled"] * (name not in {"simulate", "check"})
    assert client.edits == []


def tools(client: Client) -> list[str]:
    """The simulator's programs that run below the server."""
    found: list[str] = []
    for pid in children(client.server_pid or 0):
        with contextlib.suppress(OSError):
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            found += [name] * (name in {"iverilog", "ivl", "ivlpp", "vvp"})
    return found


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not holds():  # noqa: ASYNC110 (of processes nobody tells us)
            await asyncio.sleep(0.02)


async def test_a_cancelled_run_goes_on(client: Client, folder: Path, script: Script) -> None:
    await client.begin(folder, events=True)
    tests = folder / "test_counter.py"
    good_tests = tests.read_text()
    tests.write_text(SLOW_TESTS)
    spec = client.open(folder / "counter.spec.md")
    run = asyncio.ensure_future(
        client.command("generate", uri=spec, generator=script(fenced(GOOD)), reflector="rules")
    )
    run_id = await started(client, "simulation_started")
    await client.command("cancel", run_id=run_id)
    assert (await run)["status"] == "cancelled"
    client.settings = {"simulationSeconds": 1}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    tests.write_text(good_tests)  # the run has its inputs, whatever becomes of the files
    client.forget()
    result = await client.command("resumeRun", run_id=run_id)
    assert result["run_id"] != run_id
    assert result["status"] == "error"  # the tests still have no end, and the script is at its own
    assert result["iterations"][0]["stage"] == "simulate"
    assert client.events[0].resumes == run_id
    client.settings = {}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    verified = await client.command("generate", uri=spec, generator=script(fenced(GOOD)))
    answer = await client.command("resumeRun", run_id=verified["run_id"])
    assert "is verified: there is nothing to go on with" in answer["message"]
    answer = await client.command("resumeRun", run_id="ghost")
    assert answer["message"].startswith("no run 'ghost'")


async def test_the_journal(client: Client, folder: Path, script: Script) -> None:
    await client.begin(folder)
    spec = client.open(folder / "counter.spec.md")
    result = await client.command(
        "generate", uri=spec, generator=script(fenced(GOOD)), reflector="rules"
    )
    run_id = result["run_id"]
    (run,) = (await client.command("runs", uri=spec))["runs"]
    assert (run["run_id"], run["status"], run["tests_passed"] > 0) == (run_id, "verified", True)
    assert (await client.command("runs", uri=uri(folder / "none.v")))["runs"] == []
    assert (await client.command("runs", workspace=True))["runs"] == [run]
    detail = await client.command("run", run_id="last")
    assert detail["result"]["rtl"] == GOOD
    assert detail["events"][0]["type"] == "run_started"
    exported = await client.command("exportRun", run_id=run_id)
    assert json.loads(exported["text"])["run"]["run_id"] == run_id
    client.edits.clear()
    candidate = result["iterations"][0]["candidate"]
    applied = await client.command("applyRun", run_id=run_id, candidate=candidate)
    assert applied == {"applied": True}
    assert len(client.edits) == 1
    await client.command("deleteRun", run_id=run_id)
    assert (await client.command("runs"))["runs"] == []
    with pytest.raises(JsonRpcException, match="no run"):
        await client.command("run", run_id=run_id)


async def test_shutdown_ends_what_runs(client: Client, folder: Path, script: Script) -> None:
    await client.begin(folder, events=True)
    (folder / "test_counter.py").write_text(SLOW_TESTS)
    spec = client.open(folder / "counter.spec.md")
    params = types.ExecuteCommandParams(
        "spec2rtl.generate", [{"uri": spec, "generator": script(fenced(GOOD))}]
    )
    client.protocol.send_request("workspace/executeCommand", params)
    await started(client, "simulation_started")
    server = client._server
    assert server is not None
    group = children(server.pid)
    assert group
    assert await client.end() == 0
    await until(lambda: not any(map(alive, group)))  # orphans are taken in by another process


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def children(pid: int) -> list[int]:
    """The processes below one, at any depth."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for child in map(int, task.read_text().split()):
                found += [child, *children(child)]
    return found
