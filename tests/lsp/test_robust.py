import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.lsp.client import TIMEOUT, Client, capabilities, uri
from tests.lsp.conftest import GOOD


class Raw:
    """A server spoken to in bytes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def send(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)
        await self.process.stdin.drain()

    async def say(self, message: Any) -> None:
        body = json.dumps(message).encode()
        await self.send(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def until(self, fits: Any) -> Any:
        assert self.process.stdout
        async with asyncio.timeout(TIMEOUT):
            while True:
                header = await self.process.stdout.readuntil(b"\r\n\r\n")
                length = int(header.split(b":")[1].split()[0])
                message = json.loads(await self.process.stdout.readexactly(length))
                if fits(message):
                    return message

    async def initialize(self, process_id: int | None = None, **workspace: bool) -> None:
        can = {"workspace": workspace}
        params = {"capabilities": can, "processId": process_id, "rootUri": None}
        await self.say({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
        await self.until(lambda m: m.get("id") == 1)

    async def ended(self) -> int:
        async with asyncio.timeout(TIMEOUT):
            return await self.process.wait()


@pytest.fixture
def stderr(tmp_path: Path) -> Iterator[BinaryIO]:
    with (tmp_path / "stderr.txt").open("w+b") as file:
        yield file


@pytest.fixture
async def raw(environ: dict[str, str], stderr: BinaryIO) -> Any:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "spec2rtl.cli", "lsp", "--stdio"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, **environ},
        start_new_session=True,
    )
    yield Raw(process)
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def test_garbage_is_complained_of_and_survived(raw: Raw) -> None:
    await raw.send(b"hello?\n" + b"Content-Length: 3\r\n\r\n{{{")
    await raw.until(lambda m: m.get("method") == "window/showMessage")
    for body in (b"[]", b"{}", b"\xff\xff", b'"x"', b'{"jsonrpc":"1.0"}'):
        await raw.send(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    await raw.initialize()
    await raw.say({"jsonrpc": "2.0", "id": 2, "method": "textDocument/hover", "params": 7})
    assert "error" in await raw.until(lambda m: m.get("id") == 2)
    await raw.say({"jsonrpc": "2.0", "id": 3, "method": "no/such", "params": {}})
    assert "error" in await raw.until(lambda m: m.get("id") == 3)
    await raw.say({"jsonrpc": "2.0", "id": "ghost", "result": None})
    await raw.say({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {}})
    await raw.say({"jsonrpc": "2.0", "id": 4, "method": "shutdown"})
    assert (await raw.until(lambda m: m.get("id") == 4))["result"] is None
    await raw.say({"jsonrpc": "2.0", "method": "exit"})
    assert await raw.ended() == 0


@pytest.mark.parametrize(
    ("redirection", "name"),
    [
        ("</dev/null", "stdin"),
        ("<pyproject.toml", "stdin"),
        ("<&-", "stdin"),
        ("</dev/null >/dev/null", "stdin"),
        (">/dev/null", "stdout"),
    ],
)
async def test_a_channel_that_is_none(environ: dict[str, str], redirection: str, name: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", f'exec "$0" -m spec2rtl.cli lsp {redirection}', sys.executable),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environ},
        cwd=Path(__file__).parents[2],
    )
    out, err = await process.communicate(b"")
    assert (process.returncode, out) == (2, b"")
    assert err.decode() == (
        f"spec2rtl: lsp: {name} is no pipe: an editor starts this program; by hand, use --tcp\n"
    )


async def test_garbage_is_one_message(raw: Raw) -> None:
    shown: list[str] = []

    def answer(message: Any) -> bool:
        if message.get("method") == "window/showMessage":
            shown.append(message["params"]["message"])
        return message.get("id") == 1

    await raw.send(b"hello?\n" * 100 + b"Content-Length: 3\r\n\r\n{{{" * 20)
    params = {"capabilities": {}, "processId": None, "rootUri": None}
    await raw.say({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
    await raw.until(answer)
    assert len(shown) == 1
    assert shown[0].startswith("Spec2RTL: ignored b'hello?")
    assert "from the editor" in shown[0]


async def test_requests_out_of_their_time(raw: Raw) -> None:
    async def ask(number: int, method: str) -> Any:
        params = {"capabilities": {}, "processId": None} if method == "initialize" else None
        await raw.say({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return (await raw.until(lambda m: m.get("id") == number)).get("error", {}).get("code")

    assert await ask(2, "workspace/executeCommand") == -32002
    await raw.say({"jsonrpc": "2.0", "method": "initialized", "params": {}})  # is passed over
    assert await ask(3, "initialize") is None
    assert await ask(4, "initialize") == -32600
    assert await ask(5, "shutdown") is None
    assert await ask(6, "workspace/executeCommand") == -32600
    await raw.say({"jsonrpc": "2.0", "method": "exit"})
    assert await raw.ended() == 0


async def test_an_answer_that_nobody_waits_for_any_more(raw: Raw, folder: Path) -> None:
    await raw.initialize(configuration=True)
    logged: list[str] = []

    def answer(message: Any) -> bool:
        if message.get("method") == "window/logMessage":
            logged.append(message["params"]["message"])
        return message.get("id") == 2

    params = {"command": "spec2rtl.check", "arguments": [{"uri": uri(folder / "counter.v")}]}
    (folder / "counter.v").write_text(GOOD)
    asks = {"jsonrpc": "2.0", "id": 2, "method": "workspace/executeCommand", "params": params}
    await raw.say(asks)
    asked = await raw.until(lambda m: m.get("method") == "workspace/configuration")
    await raw.say({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 2}})
    await raw.until(answer)
    await raw.say({"jsonrpc": "2.0", "id": asked["id"], "result": [{}]})
    await raw.say(asks | {"params": {"command": "spec2rtl.runs"}})
    await raw.until(answer)
    assert logged == []


async def test_what_a_client_asks_wrongly_is_no_fault_of_ours(raw: Raw, stderr: BinaryIO) -> None:
    await raw.initialize()
    logged: list[str] = []

    def answer(message: Any) -> bool:
        if message.get("method") == "window/logMessage":
            logged.append(message["params"]["message"])
        return message.get("id") == 2

    async def code(method: str, params: Any) -> int:
        await raw.say({"jsonrpc": "2.0", "id": 2, "method": method, "params": params})
        return (await raw.until(answer))["error"]["code"]

    run = {"command": "spec2rtl.run", "arguments": [{"run_id": "none"}]}
    assert await code("workspace/executeCommand", run) == -32602
    assert await code("workspace/executeCommand", {"command": "spec2rtl.check"}) == -32602
    assert await code("textDocument/foo", {}) == -32601
    assert logged == []
    stderr.seek(0)
    assert stderr.read() == b""


async def test_an_editor_that_hangs_up(raw: Raw) -> None:
    await raw.initialize()
    assert raw.process.stdin
    raw.process.stdin.close()
    assert await raw.ended() == 1


async def test_an_editor_that_is_killed(raw: Raw) -> None:
    editor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE
    )
    await raw.initialize(editor.pid)
    editor.kill()
    await editor.wait()
    assert await raw.ended() == 1


async def test_a_socket_serves_too(environ: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "spec2rtl.cli", "lsp", "--tcp", "127.0.0.1:0"),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environ},
    )
    assert process.stderr
    line = (await process.stderr.readline()).decode()
    client = Client()
    await client.start_tcp("127.0.0.1", int(line.rsplit(":", 1)[1]))
    answer = await client.begin()
    assert answer.server_info.name == "spec2rtl"
    await client.shutdown_async(None)
    client.exit(None)
    assert await process.wait() == 0
    await client.stop()
    writer = client.protocol.writer  # pygls leaves it open
    assert isinstance(writer, asyncio.StreamWriter)
    writer.close()
    await writer.wait_closed()


async def test_nothing_of_an_untrusted_workspace_is_run(
    client: Client, folder: Path, tmp_path: Path
) -> None:
    (folder / "spec2rtl.toml").write_text("no toml at all [")
    marker = tmp_path / "ran"
    (folder / "test_counter.py").write_text(
        f"import cocotb\nopen({str(marker)!r}, 'w')\n@cocotb.test()\nasync def t(dut): pass\n"
    )
    await client.begin(folder, trusted=False)
    rtl, spec = folder / "counter.v", folder / "bad.spec.md"
    client.open(rtl, GOOD.replace("rst)", "nowhere)"))
    found = await client.published(rtl, bool)
    assert {d.source for d in found} == {"slang"}
    client.open(spec, "# Nothing\n\nto see\n")
    await client.published(spec, bool)
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri(rtl)))
    lenses = await client.text_document_code_lens_async(params) or ()
    assert [lens.command.command for lens in lenses if lens.command] == [
        "spec2rtl.repair",
        "spec2rtl.simulate",
    ]
    for name, extra in (("generate", {}), ("repair", {}), ("edit", {"instruction": "x"})):
        result = await client.command(name, uri=uri(rtl), generator="embedded", **extra)
        assert result["status"] == "error"
    for name in ("simulate", "check", "reflect"):
        answer = await client.command(name, uri=uri(rtl))
        assert "not trusted" in answer["message"]
    assert not marker.exists()


async def test_wrong_arguments_are_one_line(client: Client) -> None:
    await client.begin()
    for arguments, message in (
        ([], "one argument is wanted"),
        ([{}], "missing required field `uri`"),
        ([{"uri": 3}], r"Expected `str`, got `int` - at `\$.uri`"),
        ([1, 2], "one argument is wanted"),
    ):
        with pytest.raises(JsonRpcException, match=message):
            await client.workspace_execute_command_async(
                types.ExecuteCommandParams("spec2rtl.generate", arguments)
            )
    with pytest.raises(JsonRpcException, match="no such command"):
        await client.workspace_execute_command_async(types.ExecuteCommandParams("spec2rtl.x"))
    result = await client.command("generate", uri="untitled:Untitled-1")
    assert "not a file; save it first" in result["message"]


async def test_broken_settings_are_told_once(client: Client, folder: Path) -> None:
    (folder / "spec2rtl.toml").write_text("candidates = 3\nendpoint = 'openai:m@http://x/v1'\n")
    client.settings = {"maxCompileIterations": "many"}
    await client.begin(folder)
    rtl = folder / "counter.v"
    client.open(rtl, GOOD)
    found = await client.published(rtl, bool)
    assert [d.code for d in found] == ["check-unavailable"]
    name = "spec2rtl.maxCompileIterations"
    assert f"not checked: {name}: max_compile_iterations must be" in found[0].message
    assert not [p for m, p in client.told if m == types.WINDOW_SHOW_MESSAGE and name in p.message]
    client.forget()
    client.settings = {"maxCompileIterations": 5}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    await client.published(rtl, lambda f: f == [])
    await client.until(types.WINDOW_SHOW_MESSAGE, lambda p: "may not set endpoint" in p.message)


async def test_settings_that_are_no_object_are_told_once(client: Client, folder: Path) -> None:
    client.settings = ["generator", "rules"]
    await client.begin(folder)
    for name in ("a.v", "b.v"):
        client.open(folder / name, GOOD)
        await client.published(folder / name, lambda _: True)
    shown = [p.message for m, p in client.told if m == types.WINDOW_SHOW_MESSAGE]
    assert shown == [
        "Spec2RTL: settings: an object is wanted under `spec2rtl`, not a list: ignored"
    ]


async def test_a_file_of_50_000_lines(client: Client, folder: Path) -> None:
    await client.begin(folder)
    file = folder / "big.v"
    notes = "".join(f"  // line {n}\n" for n in range(50_000))
    text = f"module big(input a, output y);\n{notes}  assign y = nowhere;\nendmodule\n"
    client.open(file, text)
    found = await client.published(file, lambda f: any(d.source == "iverilog" for d in f))
    assert {d.range.start.line for d in found if d.source == "iverilog"} == {50_001}
    here = types.TextDocumentIdentifier(uri(file))
    hover = await client.text_document_hover_async(types.HoverParams(here, types.Position(0, 17)))
    assert hover
    client.forget()
    client.change(file, text.replace("nowhere", "a"), 2)
    await client.published(file, lambda f: not any(d.severity == 1 for d in f))


async def test_of_thousands_of_warnings_the_worst_are_shown(client: Client, folder: Path) -> None:
    await client.begin(folder)
    file = folder / "many.v"
    unused = "".join(f"  wire w{n} = a;\n" for n in range(1_200))
    client.open(file, f"module many(input a, output y);\n{unused}  assign y = a;\nendmodule\n")
    found = await client.published(file, lambda f: len(f) > 1)
    assert len(found) == 1001
    assert (found[-1].code, found[-1].message) == (
        "too-many",
        "200 more errors and warnings are not shown",
    )


async def test_malformed_options_are_told_once(client: Client, folder: Path) -> None:
    await client.begin(folder, events="yes please")
    client.open(folder / "counter.v", GOOD)
    await client.published(folder / "counter.v", lambda _: True)
    shown = [p.message for m, p in client.told if m == types.WINDOW_SHOW_MESSAGE]
    assert shown == [
        "Spec2RTL: initializationOptions: Expected `bool`, got `str` - at `$.events`: ignored"
    ]


async def test_a_client_that_can_do_nothing(client: Client, folder: Path) -> None:
    await client.begin(folder, caps={"workspace": {}})
    rtl = folder / "counter.v"
    client.open(rtl, "module m(output y);\n  assign y = nowhere;\nendmodule\n")
    found = await client.published(rtl, bool)
    assert found[0].related_information is None
    methods = {method for method, _ in client.told}
    assert methods <= {
        types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
        types.WINDOW_LOG_MESSAGE,
        types.WINDOW_SHOW_MESSAGE,
    }


async def test_utf8_positions(client: Client, tmp_path: Path) -> None:
    answer = await client.begin(
        tmp_path, caps=capabilities(general__positionEncodings=["utf-8", "utf-16"])
    )
    assert answer.capabilities.position_encoding == "utf-8"
    file = tmp_path / "m.v"
    client.open(file, "module m(output y); /* 計😀 */ assign y = nowhere;\nendmodule\n")
    found = await client.published(file, lambda f: any(d.source == "iverilog" for d in f))
    start = "module m(output y); /* 計😀 */ assign y = "
    assert found[0].range.start.character == len(start.encode())
