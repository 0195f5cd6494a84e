"""The language server: its start, its answers while a run streams, edits, cancelling, idling."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench.measure import Row, compare

SPEC = "# counter\n\n- `input clk`: the clock\n- `output q`: the output\n"
REQUESTS = 150
EDITS = 40
CANCELS = 20
TOKENS_PER_SECOND = 50
IDLE_FILES, IDLE_SECONDS = 20_000, 5.0


class Editor:
    """A client that speaks to a server of its own, one message at a time."""

    def __init__(self, folder: Path) -> None:
        environment = {
            f"SPEC2RTL_{name}_DIR": str(folder / f".{name}") for name in ("DATA", "CACHE", "CONFIG")
        }
        self._server = subprocess.Popen(
            [sys.executable, "-m", "spec2rtl.cli", "lsp", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | environment,
        )
        self._number = 0
        uri = folder.as_uri()
        options = {"events": True}
        params: dict[str, Any] = {
            "processId": os.getpid(),
            "capabilities": {"textDocument": {"diagnostic": {}}},
            "initializationOptions": options,
            "workspaceFolders": [{"uri": uri, "name": folder.name}],
        }
        self.request("initialize", params)
        self.tell("initialized", {})

    def tell(self, method: str, params: object) -> None:
        """Send a notification."""
        self._write({"method": method, "params": params})

    def request(self, method: str, params: object) -> Any:
        """Send a request and wait for its answer."""
        number = self.send(method, params)
        return self.until(lambda m: m.get("id") == number and "method" not in m)

    def send(self, method: str, params: object) -> int:
        """Send a request."""
        self._number += 1
        self._write({"id": self._number, "method": method, "params": params})
        return self._number

    def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read messages until one fits."""
        out = self._server.stdout
        assert out
        while True:
            length = int(out.readline().split(b":")[1])
            while out.readline().strip():
                pass  # the other headers
            message = json.loads(out.read(length))
            if fits(message):
                return message

    def open(self, path: Path, text: str) -> str:
        """Open a document."""
        item = {"uri": path.as_uri(), "languageId": "x", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})
        return path.as_uri()

    def processor_seconds(self) -> float:
        """What the server has used so far (Linux)."""
        fields = Path(f"/proc/{self._server.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        """Let the server end."""
        self.request("shutdown", None)
        self.tell("exit", None)
        self._server.wait()

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        pipe = self._server.stdin
        assert pipe
        pipe.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        pipe.flush()


def rows() -> list[Row]:
    """Measure everything here."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        found = [_start(folder), _edits(folder), *_while_streaming(folder)]
        return [*found, _idle(folder)] if sys.platform == "linux" else found


def _start(folder: Path) -> Row:
    editors: list[Editor] = []

    def imported() -> None:
        subprocess.run([sys.executable, "-c", "import pygls.lsp.server"], check=True)

    def initialized() -> None:
        editors.append(Editor(folder))

    row = compare("server start to `initialize` answer", 1.5, initialized, imported, rounds=7)
    for editor in editors:
        editor.end()
    return row


def _edits(folder: Path) -> Row:
    """Change a line, ask what is wrong; against one compile of the same text."""
    editor, path = Editor(folder), folder / "big.v"
    uri = editor.open(path, _module(0))
    ours, theirs = list[float](), list[float]()
    for version in range(2, EDITS + 2):
        text = _module(version)
        document = {"uri": uri, "version": version}
        began = time.perf_counter()
        editor.tell(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]}
        )
        answer = editor.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        ours.append(time.perf_counter() - began)
        assert any("nowhere" in d["message"] for d in answer["result"]["items"])
        path.write_text(text)
        began = time.perf_counter()
        subprocess.run(["iverilog", "-g2012", "-t", "null", path], capture_output=True, check=False)
        theirs.append(time.perf_counter() - began)
    editor.end()
    return Row("edit to diagnostics, 500 lines, p95", _p95(ours), _p95(theirs), 0.5)


def _idle(folder: Path) -> Row:
    """Processor time while nothing happens in a folder that the server itself watches."""
    root = folder / "many"
    for number in range(IDLE_FILES):
        if number % 100 == 0:
            (root / f"part{number // 100}").mkdir(parents=True)
        (root / f"part{number // 100}" / f"f{number}.txt").touch()
    editor = Editor(root)
    editor.tell("initialized", {})
    uri = editor.open(root / "m.v", "module m(output y);\n  assign y = nowhere;\nendmodule\n")
    editor.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
    time.sleep(IDLE_SECONDS)  # the workspace is being read
    before = editor.processor_seconds()
    time.sleep(IDLE_SECONDS)
    used = editor.processor_seconds() - before
    editor.end()
    return Row(
        "idle with 20,000 files, share of a core, against 1 %", used / IDLE_SECONDS, 0.01, 1.0
    )


def _module(version: int) -> str:
    lines = "".join(
        f"  wire [7:0] w{n} = {{q[3:0], q[7:4]}} + 8'd{(n + version) % 256};\n" for n in range(494)
    )
    head = "module big(input clk, output reg [7:0] q);\n"
    return f"{head}{lines}  always @(posedge clk) q <= w0 + nowhere;\nendmodule\n"


def _while_streaming(folder: Path) -> list[Row]:
    with _endless_model() as generator:
        editor = Editor(folder)
        rtl = editor.open(folder / "m.v", "module m(input clk);\nendmodule\n")
        spec = editor.open(folder / "counter.spec.md", SPEC)
        place = {"textDocument": {"uri": rtl}, "position": {"line": 0, "character": 16}}
        arguments = [{"uri": spec, "generator": generator, "reflector": "rules"}]
        run = {"command": "spec2rtl.generate", "arguments": arguments}

        def answers() -> float:
            times: list[float] = []
            for _ in range(REQUESTS):
                began = time.perf_counter()
                editor.request("textDocument/hover", place)
                times.append(time.perf_counter() - began)
            return _p95(times)

        answers()
        idle = answers()
        editor.send("workspace/executeCommand", run)
        run_id = _streaming(editor)
        busy = answers()
        cancels = [_cancel(editor, run_id)]
        for _ in range(CANCELS - 1):
            editor.send("workspace/executeCommand", run)
            cancels.append(_cancel(editor, _streaming(editor)))
        editor.end()
    return [
        Row("a request while a run streams, p95", busy, idle, 2.0),
        Row("cancel, p95, against 200 ms", _p95(cancels), 0.2, 1.0),
    ]


def _streaming(editor: Editor) -> str:
    event = editor.until(lambda m: m.get("params", {}).get("type") == "text")
    return event["params"]["run_id"]


def _cancel(editor: Editor, run_id: str) -> float:
    began = time.perf_counter()
    cancel = {"command": "spec2rtl.cancel", "arguments": [{"run_id": run_id}]}
    editor.send("workspace/executeCommand", cancel)
    editor.until(lambda m: m.get("params", {}).get("type") == "run_finished")
    return time.perf_counter() - began


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


class _Endless(BaseHTTPRequestHandler):
    """An OpenAI-compatible server whose replies have no end."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        with contextlib.suppress(OSError):
            for number in range(100_000):
                text = "```verilog\n" if number == 0 else f"  wire w{number};\n"
                delta = {"choices": [{"index": 0, "delta": {"content": text}}]}
                self.wfile.write(f"data: {json.dumps(delta)}\n\n".encode())
                self.wfile.flush()
                time.sleep(1 / TOKENS_PER_SECOND)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        pass


@contextlib.contextmanager
def _endless_model() -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endless)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"openai:m@http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
