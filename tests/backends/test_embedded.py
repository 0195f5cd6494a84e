import array
import asyncio
import contextlib
import json
import os
import random
import signal
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from spec2rtl.backends.embedded import EmbeddedModel
from spec2rtl.backends.models import DEFAULT_MODEL, model_path
from spec2rtl.chat import Chunk, Delta, Message, Progress, Prompt, Reply, Restart
from spec2rtl.errors import BackendError, ConfigError
from tests.backends.processes import gone, linux

WIDTH, HIDDEN, CONTEXT = 32, 64, 16384
LETTERS = "▁abcdefghijklmnopqrstuvwxyz"


def tiny_gguf(path: Path) -> Path:
    """Write a Llama of 20,000 random weights that babbles letters and never ends by itself."""
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{n:02X}>" for n in range(256)), *LETTERS]
    kinds = [2, 3, 3, *[6] * 256, *[1] * len(LETTERS)]
    values: dict[str, tuple[int, Any]] = {
        "general.architecture": (8, "llama"),
        "llama.context_length": (4, CONTEXT),
        "llama.embedding_length": (4, WIDTH),
        "llama.block_count": (4, 1),
        "llama.feed_forward_length": (4, HIDDEN),
        "llama.attention.head_count": (4, 2),
        "llama.attention.layer_norm_rms_epsilon": (6, 1e-5),
        "llama.rope.dimension_count": (4, WIDTH // 2),
        "tokenizer.ggml.model": (8, "llama"),
        "tokenizer.ggml.tokens": (9, (8, tokens)),
        "tokenizer.ggml.scores": (9, (6, [0.0] * len(tokens))),
        "tokenizer.ggml.token_type": (9, (5, kinds)),
        "tokenizer.ggml.bos_token_id": (4, 1),
        "tokenizer.ggml.eos_token_id": (4, 2),
        "tokenizer.chat_template": (
            8,
            "{% for m in messages %}{{ m['role'] + ' ' + m['content'] + '\n' }}{% endfor %}"
            "{% if add_generation_prompt %}{{ 'assistant ' }}{% endif %}",
        ),
    }
    chance = random.Random(0)

    def weights(rows: int, columns: int) -> list[float]:
        return [chance.gauss(0, 0.3) for _ in range(rows * columns)]

    # The first number of every token's vector is large, so that it decides: letters follow.
    embedding, output = weights(len(tokens), WIDTH), weights(len(tokens), WIDTH)
    for token, kind in enumerate(kinds):
        embedding[token * WIDTH] = 4.0
        output[token * WIDTH] = 4.0 if kind == 1 else -4.0
    tensors = {
        "token_embd.weight": ([WIDTH, len(tokens)], embedding),
        "output.weight": ([WIDTH, len(tokens)], output),
        "output_norm.weight": ([WIDTH], [1.0] * WIDTH),
        "blk.0.attn_norm.weight": ([WIDTH], [1.0] * WIDTH),
        "blk.0.ffn_norm.weight": ([WIDTH], [1.0] * WIDTH),
        "blk.0.ffn_gate.weight": ([WIDTH, HIDDEN], weights(WIDTH, HIDDEN)),
        "blk.0.ffn_up.weight": ([WIDTH, HIDDEN], weights(WIDTH, HIDDEN)),
        "blk.0.ffn_down.weight": ([HIDDEN, WIDTH], weights(WIDTH, HIDDEN)),
    }
    for part in ("q", "k", "v", "output"):
        tensors[f"blk.0.attn_{part}.weight"] = ([WIDTH, WIDTH], weights(WIDTH, WIDTH))
    path.write_bytes(gguf(values, tensors))
    return path


def gguf(
    values: dict[str, tuple[int, Any]], tensors: dict[str, tuple[list[int], list[float]]]
) -> bytes:
    formats = {4: "<I", 5: "<i", 6: "<f"}

    def text(it: str) -> bytes:
        return struct.pack("<Q", len(it.encode())) + it.encode()

    def value(kind: int, it: Any) -> bytes:
        if kind == 8:
            return text(it)
        if kind == 9:
            return struct.pack("<IQ", it[0], len(it[1])) + b"".join(value(it[0], x) for x in it[1])
        return struct.pack(formats[kind], it)

    def padded(data: bytes) -> bytes:
        return data + bytes(-len(data) % 32)

    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(values))
    head += b"".join(text(k) + struct.pack("<I", t) + value(t, v) for k, (t, v) in values.items())
    data = b""
    for name, (shape, numbers) in tensors.items():
        head += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(data))
        data += padded(array.array("f", numbers).tobytes())
    return padded(head) + data


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture
async def model(tiny: Path) -> AsyncIterator[EmbeddedModel]:
    it = EmbeddedModel(file=tiny)
    yield it
    await it.aclose()


