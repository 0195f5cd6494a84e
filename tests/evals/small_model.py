"""A model that counts as small: a server that always gives the same reply."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def small_model(reply: str) -> Iterator[str]:
    """Serve it; gives the generator's name."""

    def event(content: str | None, finish: str | None) -> bytes:
        choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "tiny-1b"}
        return f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            self.wfile.write(event(reply, None) + event(None, "stop") + b"data: [DONE]\n\n")

        def log_request(self, code: object = "", size: object = "") -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"openai:tiny-1b@http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
