"""A hub of models in a folder, as far as a download asks for it."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "a" * 40


@contextmanager
def hub(root: Path, asked: list[str]) -> Iterator[str]:
    """Serve each folder of `root` as `me/FOLDER`; `asked` gets the names of the files fetched."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            match self.path.partition("?")[0].strip("/").split("/"):
                case ["api", "models", _, name, "tree", *_]:
                    files = sorted((root / name).iterdir())
                    self._tell([{"type": "file", "path": f.name, **_size(f)} for f in files])
                case ["api", "models", org, name, *_]:
                    self._tell({"id": f"{org}/{name}", "sha": COMMIT, "siblings": []})
                case [_, name, "resolve", _, file]:
                    asked.append(file)
                    self._say((root / name / file).read_bytes())
                case _:
                    self.send_error(404)

        def _tell(self, value: object) -> None:
            self._say(json.dumps(value).encode())

        def _say(self, data: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("ETag", f'"{hashlib.sha1(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _size(file: Path) -> dict[str, object]:
    return {"size": file.stat().st_size, "oid": hashlib.sha1(file.read_bytes()).hexdigest()}