def ask(text: str = "say something", **more: Any) -> Prompt:
    return Prompt((Message("user", text),), **{"max_tokens": 40, "seed": 1, **more})


async def answer(model: EmbeddedModel, prompt: Prompt) -> Reply:
    """The reply, checked to be what was streamed."""
    chunks = [chunk async for chunk in model.stream(prompt)]
    reply = chunks[-1]
    assert isinstance(reply, Reply)
    assert reply.text == "".join(c.text for c in chunks if isinstance(c, Delta))
    return reply


async def first_delta(chunks: AsyncIterator[Chunk]) -> Delta:
    async for chunk in chunks:
        if isinstance(chunk, Delta):
            return chunk
    raise AssertionError("no delta")


async def test_streams_and_tells_that_it_loads(model: EmbeddedModel) -> None:
    chunks = [chunk async for chunk in model.stream(ask())]
    begin, end = chunks[:2]
    assert isinstance(begin, Progress)
    assert isinstance(end, Progress)
    assert (begin.done, end.done) == (0, end.total)
    assert begin.what == f"loading {DEFAULT_MODEL}"
    reply = chunks[-1]
    assert isinstance(reply, Reply)
    assert reply.truncated
    assert reply.usage.completion_tokens == 40
    assert model.name == f"embedded:{DEFAULT_MODEL}"


async def test_continues_a_beginning(model: EmbeddedModel) -> None:
    reply = await answer(model, ask(prefix="module counter (", max_tokens=8))
    assert reply.text.startswith("module counter (")
    assert len(reply.text) > len("module counter (")


async def test_a_schema_binds_the_reply(model: EmbeddedModel) -> None:
    schema = {
        "type": "object",
        "properties": {"sure": {"type": "boolean"}},
        "required": ["sure"],
        "additionalProperties": False,
    }
    reply = await answer(model, ask(schema=schema))
    assert json.loads(reply.text)["sure"] in (True, False)


async def test_same_prompt_and_seed_same_text(model: EmbeddedModel, tiny: Path) -> None:
    first = await answer(model, ask("one"))
    await answer(model, ask("one thing more, and longer"))
    other_seed = await answer(model, ask("one", seed=2))
    again = await answer(model, ask("one"))
    assert again.text == first.text != other_seed.text
    fresh = EmbeddedModel(file=tiny)
    async with aclosing(fresh):
        assert (await answer(fresh, ask("one"))).text == first.text


async def test_a_prompt_read_before_is_counted_as_cached(model: EmbeddedModel) -> None:
    first = await answer(model, ask())
    again = await answer(model, ask(seed=2))
    assert first.usage.cached_tokens == 0
    assert again.usage.cached_tokens == again.usage.prompt_tokens - 1


async def test_closing_the_stream_stops_the_server(model: EmbeddedModel) -> None:
    async with aclosing(model.stream(ask(max_tokens=CONTEXT))) as chunks:
        await first_delta(chunks)
    # There is one slot: had the first reply gone on, this one would come after it.
    async with asyncio.timeout(10):
        await answer(model, ask("and now?", max_tokens=2))


async def test_a_crash_begins_the_reply_afresh(model: EmbeddedModel) -> None:
    seen: list[Chunk] = []
    async for chunk in model.stream(ask(max_tokens=1500)):
        seen.append(chunk)
        if isinstance(chunk, Delta) and not any(isinstance(c, Restart) for c in seen):
            kill(model)
    # Before it is known to be dead, the connection that it dropped is tried again.
    restart = [c for c in seen if isinstance(c, Restart)][-1]
    reply = seen[-1]
    assert isinstance(reply, Reply)
    after = seen[seen.index(restart) :]
    assert reply.text == "".join(c.text for c in after if isinstance(c, Delta))


async def test_a_second_crash_is_an_error(model: EmbeddedModel) -> None:
    with pytest.raises(BackendError, match=r"llama.cpp ended unexpectedly.*2 attempts"):
        async for chunk in model.stream(ask(max_tokens=CONTEXT)):
            if isinstance(chunk, Delta):
                kill(model)


@linux
async def test_a_crash_between_replies_goes_unnoticed(model: EmbeddedModel) -> None:
    first = await answer(model, ask())
    pid = model.pid
    assert pid is not None
    kill(model)
    await gone(pid)
    assert (await answer(model, ask())).text == first.text


def kill(model: EmbeddedModel) -> None:
    if model.pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(model.pid, signal.SIGKILL)


@linux
async def test_closing_ends_the_child(tiny: Path) -> None:
    model = EmbeddedModel(file=tiny)
    await answer(model, ask())
    pid = model.pid
    assert pid is not None
    await model.aclose()
    await gone(pid)
    await model.aclose()


async def test_cancelling_while_it_loads_leaves_no_child(tiny: Path) -> None:
    model = EmbeddedModel(file=tiny)
    async with aclosing(model.stream(ask())) as chunks:
        assert isinstance(await anext(chunks), Progress)
        loading = asyncio.ensure_future(anext(chunks))
        await asyncio.sleep(0)
        loading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loading
    assert model.pid is None
    await model.aclose()


PARENT = """
import asyncio, sys
from pathlib import Path
from spec2rtl.backends.embedded import EmbeddedModel
from spec2rtl.chat import Delta, Message, Prompt

async def main():
    model = EmbeddedModel(file=Path(sys.argv[1]))
    async for chunk in model.stream(Prompt((Message("user", "hello"),), max_tokens=16000)):
        if isinstance(chunk, Delta):
            print(model.pid, flush=True)

asyncio.run(main())
"""


@linux
async def test_the_child_dies_with_its_killed_parent(tiny: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tiny), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    parent.kill()
    await parent.stdout.read()
    await parent.wait()
    await gone(child)


async def test_unusable_files(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and then nothing")
    for path in (broken, tmp_path / "missing.gguf"):
        model = EmbeddedModel(file=path)
        with pytest.raises(BackendError, match=path.name) as failure:
            await answer(model, ask())
        assert "\n" not in str(failure.value)
        await model.aclose()


async def test_without_llama_cpp(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = "raise ModuleNotFoundError(\"No module named 'xllamacpp'\", name='xllamacpp')"
    (tmp_path / "xllamacpp.py").write_text(absent)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    model = EmbeddedModel(file=tiny)
    with pytest.raises(BackendError, match="not installed; pip install xllamacpp, or choose"):
        await answer(model, ask())


async def test_the_folder_we_are_in_is_not_imported_from(
    model: EmbeddedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xllamacpp.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    await answer(model, ask())


async def test_a_prompt_that_is_too_long(model: EmbeddedModel) -> None:
    with pytest.raises(BackendError, match="context"):
        await answer(model, ask("word " * CONTEXT))
    await answer(model, ask())


def test_unknown_name() -> None:
    with pytest.raises(ConfigError, match=rf"did you mean {DEFAULT_MODEL}\?"):
        EmbeddedModel("qwen2.5-coder-1.5b")


@pytest.mark.model
async def test_the_real_model_writes_verilog() -> None:
    if model_path(DEFAULT_MODEL) is None:
        pytest.skip("the model is not here: spec2rtl models pull")
    model = EmbeddedModel()
    header = "```verilog\nmodule inverter (input wire a, output wire y);\n"
    prompt = ask("Write a Verilog module `inverter` with input a and output y = not a.")
    prompt = Prompt(prompt.messages, prefix=header, max_tokens=60, seed=1, temperature=0.8)
    async with aclosing(model):
        first = await answer(model, prompt)
        assert first.text.startswith(header)
        assert "endmodule" in first.text
        assert (await answer(model, prompt)).text == first.text
        async with aclosing(model.stream(ask("Tell a long story.", max_tokens=4000))) as chunks:
            await first_delta(chunks)
        async with asyncio.timeout(60):  # the whole story would take minutes
            await answer(model, ask("Say yes.", max_tokens=1))
